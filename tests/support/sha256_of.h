// The digest of a directory that is not an SM one, as most tests use it.
#pragma once

#include "hub-protocol/seal/digest.h"

namespace qianzhi::test {

inline Digest sha256_of(std::string_view octets) { return seal::digest_of(octets, DigestSuite::sha256); }

}  // namespace qianzhi::test
