#include "agent/store/store.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::store {

namespace {

constexpr auto side_name = [](QuarantineSide side) {
  return side == QuarantineSide::capture ? std::string_view("capture") : std::string_view("apply");
};

}  // namespace

std::optional<StreamState> StoreTransaction::stream(std::string_view topic) {
  auto found = database_.prepare("SELECT state FROM stream WHERE topic = ?");
  found.bind(1, topic);
  if (!found.step()) return std::nullopt;
  return decode_stream(found.view(0));
}

void StoreTransaction::put_stream(std::string_view topic, const StreamState& state) {
  database_
      .prepare("INSERT INTO stream(topic, state) VALUES(?, ?) ON CONFLICT(topic) DO UPDATE SET state = excluded.state")
      .bind(1, topic)
      .bind_blob(2, encode(state))
      .run();
}

SourcePosition StoreTransaction::checkpoint(std::string_view source) {
  auto found = database_.prepare("SELECT place, identity FROM source WHERE id = ?");
  found.bind(1, source);
  if (!found.step()) return {};
  return {found.text(0), found.text(1)};
}

void StoreTransaction::put_checkpoint(std::string_view source, const SourcePosition& position) {
  database_
      .prepare(
          "INSERT INTO source(id, place, identity) VALUES(?, ?, ?) ON CONFLICT(id) DO UPDATE SET "
          "place = excluded.place, identity = excluded.identity")
      .bind(1, source)
      .bind_blob(2, position.order)
      .bind_blob(3, position.identity)
      .run();
}

void StoreTransaction::append(const LockedBatch& locked) {
  const KeptBatch& batch = locked.batch;
  database_
      .prepare(
          "INSERT INTO batch(topic, epoch, sequence, digest, previous, kind, rows, sealed, size, octets) "
          "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(1, batch.topic)
      .bind(2, batch.head.position.epoch)
      .bind(3, batch.head.position.sequence)
      .bind_blob(4, batch.head.digest.bytes())
      .bind_blob(5, batch.previous.bytes())
      .bind(6, static_cast<int>(batch.kind))
      .bind(7, batch.rows)
      .bind(8, batch.sealed)
      .bind(9, static_cast<std::int64_t>(batch.octets.size()))
      .bind_blob(10, batch.octets)
      .run();
  queued_ += static_cast<std::int64_t>(batch.octets.size());
}

void StoreTransaction::supersede(std::string_view topic) {
  database_.prepare("UPDATE batch SET superseded = 1 WHERE topic = ?").bind(1, topic).run();
}

std::uint64_t StoreTransaction::prune(std::string_view topic, const Position& through) {
  static constexpr std::string_view where =
      " FROM batch WHERE topic = ?1 AND superseded = 0 AND (epoch, sequence) <= (?2, ?3)";
  std::uint64_t rows = 0;
  {
    auto sums = database_.prepare(std::string("SELECT coalesce(sum(rows), 0), coalesce(sum(size), 0)").append(where));
    sums.bind(1, topic).bind(2, through.epoch).bind(3, through.sequence);
    QZ_ASSERT(sums.step());
    rows = sums.number(0);
    queued_ -= sums.integer(1);
  }
  database_.prepare(std::string("DELETE").append(where))
      .bind(1, topic)
      .bind(2, through.epoch)
      .bind(3, through.sequence)
      .run();
  return rows;
}

std::int64_t StoreTransaction::set_aside(const QuarantineEntry& entry, std::string_view locked_row) {
  auto insert = database_.prepare(
      "INSERT INTO quarantine(side, topic, origin, key, epoch, sequence, ordinal, code, detail, first_seen, tries, "
      "row) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(side, topic, origin, key) DO UPDATE SET "
      "epoch = excluded.epoch, sequence = excluded.sequence, ordinal = excluded.ordinal, code = excluded.code, "
      "detail = excluded.detail, tries = tries + 1, row = excluded.row RETURNING id");
  insert.bind(1, side_name(entry.side))
      .bind(2, entry.topic)
      .bind(3, entry.origin)
      .bind_blob(4, entry.key)
      .bind(5, entry.position.epoch)
      .bind(6, entry.position.sequence)
      .bind(7, static_cast<std::int64_t>(entry.ordinal))
      .bind(8, entry.code)
      .bind(9, entry.detail)
      .bind(10, entry.first_seen)
      .bind(11, entry.tries)
      .bind_blob(12, locked_row);
  QZ_ASSERT(insert.step());
  const std::int64_t id = insert.integer(0);
  while (insert.step()) {
  }
  return id;
}

void StoreTransaction::release(std::int64_t id) {
  database_.prepare("DELETE FROM quarantine WHERE id = ?").bind(1, id).run();
}

void StoreTransaction::release_key(QuarantineSide side, std::string_view topic, std::string_view origin,
                                   std::string_view key) {
  database_.prepare("DELETE FROM quarantine WHERE side = ? AND topic = ? AND origin = ? AND key = ?")
      .bind(1, side_name(side))
      .bind(2, topic)
      .bind(3, origin)
      .bind_blob(4, key)
      .run();
}

void StoreTransaction::put_known(std::string_view topic, const KnownRow& row) {
  auto put = database_.prepare(
      "INSERT OR REPLACE INTO known(topic, id, tag, digest, kept) SELECT id, ?2, ?3, ?4, ?5 FROM known_topic WHERE "
      "topic = ?1");
  put.bind(1, topic).bind(2, row.id).bind_blob(3, row.tag).bind_blob(4, row.digest).bind_blob(5, row.kept).run();
  if (database_.changes() != 0) return;
  database_.prepare("INSERT INTO known_topic(topic) VALUES(?)").bind(1, topic).run();
  put.bind(1, topic).bind(2, row.id).bind_blob(3, row.tag).bind_blob(4, row.digest).bind_blob(5, row.kept).run();
}

void StoreTransaction::erase_known(std::string_view topic) {
  database_.prepare("DELETE FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?)")
      .bind(1, topic)
      .run();
}

void StoreTransaction::erase_known(std::string_view topic, std::int64_t id) {
  database_.prepare("DELETE FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?) AND id = ?")
      .bind(1, topic)
      .bind(2, id)
      .run();
}

std::optional<Bytes> StoreTransaction::value(std::string_view name) {
  auto found = database_.prepare("SELECT value FROM meta WHERE name = ?");
  found.bind(1, name);
  if (!found.step()) return std::nullopt;
  return found.text(0);
}

void StoreTransaction::put_value(std::string_view name, std::string_view octets) {
  database_.prepare("INSERT INTO meta(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value")
      .bind(1, name)
      .bind_blob(2, octets)
      .run();
}

void StoreTransaction::erase_value(std::string_view name) {
  database_.prepare("DELETE FROM meta WHERE name = ?").bind(1, name).run();
}

}  // namespace qianzhi::store
