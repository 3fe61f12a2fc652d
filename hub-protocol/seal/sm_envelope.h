// What takes the place of HPKE in an SM directory, internal to this folder: a fresh key of 32 octets, encrypted to the
// reader with SM2 (GB/T 32918.4, in the DER of GB/T 35276: x, y, C3, C2), and the content under that key in an Sm4Box.
//   length of the wrapped key, 2 octets, big-endian || wrapped key || nonce(16) || ciphertext || mac(32)
// The label of the box is length of info, 8 octets, big-endian || info || aad. Thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "hub-protocol/seal/hpke.h"

struct evp_pkey_st;  // EVP_PKEY

namespace qianzhi::seal {

// Most octets that it adds. A wrapped key has 137 to 143: x and y may begin with zeros or need one.
inline constexpr std::size_t sm_envelope_overhead = 2 + 160 + 16 + 32;

// The key must be an SM2 key. Throws Error(unavailable, QZ-SEAL-022).
Bytes sm_seal(evp_pkey_st* public_key, const Bound& bound, std::string_view plain, Random& random);

// Nothing if it was not sealed to this key, is bound to something else, or was altered in any octet after the wrapped
// key; nor if that is malformed.
std::optional<Bytes> sm_open(evp_pkey_st* private_key, const Bound& bound, std::string_view sealed);

}  // namespace qianzhi::seal
