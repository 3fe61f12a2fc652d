// Checkpoints: the hub's signature over the newest entry of its audit trail. Whoever holds one has evidence against a
// hub that later cuts the trail's end off, or writes it anew.
#pragma once

#include <optional>
#include <string_view>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::audit {

struct Checkpoint {
  std::uint64_t sequence = 0;  // of the newest entry that it covers
  Digest digest;               // of that entry
  Micros time = 0;
  Digest previous;  // digest of the body of the checkpoint before; zero for the first
  Digest body;      // of its own body: what the next one names
};

// Within the caller's transaction: signs the newest entry. Nothing if there is no entry, or a checkpoint covers it.
std::optional<Checkpoint> sign_trail(sqlite::Database& database, const seal::SigningKey& hub_key, Micros now);

// The newest one of the store.
std::optional<Checkpoint> newest_checkpoint(sqlite::Database& database, DigestSuite suite);

// Serialised SignedCheckpointMessage. Verifies, then reads. Throws Error(corrupt): QZ-SEAL-087 the signature is not by
// this key or does not hold, QZ-SEAL-086 malformed.
Checkpoint open_checkpoint(std::string_view octets, const KeyRecord& hub_key);
// Which key it says that it is signed by; empty if it is malformed.
std::string signer_of_checkpoint(std::string_view octets);
// What is signed, and the signature: for checking with plain tools.
struct PlainSignature {
  Bytes signed_octets;
  Bytes signature;
};
PlainSignature plain_signature(std::string_view octets);

}  // namespace qianzhi::audit
