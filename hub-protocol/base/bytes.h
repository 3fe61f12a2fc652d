// Octet strings, hexadecimal and the 32-octet digest value.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace qianzhi {

// Any octets, not necessarily text. Text in this project is always UTF-8.
using Bytes = std::string;

// As libraries in C take octets.
inline const unsigned char* octets_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Lower-case hexadecimal, two characters an octet.
std::string to_hex(std::string_view octets);

// Inverse of to_hex, either case. Throws Error(rejected, QZ-BASE-001) on an odd length or another character.
Bytes from_hex(std::string_view hex);

// A 32-octet digest (SHA-256 or SM3). The zero digest means "none".
struct Digest {
  static constexpr std::size_t size = 32;
  std::array<std::uint8_t, size> octets{};

  // Empty input gives the zero digest; any other length than 32 throws Error(rejected, QZ-BASE-002).
  static Digest from_bytes(std::string_view octets);

  bool is_zero() const;
  // 32 octets, or empty for the zero digest: the form used on the wire.
  Bytes bytes() const;
  std::string hex() const;

  auto operator<=>(const Digest&) const = default;
};

}  // namespace qianzhi
