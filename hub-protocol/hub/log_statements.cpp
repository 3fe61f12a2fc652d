#include <iterator>
#include <sstream>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/log_parts.h"

namespace qianzhi::hub {

namespace {

// Zero digests are stored as empty blobs, 64-bit numbers as the signed value with the same bits.
void bind_head(sqlite::Statement& statement, int parameter, const Head& head) {
  statement.bind(parameter, head.position.epoch).bind(parameter + 1, head.position.sequence);
  statement.bind_blob(parameter + 2, head.digest.bytes());
}

std::set<std::string> old_keys_of(sqlite::Database& database, std::int64_t stream) {
  std::set<std::string> keys;
  auto row = database.prepare("SELECT key_id FROM old_key WHERE stream = ?");
  row.bind(1, stream);
  while (row.step()) keys.insert(row.text(0));
  return keys;
}

// Both keys of a doubly signed batch are in one column.
std::string join_keys(const std::set<std::string>& keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : " ") + key;
  return text;
}

std::set<std::string> split_keys(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<std::string>(words), {}};
}

}  // namespace

Head head_from(const sqlite::Statement& row, int column) {
  return {{row.number(column), row.number(column + 1)}, Digest::from_bytes(row.view(column + 2))};
}

std::optional<Digest> select_digest(sqlite::Database& database, std::int64_t stream, Position position) {
  auto row = database.prepare("SELECT digest FROM batch WHERE stream = ? AND epoch = ? AND sequence = ?");
  row.bind(1, stream).bind(2, position.epoch).bind(3, position.sequence);
  if (!row.step()) return std::nullopt;
  return Digest::from_bytes(row.view(0));
}

std::vector<StreamRecord> select_streams(sqlite::Database& database) {
  std::vector<StreamRecord> streams;
  {
    auto row = database.prepare(
        "SELECT id, agent, topic, head_epoch, head_sequence, head_digest, place, trimmed_epoch, trimmed_sequence, "
        "trimmed_digest, trimmed_place, secured_epoch, secured_sequence, secured_digest, halted, epoch_day, epochs, "
        "epoch_approved, key_id, open_place, open_begin, open_every, every_place, complete_place FROM stream");
    while (row.step()) {
      StreamRecord stream;
      stream.id = row.integer(0);
      stream.stream = {row.text(1), row.text(2)};
      stream.head = head_from(row, 3);
      stream.place = row.number(6);
      stream.trimmed = head_from(row, 7);
      stream.trimmed_place = row.number(10);
      stream.secured = head_from(row, 11);
      stream.halted = row.integer(14) != 0;
      stream.epoch_day = row.integer(15);
      stream.epochs = row.integer(16);
      stream.epoch_approved = row.integer(17) != 0;
      stream.keys.present = split_keys(row.text(18));
      stream.open_place = row.number(19);
      stream.open_begin = Digest::from_bytes(row.view(20));
      stream.open_every = row.integer(21) != 0;
      stream.every_place = row.number(22);
      stream.complete_place = row.number(23);
      streams.push_back(std::move(stream));
    }
  }
  for (StreamRecord& stream : streams) stream.keys.ended = old_keys_of(database, stream.id);
  return streams;
}

void store_stream(sqlite::Database& database, StreamRecord& stream) {
  auto statement = database.prepare(
      "INSERT INTO stream(agent, topic, head_epoch, head_sequence, head_digest, place, trimmed_epoch, "
      "trimmed_sequence, trimmed_digest, trimmed_place, secured_epoch, secured_sequence, secured_digest, halted, "
      "epoch_day, epochs, epoch_approved, key_id, open_place, open_begin, open_every, every_place, complete_place) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, "
      "?23) ON CONFLICT(agent, topic) DO UPDATE SET head_epoch = ?3, head_sequence = ?4, head_digest = ?5, place = ?6, "
      "trimmed_epoch = ?7, trimmed_sequence = ?8, trimmed_digest = ?9, trimmed_place = ?10, secured_epoch = ?11, "
      "secured_sequence = ?12, secured_digest = ?13, halted = ?14, epoch_day = ?15, epochs = ?16, "
      "epoch_approved = ?17, key_id = ?18, open_place = ?19, open_begin = ?20, open_every = ?21, every_place = ?22, "
      "complete_place = ?23 RETURNING id");
  statement.bind(1, stream.stream.agent).bind(2, stream.stream.topic);
  bind_head(statement, 3, stream.head);
  statement.bind(6, stream.place);
  bind_head(statement, 7, stream.trimmed);
  statement.bind(10, stream.trimmed_place);
  bind_head(statement, 11, stream.secured);
  statement.bind(14, stream.halted ? 1 : 0).bind(15, stream.epoch_day).bind(16, stream.epochs);
  statement.bind(17, stream.epoch_approved ? 1 : 0)
      .bind(18, join_keys(stream.keys.present))
      .bind(19, stream.open_place);
  statement.bind_blob(20, stream.open_begin.bytes()).bind(21, stream.open_every ? 1 : 0);
  statement.bind(22, stream.every_place).bind(23, stream.complete_place);
  QZ_ASSERT(statement.step());
  stream.id = statement.integer(0);
  statement.run();
  for (const std::string& key : stream.keys.ended)
    database.prepare("INSERT OR IGNORE INTO old_key VALUES(?, ?)").bind(1, stream.id).bind(2, key).run();
}

HubState select_hub_state(sqlite::Database& database) {
  HubState state;
  {
    auto row =
        database.prepare("SELECT counter, random, stop_code, stop_detail, required_directory, signed_root FROM hub");
    QZ_ASSERT(row.step());
    state.incarnation = {row.number(0), row.number(1)};
    state.stop_code = row.text(2);
    state.stop_detail = row.text(3);
    state.required_directory = row.number(4);
    state.signed_root = row.text(5);
  }
  {
    auto row = database.prepare("SELECT counter, random, closed FROM incarnation");
    while (row.step()) (row.integer(2) != 0 ? state.closed : state.shown).insert({row.number(0), row.number(1)});
  }
  {
    auto row = database.prepare("SELECT version, digest FROM directory");
    while (row.step()) state.directories.emplace(row.number(0), Digest::from_bytes(row.view(1)));
  }
  auto row = database.prepare("SELECT version, digest, signed_root FROM shown_directory");
  while (row.step()) state.shown_directories.push_back({row.number(0), Digest::from_bytes(row.view(1)), row.text(2)});
  return state;
}

void store_hub_state(sqlite::Database& database, const HubState& state) {
  database
      .prepare(
          "UPDATE hub SET counter = ?, random = ?, stop_code = ?, stop_detail = ?, required_directory = ?, signed_root "
          "= ?")
      .bind(1, state.incarnation.counter)
      .bind(2, state.incarnation.random)
      .bind(3, state.stop_code)
      .bind(4, state.stop_detail)
      .bind(5, state.required_directory)
      .bind_blob(6, state.signed_root)
      .run();
  const auto put = [&](const Incarnation& incarnation, int closed) {
    database.prepare("INSERT OR REPLACE INTO incarnation VALUES(?, ?, ?)")
        .bind(1, incarnation.counter)
        .bind(2, incarnation.random)
        .bind(3, closed)
        .run();
  };
  for (const Incarnation& incarnation : state.shown) put(incarnation, 0);
  for (const Incarnation& incarnation : state.closed) put(incarnation, 1);
  for (const auto& [version, digest] : state.directories)
    database.prepare("INSERT OR IGNORE INTO directory VALUES(?, ?)")
        .bind(1, version)
        .bind_blob(2, digest.bytes())
        .run();
  database.execute("DELETE FROM shown_directory");
  for (const ShownDirectory& shown : state.shown_directories)
    database.prepare("INSERT OR REPLACE INTO shown_directory VALUES(?, ?, ?)")
        .bind(1, shown.version)
        .bind_blob(2, shown.digest.bytes())
        .bind_blob(3, shown.signed_root)
        .run();
}

}  // namespace qianzhi::hub
