#include "hub-protocol/seal/sm_envelope.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/secret.h"
#include "hub-protocol/seal/sm4_box.h"

namespace qianzhi::seal {

namespace {

constexpr std::size_t content_key_octets = 32;
constexpr std::size_t most_wrapped = 160;
constexpr std::size_t length_prefix = 2;

using KeyOperation = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

KeyOperation operation_with(EVP_PKEY* key) { return {EVP_PKEY_CTX_new(key, nullptr), &EVP_PKEY_CTX_free}; }

Bytes label_of(const Bound& bound) {
  Bytes label;
  for (int shift = 56; shift >= 0; shift -= 8)
    label.push_back(static_cast<char>((std::uint64_t{bound.info.size()} >> shift) & 0xFFU));
  return label.append(bound.info).append(bound.aad);
}

Bytes wrap(EVP_PKEY* key, std::string_view content_key) {
  const KeyOperation operation = operation_with(key);
  Bytes wrapped(2 * most_wrapped, '\0');
  std::size_t size = wrapped.size();
  if (!operation || EVP_PKEY_encrypt_init(operation.get()) != 1 ||
      EVP_PKEY_encrypt(operation.get(), reinterpret_cast<unsigned char*>(wrapped.data()), &size, octets_of(content_key),
                       content_key.size()) != 1 ||
      size > most_wrapped)
    throw Error(ErrorKind::unavailable, "QZ-SEAL-022", "encryption with SM2");
  wrapped.resize(size);
  return wrapped;
}

// Empty if the key does not open it.
Bytes unwrap(EVP_PKEY* key, std::string_view wrapped) {
  const KeyOperation operation = operation_with(key);
  Bytes content_key(most_wrapped, '\0');
  std::size_t size = content_key.size();
  if (operation && EVP_PKEY_decrypt_init(operation.get()) == 1 &&
      EVP_PKEY_decrypt(operation.get(), reinterpret_cast<unsigned char*>(content_key.data()), &size, octets_of(wrapped),
                       wrapped.size()) == 1 &&
      size == content_key_octets) {
    content_key.resize(size);
    return content_key;
  }
  ERR_clear_error();
  return {};
}

}  // namespace

Bytes sm_seal(evp_pkey_st* public_key, const Bound& bound, std::string_view plain, Random& random) {
  const Secret content_key(random.bytes(content_key_octets));
  const Bytes wrapped = wrap(public_key, content_key.octets());
  Bytes sealed{static_cast<char>(wrapped.size() >> 8U), static_cast<char>(wrapped.size() & 0xFFU)};
  sealed.append(wrapped);
  return sealed.append(Sm4Box(content_key.octets()).lock(plain, label_of(bound), random.bytes(Sm4Box::nonce_octets)));
}

std::optional<Bytes> sm_open(evp_pkey_st* private_key, const Bound& bound, std::string_view sealed) {
  if (sealed.size() < length_prefix) return std::nullopt;
  const std::size_t size =
      static_cast<std::size_t>(octets_of(sealed)[0]) << 8U | static_cast<std::size_t>(octets_of(sealed)[1]);
  sealed.remove_prefix(length_prefix);
  if (size == 0 || size > most_wrapped || size > sealed.size()) return std::nullopt;
  const Secret content_key(unwrap(private_key, sealed.substr(0, size)));
  if (content_key.octets().empty()) return std::nullopt;
  return Sm4Box(content_key.octets()).open(sealed.substr(size), label_of(bound));
}

}  // namespace qianzhi::seal
