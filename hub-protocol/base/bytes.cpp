#include "hub-protocol/base/bytes.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string to_hex(std::string_view octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto octet = static_cast<unsigned char>(c);
    hex.push_back(digits[octet >> 4U]);
    hex.push_back(digits[octet & 15U]);
  }
  return hex;
}

Bytes from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) throw Error(ErrorKind::rejected, "QZ-BASE-001", "odd number of digits");
  Bytes octets;
  octets.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = nibble(hex[i]);
    const int low = nibble(hex[i + 1]);
    if (high < 0 || low < 0) throw Error(ErrorKind::rejected, "QZ-BASE-001", "not a hexadecimal digit");
    octets.push_back(static_cast<char>(high * 16 + low));
  }
  return octets;
}

Digest Digest::from_bytes(std::string_view octets) {
  Digest digest;
  if (octets.empty()) return digest;
  if (octets.size() != size) throw Error(ErrorKind::rejected, "QZ-BASE-002", std::to_string(octets.size()) + " octets");
  std::copy(octets.begin(), octets.end(), digest.octets.begin());
  return digest;
}

bool Digest::is_zero() const {
  return std::all_of(octets.begin(), octets.end(), [](std::uint8_t o) { return o == 0; });
}

Bytes Digest::bytes() const { return is_zero() ? Bytes{} : Bytes(octets.begin(), octets.end()); }

std::string Digest::hex() const { return to_hex(std::string_view(reinterpret_cast<const char*>(octets.data()), size)); }

}  // namespace qianzhi
