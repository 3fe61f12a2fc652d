// Rows that are set aside, and known rows.
#include "agent/store/store_state.h"

namespace qianzhi::store {

namespace {

std::string row_label(const QuarantineEntry& entry) {
  return "quarantine/" + entry.topic + "/" + entry.origin + "/" + entry.key;
}

std::string known_label(std::string_view topic, const KnownRow& row) {
  return "known/" + std::string(topic) + "/" + to_hex(row.tag);
}

}  // namespace

std::int64_t Store::set_aside(StoreTransaction& transaction, const QuarantineEntry& entry) const {
  return transaction.set_aside(entry, state_->vault.lock(entry.row, row_label(entry)));
}

std::vector<QuarantineEntry> Store::quarantine(bool with_rows) const {
  std::vector<QuarantineEntry> entries;
  {
    const std::lock_guard lock(state_->read_mutex);
    auto rows = state_->reader->prepare(
        "SELECT id, side, topic, origin, key, epoch, sequence, ordinal, code, detail, first_seen, tries, row FROM "
        "quarantine ORDER BY id");
    while (rows.step()) {
      QuarantineEntry entry;
      entry.id = rows.integer(0);
      entry.side = rows.view(1) == "capture" ? QuarantineSide::capture : QuarantineSide::apply;
      entry.topic = rows.text(2);
      entry.origin = rows.text(3);
      entry.key = rows.text(4);
      entry.position = {rows.number(5), rows.number(6)};
      entry.ordinal = static_cast<std::uint32_t>(rows.integer(7));
      entry.code = rows.text(8);
      entry.detail = rows.text(9);
      entry.first_seen = rows.integer(10);
      entry.tries = rows.number(11);
      if (with_rows) entry.row = rows.text(12);
      entries.push_back(std::move(entry));
    }
  }
  if (with_rows)
    for (QuarantineEntry& entry : entries) entry.row = state_->vault.open(entry.row, row_label(entry));
  return entries;
}

std::uint64_t Store::quarantined(std::string_view topic) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare("SELECT count(*) FROM quarantine WHERE topic = ?");
  return row.bind(1, topic).step() ? row.number(0) : 0;
}

std::vector<KnownRow> Store::known_after(std::string_view topic, std::int64_t id, std::size_t limit) const {
  const std::lock_guard lock(state_->read_mutex);
  std::vector<KnownRow> rows;
  auto found = state_->reader->prepare(
      "SELECT id, tag, digest FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?1) AND id > ?2 "
      "ORDER BY id LIMIT ?3");
  found.bind(1, topic).bind(2, id).bind(3, static_cast<std::int64_t>(limit));
  while (found.step()) rows.push_back({found.integer(0), found.text(1), found.text(2), {}});
  return rows;
}

std::vector<KnownRow> Store::known(std::string_view topic, const std::vector<std::int64_t>& ids) const {
  std::vector<KnownRow> rows;
  {
    const std::lock_guard lock(state_->read_mutex);
    const sqlite::Transaction view(*state_->reader, false);
    auto found = state_->reader->prepare(
        "SELECT id, tag, digest, kept FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?1) AND "
        "id = ?2");
    for (const std::int64_t id : ids) {
      found.bind(1, topic).bind(2, id);
      if (found.step()) rows.push_back({found.integer(0), found.text(1), found.text(2), found.text(3)});
      found.reset();
    }
  }
  for (KnownRow& row : rows) row.kept = state_->vault.open(row.kept, known_label(topic, row));
  return rows;
}

std::int64_t Store::last_known(std::string_view topic) const {
  const std::lock_guard lock(state_->read_mutex);
  auto row = state_->reader->prepare(
      "SELECT coalesce(max(id), 0) FROM known WHERE topic = (SELECT id FROM known_topic WHERE topic = ?)");
  return row.bind(1, topic).step() ? row.integer(0) : 0;
}

Bytes Store::lock_known(std::string_view topic, const KnownRow& row) const {
  return state_->vault.lock(row.kept, known_label(topic, row));
}

Tagger Store::tagger() const { return Tagger(state_->vault.derived_key("known rows"), state_->vault.cipher()); }

}  // namespace qianzhi::store
