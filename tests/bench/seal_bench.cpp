// Rows a second and CPU-seconds per million rows of 12 columns (about 300 octets) for each step of a sealed batch;
// signatures and verifications a CPU-second of each algorithm.
// Usage: seal_bench [ROWS_A_BATCH [ROWS]]
#include <ctime>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "hub-protocol/seal/batch.h"

using namespace qianzhi;
using namespace qianzhi::seal;

namespace {

constexpr std::size_t columns = 12;

// Rows shaped as a business register has them: numbers that grow, names that vary, codes and dates from small sets.
BatchContent make_rows(std::size_t count, std::uint64_t& next) {
  BatchContent content;
  for (std::size_t i = 0; i < columns; ++i) content.items.push_back("item_" + std::to_string(i));
  GroupRows group{"440103", {}, std::vector<Column>(columns)};
  for (std::size_t row = 0; row < count; ++row) {
    const std::uint64_t n = next++;
    const std::uint64_t mixed = n * 0x9E3779B97F4A7C15U;
    const auto digits = [&](std::uint64_t value) { return std::to_string(value); };
    group.meta.push_back({Operation::upsert, static_cast<std::uint32_t>(row), n / 10,
                          1'700'000'000'000'000 + static_cast<Micros>(n * 137)});
    group.items[0].append(digits(440'101'000'000'000 + n));
    group.items[1].append("广州市" + digits(mixed % 9973) + "号科技发展有限公司" + digits(n % 1000));
    group.items[2].append(digits(mixed >> 34U));
    group.items[3].append("440103");
    group.items[4].append("荔湾区西华路" + digits(mixed % 811) + "号首层之" + digits(mixed % 37) + "铺位");
    group.items[5].append(digits(mixed % 5000) + "0000.00");
    group.items[6].append(mixed % 3 == 0 ? "有限责任公司(自然人投资或控股)" : "个体工商户");
    group.items[7].append("20" + digits(10 + mixed % 15) + "-0" + digits(1 + mixed % 9) + "-1" + digits(mixed % 10));
    if (mixed % 5 == 0)
      group.items[8].append_null();
    else
      group.items[8].append(digits(mixed >> 20U));
    group.items[9].append("F51" + digits(10 + mixed % 89));
    group.items[10].append("批发和零售业；商品信息咨询服务；货物进出口");
    group.items[11].append("2023-11-14T22:13:" + digits(10 + n % 50) + "." + digits(100'000 + mixed % 900'000) + "Z");
  }
  content.groups.push_back(std::move(group));
  return content;
}

class Step {
 public:
  explicit Step(const char* name) : name_(name) {}
  template <typename Work>
  auto run(const Work& work) {
    const std::clock_t begin = std::clock();
    auto result = work();
    spent_ += std::clock() - begin;
    return result;
  }
  void print(double rows) const {
    const double seconds = static_cast<double>(spent_) / CLOCKS_PER_SEC;
    std::printf("%-8s %12.0f rows/s %8.3f CPU-s per million rows\n", name_, rows / seconds, seconds * 1e6 / rows);
  }

 private:
  const char* name_;
  std::clock_t spent_ = 0;
};

void print_signatures(const char* name, Algorithm algorithm, Random& random) {
  constexpr int count = 2000;
  const SigningKey key = SigningKey::generate(algorithm);
  const Bytes message = random.bytes(300);
  const auto rate = [](std::clock_t spent) { return count / (static_cast<double>(spent) / CLOCKS_PER_SEC); };
  Bytes signature;
  const std::clock_t begin = std::clock();
  for (int i = 0; i < count; ++i) signature = key.sign(Purpose::batch, message);
  const std::clock_t middle = std::clock();
  int good = 0;
  for (int i = 0; i < count; ++i) good += verify(key.record(), Purpose::batch, message, signature) ? 1 : 0;
  if (good != count) std::abort();
  std::printf("%-10s %8.0f signatures/s %8.0f verifications/s\n", name, rate(middle - begin),
              rate(std::clock() - middle));
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t batch_rows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 5000;
  const std::size_t total = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1'000'000;
  const SigningKey key = SigningKey::generate();
  SystemRandom random;
  Header header;
  header.stream = {"commerce-01", "commerce.opening_registration"};
  header.position = {1, 1};
  const Entitlement half({{GroupSet::every(), {"item_0", "item_1", "item_3", "item_5", "item_7", "item_9"}}});
  Step sealing("seal"), parsing("parse"), signature("verify"), checking("check"), opening("open"), reducing("reduce");
  std::uint64_t next = 0;
  std::size_t rows = 0, raw = 0, sealed_octets = 0, seen = 0;
  for (; rows < total; rows += batch_rows) {
    const BatchContent content = make_rows(batch_rows, next);
    for (const Column& column : content.groups[0].items) raw += column.octets();
    const Sealed sealed = sealing.run([&] { return seal::seal(header, content, {"1", "2"}, key, random); });
    sealed_octets += sealed.octets.size();
    const Parsed parsed = parsing.run([&] { return Parsed::from(sealed.octets); });
    if (!signature.run([&] { return parsed.signed_by(key.record()); })) return 1;
    checking.run([&] { return parsed.check_contents(), 0; });
    seen += opening.run([&] { return parsed.open(); }).rows();
    seen += reducing.run([&] { return parsed.reduced(half); }).empty() ? 1 : 0;
  }
  if (seen != rows) return 1;
  const auto count = static_cast<double>(rows);
  std::printf("%zu rows of %zu columns in batches of %zu, %.0f octets a row, %.1f sealed\n", rows, columns, batch_rows,
              static_cast<double>(raw) / count, static_cast<double>(sealed_octets) / count);
  for (const Step* step : {&sealing, &parsing, &signature, &checking, &opening, &reducing}) step->print(count);
  print_signatures("ed25519", Algorithm::ed25519, random);
  print_signatures("ecdsa-p256", Algorithm::ecdsa_p256, random);
  print_signatures("sm2", Algorithm::sm2, random);
}
