#include "hub-protocol/seal/key.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <fstream>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::seal {

namespace {

constexpr std::string_view ed25519 = "ed25519";
constexpr std::size_t signature_octets = 64;
constexpr std::size_t raw_key_octets = 32;
// DER of every Ed25519 SubjectPublicKeyInfo up to the key itself (RFC 8410 section 4). OpenSSL's own decoder takes
// longer than the verification.
constexpr std::string_view spki_prefix{"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12};

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

Key own(EVP_PKEY* key) { return {key, &EVP_PKEY_free}; }
Context new_context() { return {EVP_MD_CTX_new(), &EVP_MD_CTX_free}; }

Memory reading(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// OpenSSL would otherwise ask for the password of an encrypted key on the terminal.
int no_password(char*, int, int, void*) { return -1; }

void require_ed25519(const Key& key) {
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519)
    throw Error(ErrorKind::misuse, "QZ-SEAL-020", "expected an Ed25519 key in PEM");
}

KeyRecord record_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) throw Error(ErrorKind::misuse, "QZ-SEAL-020", "the public key cannot be encoded");
  KeyRecord record;
  record.spki.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  record.algorithm = ed25519;
  record.id = digest_of(record.spki).hex();
  return record;
}

std::string_view name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::batch: return "batch";
    case Purpose::receipt: return "receipt";
    case Purpose::directory: return "directory";
    case Purpose::applied: return "applied";
  }
  QZ_ASSERT(!"a purpose");
}

}  // namespace

Bytes signed_octets(Purpose purpose, std::string_view message) {
  Bytes octets = "QIANZHI-1\n";
  octets.append(name_of(purpose)).push_back('\n');
  const auto length = static_cast<std::uint64_t>(message.size());
  for (int shift = 56; shift >= 0; shift -= 8) octets.push_back(static_cast<char>((length >> shift) & 0xFFU));
  return octets.append(message);
}

struct SigningKey::State {
  Key key{nullptr, &EVP_PKEY_free};
};

SigningKey SigningKey::from_pem(std::string_view pem) {
  const Memory input = reading(pem);
  auto state = std::make_shared<State>();
  state->key = own(PEM_read_bio_PrivateKey(input.get(), nullptr, &no_password, nullptr));
  require_ed25519(state->key);
  KeyRecord record = record_of(state->key.get());
  return {std::move(state), std::move(record)};
}

SigningKey SigningKey::from_file(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > 64L * 1024)
    throw Error(ErrorKind::misuse, "QZ-SEAL-020", "cannot read " + file.string());
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Error(ErrorKind::misuse, "QZ-SEAL-021", file.string(), "chmod 600 " + file.string());
  std::string pem(static_cast<std::size_t>(status.st_size), '\0');
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(pem.data(), status.st_size))
    throw Error(ErrorKind::misuse, "QZ-SEAL-020", "cannot read " + file.string());
  struct Wipe {
    std::string& secret;
    ~Wipe() { OPENSSL_cleanse(secret.data(), secret.size()); }
  } const wipe{pem};
  return from_pem(pem);
}

SigningKey SigningKey::generate() {
  auto state = std::make_shared<State>();
  state->key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  require_ed25519(state->key);
  KeyRecord record = record_of(state->key.get());
  return {std::move(state), std::move(record)};
}

Bytes SigningKey::sign(Purpose purpose, std::string_view message) const {
  const Bytes octets = signed_octets(purpose, message);
  const Context context = new_context();
  Bytes signature(signature_octets, '\0');
  std::size_t size = signature.size();
  if (context == nullptr || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets_of(octets),
                     octets.size()) != 1 ||
      size != signature.size())
    throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "Ed25519 signature");
  return signature;
}

std::string SigningKey::to_pem() const {
  const Memory output{BIO_new(BIO_s_mem()), &BIO_free};
  char* text = nullptr;
  if (output == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(output.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "PEM of a private key");
  const auto size = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

KeyRecord key_record_from_pem(std::string_view pem) {
  const Memory input = reading(pem);
  const Key key = own(PEM_read_bio_PUBKEY(input.get(), nullptr, &no_password, nullptr));
  require_ed25519(key);
  return record_of(key.get());
}

bool verify(const KeyRecord& record, Purpose purpose, std::string_view message, std::string_view signature) {
  if (record.algorithm != ed25519 || signature.size() != signature_octets) return false;
  if (record.id != digest_of(record.spki).hex()) return false;
  const std::string_view spki = record.spki;
  if (spki.size() != spki_prefix.size() + raw_key_octets || !spki.starts_with(spki_prefix)) return false;
  const Key key = own(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(spki.substr(spki_prefix.size())),
                                                  raw_key_octets));
  if (key == nullptr) return false;
  const Bytes octets = signed_octets(purpose, message);
  const Context context = new_context();
  return context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), octets_of(signature), signature.size(), octets_of(octets), octets.size()) == 1;
}

}  // namespace qianzhi::seal
