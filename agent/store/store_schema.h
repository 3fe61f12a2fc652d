// Tables of the agent's store, and their format.
#pragma once

namespace qianzhi::store {

// PRAGMA user_version. Greater when an older program would no longer understand what is kept.
inline constexpr int store_format = 1;

inline constexpr const char* schema = R"sql(
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS source(id TEXT PRIMARY KEY, place BLOB NOT NULL, identity BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stream(topic TEXT PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS batch(
  topic TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, digest BLOB NOT NULL, previous BLOB NOT NULL,
  kind INTEGER NOT NULL, rows INTEGER NOT NULL, sealed INTEGER NOT NULL, size INTEGER NOT NULL,
  superseded INTEGER NOT NULL DEFAULT 0, octets BLOB NOT NULL, PRIMARY KEY(topic, epoch, sequence));
CREATE TABLE IF NOT EXISTS quarantine(
  id INTEGER PRIMARY KEY AUTOINCREMENT, side TEXT NOT NULL, topic TEXT NOT NULL, origin TEXT NOT NULL,
  key BLOB NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, ordinal INTEGER NOT NULL, code TEXT NOT NULL,
  detail TEXT NOT NULL, first_seen INTEGER NOT NULL, tries INTEGER NOT NULL, row BLOB NOT NULL,
  UNIQUE(side, topic, origin, key));
CREATE TABLE IF NOT EXISTS known_topic(id INTEGER PRIMARY KEY, topic TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS known(
  topic INTEGER NOT NULL, id INTEGER NOT NULL, tag BLOB NOT NULL, digest BLOB NOT NULL, kept BLOB NOT NULL,
  PRIMARY KEY(topic, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inquiry(
  id BLOB PRIMARY KEY, made INTEGER NOT NULL, deadline INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS request(
  id BLOB NOT NULL, ours INTEGER NOT NULL, peer TEXT NOT NULL, service TEXT NOT NULL, state INTEGER NOT NULL,
  inquiry BLOB NOT NULL, questions INTEGER NOT NULL, made INTEGER NOT NULL, deadline INTEGER NOT NULL,
  digest BLOB NOT NULL, ask BLOB NOT NULL, answer BLOB NOT NULL, code TEXT NOT NULL, settled INTEGER NOT NULL,
  PRIMARY KEY(ours, peer, id));
CREATE INDEX IF NOT EXISTS request_by_state ON request(state, made);
CREATE INDEX IF NOT EXISTS request_by_inquiry ON request(inquiry);
CREATE INDEX IF NOT EXISTS request_by_end ON request(state, deadline);
CREATE INDEX IF NOT EXISTS request_by_side ON request(ours, deadline);
CREATE INDEX IF NOT EXISTS request_asked ON request(deadline) WHERE ours = 0 AND length(ask) > 0;
DROP INDEX IF EXISTS request_by_deadline;
CREATE INDEX IF NOT EXISTS inquiry_by_deadline ON inquiry(deadline);
CREATE TABLE IF NOT EXISTS asked(
  name TEXT NOT NULL, tag BLOB NOT NULL, inquiry BLOB NOT NULL, PRIMARY KEY(name, tag)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS asked_by_inquiry ON asked(inquiry);
CREATE TABLE IF NOT EXISTS asked_round(
  inquiry BLOB PRIMARY KEY, name TEXT NOT NULL, told INTEGER NOT NULL, done INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS asked_round_open ON asked_round(name, inquiry) WHERE done = 0;
)sql";

}  // namespace qianzhi::store
