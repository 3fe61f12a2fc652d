// A short digest for telling contents apart: FNV-1a, twice with different starts. Nobody is kept from forging it, so it
// is for chance and restored copies only, not for attackers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::adapter::sql {

class Fingerprint {
 public:
  // With its length, so that two texts are not one.
  void add(std::string_view text) {
    add_number(text.size());
    add_octets(text);
  }
  void add_number(std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) add_octet((number >> shift) & 0xFFU);
  }
  // As a part of something longer.
  void add_octets(std::string_view octets) {
    for (const char c : octets) add_octet(static_cast<unsigned char>(c));
  }
  std::string hex() const {
    Bytes octets;
    for (const std::uint64_t half : {first_, second_})
      for (unsigned shift = 0; shift < 64; shift += 8) octets.push_back(static_cast<char>((half >> shift) & 0xFFU));
    return to_hex(octets);
  }

 private:
  void add_octet(std::uint64_t octet) {
    first_ = (first_ ^ octet) * 0x100000001b3ULL;
    second_ = (second_ ^ octet ^ 0x5aU) * 0x100000001b3ULL;
  }
  std::uint64_t first_ = 0xcbf29ce484222325ULL;
  std::uint64_t second_ = 0x84222325cbf29ce4ULL;
};

}  // namespace qianzhi::adapter::sql
