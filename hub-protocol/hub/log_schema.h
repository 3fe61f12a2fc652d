// Layout of the hub's store but for the ledger (ledger.cpp). Frozen: a change needs a new format number and a
// migration.
#pragma once

namespace qianzhi::hub {

inline constexpr int log_application_id = 0x515a4855;  // "QZHU"
inline constexpr int log_format = 2;                   // 2: with the ledger (ledger.cpp)
inline constexpr int format_without_ledger = 1;

inline constexpr char log_schema[] = R"(
CREATE TABLE stream(
  id INTEGER PRIMARY KEY, agent TEXT NOT NULL, topic TEXT NOT NULL,
  head_epoch INTEGER NOT NULL, head_sequence INTEGER NOT NULL, head_digest BLOB NOT NULL, place INTEGER NOT NULL,
  trimmed_epoch INTEGER NOT NULL, trimmed_sequence INTEGER NOT NULL, trimmed_digest BLOB NOT NULL,
  trimmed_place INTEGER NOT NULL,
  secured_epoch INTEGER NOT NULL, secured_sequence INTEGER NOT NULL, secured_digest BLOB NOT NULL,
  halted INTEGER NOT NULL, epoch_day INTEGER NOT NULL, epochs INTEGER NOT NULL, epoch_approved INTEGER NOT NULL,
  key_id TEXT NOT NULL, open_place INTEGER NOT NULL, open_begin BLOB NOT NULL, open_every INTEGER NOT NULL,
  every_place INTEGER NOT NULL, complete_place INTEGER NOT NULL,
  UNIQUE(agent, topic)) STRICT;
CREATE TABLE old_key(stream INTEGER NOT NULL, key_id TEXT NOT NULL, PRIMARY KEY(stream, key_id)) STRICT, WITHOUT ROWID;
CREATE TABLE batch(
  stream INTEGER NOT NULL, place INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
  digest BLOB NOT NULL, octets BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX batch_place ON batch(stream, place);
CREATE UNIQUE INDEX batch_position ON batch(stream, epoch, sequence);
CREATE INDEX batch_digest ON batch(stream, digest, place);
CREATE TABLE evidence(
  id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
  held BLOB NOT NULL, offered BLOB NOT NULL, time INTEGER NOT NULL) STRICT;
CREATE INDEX evidence_stream ON evidence(stream);
CREATE TABLE applied(
  subscriber TEXT NOT NULL, agent TEXT NOT NULL, topic TEXT NOT NULL, receipt BLOB NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(subscriber, agent, topic)) STRICT, WITHOUT ROWID;
CREATE TABLE hub(
  id INTEGER PRIMARY KEY CHECK(id = 1), counter INTEGER NOT NULL, random INTEGER NOT NULL, stop_code TEXT NOT NULL,
  stop_detail TEXT NOT NULL, required_directory INTEGER NOT NULL, signed_root BLOB NOT NULL,
  clean INTEGER NOT NULL) STRICT;
CREATE TABLE incarnation(
  counter INTEGER NOT NULL, random INTEGER NOT NULL, closed INTEGER NOT NULL,
  PRIMARY KEY(counter, random)) STRICT, WITHOUT ROWID;
CREATE TABLE directory(
  version INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY(version, digest)) STRICT, WITHOUT ROWID;
CREATE TABLE shown_directory(
  version INTEGER NOT NULL, digest BLOB NOT NULL, signed_root BLOB NOT NULL,
  PRIMARY KEY(version, digest)) STRICT, WITHOUT ROWID;
INSERT INTO hub VALUES(1, 0, 0, '', '', 0, x'', 1);
)";

}  // namespace qianzhi::hub
