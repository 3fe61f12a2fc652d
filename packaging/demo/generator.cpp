#include "packaging/demo/generator.h"

#include "packaging/demo/city.h"

namespace qianzhi::demo {

Generator::Generator(std::uint64_t seed, std::size_t firms) : city_(std::make_unique<City>(seed, firms)) {}
Generator::~Generator() = default;
Generator::Generator(Generator&&) noexcept = default;
Generator& Generator::operator=(Generator&&) noexcept = default;

Proportions Generator::proportions() const { return city_->proportions; }

void Generator::load(Provider department, const Sink& sink) const {
  switch (department) {
    case Provider::commerce: return load_commerce(*city_, sink);
    case Provider::quality: return load_quality(*city_, sink);
    case Provider::national_tax:
    case Provider::local_tax: return load_tax(*city_, department, sink);
  }
}

Change Generator::next_live_change(Provider department) {
  ++city_->changes;
  switch (department) {
    case Provider::commerce: return commerce_change(*city_);
    case Provider::quality: return quality_change(*city_);
    case Provider::national_tax:
    case Provider::local_tax: break;
  }
  return tax_change(*city_, department);
}

Change Generator::faulty_change() {
  ++city_->changes;
  return faulty_commerce_change(*city_);
}

}  // namespace qianzhi::demo
