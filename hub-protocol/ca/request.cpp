#include "hub-protocol/ca/request.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <array>

#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/handles.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::ca {

namespace {

constexpr std::size_t p256_octets = 91;  // of a SubjectPublicKeyInfo with an uncompressed point

Bytes spki_of(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  require(size > 0, "a public key cannot be encoded");
  Bytes spki(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return spki;
}

[[noreturn]] void refuse(std::string_view what) {
  ERR_clear_error();
  throw Error(ErrorKind::rejected, "QZ-HUB-222", what);
}

bool is_p256(const EVP_PKEY* key, const Bytes& spki) {
  std::array<char, 32> group{};
  std::size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 && spki.size() == p256_octets &&
         EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         std::string_view(group.data(), length) == "prime256v1";
}

}  // namespace

std::string make_tls_key() {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  require(key != nullptr, "a key cannot be made");
  return pem_of(key.get());
}

Bytes make_request(std::string_view private_key) {
  const Key key = key_from_pem(private_key);
  require(key != nullptr, "expected a private key in PEM");
  const Request request(X509_REQ_new(), &X509_REQ_free);
  require(request != nullptr && X509_REQ_set_version(request.get(), 0) == 1 &&
              X509_REQ_set_pubkey(request.get(), key.get()) == 1 &&
              X509_REQ_sign(request.get(), key.get(), EVP_sha256()) > 0,
          "a certificate request cannot be made");
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request.get(), &der);
  require(size > 0, "a certificate request cannot be written");
  Bytes octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return octets;
}

Bytes key_of_request(std::string_view request) {
  if (request.empty() || request.size() > request_octets) refuse("a certificate request of an impossible size");
  const unsigned char* octets = octets_of(request);
  const unsigned char* const end = octets + request.size();
  const Request parsed(d2i_X509_REQ(nullptr, &octets, static_cast<long>(request.size())), &X509_REQ_free);
  if (parsed == nullptr || octets != end) refuse("no certificate request");
  EVP_PKEY* key = X509_REQ_get0_pubkey(parsed.get());
  if (key == nullptr) refuse("the key of the certificate request cannot be read");
  Bytes spki = spki_of(key);
  if (!is_p256(key, spki)) refuse("a TLS key is P-256, its point not compressed");
  if (X509_REQ_verify(parsed.get(), key) != 1) refuse("the certificate request is not signed by its own key");
  return spki;
}

Digest digest_of_key(std::string_view private_key) {
  const Key key = key_from_pem(private_key);
  require(key != nullptr, "expected a private key in PEM");
  return seal::digest_of(spki_of(key.get()), DigestSuite::sha256);
}

}  // namespace qianzhi::ca
