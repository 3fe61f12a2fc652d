// Passwords: the rules for new ones, and how they are kept (scrypt, RFC 7914, with the cost beside each hash).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::accounts {

// N = 2^log_n, r = block, p = lanes: 128 * N * r octets of memory for a check.
struct ScryptCost {
  std::uint32_t log_n = 15;
  std::uint32_t block = 8;
  std::uint32_t lanes = 3;
  bool operator==(const ScryptCost&) const = default;
};

struct PasswordHash {
  Bytes salt;
  Bytes hash;  // 32 octets
  ScryptCost cost;
  bool is_empty() const { return hash.empty(); }
};

PasswordHash hash_password(std::string_view password, const ScryptCost& cost, Random& random);
// In time that does not depend on where they differ. An empty hash takes as long as one of the usual cost, and fails.
bool is_password(std::string_view password, const PasswordHash& hash, const ScryptCost& usual = {});

// Throws Error(misuse, QZ-HUB-276) for one that may not be used: 12 to 200 octets, at least three of lower case, upper
// case, digits and other characters, not the account's name, no control characters.
void require_good(std::string_view password, std::string_view account);

// For one person's first sign-in: 99 bits in groups of five characters, easy to read out.
std::string initial_password(Random& random);

}  // namespace qianzhi::accounts
