// Keys to which an agent's readers-only content is sealed: X25519 (RFC 7748, 8410) in a SHA-256 directory, SM2 in an SM
// directory. An agent's encryption key is never one of its signing keys.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/hpke.h"

namespace qianzhi::seal {

enum class EncryptionAlgorithm { x25519, sm2 };

// What content is sealed with in a directory of this suite, and how a key record names it.
EncryptionAlgorithm encryption_algorithm(DigestSuite suite);
std::string_view name_of(EncryptionAlgorithm algorithm);

// Empty: the record is of an encryption key in its one form. X25519: 44 octets, no signer id. SM2: as a signing key's,
// with a signer id that nothing uses. Both: role alone. Else what is wrong, in English.
std::string fault_of_encryption_key(const KeyRecord& key);

// Record of a public key in PEM (SubjectPublicKeyInfo), of a SHA-256 directory. Throws Error(misuse, QZ-SEAL-106).
KeyRecord encryption_key_from_pem(std::string_view pem);

// The newest active key of this agent for the suite, or null.
const KeyRecord* encryption_key_of(const AgentEntry& agent, DigestSuite suite);

// What nobody but the key's owner can read, and nobody can take to be bound to anything else. Adds at most
// sealed_overhead octets. Throws Error(rejected, QZ-SEAL-104) if it is no encryption key or no point of its curve.
inline constexpr std::size_t sealed_overhead = 256;
Bytes seal_to(const KeyRecord& reader, const Bound& bound, std::string_view plain, Random& random);

// A private key. Safe to use from several threads.
class DecryptionKey {
 public:
  // PKCS#8 PEM, not encrypted. Throws Error(misuse): QZ-SEAL-106 no X25519 or SM2 key; QZ-SEAL-020, QZ-SEAL-021 for the
  // file.
  static DecryptionKey from_file(const std::filesystem::path& file);
  static DecryptionKey from_pem(std::string_view pem);
  static DecryptionKey generate(EncryptionAlgorithm algorithm);

  // Of the public half, state active, of a SHA-256 directory unless in_suite() said otherwise.
  const KeyRecord& record() const { return record_; }
  std::string to_pem() const;
  // The same key in a directory of this suite.
  DecryptionKey in_suite(DigestSuite suite) const;

  // Nothing if it was not sealed to this key, is bound to something else, or was altered.
  std::optional<Bytes> open(const Bound& bound, std::string_view sealed) const;

 private:
  struct State;
  DecryptionKey(std::shared_ptr<const State> state, KeyRecord record)
      : state_(std::move(state)), record_(std::move(record)) {}
  std::shared_ptr<const State> state_;
  KeyRecord record_;
};

}  // namespace qianzhi::seal
