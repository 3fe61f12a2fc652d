#include "hub-protocol/seal/digest.h"

#include <openssl/evp.h>

#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

Digest digest_of(std::string_view octets) {
  // Fetched once and reused a thread: a batch of few rows holds many small blocks.
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                     &EVP_MD_CTX_free);
  Digest digest;
  if (sha256 == nullptr || context == nullptr || EVP_DigestInit_ex2(context.get(), sha256, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), octets.data(), octets.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.octets.data(), nullptr) != 1)
    throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "SHA-256");
  return digest;
}

}  // namespace qianzhi::seal
