// The batches whose octets are frozen in tests/golden/vectors, made again from the test keys.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::test {

// 2025-11-21T23:00:00Z.
inline constexpr Micros golden_time = 1'763'766'000'000'000;

struct GoldenKeys {
  seal::SigningKey provider;
  seal::SigningKey revoked;
  seal::SigningKey stranger;
  seal::SigningKey hub;
  seal::SigningKey p256;
  seal::SigningKey sm2;      // signer id gz-commerce
  seal::SigningKey two;      // Ed25519 with SM2 as second
  seal::SigningKey retired;  // Ed25519
};

// The folder tests/golden.
std::filesystem::path golden_folder();
Bytes read_golden(const std::filesystem::path& relative);
GoldenKeys golden_keys();

// What the vectors are verified against: agent commerce-01 with the provider's and the revoked key, and those of
// add_signers() in golden_signatures.h.
Directory golden_trust(const GoldenKeys& keys);

// File name below vectors/ and its octets. The names of those that hold zstd frames, which differ from one version of
// libzstd to the next, contain "zstd".
std::map<std::string, Bytes> make_vectors(const GoldenKeys& keys);

// Header and rows of a batch as text: what another implementation must read from it.
std::string describe(const Bytes& batch);

}  // namespace qianzhi::test
