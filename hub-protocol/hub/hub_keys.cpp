#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdlib>
#include <memory>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::hub {

std::filesystem::path path_of(const yaml::Secret& secret) {
  if (secret.credential.empty()) return secret.file;
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY")) {
    std::filesystem::path path = std::filesystem::path(folder) / secret.credential;
    if (std::filesystem::exists(path)) return path;
  }
  return std::filesystem::path("/etc/qianzhi/credentials") / secret.credential;
}

std::string read_file(const std::filesystem::path& file) { return service::read_whole(file, "QZ-HUB-041"); }

Digest tls_key_of(const std::filesystem::path& certificate) {
  const std::string pem = read_file(certificate);
  const std::unique_ptr<BIO, int (*)(BIO*)> input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const std::unique_ptr<X509, void (*)(X509*)> parsed(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr),
                                                      X509_free);
  unsigned char* der = nullptr;
  const int size = parsed == nullptr ? 0 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(parsed.get()), &der);
  if (size <= 0) throw Error(ErrorKind::misuse, "QZ-HUB-041", certificate.string());
  const Bytes spki(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return seal::digest_of(spki, DigestSuite::sha256);
}

}  // namespace qianzhi::hub
