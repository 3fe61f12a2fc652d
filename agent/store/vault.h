// Encryption at rest: AES-256-GCM (NIST SP 800-38D, by OpenSSL) with a fresh random 96-bit nonce for each item, or
// SM4-CTR with HMAC-SM3 (sm4_box.h) with a fresh random 128-bit one. Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/seal/sm4_box.h"

namespace qianzhi::store {

// A store keeps to the one it was made with: what one locked the other does not open.
enum class Cipher { aes_256_gcm, sm4_ctr_hmac_sm3 };

class Vault {
 public:
  // key: 32 octets. Throws Error(misuse, QZ-AGT-010) for another length.
  Vault(Bytes key, Random& random, Cipher cipher = Cipher::aes_256_gcm);

  // AES: nonce(12) || ciphertext || tag(16); SM4: as Sm4Box has it. label binds the item to its place: it must be the
  // same when opening.
  Bytes lock(std::string_view plain, std::string_view label) const;
  // Throws Error(corrupt, QZ-AGT-011) if the item was changed, moved to another label or locked with another key or
  // cipher.
  Bytes open(std::string_view locked, std::string_view label) const;

  // open() has thrown. From any thread.
  bool has_failed() const { return failed_; }

  // Another key for another purpose, HMAC of the name under this key (RFC 2104), with SHA-256 or SM3 as the cipher is.
  Bytes derived_key(std::string_view name) const;
  Cipher cipher() const { return sm4_ ? Cipher::sm4_ctr_hmac_sm3 : Cipher::aes_256_gcm; }

 private:
  Bytes key_;
  Random& random_;
  mutable std::atomic<bool> failed_ = false;
  std::optional<seal::Sm4Box> sm4_;
};

// Short names for values that must not be readable at rest: the first 16 octets of an HMAC (RFC 2104), with SM3 where
// the cipher is SM4, else with SHA-256. Without the key nobody can try values out. Not thread-safe.
class Tagger {
 public:
  explicit Tagger(std::string_view key, Cipher cipher = Cipher::aes_256_gcm);
  Tagger(Tagger&&) noexcept;
  ~Tagger();
  Bytes tag(std::string_view value);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::store
