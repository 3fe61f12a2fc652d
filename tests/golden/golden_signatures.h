// The vectors of the other signature algorithms, of two signatures and of keys that end.
#pragma once

#include "tests/golden/golden_vectors.h"

namespace qianzhi::test {

// Agents with these keys: commerce-p256 (its retired Ed25519 key first), commerce-sm2 (signer id gz-commerce) and
// commerce-two (Ed25519 and SM2, both required).
void add_signers(const GoldenKeys& keys, Directory& directory);

void add_signature_vectors(const GoldenKeys& keys, std::map<std::string, Bytes>& out);

// ECDSA and SM2 signatures are random: made again, only the values of signatures may differ from the frozen vector.
bool has_random_signature(const std::string& name);
Bytes without_signature_values(const Bytes& octets);

}  // namespace qianzhi::test
