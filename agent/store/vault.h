// Encryption at rest: AES-256-GCM (NIST SP 800-38D, by OpenSSL), a fresh random 96-bit nonce for each item.
// Thread-safe.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::store {

class Vault {
 public:
  // key: 32 octets. Throws Error(misuse, QZ-AGT-010) for another length.
  Vault(Bytes key, Random& random);

  // nonce(12) || ciphertext || tag(16). label binds the item to its place: it must be the same when opening.
  Bytes lock(std::string_view plain, std::string_view label) const;
  // Throws Error(corrupt, QZ-AGT-011) if the item was changed, moved to another label or locked with another key.
  Bytes open(std::string_view locked, std::string_view label) const;

  // open() has thrown. From any thread.
  bool has_failed() const { return failed_; }

  // Another key for another purpose, HMAC-SHA256 of the name under this key (RFC 2104).
  Bytes derived_key(std::string_view name) const;

 private:
  Bytes key_;
  Random& random_;
  mutable std::atomic<bool> failed_ = false;
};

// Short names for values that must not be readable at rest: the first 16 octets of HMAC-SHA256 (RFC 2104). Without the
// key nobody can try values out. Not thread-safe.
class Tagger {
 public:
  explicit Tagger(std::string_view key);
  Tagger(Tagger&&) noexcept;
  ~Tagger();
  Bytes tag(std::string_view value);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::store
