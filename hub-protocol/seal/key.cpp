#include "hub-protocol/seal/key.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/algorithm.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/key_parameters.h"
#include "hub-protocol/seal/secret.h"
#include "hub-protocol/seal/signature_form.h"

namespace qianzhi::seal {

namespace {

constexpr std::size_t most_signature_octets = 80;  // as the library writes them

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

Key own(EVP_PKEY* key) { return {key, &EVP_PKEY_free}; }
Context new_context() { return {EVP_MD_CTX_new(), &EVP_MD_CTX_free}; }

Memory reading(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

// OpenSSL would otherwise ask for the password of an encrypted key on the terminal.
int no_password(char*, int, int, void*) { return -1; }

[[noreturn]] void unusable(std::string_view what) { throw Error(ErrorKind::misuse, "QZ-SEAL-020", what); }

// Checks that it is a key of an algorithm we have.
KeyRecord record_of(const Key& key, std::string_view signer_id) {
  if (key == nullptr) unusable("expected a key in PEM");
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) unusable("the public key cannot be encoded");
  KeyRecord record;
  record.spki.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  const AlgorithmTraits* traits = traits_of_spki(record.spki);
  if (traits == nullptr) unusable("expected an Ed25519, P-256 or SM2 key, its point not compressed");
  record.algorithm = traits->name;
  if (traits->algorithm == Algorithm::sm2) record.signer_id = signer_id;
  record.id = digest_of(record.spki, record.suite).hex();
  const std::string fault = fault_of(record);
  if (!fault.empty()) unusable(fault);
  return record;
}

std::string_view name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::batch: return "batch";
    case Purpose::receipt: return "receipt";
    case Purpose::directory: return "directory";
    case Purpose::applied: return "applied";
    case Purpose::letter: return "letter";
    case Purpose::document: return "document";
    case Purpose::audit: return "audit";
    case Purpose::enrol: return "enrol";
    case Purpose::key_change: return "key-change";
    case Purpose::key_replacement: return "key-replacement";
    case Purpose::parcel: return "parcel";
    case Purpose::encryption_change: return "encryption-change";
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

SigningKey SigningKey::from_pem(std::string_view pem, std::string_view signer_id) {
  const Memory input = reading(pem);
  auto state = std::make_shared<State>();
  state->key = own(PEM_read_bio_PrivateKey(input.get(), nullptr, &no_password, nullptr));
  KeyRecord record = record_of(state->key, signer_id);
  return {std::move(state), std::move(record)};
}

SigningKey SigningKey::from_file(const std::filesystem::path& file, std::string_view signer_id) {
  const Secret pem(read_key_file(file));
  return from_pem(pem.octets(), signer_id);
}

SigningKey SigningKey::generate(Algorithm algorithm, std::string_view signer_id) {
  auto state = std::make_shared<State>();
  switch (algorithm) {
    case Algorithm::ed25519: state->key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); break;
    case Algorithm::ecdsa_p256: state->key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")); break;
    case Algorithm::sm2: state->key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "SM2")); break;
  }
  KeyRecord record = record_of(state->key, signer_id);
  return {std::move(state), std::move(record)};
}

Bytes SigningKey::sign(Purpose purpose, std::string_view message) const {
  const AlgorithmTraits& traits = *traits_of(record_.algorithm);
  const Bytes octets = signed_octets(purpose, message);
  const Context context = new_context();
  EVP_PKEY_CTX* operation = nullptr;  // the context's
  Bytes signature(most_signature_octets, '\0');
  std::size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSignInit_ex(context.get(), &operation, traits.digest, nullptr, nullptr, state_->key.get(), nullptr) !=
          1 ||
      !tell_signer_id(operation, record_) ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, octets_of(octets),
                     octets.size()) != 1)
    throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "signature with " + to_text(record_));
  signature.resize(size);
  return in_one_form(traits.algorithm, signature);
}

SigningKey SigningKey::with_second(const SigningKey& second) const {
  QZ_ASSERT(second_ == nullptr && second.second_ == nullptr && record_.id != second.record_.id);
  SigningKey first = *this;
  first.record_.role = KeyRole::first;
  auto other = std::make_shared<SigningKey>(second);
  other->record_.role = KeyRole::second;
  first.second_ = std::move(other);
  return first;
}

std::vector<KeyRecord> SigningKey::records() const {
  if (second_ == nullptr) return {record_};
  return {record_, second_->record_};
}

Algorithm algorithm_named(std::string_view name) {
  const AlgorithmTraits* traits = traits_of(name);
  QZ_ASSERT(traits != nullptr);
  return traits->algorithm;
}

std::string to_pem(const KeyRecord& key) {
  const Memory output(BIO_new(BIO_s_mem()), &BIO_free);
  const unsigned char* octets = octets_of(key.spki);
  const Key parsed = own(d2i_PUBKEY(nullptr, &octets, static_cast<long>(key.spki.size())));
  if (parsed == nullptr || PEM_write_bio_PUBKEY(output.get(), parsed.get()) != 1) unusable("not a public key");
  char* text = nullptr;
  const long size = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(size)};
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

SigningKey SigningKey::in_suite(DigestSuite suite) const {
  SigningKey same = *this;
  same.record_ = seal::in_suite(record_, suite);
  if (second_ != nullptr) same.second_ = std::make_shared<const SigningKey>(second_->in_suite(suite));
  return same;
}

KeyRecord in_suite(KeyRecord key, DigestSuite suite) {
  key.suite = suite;
  key.id = digest_of(key.spki, suite).hex();
  return key;
}

DigestSuite directory_suite(const KeyRecord& directory_key) {
  const AlgorithmTraits* traits = traits_of(directory_key.algorithm);
  return traits != nullptr && traits->algorithm == Algorithm::sm2 ? DigestSuite::sm3 : DigestSuite::sha256;
}

KeyRecord directory_key_from_pem(std::string_view pem) {
  const KeyRecord key = key_record_from_pem(pem);
  return in_suite(key, directory_suite(key));
}

SigningKey directory_key_from_file(const std::filesystem::path& file) {
  const SigningKey key = SigningKey::from_file(file);
  return key.in_suite(directory_suite(key.record()));
}

KeyRecord key_record_from_pem(std::string_view pem, std::string_view signer_id) {
  const Memory input = reading(pem);
  return record_of(own(PEM_read_bio_PUBKEY(input.get(), nullptr, &no_password, nullptr)), signer_id);
}

std::string public_pem(const KeyRecord& key) {
  std::string base64((key.spki.size() + 2) / 3 * 4 + 1, '\0');  // and a terminating zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), octets_of(key.spki),
                                   static_cast<int>(key.spki.size()));
  base64.resize(static_cast<std::size_t>(size));
  std::string pem = "-----BEGIN PUBLIC KEY-----\n";
  for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
  return pem + "-----END PUBLIC KEY-----\n";
}

}  // namespace qianzhi::seal
