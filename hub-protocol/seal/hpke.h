// Hybrid public key encryption, RFC 9180: base mode, one message, DHKEM(X25519, HKDF-SHA256) (0x0020), HKDF-SHA256
// (0x0001), AES-256-GCM (0x0002), on OpenSSL's EVP. Internal to this folder. Thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::seal {

// What the sealed octets hold for and for nothing else. Neither is sent along.
struct Bound {
  std::string_view info;  // what kind of content it is
  std::string_view aad;   // what it belongs to
};

inline constexpr std::size_t x25519_octets = 32;  // of a public and of a private key
inline constexpr std::size_t hpke_overhead = x25519_octets + 16;

// The encapsulated key (32 octets) and the ciphertext with its tag (16 octets more than the plain octets). The
// ephemeral key is derived (DeriveKeyPair) from 32 octets of random. Precondition: the key has 32 octets. Nothing if
// the shared secret would be all zero: the key is a point of small order.
std::optional<Bytes> hpke_seal(std::string_view public_key, const Bound& bound, std::string_view plain, Random& random);

// Nothing if it was not sealed to this key (32 octets), is bound to something else, or was altered in any octet.
std::optional<Bytes> hpke_open(std::string_view private_key, const Bound& bound, std::string_view sealed);

// DeriveKeyPair of section 7.1.3: the private key.
Bytes hpke_derived_key(std::string_view keying_material);

}  // namespace qianzhi::seal
