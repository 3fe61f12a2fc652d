// Streams, values and kept batches.
#include "agent/store/store_state.h"

namespace qianzhi::store {

namespace {

std::string label_of(std::string_view topic, const Position& position) {
  return std::string(topic) + "/" + to_text(position);
}

std::string value_label(std::string_view name) { return "value/" + std::string(name); }

KeptBatch read_batch(sqlite::Statement& row, std::string_view topic) {
  KeptBatch batch;
  batch.topic = topic;
  batch.head = {{row.number(0), row.number(1)}, Digest::from_bytes(row.view(2))};
  batch.previous = Digest::from_bytes(row.view(3));
  batch.kind = static_cast<BatchKind>(row.integer(4));
  batch.rows = row.number(5);
  batch.sealed = row.integer(6);
  return batch;
}

}  // namespace

LockedBatch Store::lock(KeptBatch batch) const {
  batch.octets = state_->vault.lock(batch.octets, label_of(batch.topic, batch.head.position));
  return {std::move(batch)};
}

std::vector<std::string> Store::topics() const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<std::string> result;
  auto rows = state_->reader->prepare("SELECT topic FROM stream ORDER BY topic");
  while (rows.step()) result.push_back(rows.text(0));
  return result;
}

std::optional<StreamState> Store::stream(std::string_view topic) const {
  const std::lock_guard lock(state_->read_mutex);
  std::int64_t unused = 0;
  return StoreTransaction(*state_->reader, unused).stream(topic);
}

SourcePosition Store::checkpoint(std::string_view source) const {
  const std::lock_guard lock(state_->read_mutex);
  std::int64_t unused = 0;
  return StoreTransaction(*state_->reader, unused).checkpoint(source);
}

std::optional<Bytes> Store::value(std::string_view name) const {
  const std::lock_guard lock(state_->read_mutex);
  std::int64_t unused = 0;
  return StoreTransaction(*state_->reader, unused).value(name);
}

std::vector<std::pair<std::string, Bytes>> Store::values_with_prefix(std::string_view prefix) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<std::pair<std::string, Bytes>> result;
  auto rows =
      state_->reader->prepare("SELECT name, value FROM meta WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name");
  rows.bind(1, prefix);
  while (rows.step()) result.emplace_back(rows.text(0), rows.text(1));
  return result;
}

Bytes Store::lock_value(std::string_view name, std::string_view octets) const {
  return state_->vault.lock(octets, value_label(name));
}

Bytes Store::open_value(std::string_view name, std::string_view locked) const {
  return state_->vault.open(locked, value_label(name));
}

std::vector<KeptBatch> Store::batches_after(std::string_view topic, const Position& after, std::size_t max_octets,
                                            Micros before) const {
  std::vector<KeptBatch> batches;
  {
    const std::lock_guard lock(state_->read_mutex);
    auto rows = state_->reader->prepare(
        "SELECT epoch, sequence, digest, previous, kind, rows, sealed, octets FROM batch WHERE topic = ?1 AND "
        "superseded = 0 AND (epoch, sequence) > (?2, ?3) ORDER BY epoch, sequence");
    rows.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence);
    for (std::size_t total = 0; (batches.empty() || total < max_octets) && rows.step();) {
      if (before != 0 && rows.integer(6) >= before) break;  // nothing behind it, whatever time of day that was sealed
      batches.push_back(read_batch(rows, topic));
      batches.back().octets = rows.text(7);
      total += batches.back().octets.size();
    }
  }
  for (KeptBatch& batch : batches)
    batch.octets = state_->vault.open(batch.octets, label_of(topic, batch.head.position));
  return batches;
}

std::optional<KeptBatch> Store::batch_following(std::string_view topic, const Digest& previous) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT epoch, sequence, digest, previous, kind, rows, sealed FROM batch WHERE topic = ? AND superseded = 0 AND "
      "previous = ?");
  if (!row.bind(1, topic).bind_blob(2, previous.bytes()).step()) return std::nullopt;
  return read_batch(row, topic);
}

bool Store::keeps(std::string_view topic, const Digest& digest) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare("SELECT 1 FROM batch WHERE topic = ? AND superseded = 0 AND digest = ?");
  return row.bind(1, topic).bind_blob(2, digest.bytes()).step();
}

bool Store::keeps(std::string_view topic, const Head& head) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT 1 FROM batch WHERE topic = ? AND superseded = 0 AND digest = ? AND epoch = ? AND sequence = ?");
  row.bind(1, topic).bind_blob(2, head.digest.bytes()).bind(3, head.position.epoch).bind(4, head.position.sequence);
  return row.step();
}

std::uint64_t Store::rows_through(std::string_view topic, const Position& after, const Position& through) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT coalesce(sum(rows), 0) FROM batch WHERE topic = ? AND superseded = 0 AND (epoch, sequence) > (?, ?) AND "
      "(epoch, sequence) <= (?, ?)");
  row.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence).bind(4, through.epoch).bind(5, through.sequence);
  return row.step() ? row.number(0) : 0;
}

Store::Waiting Store::waiting_after(std::string_view topic, const Position& after) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT count(*), coalesce(sum(rows), 0), coalesce(min(sealed), 0) FROM batch WHERE topic = ? AND superseded = 0 "
      "AND (epoch, sequence) > (?, ?)");
  row.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence);
  if (!row.step()) return {};
  return {row.number(0), row.number(1), row.integer(2)};
}

Micros Store::first_after(std::string_view topic, const Position& after) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT sealed FROM batch WHERE topic = ? AND superseded = 0 AND (epoch, sequence) > (?, ?) ORDER BY epoch, "
      "sequence LIMIT 1");
  return row.bind(1, topic).bind(2, after.epoch).bind(3, after.sequence).step() ? row.integer(0) : 0;
}

}  // namespace qianzhi::store
