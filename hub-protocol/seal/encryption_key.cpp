#include "hub-protocol/seal/encryption_key.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/algorithm.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/seal/secret.h"
#include "hub-protocol/seal/sm_envelope.h"

namespace qianzhi::seal {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view x25519_prefix = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x6e\x03\x21\x00"sv;  // RFC 8410

using OwnedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using PemText = std::unique_ptr<BIO, decltype(&BIO_free)>;

int never_a_password(char*, int, int, void*) { return -1; }

bool is_x25519(std::string_view spki) {
  return spki.size() == x25519_prefix.size() + x25519_octets && spki.starts_with(x25519_prefix);
}

bool is_sm2(std::string_view spki) {
  const AlgorithmTraits* traits = traits_of_spki(spki);
  return traits != nullptr && traits->algorithm == Algorithm::sm2;
}

[[noreturn]] void no_such_key(std::string_view what) {
  ERR_clear_error();
  throw Error(ErrorKind::misuse, "QZ-SEAL-106", what);
}

KeyRecord encryption_record(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = key == nullptr ? 0 : i2d_PUBKEY(key, &der);
  if (size <= 0) no_such_key("expected a key in PEM");
  KeyRecord record;
  record.spki.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  if (is_x25519(record.spki)) {
    record.algorithm = name_of(EncryptionAlgorithm::x25519);
  } else if (is_sm2(record.spki)) {
    record.algorithm = name_of(EncryptionAlgorithm::sm2);
    record.signer_id = default_signer_id;
  } else {
    no_such_key("the key is of another algorithm");
  }
  return in_suite(std::move(record), DigestSuite::sha256);
}

[[noreturn]] void unusable_reader(std::string_view what) {
  ERR_clear_error();
  throw Error(ErrorKind::rejected, "QZ-SEAL-104", what);
}

}  // namespace

EncryptionAlgorithm encryption_algorithm(DigestSuite suite) {
  return suite == DigestSuite::sm3 ? EncryptionAlgorithm::sm2 : EncryptionAlgorithm::x25519;
}

std::string_view name_of(EncryptionAlgorithm algorithm) {
  return algorithm == EncryptionAlgorithm::sm2 ? "sm2" : "x25519";
}

std::string fault_of_encryption_key(const KeyRecord& key) {
  if (key.role != KeyRole::alone) return "an encryption key has no role";
  if (key.id != digest_of(key.spki, key.suite).hex()) return "the key's id is not the digest of the key";
  if (key.algorithm == name_of(EncryptionAlgorithm::x25519))
    return is_x25519(key.spki) && key.signer_id.empty() ? "" : "this is no x25519 key in the accepted form";
  if (key.algorithm == name_of(EncryptionAlgorithm::sm2)) return fault_of(key);
  return "an encryption key is X25519 or SM2";
}

KeyRecord encryption_key_from_pem(std::string_view pem) {
  const PemText input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const OwnedKey key(PEM_read_bio_PUBKEY(input.get(), nullptr, &never_a_password, nullptr), &EVP_PKEY_free);
  return encryption_record(key.get());
}

const KeyRecord* encryption_key_of(const AgentEntry& agent, DigestSuite suite) {
  const std::string_view wanted = name_of(encryption_algorithm(suite));
  for (auto key = agent.encryption_keys.rbegin(); key != agent.encryption_keys.rend(); ++key)
    if (key->state == KeyState::active && key->algorithm == wanted && fault_of_encryption_key(*key).empty())
      return &*key;
  return nullptr;
}

Bytes seal_to(const KeyRecord& reader, const Bound& bound, std::string_view plain, Random& random) {
  const std::string fault = fault_of_encryption_key(reader);
  if (!fault.empty()) unusable_reader(fault);
  if (is_x25519(reader.spki)) {
    std::optional<Bytes> sealed =
        hpke_seal(std::string_view(reader.spki).substr(x25519_prefix.size()), bound, plain, random);
    if (!sealed) unusable_reader("a point of small order");
    return std::move(*sealed);
  }
  const unsigned char* octets = octets_of(reader.spki);
  const OwnedKey key(d2i_PUBKEY(nullptr, &octets, static_cast<long>(reader.spki.size())), &EVP_PKEY_free);
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "SM2") != 1) unusable_reader("no point of its curve");
  return sm_seal(key.get(), bound, plain, random);
}

struct DecryptionKey::State {
  OwnedKey key{nullptr, &EVP_PKEY_free};
};

DecryptionKey DecryptionKey::from_file(const std::filesystem::path& file) {
  const Secret pem(read_key_file(file));
  return from_pem(pem.octets());
}

DecryptionKey DecryptionKey::from_pem(std::string_view pem) {
  const PemText input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  auto state = std::make_shared<State>();
  state->key.reset(PEM_read_bio_PrivateKey(input.get(), nullptr, &never_a_password, nullptr));
  KeyRecord record = encryption_record(state->key.get());
  return {std::move(state), std::move(record)};
}

DecryptionKey DecryptionKey::generate(EncryptionAlgorithm algorithm) {
  auto state = std::make_shared<State>();
  state->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm == EncryptionAlgorithm::sm2 ? "SM2" : "X25519"));
  KeyRecord record = encryption_record(state->key.get());
  return {std::move(state), std::move(record)};
}

std::string DecryptionKey::to_pem() const {
  const PemText output(BIO_new(BIO_s_mem()), &BIO_free);
  if (output == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(output.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "PEM of a private key");
  char* text = nullptr;
  const long size = BIO_get_mem_data(output.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

DecryptionKey DecryptionKey::in_suite(DigestSuite suite) const {
  DecryptionKey same = *this;
  same.record_ = seal::in_suite(record_, suite);
  return same;
}

std::optional<Bytes> DecryptionKey::open(const Bound& bound, std::string_view sealed) const {
  if (is_sm2(record_.spki)) return sm_open(state_->key.get(), bound, sealed);
  Bytes raw(x25519_octets, '\0');
  std::size_t size = raw.size();
  const bool got =
      EVP_PKEY_get_raw_private_key(state_->key.get(), reinterpret_cast<unsigned char*>(raw.data()), &size) == 1;
  const Secret secret(std::move(raw));
  if (!got) throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "a private key");
  return hpke_open(secret.octets(), bound, sealed);
}

}  // namespace qianzhi::seal
