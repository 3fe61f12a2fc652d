// The one form of an ECDSA or SM2 signature, internal to this folder: DER of SEQUENCE { INTEGER r, INTEGER s } (RFC
// 3279 section 2.2.3, GB/T 35276), each integer positive, in as few octets as possible and at most 32, nothing after
// it. BER, leading zeros and long lengths are other octets for the same signature and are refused. With ECDSA (r, n -
// s) holds wherever (r, s) does, so only the smaller of the two is accepted; SM2 has no such twin.
#pragma once

#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::seal {

// True if these octets have the form above. Whether r and s are below the order of the curve, verification tells.
bool has_one_form(Algorithm algorithm, std::string_view signature);

// The accepted form of a signature that the library made. Throws Error(unavailable, QZ-SEAL-022).
Bytes in_one_form(Algorithm algorithm, const Bytes& signature);

}  // namespace qianzhi::seal
