#include "agent/store/vault.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::store {

namespace {

constexpr std::size_t key_octets = 32;
constexpr std::size_t nonce_octets = 12;
constexpr std::size_t tag_octets = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

unsigned char* room_of(Bytes& text) { return reinterpret_cast<unsigned char*>(text.data()); }

const char* digest_of(Cipher cipher) { return cipher == Cipher::aes_256_gcm ? "SHA256" : "SM3"; }

}  // namespace

Vault::Vault(Bytes key, Random& random, Cipher cipher) : key_(std::move(key)), random_(random) {
  if (key_.size() != key_octets) throw Error(ErrorKind::misuse, "QZ-AGT-010", std::to_string(key_.size()) + " octets");
  if (cipher == Cipher::sm4_ctr_hmac_sm3) sm4_.emplace(key_);
}

Bytes Vault::lock(std::string_view plain, std::string_view label) const {
  if (sm4_) return sm4_->lock(plain, label, random_.bytes(seal::Sm4Box::nonce_octets));
  const Bytes nonce = random_.bytes(nonce_octets);
  Bytes locked = nonce;
  locked.resize(nonce_octets + plain.size() + tag_octets);
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int written = 0;
  unsigned char* out = room_of(locked) + nonce_octets;
  const bool done =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets_of(key_), octets_of(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &written, octets_of(label), static_cast<int>(label.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), out, &written, octets_of(plain), static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out + written, &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_octets, out + plain.size()) == 1;
  QZ_ASSERT(done);
  return locked;
}

Bytes Vault::open(std::string_view locked, std::string_view label) const {
  const auto refuse = [&] {
    failed_ = true;
    throw Error(ErrorKind::corrupt, "QZ-AGT-011", label);
  };
  if (sm4_) {
    std::optional<Bytes> opened = sm4_->open(locked, label);
    if (!opened) refuse();
    return std::move(*opened);
  }
  if (locked.size() < nonce_octets + tag_octets) refuse();
  const std::string_view body = locked.substr(nonce_octets, locked.size() - nonce_octets - tag_octets);
  Bytes tag(locked.substr(locked.size() - tag_octets));
  Bytes plain(body.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int written = 0;
  const bool done =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets_of(key_), octets_of(locked)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, octets_of(label), static_cast<int>(label.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), room_of(plain), &written, octets_of(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_octets, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), room_of(plain) + written, &written) == 1;
  if (!done) refuse();
  return plain;
}

Bytes Vault::derived_key(std::string_view name) const { return seal::hmac(digest_of(cipher()), key_, name); }

struct Tagger::State {
  std::unique_ptr<EVP_MAC, FreeMac> mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  std::unique_ptr<EVP_MAC_CTX, FreeMac> context{EVP_MAC_CTX_new(mac.get())};
};

Tagger::Tagger(std::string_view key, Cipher cipher) : state_(std::make_unique<State>()) {
  // The library reads it, whatever its signature says.
  char* const digest = const_cast<char*>(digest_of(cipher));
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                             OSSL_PARAM_construct_end()};
  QZ_ASSERT(state_->context && EVP_MAC_init(state_->context.get(), octets_of(key), key.size(), parameters.data()) == 1);
}

Tagger::Tagger(Tagger&&) noexcept = default;
Tagger::~Tagger() = default;

Bytes Tagger::tag(std::string_view value) {
  EVP_MAC_CTX* context = state_->context.get();
  Bytes full(key_octets, '\0');
  std::size_t written = 0;
  // Without a key: begins again under the key it has.
  QZ_ASSERT(EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
            EVP_MAC_update(context, octets_of(value), value.size()) == 1 &&
            EVP_MAC_final(context, room_of(full), &written, full.size()) == 1 && written == key_octets);
  full.resize(tag_octets);
  return full;
}

}  // namespace qianzhi::store
