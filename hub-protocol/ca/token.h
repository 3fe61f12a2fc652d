// The enrolment token: what an operator hands to a department's DBA, on paper or by any other way than the network
// between agent and hub. One string that can be typed: a secret that is good once, the fingerprint of the CA that the
// hub's certificate must come from, and the hub's address.
//
// Text: groups of six characters between hyphens, alphabet 0-9 A-Z without I L O U (Crockford); small letters, O for 0,
// I and L for 1, and spaces do no harm. The sixth character of a group checks the five before it and the group's place,
// so a slip is told with the number of its group. Octets: 0x01, 16 of the secret, 20 of the fingerprint, one with the
// length of the address, the address, 4 of the SHA-256 of all before. Frozen.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::ca {

inline constexpr std::size_t secret_octets = 16;
inline constexpr std::size_t fingerprint_octets = 20;
inline constexpr std::size_t address_octets = 100;

struct Token {
  Bytes secret;         // 16 unpredictable octets
  Bytes fingerprint;    // first 20 octets of the SHA-256 of the CA's certificate in DER
  std::string address;  // HOST:PORT
  bool operator==(const Token&) const = default;
};

// Precondition: lengths as above, the address at most address_octets.
std::string to_text(const Token& token);

// Throws Error(rejected, QZ-AGT-120), naming the group that was mistyped. The detail never holds what was typed.
Token token_from_text(std::string_view text);

// What the hub keeps instead of the secret.
Digest hash_of_secret(std::string_view secret);

// First 20 octets of the SHA-256 of a certificate in DER.
Bytes fingerprint_of(std::string_view certificate);

// In constant time for octets of the same length.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace qianzhi::ca
