#include "adapters/sql/mark.h"

namespace qianzhi::adapter {

Head head_of_mark(std::uint64_t epoch, std::uint64_t sequence, std::string_view digest) {
  return {{epoch, sequence}, Digest::from_bytes(from_hex(digest))};
}

std::string digest_of_mark(const Head& head) { return to_hex(head.digest.bytes()); }

bool is_expected(const std::optional<Head>& held, const Head& expected) {
  if (!held || held->is_none()) return expected.is_none();
  return *held == expected;
}

}  // namespace qianzhi::adapter
