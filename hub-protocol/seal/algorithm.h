// The signature algorithms and what tells their keys apart, internal to this folder.
#pragma once

#include <optional>
#include <string_view>

#include "hub-protocol/seal/key.h"

namespace qianzhi::seal {

struct AlgorithmTraits {
  Algorithm algorithm;
  std::string_view name;         // in a key record
  std::string_view spki_prefix;  // DER of every SubjectPublicKeyInfo of this algorithm up to the raw key
  std::size_t raw_octets;        // of the key itself: nothing follows it
  const char* type;              // as OpenSSL names the key's type
  const char* group;             // curve; nullptr: the type says it
  const char* digest;            // nullptr: the algorithm has its own
};

const AlgorithmTraits& traits_of(Algorithm algorithm);

// Nothing for a name that is not known here.
const AlgorithmTraits* traits_of(std::string_view name);

// The algorithm whose keys have exactly this form: curve, uncompressed point, no parameter and no octet more. Nothing
// for any other octets. Whether the point is on its curve is checked when the key is used.
const AlgorithmTraits* traits_of_spki(std::string_view spki);

}  // namespace qianzhi::seal
