#include "hub-protocol/audit/checkpoint.h"

#include "hub-protocol/audit/audit.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::audit {

namespace {

Checkpoint read_body(std::string_view body, DigestSuite suite) {
  CheckpointMessage message;
  const bool is_read = message.ParseFromArray(body.data(), static_cast<int>(body.size()));
  const bool has_digests = message.digest().size() == Digest::size &&
                           (message.previous().empty() || message.previous().size() == Digest::size);
  if (!is_read || message.sequence() == 0 || !has_digests)
    throw Error(ErrorKind::corrupt, "QZ-SEAL-086", "a checkpoint");
  return {message.sequence(), Digest::from_bytes(message.digest()), message.time(),
          Digest::from_bytes(message.previous()), seal::digest_of(body, suite)};
}

SignedCheckpointMessage parse_signed(std::string_view octets) {
  SignedCheckpointMessage message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size())))
    throw Error(ErrorKind::corrupt, "QZ-SEAL-086", "a checkpoint");
  return message;
}

}  // namespace

std::optional<Checkpoint> newest_checkpoint(sqlite::Database& database, DigestSuite suite) {
  sqlite::Statement row = database.prepare("SELECT octets FROM checkpoint ORDER BY sequence DESC LIMIT 1");
  if (!row.step()) return std::nullopt;
  return read_body(parse_signed(row.view(0)).body(), suite);
}

std::optional<Checkpoint> sign_trail(sqlite::Database& database, const seal::SigningKey& hub_key, Micros now) {
  const DigestSuite suite = hub_key.record().suite;
  const std::optional<Checkpoint> before = newest_checkpoint(database, suite);
  CheckpointMessage body;
  {
    sqlite::Statement last = database.prepare("SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1");
    if (!last.step() || (before && before->sequence >= last.number(0))) return std::nullopt;
    body.set_sequence(last.number(0));
    body.set_digest(last.text(1));
  }
  body.set_time(now);
  if (before) body.set_previous(before->body.bytes());
  SignedCheckpointMessage message;
  message.set_body(body.SerializeAsString());
  message.set_key_id(hub_key.record().id);
  message.set_signature(hub_key.sign(seal::Purpose::audit, message.body()));
  database.prepare("INSERT INTO checkpoint VALUES(?, ?, ?)")
      .bind(1, body.sequence())
      .bind(2, now)
      .bind_blob(3, message.SerializeAsString())
      .run();
  return read_body(message.body(), suite);
}

Checkpoint open_checkpoint(std::string_view octets, const KeyRecord& hub_key) {
  const SignedCheckpointMessage message = parse_signed(octets);
  if (message.key_id() != hub_key.id || !verify(hub_key, seal::Purpose::audit, message.body(), message.signature()))
    throw Error(ErrorKind::corrupt, "QZ-SEAL-087", "key " + message.key_id());
  return read_body(message.body(), hub_key.suite);
}

std::string signer_of_checkpoint(std::string_view octets) {
  SignedCheckpointMessage message;
  return message.ParseFromArray(octets.data(), static_cast<int>(octets.size())) ? message.key_id() : std::string();
}

PlainSignature plain_signature(std::string_view octets) {
  const SignedCheckpointMessage message = parse_signed(octets);
  return {seal::signed_octets(seal::Purpose::audit, message.body()), message.signature()};
}

}  // namespace qianzhi::audit
