#include "hub-protocol/seal/algorithm.h"

#include <array>

#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

namespace {

using namespace std::string_view_literals;

// RFC 8410 section 4; RFC 5480 section 2 with secp256r1; GB/T 35276 with the curve of GB/T 32918.5 (OID
// 1.2.156.10197.1.301). The point's first octet, 04 for uncompressed, is part of the prefix.
constexpr std::array all = {
    AlgorithmTraits{Algorithm::ed25519, "ed25519", "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"sv, 32, "ED25519",
                    nullptr, nullptr},
    AlgorithmTraits{Algorithm::ecdsa_p256, "ecdsa-p256",
                    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03"
                    "\x42\x00\x04"sv,
                    64, "EC", "prime256v1", "SHA256"},
    AlgorithmTraits{Algorithm::sm2, "sm2",
                    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x03"
                    "\x42\x00\x04"sv,
                    64, "SM2", "SM2", "SM3"},
};

}  // namespace

const AlgorithmTraits& traits_of(Algorithm algorithm) {
  for (const AlgorithmTraits& traits : all)
    if (traits.algorithm == algorithm) return traits;
  QZ_ASSERT(!"an algorithm");
}

const AlgorithmTraits* traits_of(std::string_view name) {
  for (const AlgorithmTraits& traits : all)
    if (traits.name == name) return &traits;
  return nullptr;
}

const AlgorithmTraits* traits_of_spki(std::string_view spki) {
  for (const AlgorithmTraits& traits : all)
    if (spki.size() == traits.spki_prefix.size() + traits.raw_octets && spki.starts_with(traits.spki_prefix))
      return &traits;
  return nullptr;
}

}  // namespace qianzhi::seal
