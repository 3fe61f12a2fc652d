// Signing and verifying: Ed25519 (RFC 8032), ECDSA over P-256 with SHA-256 (FIPS 186-4), SM2 with SM3 (GB/T 32918.2,
// 32918.5, 32905). Algorithm and signer id always come from the key's record, never from a message.
// What is signed is never a bare message: see signed_octets().
//
// Each signature has exactly one accepted form. Ed25519: 64 octets. ECDSA and SM2: DER of SEQUENCE { INTEGER r,
// INTEGER s } in its shortest encoding; for ECDSA s must be at most half the order of the curve. Anything else is
// refused, so nobody can make a second valid signature out of a first.
// Each public key has exactly one accepted form as well: the SubjectPublicKeyInfo that names the curve and holds the
// uncompressed point, 44 octets for Ed25519 and 91 for the others.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::seal {

enum class Algorithm { ed25519, ecdsa_p256, sm2 };

// As a key record names it. Precondition: it is one of those above.
Algorithm algorithm_named(std::string_view name);

// Domain separation: a signature over one kind of message never holds for another. Frozen names.
enum class Purpose {
  batch,
  receipt,
  directory,
  applied,
  letter,
  document,
  audit,
  enrol,
  key_change,
  key_replacement,
  parcel,
  encryption_change,
};

// The octets that are signed: "QIANZHI-1\n" NAME "\n", the message's length in eight octets, big-endian, the message.
Bytes signed_octets(Purpose purpose, std::string_view message);

// A private key, or two that sign batches together. Safe to use from several threads.
class SigningKey {
 public:
  // PKCS#8 PEM, not encrypted; the algorithm is the key's own. signer_id is used for SM2 only. Throws Error(misuse):
  // QZ-SEAL-020 not readable, a key of no algorithm above, or a signer id that is not of 1 to 128 octets; QZ-SEAL-021
  // readable by group or others.
  static SigningKey from_file(const std::filesystem::path& file, std::string_view signer_id = default_signer_id);
  static SigningKey from_pem(std::string_view pem, std::string_view signer_id = default_signer_id);
  // For tests and the throw-away PKI.
  static SigningKey generate(Algorithm algorithm = Algorithm::ed25519, std::string_view signer_id = default_signer_id);

  // This key as `first`, with another one as `second`. Precondition: neither is such a pair already.
  SigningKey with_second(const SigningKey& second) const;

  // By this key alone; a pair's second key signs for itself.
  Bytes sign(Purpose purpose, std::string_view message) const;
  // Record of the public half, state active; its role says whether it is one of a pair.
  const KeyRecord& record() const { return record_; }
  // Nothing if it signs alone.
  const SigningKey* second() const { return second_.get(); }
  // Of both halves of a pair, as a directory has them.
  std::vector<KeyRecord> records() const;
  std::string to_pem() const;
  // The same key or pair in a directory of this suite.
  SigningKey in_suite(DigestSuite suite) const;

 private:
  struct State;
  SigningKey(std::shared_ptr<State> state, KeyRecord record) : state_(std::move(state)), record_(std::move(record)) {}
  std::shared_ptr<State> state_;
  KeyRecord record_;
  std::shared_ptr<const SigningKey> second_;
};

// Record of a public key in PEM (SubjectPublicKeyInfo); signer_id is used for SM2 only. Throws Error(misuse,
// QZ-SEAL-020) as above.
KeyRecord key_record_from_pem(std::string_view pem, std::string_view signer_id = default_signer_id);

// The key in PEM (SubjectPublicKeyInfo), for plain tools.
std::string public_pem(const KeyRecord& key);
// Of a record, SubjectPublicKeyInfo in PEM.
std::string to_pem(const KeyRecord& key);

// The same key in a directory of this suite: its id is another.
KeyRecord in_suite(KeyRecord key, DigestSuite suite);

// The suite of a directory that this key signs: SM3 if it is an SM2 key, else SHA-256. So whoever pins the directory's
// key knows the suite, and no message can choose another.
DigestSuite directory_suite(const KeyRecord& directory_key);
// The directory's own key, in its suite.
KeyRecord directory_key_from_pem(std::string_view pem);
SigningKey directory_key_from_file(const std::filesystem::path& file);

// Empty: the record is what a key of its algorithm must be. Else what is wrong, in English: its id is not the digest of
// its key, the key is not one of this algorithm or not in the accepted form, a signer id is missing or out of place.
// A record of an algorithm that is not known here is not wrong, but nothing verifies with it.
std::string fault_of(const KeyRecord& key);

// True if the signature holds. False for a bad signature, an unknown algorithm or a damaged record.
bool verify(const KeyRecord& key, Purpose purpose, std::string_view message, std::string_view signature);

// The same over the very octets that were signed: for the vectors of the standards.
bool verify_octets(const KeyRecord& key, std::string_view octets, std::string_view signature);

}  // namespace qianzhi::seal
