// Any octets as a sealed batch: parse, check, open, reduce. Nothing but Error may come out, and whatever parses must
// still parse, under the same digest, after it was reduced.
#include <cstdint>
#include <utility>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/batch.h"

using namespace qianzhi;
using namespace qianzhi::seal;

namespace {

template <typename Action>
void errors_only(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    QZ_ASSERT(error.code().starts_with("QZ-SEAL-"));
  }
}

Limits small_limits() {
  Limits limits;
  limits.batch_octets = limits.header_octets = 1U << 20U;
  limits.block_octets = limits.opened_octets = 4U << 20U;
  limits.rows = 100'000;
  return limits;
}

void check(std::string_view octets) {
  const Limits limits = small_limits();
  const Parsed parsed = Parsed::from(octets, limits);
  errors_only([&] { parsed.check_contents(); });
  errors_only([&] { parsed.source_position(); });
  errors_only([&] {
    const BatchContent content = parsed.open();
    for (const GroupRows& group : content.groups) {
      QZ_ASSERT(group.items.size() == content.items.size());
      for (const Column& column : group.items) QZ_ASSERT(column.size() == group.meta.size());
    }
  });
  const Entitlement some({{GroupSet::of({"440103"}), {"reg_no", "name"}}, {GroupSet::every(), {"capital"}}});
  errors_only([&] { parsed.check_entitled(some); });
  for (const Bytes& less : {parsed.reduced(some), parsed.bare()})
    QZ_ASSERT(Parsed::from(less, limits).digest() == parsed.digest());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  errors_only([&] { check({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
