#include "hub-protocol/seal/sm4_box.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi::seal {

namespace {

constexpr std::size_t cipher_key_octets = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

// Counter mode: the same both ways.
void apply_cipher(std::string_view key, std::string_view nonce, std::string_view text, char* result) {
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  auto* out = reinterpret_cast<unsigned char*>(result);
  int written = 0;
  const bool done =
      context && EVP_EncryptInit_ex(context.get(), EVP_sm4_ctr(), nullptr, octets_of(key), octets_of(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), out, &written, octets_of(text), static_cast<int>(text.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), out + written, &written) == 1;
  QZ_ASSERT(done);
}

}  // namespace

Bytes hmac(const char* digest, std::string_view key, std::string_view message) {
  Bytes mac(Sm4Box::mac_octets, '\0');
  std::size_t written = 0;
  const bool done =
      EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.data(), key.size(), octets_of(message), message.size(),
                reinterpret_cast<unsigned char*>(mac.data()), mac.size(), &written) != nullptr;
  QZ_ASSERT(done && written == mac.size());
  return mac;
}

Sm4Box::Sm4Box(std::string_view key)
    : cipher_key_(hmac("SM3", key, "sm4-ctr").substr(0, cipher_key_octets)), mac_key_(hmac("SM3", key, "hmac-sm3")) {}

Bytes Sm4Box::mac_of(std::string_view label, std::string_view nonce_and_text) const {
  Bytes message;
  message.reserve(8 + label.size() + nonce_and_text.size());
  for (int shift = 56; shift >= 0; shift -= 8)
    message.push_back(static_cast<char>((std::uint64_t{label.size()} >> shift) & 0xFFU));
  return hmac("SM3", mac_key_, message.append(label).append(nonce_and_text));
}

Bytes Sm4Box::lock(std::string_view plain, std::string_view label, std::string_view nonce) const {
  QZ_ASSERT(nonce.size() == nonce_octets);
  Bytes locked(nonce);
  locked.reserve(nonce_octets + plain.size() + mac_octets);
  locked.resize(nonce_octets + plain.size());
  apply_cipher(cipher_key_, nonce, plain, locked.data() + nonce_octets);
  return locked.append(mac_of(label, locked));
}

std::optional<Bytes> Sm4Box::open(std::string_view locked, std::string_view label) const {
  if (locked.size() < nonce_octets + mac_octets) return std::nullopt;
  const std::string_view body = locked.substr(0, locked.size() - mac_octets);
  const Bytes expected = mac_of(label, body);
  if (CRYPTO_memcmp(expected.data(), locked.data() + body.size(), mac_octets) != 0) return std::nullopt;
  Bytes plain(body.size() - nonce_octets, '\0');
  apply_cipher(cipher_key_, body.substr(0, nonce_octets), body.substr(nonce_octets), plain.data());
  return plain;
}

}  // namespace qianzhi::seal
