#include "hub-protocol/seal/hpke.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/secret.h"
#include "hub-protocol/seal/sm4_box.h"

namespace qianzhi::seal {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kem_suite = "KEM\x00\x20"sv;
constexpr std::string_view whole_suite = "HPKE\x00\x20\x00\x01\x00\x02"sv;
constexpr std::size_t hash_octets = 32;
constexpr std::size_t key_octets = 32;
constexpr std::size_t nonce_octets = 12;
constexpr std::size_t tag_octets = 16;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* writable(Bytes& octets) { return reinterpret_cast<unsigned char*>(octets.data()); }

void require(bool done) {
  if (!done) throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "HPKE");
}

Bytes labeled_extract(std::string_view suite, std::string_view salt, std::string_view label, std::string_view ikm) {
  // No salt: as many zeros as the hash has octets (RFC 5869).
  const Bytes zeros(hash_octets, '\0');
  return hmac("SHA256", salt.empty() ? std::string_view(zeros) : salt,
              Bytes("HPKE-v1").append(suite).append(label).append(ikm));
}

// Up to one block of HKDF-Expand, which is all that this suite needs.
Bytes labeled_expand(std::string_view suite, std::string_view prk, std::string_view label, std::string_view info,
                     std::size_t size) {
  QZ_ASSERT(size <= hash_octets);
  const Bytes length{'\0', static_cast<char>(size)};
  return hmac("SHA256", prk, (length + "HPKE-v1").append(suite).append(label).append(info) + '\1').substr(0, size);
}

Key private_key_of(std::string_view octets) {
  return {EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, octets_of(octets), octets.size()), &EVP_PKEY_free};
}

Bytes public_octets(const Key& key) {
  Bytes octets(x25519_octets, '\0');
  std::size_t size = octets.size();
  require(EVP_PKEY_get_raw_public_key(key.get(), writable(octets), &size) == 1 && size == x25519_octets);
  return octets;
}

// Empty if it would be all zero.
Bytes agreed(const Key& own, std::string_view other) {
  const Key peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, octets_of(other), other.size()), &EVP_PKEY_free);
  const KeyContext context(EVP_PKEY_CTX_new(own.get(), nullptr), &EVP_PKEY_CTX_free);
  Bytes secret(x25519_octets, '\0');
  std::size_t size = secret.size();
  const bool done = peer && context && EVP_PKEY_derive_init(context.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                    EVP_PKEY_derive(context.get(), writable(secret), &size) == 1 && size == x25519_octets;
  const Bytes zeros(x25519_octets, '\0');
  if (done && CRYPTO_memcmp(secret.data(), zeros.data(), x25519_octets) != 0) return secret;
  ERR_clear_error();
  return {};
}

struct Schedule {
  Secret key;
  Bytes nonce;
};

Schedule schedule_of(std::string_view agreement, std::string_view kem_context, std::string_view info) {
  const Secret extracted(labeled_extract(kem_suite, {}, "eae_prk", agreement));
  const Secret shared(labeled_expand(kem_suite, extracted.octets(), "shared_secret", kem_context, hash_octets));
  const Bytes context = Bytes(1, '\0') + labeled_extract(whole_suite, {}, "psk_id_hash", {}) +
                        labeled_extract(whole_suite, {}, "info_hash", info);
  const Secret secret(labeled_extract(whole_suite, shared.octets(), "secret", {}));
  return {Secret(labeled_expand(whole_suite, secret.octets(), "key", context, key_octets)),
          labeled_expand(whole_suite, secret.octets(), "base_nonce", context, nonce_octets)};
}

Bytes encrypt(const Schedule& schedule, std::string_view aad, std::string_view plain) {
  const Cipher context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Bytes sealed(plain.size() + tag_octets, '\0');
  int written = 0;
  require(context &&
          EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets_of(schedule.key.octets()),
                             octets_of(schedule.nonce)) == 1 &&
          EVP_EncryptUpdate(context.get(), nullptr, &written, octets_of(aad), static_cast<int>(aad.size())) == 1 &&
          EVP_EncryptUpdate(context.get(), writable(sealed), &written, octets_of(plain),
                            static_cast<int>(plain.size())) == 1 &&
          EVP_EncryptFinal_ex(context.get(), writable(sealed) + plain.size(), &written) == 1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag_octets),
                              writable(sealed) + plain.size()) == 1);
  return sealed;
}

std::optional<Bytes> decrypt(const Schedule& schedule, std::string_view aad, std::string_view sealed) {
  const std::string_view body = sealed.substr(0, sealed.size() - tag_octets);
  Bytes tag(sealed.substr(body.size()));
  const Cipher context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  Bytes plain(body.size(), '\0');
  int written = 0;
  require(context &&
          EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets_of(schedule.key.octets()),
                             octets_of(schedule.nonce)) == 1 &&
          EVP_DecryptUpdate(context.get(), nullptr, &written, octets_of(aad), static_cast<int>(aad.size())) == 1 &&
          EVP_DecryptUpdate(context.get(), writable(plain), &written, octets_of(body), static_cast<int>(body.size())) ==
              1 &&
          EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag_octets), tag.data()) == 1);
  if (EVP_DecryptFinal_ex(context.get(), writable(plain) + plain.size(), &written) == 1) return plain;
  OPENSSL_cleanse(plain.data(), plain.size());
  ERR_clear_error();
  return std::nullopt;
}

}  // namespace

Bytes hpke_derived_key(std::string_view keying_material) {
  const Secret extracted(labeled_extract(kem_suite, {}, "dkp_prk", keying_material));
  return labeled_expand(kem_suite, extracted.octets(), "sk", {}, x25519_octets);
}

std::optional<Bytes> hpke_seal(std::string_view public_key, const Bound& bound, std::string_view plain,
                               Random& random) {
  QZ_ASSERT(public_key.size() == x25519_octets);
  const Secret material(random.bytes(x25519_octets));
  const Secret ephemeral(hpke_derived_key(material.octets()));
  const Key own = private_key_of(ephemeral.octets());
  require(own != nullptr);
  const Secret agreement(agreed(own, public_key));
  if (agreement.octets().empty()) return std::nullopt;
  Bytes sealed = public_octets(own);
  const Schedule schedule = schedule_of(agreement.octets(), Bytes(sealed).append(public_key), bound.info);
  return sealed.append(encrypt(schedule, bound.aad, plain));
}

std::optional<Bytes> hpke_open(std::string_view private_key, const Bound& bound, std::string_view sealed) {
  QZ_ASSERT(private_key.size() == x25519_octets);
  if (sealed.size() < hpke_overhead) return std::nullopt;
  const Key own = private_key_of(private_key);
  require(own != nullptr);
  const std::string_view encapsulated = sealed.substr(0, x25519_octets);
  const Secret agreement(agreed(own, encapsulated));
  if (agreement.octets().empty()) return std::nullopt;
  const Schedule schedule = schedule_of(agreement.octets(), Bytes(encapsulated).append(public_octets(own)), bound.info);
  return decrypt(schedule, bound.aad, sealed.substr(x25519_octets));
}

}  // namespace qianzhi::seal
