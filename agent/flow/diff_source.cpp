#include "agent/flow/diff_source.h"

#include <algorithm>

#include "agent/flow/capture_rows.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::string_view identity = "diff";
constexpr std::size_t page_rows = 10'000;
constexpr std::size_t digest_octets = 8;

void put_number(Bytes& octets, std::uint64_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    octets += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU);
}

std::uint64_t number_at(std::string_view octets, std::size_t from) {
  std::uint64_t number = 0;
  for (std::size_t i = from; i < from + 8; ++i) number = number << 8U | static_cast<unsigned char>(octets[i]);
  return number;
}

void put_value(Bytes& octets, const Column& column, std::size_t row) {
  octets += static_cast<char>(column.presence(row));
  put_number(octets, column.text(row).size(), 4);
  octets += column.text(row);
}

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
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

DiffSource::DiffSource(std::unique_ptr<adapter::Source> rows, adapter::SourceSpec spec, std::vector<std::string> topics,
                       const store::Store& store, const Clock& clock, Micros interval, const SourcePosition& checkpoint)
    : rows_(std::move(rows)),
      spec_(std::move(spec)),
      store_(store),
      clock_(clock),
      interval_(interval),
      tagger_(store.tagger()),
      place_(place_of(checkpoint).value_or(Place{})) {
  QZ_ASSERT(topics.size() == spec_.tables.size());
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const adapter::SourceTable& source = spec_.tables[i];
    Table table{std::move(topics[i]), {}, {}, {}, {}, 0};
    for (const std::string& name : source.key) table.key.push_back(index_of(source.columns, name));
    for (const std::string& name : source.old_columns) table.old.push_back(index_of(source.columns, name));
    table.kept = table.key;
    for (const std::size_t index : table.old)
      if (std::find(table.kept.begin(), table.kept.end(), index) == table.kept.end()) table.kept.push_back(index);
    tables_.push_back(std::move(table));
  }
}

DiffSource::~DiffSource() = default;

SourcePosition DiffSource::position_of(const Place& place) {
  SourcePosition position{{}, Bytes(identity)};
  put_number(position.order, place.walk, 8);
  put_number(position.order, place.found, 8);
  return position;
}

std::optional<DiffSource::Place> DiffSource::place_of(const SourcePosition& position) {
  if (position.identity != identity || position.order.size() != 16) return std::nullopt;
  return Place{number_at(position.order, 0), number_at(position.order, 8)};
}

SourcePosition DiffSource::present() {
  walk_ = {};
  offered_.reset();
  due_ = 0;
  return position_of(place_);
}

void DiffSource::forget(const SourcePosition&) {
  // The source keeps nothing for us.
}

std::vector<adapter::Finding> DiffSource::preflight() { return rows_->preflight(); }

void DiffSource::begin_walk() {
  walk_ = {};
  walk_.running = true;
  for (Table& table : tables_)
    if (table.index) table.index->forget_met();
}

KnownIndex& DiffSource::loaded(Table& table) const {
  if (table.index) return *table.index;
  table.index.emplace();
  table.last_id = 0;
  for (auto page = store_.known_after(table.topic, 0, page_rows); !page.empty();
       page = store_.known_after(table.topic, table.last_id, page_rows)) {
    for (const store::KnownRow& row : page) table.index->put(row.tag, row.digest, row.id);
    table.last_id = page.back().id;
  }
  table.index->forget_met();
  return *table.index;
}

// The index of a table that is done is not needed until the next walk.
void DiffSource::advance() {
  if (next_.table != walk_.table || !next_.running) tables_[walk_.table].index.reset();
  walk_ = next_;
}

void DiffSource::stored(const std::string& topic, const std::vector<KnownChange>& changes) {
  const auto table = std::find_if(tables_.begin(), tables_.end(), [&](const Table& t) { return t.topic == topic; });
  QZ_ASSERT(table != tables_.end());
  if (!table->index) return;
  for (const KnownChange& change : changes)
    if (change.gone)
      table->index->erase(change.row.tag);
    else
      table->index->put(change.row.tag, change.row.digest, change.row.id);
}

// Fills known_changes_ and old_: one entry a row of the chunk.
void DiffSource::compare(std::size_t table, const std::vector<Column>& columns) {
  Table& own = tables_[table];
  KnownIndex& index = loaded(own);
  const adapter::SourceTable& source = spec_.tables[table];
  const std::size_t rows = columns.empty() ? 0 : columns.front().size();
  // Other columns are other values.
  Bytes shape;
  for (const std::string& name : source.columns) shape += name + '\x1f';
  known_changes_.assign(rows, std::nullopt);
  old_.assign(own.old.size(), {});
  const std::vector<Column> kept = pick(columns, own.kept);
  Bytes values;
  for (std::size_t row = 0; row < rows; ++row) {
    values.clear();
    for (const std::size_t column : own.key) put_value(values, columns[column], row);
    Bytes tag = tagger_.tag(values);
    values = shape;
    for (const Column& column : columns) put_value(values, column, row);
    Bytes digest = tagger_.tag(values);
    digest.resize(digest_octets);
    KnownIndex::Entry* const known = index.find(tag);
    if (known != nullptr) known->met = true;
    if (known != nullptr && known->digest == KnownIndex::short_digest(digest)) {
      for (Column& column : old_) column.append_unchanged();
      continue;
    }
    append_old(table, known == nullptr ? 0 : known->id);
    store::KnownRow now{known == nullptr ? ++own.last_id : known->id, std::move(tag), std::move(digest),
                        encode_row(source.columns, own.kept, kept, row)};
    now.kept = store_.lock_known(own.topic, now);
    known_changes_[row] = KnownChange{std::move(now), false};
  }
}

// id 0: of a row that is new.
void DiffSource::append_old(std::size_t table, std::int64_t id) {
  if (old_.empty()) return;
  const auto rows = id == 0 ? std::vector<store::KnownRow>{} : store_.known(tables_[table].topic, {id});
  if (rows.empty()) {
    for (Column& column : old_) column.append_unchanged();
    return;
  }
  const std::vector<Column> values = decode_row(rows.front().kept, spec_.tables[table].old_columns);
  for (std::size_t i = 0; i < old_.size(); ++i) old_[i].append_from(values[i], 0);
}

void DiffSource::scan(const adapter::ReadLimits& limits, adapter::Changes& changes) {
  adapter::SnapshotChunk chunk = rows_->read_snapshot(walk_.table, walk_.cursor, limits);
  compare(walk_.table, chunk.columns);
  next_.cursor = std::move(chunk.cursor);
  next_.sweeping = chunk.done;
  adapter::TableChanges found{walk_.table, {}, {}, {}};
  found.columns.resize(chunk.columns.size());
  found.old.resize(old_.size());
  std::vector<std::optional<KnownChange>> changed;
  for (std::size_t row = 0; row < known_changes_.size(); ++row) {
    if (!known_changes_[row]) continue;
    found.meta.push_back({});
    for (std::size_t i = 0; i < chunk.columns.size(); ++i) found.columns[i].append_from(chunk.columns[i], row);
    for (std::size_t i = 0; i < old_.size(); ++i) found.old[i].append_from(old_[i], row);
    changed.push_back(std::move(known_changes_[row]));
  }
  known_changes_ = std::move(changed);
  if (!found.meta.empty()) changes.tables.push_back(std::move(found));
}

void DiffSource::sweep(const adapter::ReadLimits& limits, adapter::Changes& changes) {
  Table& own = tables_[walk_.table];
  const adapter::SourceTable& source = spec_.tables[walk_.table];
  // Which rows were met is known only to the index that was there all the time.
  QZ_ASSERT(own.index.has_value());
  const std::vector<std::int64_t> gone = own.index->unmet(walk_.swept, limits.rows);
  if (gone.empty()) {
    next_ = {};
    next_.table = walk_.table + 1;
    next_.running = next_.table < tables_.size();
    return;
  }
  next_.swept = gone.back();
  adapter::TableChanges found{walk_.table, {}, std::vector<Column>(source.columns.size()), {}};
  old_.assign(own.old.size(), {});
  for (store::KnownRow& known : store_.known(own.topic, gone)) {
    const std::vector<Column> kept = decode_row(known.kept, names_at(source.columns, own.kept));
    found.meta.push_back({Operation::remove, 0, 0});
    for (std::size_t i = 0; i < found.columns.size(); ++i) {
      const auto key = std::find(own.key.begin(), own.key.end(), i);
      if (key == own.key.end())
        found.columns[i].append_unchanged();
      else  // the key's columns are the first that are kept
        found.columns[i].append_from(kept[static_cast<std::size_t>(key - own.key.begin())], 0);
    }
    for (std::size_t i = 0; i < old_.size(); ++i) {
      const auto place = std::find(own.kept.begin(), own.kept.end(), own.old[i]);
      old_[i].append_from(kept[static_cast<std::size_t>(place - own.kept.begin())], 0);
    }
    known_changes_.push_back(KnownChange{std::move(known), true});
  }
  found.old = old_;
  changes.tables.push_back(std::move(found));
}

adapter::Changes DiffSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                          const adapter::ReadLimits& limits, Micros) {
  adapter::Changes changes;
  known_changes_.clear();
  old_.clear();
  const std::optional<Place> place = place_of(after);
  if (!place) {
    changes.continuity = adapter::Continuity::gap;
    changes.reason = "this source was captured in another way before";
    return changes;
  }
  // What was offered counts once it is stored; else it is read again.
  if (offered_ && position_of(*offered_) == after) advance();
  offered_.reset();
  place_ = *place;
  changes.position = after;
  if (!walk_.running) {
    if (clock_.steady() < due_ && high_water.is_none()) return changes;
    begin_walk();
  }
  next_ = walk_;
  if (walk_.sweeping)
    sweep(limits, changes);
  else
    scan(limits, changes);
  changes.more = next_.running;
  if (next_.running && changes.tables.empty()) {
    advance();
    return changes;
  }
  if (!next_.running) due_ = clock_.steady() + interval_;
  offered_ = next_.running ? Place{place_.walk, place_.found + 1} : Place{place_.walk + 1, 0};
  changes.position = position_of(*offered_);
  return changes;
}

adapter::SnapshotChunk DiffSource::read_snapshot(std::size_t table, const Bytes& cursor,
                                                 const adapter::ReadLimits& limits) {
  walk_ = {};
  offered_.reset();
  adapter::SnapshotChunk chunk = rows_->read_snapshot(table, cursor, limits);
  compare(table, chunk.columns);
  chunk.position = position_of({place_.walk + 1, 0});
  return chunk;
}

}  // namespace qianzhi::flow
