#include "agent/flow/known_rows.h"

#include <algorithm>

#include "agent/flow/capture_rows.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t page_rows = 10'000;
constexpr std::size_t digest_octets = 8;

// Stands for values that are not known: no digest of values is it but by chance, and then a row is sent once too little
// only if it also changed unseen.
const Bytes unknown_digest(digest_octets, '\0');

void put_value(Bytes& octets, const Column& column, std::size_t row) {
  octets += static_cast<char>(column.presence(row));
  const auto size = static_cast<std::uint32_t>(column.text(row).size());
  for (unsigned shift = 32; shift > 0; shift -= 8) octets += static_cast<char>((size >> (shift - 8)) & 0xffU);
  octets += column.text(row);
}

std::size_t place_in(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  QZ_ASSERT(found != names.end());
  return static_cast<std::size_t>(found - names.begin());
}

std::vector<std::string> names_at(const std::vector<std::string>& names, const std::vector<std::size_t>& indexes) {
  std::vector<std::string> chosen;
  chosen.reserve(indexes.size());
  for (const std::size_t index : indexes) chosen.push_back(names[index]);
  return chosen;
}

}  // namespace

KnownRows::KnownRows(std::string topic, const adapter::SourceTable& table, const store::Store& store)
    : topic_(std::move(topic)), table_(table), store_(store), tagger_(store.tagger()) {
  for (const std::string& name : table_.columns) shape_ += name + '\x1f';
  for (const std::string& name : table_.key) key_.push_back(place_in(table_.columns, name));
  for (const std::string& name : table_.old_columns) old_.push_back(place_in(table_.columns, name));
  kept_ = key_;
  for (const std::size_t index : old_)
    if (std::find(kept_.begin(), kept_.end(), index) == kept_.end()) kept_.push_back(index);
}

void KnownRows::load() {
  if (index_) return;
  index_.emplace();
  stale_.clear();
  last_id_ = 0;
  for (auto page = store_.known_after(topic_, 0, page_rows); !page.empty();
       page = store_.known_after(topic_, last_id_, page_rows)) {
    for (const store::KnownRow& row : page) {
      if (const KnownIndex::Entry* const former = index_->find(row.tag)) stale_.push_back(former->id);
      if (row.digest.empty()) {
        index_->erase(row.tag);
        stale_.push_back(row.id);
      } else {
        index_->put(row.tag, row.digest, row.id);
      }
    }
    last_id_ = page.back().id;
  }
  index_->forget_met();
}

void KnownRows::forget_met() {
  if (index_) index_->forget_met();
}

std::int64_t KnownRows::next_id() {
  if (last_id_ < 0) last_id_ = store_.last_known(topic_);
  return ++last_id_;
}

Bytes KnownRows::tag_of(const std::vector<Column>& columns, std::size_t row) {
  Bytes values;
  for (const std::size_t column : key_) put_value(values, columns[column], row);
  return tagger_.tag(values);
}

Bytes KnownRows::digest_of(const std::vector<Column>& columns, const Column& given, std::size_t row) {
  Bytes values = shape_;
  if (given.size() != 0) {
    put_value(values, given, row);
  } else {
    for (const Column& column : columns) {
      if (column.presence(row) == Presence::unchanged) return unknown_digest;
      put_value(values, column, row);
    }
  }
  Bytes digest = tagger_.tag(values);
  digest.resize(digest_octets);
  return digest;
}

store::KnownRow KnownRows::row_of(std::int64_t id, const std::vector<Column>& kept, std::size_t row, Bytes tag,
                                  Bytes digest) const {
  store::KnownRow known{id, std::move(tag), std::move(digest), encode_row(table_.columns, kept_, kept, row)};
  known.kept = store_.lock_known(topic_, known);
  return known;
}

std::vector<std::size_t> KnownRows::differing(const std::vector<Column>& columns, const Column& digest) {
  load();
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < digest.size(); ++row) {
    KnownIndex::Entry* const known = index_->find(tag_of(columns, row));
    if (known != nullptr && known->digest == KnownIndex::short_digest(digest_of(columns, digest, row)))
      known->met = true;
    else
      rows.push_back(row);
  }
  return rows;
}

std::vector<bool> KnownRows::as_known(const std::vector<Column>& columns, const Column& digest) {
  load();
  std::vector<bool> result(columns.empty() ? 0 : columns.front().size());
  for (std::size_t row = 0; row < result.size(); ++row) {
    const KnownIndex::Entry* const known = index_->find(tag_of(columns, row));
    result[row] = known != nullptr && known->digest == KnownIndex::short_digest(digest_of(columns, digest, row));
  }
  return result;
}

std::vector<Column> KnownRows::keys_of(const std::vector<Column>& columns, const std::vector<std::size_t>& rows) const {
  std::vector<Column> keys(key_.size());
  for (std::size_t part = 0; part < key_.size(); ++part)
    for (const std::size_t row : rows) keys[part].append_from(columns[key_[part]], row);
  return keys;
}

KnownRows::Compared KnownRows::compare(const std::vector<Column>& columns, const Column& given) {
  load();
  const std::size_t rows = columns.empty() ? 0 : columns.front().size();
  Compared result{std::vector<std::optional<KnownChange>>(rows), std::vector<Column>(old_.size())};
  const std::vector<Column> kept = pick(columns, kept_);
  for (std::size_t row = 0; row < rows; ++row) {
    Bytes tag = tag_of(columns, row);
    Bytes digest = digest_of(columns, given, row);
    KnownIndex::Entry* const known = index_->find(tag);
    if (known != nullptr) known->met = true;
    if (known != nullptr && known->digest == KnownIndex::short_digest(digest)) {
      for (Column& column : result.old) column.append_unchanged();
      continue;
    }
    const bool adopted = known != nullptr && known->digest == KnownIndex::short_digest(unknown_digest);
    append_old(known == nullptr ? 0 : known->id, result.old);
    const std::int64_t id = known == nullptr ? next_id() : std::int64_t{known->id};
    result.changes[row] = KnownChange{row_of(id, kept, row, std::move(tag), std::move(digest)), false, adopted};
  }
  return result;
}

// id 0: of a row that is new.
void KnownRows::append_old(std::int64_t id, std::vector<Column>& old) const {
  if (old.empty()) return;
  const auto rows = id == 0 ? std::vector<store::KnownRow>{} : store_.known(topic_, {id});
  if (rows.empty()) {
    for (Column& column : old) column.append_unchanged();
    return;
  }
  const std::vector<Column> values = decode_row(rows.front().kept, table_.old_columns);
  for (std::size_t i = 0; i < old.size(); ++i) old[i].append_from(values[i], 0);
}

std::vector<KnownChange> KnownRows::note(const std::vector<adapter::ChangeMeta>& meta,
                                         const std::vector<Column>& columns) {
  std::vector<KnownChange> changes;
  changes.reserve(meta.size());
  const std::vector<Column> kept = pick(columns, kept_);
  for (std::size_t row = 0; row < meta.size(); ++row) {
    Bytes tag = tag_of(columns, row);
    const KnownIndex::Entry* const known = index_ ? index_->find(tag) : nullptr;
    const std::int64_t id = known == nullptr ? next_id() : std::int64_t{known->id};
    if (meta[row].operation != Operation::remove)
      changes.push_back({row_of(id, kept, row, std::move(tag), digest_of(columns, {}, row)), false, false});
    else
      changes.push_back({{id, std::move(tag), {}, {}}, known != nullptr, false});
  }
  return changes;
}

std::vector<std::int64_t> KnownRows::unmet(std::int64_t after, std::size_t limit) const {
  QZ_ASSERT(index_.has_value());
  return index_->unmet(after, limit);
}

KnownRows::Gone KnownRows::gone(const std::vector<std::int64_t>& ids) const {
  Gone found{std::vector<Column>(table_.columns.size()), std::vector<Column>(old_.size()), {}};
  for (store::KnownRow& known : store_.known(topic_, ids)) {
    const std::vector<Column> kept = decode_row(known.kept, names_at(table_.columns, kept_));
    for (std::size_t i = 0; i < found.columns.size(); ++i) {
      const auto key = std::find(key_.begin(), key_.end(), i);
      if (key == key_.end())
        found.columns[i].append_unchanged();
      else  // the key's columns are the first that are kept
        found.columns[i].append_from(kept[static_cast<std::size_t>(key - key_.begin())], 0);
    }
    for (std::size_t i = 0; i < old_.size(); ++i) {
      const auto place = std::find(kept_.begin(), kept_.end(), old_[i]);
      found.old[i].append_from(kept[static_cast<std::size_t>(place - kept_.begin())], 0);
    }
    found.changes.push_back(KnownChange{std::move(known), true, false});
  }
  return found;
}

std::vector<KnownChange> KnownRows::take_stale(std::size_t limit) {
  std::vector<KnownChange> changes;
  for (; !stale_.empty() && changes.size() < limit; stale_.pop_back())
    changes.push_back({{stale_.back(), {}, {}, {}}, true, false});
  return changes;
}

void KnownRows::stored(const std::vector<KnownChange>& changes) {
  if (!index_) return;
  for (const KnownChange& change : changes) {
    if (change.row.tag.empty()) continue;
    if (const KnownIndex::Entry* const former = index_->find(change.row.tag); former && former->id != change.row.id)
      stale_.push_back(former->id);
    if (change.gone) {
      index_->erase(change.row.tag);
    } else if (change.row.digest.empty()) {
      index_->erase(change.row.tag);
      stale_.push_back(change.row.id);
    } else {
      index_->put(change.row.tag, change.row.digest, change.row.id);
    }
  }
}

}  // namespace qianzhi::flow
