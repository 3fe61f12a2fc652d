// Parcels: requests and answers between two agents, signed by the sender and sealed to the reader (wire/parcel.proto,
// PROTOCOL.md section 17). The hub carries them, checks and remembers their heads, and can read nothing else. Nothing
// is stored here and no clock is read. Thread-safe.
//
// What is sealed is bound to all of the head but the digest of what is sealed: whoever signs another's sealed body
// under a head of his own has a parcel that nobody opens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::wire {
class Parcel;
}  // namespace qianzhi::wire

namespace qianzhi::seal {

inline constexpr std::size_t parcel_body_limit = 3U << 19U;                    // sealed octets: 1.5 MiB
inline constexpr std::size_t parcel_head_limit = 8U << 10U;                    // octets
inline constexpr std::size_t parcel_content_limit = parcel_body_limit - 2048;  // plain octets that always fit
inline constexpr std::size_t parcel_id_octets = 16;
inline constexpr std::uint32_t most_questions = 1000;
inline constexpr std::size_t most_name_octets = 200;                             // of from, to, service
inline constexpr std::size_t most_terms_octets = 1000;                           // of purpose, basis
inline constexpr Micros longest_parcel_life = Micros{366} * 86'400 * 1'000'000;  // from made to deadline

// Frozen: on the wire.
enum class ParcelKind : std::uint8_t { ask = 1, answer = 2, refusal = 3 };

struct ParcelHead {
  ParcelKind kind = ParcelKind::ask;
  Bytes id;
  std::string from;
  std::string to;
  std::string service;
  Micros made = 0;
  Micros deadline = 0;
  std::string purpose = {};  // ask only
  std::string basis = {};    // ask only
  Digest body_digest = {};   // none in a refusal
  std::string key = {};      // likewise
  Digest ask_digest = {};    // none in an ask
  std::string code = {};     // refusal only
  std::uint32_t questions = 0;
  Bytes appeal = {};  // ask only; may be empty
  std::uint64_t directory_version = 0;

  Digest digest = {};  // of the head's octets: what names the parcel. Set by who seals or opens it
  bool operator==(const ParcelHead&) const = default;
};

// Seals content to the reader and signs by one key, or by both of a pair. Gives the head as it was signed: body_digest,
// key and digest are set here. Precondition: head.from is the signer, and signer and reader are of the directory's
// suite. Throws Error(rejected): QZ-SEAL-100 the head is not well formed or of a refusal; QZ-SEAL-101 too large;
// QZ-SEAL-104 the reader's key cannot be used.
ParcelHead seal_parcel(ParcelHead head, std::string_view content, const SigningKey& signer, const KeyRecord& reader,
                       Random& random, wire::Parcel& parcel);
// A refusal: nothing is sealed, the code is for everybody on the way.
ParcelHead seal_refusal(ParcelHead head, const SigningKey& signer, wire::Parcel& parcel);

// Verifies as the sender's entry asks, by active and retired keys (its owner may have changed keys while the parcel
// waited at either end), and only then reads the head; of the body only its digest is checked. Throws
// Error(rejected): QZ-SEAL-101 larger than the limits, or with fields that nobody signs; QZ-SEAL-100 signature, sender,
// form or digest do not hold.
ParcelHead open_head(const wire::Parcel& parcel, const Directory& directory);

// The id of the key that its head names, empty for a refusal; nothing is verified: for looking through parcels that
// were when they came. Throws Error(rejected, QZ-SEAL-100).
std::string reader_key_of(const wire::Parcel& parcel);

// What was sealed. Precondition: open_head() gave the head of this parcel, and key.record() is of the directory's
// suite. Throws Error(rejected): QZ-SEAL-102 sealed to another key; QZ-SEAL-103 it cannot be opened with it.
Bytes open_body(const wire::Parcel& parcel, const ParcelHead& head, const DecryptionKey& key);

// That `reply` answers or refuses `ask`. Throws Error(rejected, QZ-SEAL-105).
void check_reply(const ParcelHead& ask, const ParcelHead& reply);

}  // namespace qianzhi::seal
