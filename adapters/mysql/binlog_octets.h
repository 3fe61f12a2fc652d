// Reading octets that another machine sent: nothing is read beyond the end.
#pragma once

#include <cstdint>
#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

// Throws Error(corrupt, QZ-MY-015).
[[noreturn]] inline void malformed(std::string_view what) { throw Error(ErrorKind::corrupt, "QZ-MY-015", what); }

class Octets {
 public:
  explicit Octets(std::string_view rest) : rest_(rest) {}

  std::size_t left() const { return rest_.size(); }
  std::string_view rest() const { return rest_; }
  std::string_view take(std::size_t count) {
    if (count > rest_.size()) malformed("an event of the binary log ends too early");
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  // count: at most 8.
  std::uint64_t little(std::size_t count) {
    const std::string_view octets = take(count);
    std::uint64_t number = 0;
    for (std::size_t i = count; i-- > 0;) number = number << 8U | static_cast<unsigned char>(octets[i]);
    return number;
  }
  std::uint64_t big(std::size_t count) {
    const std::string_view octets = take(count);
    std::uint64_t number = 0;
    for (const char c : octets) number = number << 8U | static_cast<unsigned char>(c);
    return number;
  }
  // A length-encoded number.
  std::uint64_t packed() {
    const std::uint64_t first = little(1);
    if (first < 251) return first;
    if (first == 252) return little(2);
    if (first == 253) return little(3);
    if (first == 254) return little(8);
    malformed("a packed number of the binary log is malformed");
  }
  std::size_t packed_size() {
    const std::uint64_t size = packed();
    if (size > rest_.size()) malformed("an event of the binary log ends too early");
    return static_cast<std::size_t>(size);
  }

 private:
  std::string_view rest_;
};

}  // namespace qianzhi::mysql
