// Signing and verifying. Ed25519 (RFC 8032) now; the algorithm always comes from the key's record.
// What is signed is never a bare message: see signed_octets().
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::seal {

// Domain separation: a signature over one kind of message never holds for another. Frozen names.
enum class Purpose { batch, receipt, directory, applied };

// The octets that are signed: "QIANZHI-1\n" NAME "\n", the message's length in eight octets, big-endian, the message.
Bytes signed_octets(Purpose purpose, std::string_view message);

// A private key. Safe to use from several threads.
class SigningKey {
 public:
  // PKCS#8 PEM, not encrypted. Throws Error(misuse): QZ-SEAL-020 not readable or not an Ed25519 key, QZ-SEAL-021
  // readable by group or others.
  static SigningKey from_file(const std::filesystem::path& file);
  static SigningKey from_pem(std::string_view pem);
  static SigningKey generate();  // for tests and the throw-away PKI

  Bytes sign(Purpose purpose, std::string_view message) const;
  // Record of the public half, state active.
  const KeyRecord& record() const { return record_; }
  std::string to_pem() const;

 private:
  struct State;
  SigningKey(std::shared_ptr<State> state, KeyRecord record) : state_(std::move(state)), record_(std::move(record)) {}
  std::shared_ptr<State> state_;
  KeyRecord record_;
};

// Record of a public key in PEM (SubjectPublicKeyInfo). Throws Error(misuse, QZ-SEAL-020).
KeyRecord key_record_from_pem(std::string_view pem);

// True if the signature holds. False for a bad signature, an unknown algorithm or a damaged record.
bool verify(const KeyRecord& key, Purpose purpose, std::string_view message, std::string_view signature);

}  // namespace qianzhi::seal
