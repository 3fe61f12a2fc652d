#include "hub-protocol/ca/handles.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "hub-protocol/base/error.h"

namespace qianzhi::ca {

namespace {

// OpenSSL would otherwise ask for the password of an encrypted key on the terminal.
int refuse_password(char*, int, int, void*) { return -1; }

}  // namespace

Memory reading(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

Memory writing() { return {BIO_new(BIO_s_mem()), &BIO_free}; }

std::string text_of(const Memory& memory) {
  char* octets = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &octets);
  return {octets, static_cast<std::size_t>(size)};
}

Certificate certificate_from_pem(std::string_view pem) {
  const Memory input = reading(pem);
  return {PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr), &X509_free};
}

Key key_from_pem(std::string_view pem) {
  const Memory input = reading(pem);
  return {PEM_read_bio_PrivateKey(input.get(), nullptr, &refuse_password, nullptr), &EVP_PKEY_free};
}

std::string pem_of(const X509* certificate) {
  const Memory out = writing();
  require(PEM_write_bio_X509(out.get(), certificate) == 1, "a certificate cannot be written");
  return text_of(out);
}

std::string pem_of(const EVP_PKEY* key) {
  const Memory out = writing();
  require(PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "a key cannot be written");
  return text_of(out);
}

void require(bool good, std::string_view what) {
  if (good) return;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string detail(what);
  if (reason != nullptr) detail.append(": ").append(reason);
  ERR_clear_error();
  throw Error(ErrorKind::misuse, "QZ-HUB-221", detail);
}

}  // namespace qianzhi::ca
