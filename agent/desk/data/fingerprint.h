// Whether what a table was made by is still the same.
#pragma once

#include <cstdint>
#include <string_view>

namespace qianzhi::desk {

// FNV-1a, 64 bits, over texts with their bounds. Against changes, not against people. Never 0.
class Fingerprint {
 public:
  Fingerprint& add(std::string_view text) {
    for (const char c : text) add_octet(static_cast<unsigned char>(c));
    add_octet(0);
    return *this;
  }
  // As SQLite keeps it.
  std::int64_t value() const { return state_ == 0 ? 1 : static_cast<std::int64_t>(state_); }

 private:
  void add_octet(unsigned char octet) {
    state_ ^= octet;
    state_ *= 0x100000001B3U;
  }
  std::uint64_t state_ = 0xCBF29CE484222325U;
};

}  // namespace qianzhi::desk
