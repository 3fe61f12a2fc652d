#include "hub-protocol/seal/digest.h"

#include <openssl/evp.h>

#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

Digest digest_of(std::string_view octets, DigestSuite suite) {
  // Fetched once and reused a thread: a batch of few rows holds many small blocks.
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static EVP_MD* const sm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  EVP_MD* const function = suite == DigestSuite::sm3 ? sm3 : sha256;
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                     &EVP_MD_CTX_free);
  Digest digest;
  if (function == nullptr || context == nullptr || EVP_DigestInit_ex2(context.get(), function, nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), octets.data(), octets.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), digest.octets.data(), nullptr) != 1)
    throw Error(ErrorKind::unavailable, "QZ-SEAL-022", suite == DigestSuite::sm3 ? "SM3" : "SHA-256");
  return digest;
}

}  // namespace qianzhi::seal
