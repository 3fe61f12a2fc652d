// SM4-CTR (GB/T 32907) with HMAC-SM3 (GB/T 32905, RFC 2104), by OpenSSL. Encrypt-then-MAC: the MAC is checked before
// anything is decrypted. Thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::seal {

class Sm4Box {
 public:
  static constexpr std::size_t nonce_octets = 16;
  static constexpr std::size_t mac_octets = 32;

  // Both keys are derived from this one: the first 16 octets of HMAC-SM3(key, "sm4-ctr"), and HMAC-SM3(key,
  // "hmac-sm3").
  explicit Sm4Box(std::string_view key);

  // nonce, the first counter block: fresh for each item. nonce(16) || ciphertext || mac(32); the mac is over the
  // label's length in 8 octets, big-endian, the label, the nonce and the ciphertext.
  Bytes lock(std::string_view plain, std::string_view label, std::string_view nonce) const;
  // Nothing if the mac does not hold.
  std::optional<Bytes> open(std::string_view locked, std::string_view label) const;

 private:
  Bytes mac_of(std::string_view label, std::string_view nonce_and_text) const;

  Bytes cipher_key_;
  Bytes mac_key_;
};

// HMAC with the digest that OpenSSL knows by this name.
Bytes hmac(const char* digest, std::string_view key, std::string_view message);

}  // namespace qianzhi::seal
