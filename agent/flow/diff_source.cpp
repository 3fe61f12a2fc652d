#include "agent/flow/diff_source.h"

#include <algorithm>

#include "agent/flow/capture_rows.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::string_view identity = "diff";

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
  for (const std::size_t index : indexes) chosen.push_back(names[index]);
  return chosen;
}

}  // namespace

void DiffSource::Met::add(std::int64_t id) {
  std::vector<bool>& bits = blocks_[id / block];
  if (bits.empty()) bits.resize(block);
  bits[static_cast<std::size_t>(id % block)] = true;
}

bool DiffSource::Met::has(std::int64_t id) const {
  const auto found = blocks_.find(id / block);
  return found != blocks_.end() && found->second[static_cast<std::size_t>(id % block)];
}

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
    Table table{std::move(topics[i]), {}, {}, {}};
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
  met_.clear();
  last_known_ = store_.last_known();
}

// Fills known_changes_ and old_: one entry a row of the chunk.
void DiffSource::compare(std::size_t table, const std::vector<Column>& columns, bool meets) {
  const Table& own = tables_[table];
  const adapter::SourceTable& source = spec_.tables[table];
  const std::size_t rows = columns.empty() ? 0 : columns.front().size();
  Bytes shape;
  for (const std::string& name : source.columns) shape += name + '\x1f';
  std::vector<Bytes> tags;
  std::vector<Bytes> digests;
  for (std::size_t row = 0; row < rows; ++row) {
    Bytes key;
    for (const std::size_t column : own.key) put_value(key, columns[column], row);
    tags.push_back(tagger_.tag(key));
    Bytes values = shape;
    for (const Column& column : columns) put_value(values, column, row);
    digests.push_back(tagger_.tag(values));
  }
  const std::vector<store::KnownRow> known = store_.known(own.topic, tags);
  known_changes_.assign(rows, std::nullopt);
  old_.assign(own.old.size(), {});
  const std::vector<Column> kept = pick(columns, own.kept);
  for (std::size_t row = 0; row < rows; ++row) {
    if (known[row].id != 0 && meets) met_.add(known[row].id);
    if (known[row].id != 0 && known[row].digest == digests[row]) {
      for (Column& column : old_) column.append_unchanged();
      continue;
    }
    append_old(known[row], table, old_);
    store::KnownRow now{known[row].id, tags[row], digests[row], encode_row(source.columns, own.kept, kept, row)};
    now.kept = store_.lock_known(own.topic, now);
    known_changes_[row] = KnownChange{std::move(now), false};
  }
}

void DiffSource::append_old(const store::KnownRow& known, std::size_t table, std::vector<Column>& old) const {
  if (old.empty()) return;
  if (known.id == 0) {
    for (Column& column : old) column.append_unchanged();
    return;
  }
  const std::vector<Column> values =
      decode_row(store_.open_known(tables_[table].topic, known), spec_.tables[table].old_columns);
  for (std::size_t i = 0; i < old.size(); ++i) old[i].append_from(values[i], 0);
}

void DiffSource::scan(const adapter::ReadLimits& limits, adapter::Changes& changes) {
  adapter::SnapshotChunk chunk = rows_->read_snapshot(walk_.table, walk_.cursor, limits);
  compare(walk_.table, chunk.columns, true);
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
  const Table& own = tables_[walk_.table];
  const adapter::SourceTable& source = spec_.tables[walk_.table];
  const auto page = store_.known_after(own.topic, walk_.swept, limits.rows);
  adapter::TableChanges found{
      walk_.table, {}, std::vector<Column>(source.columns.size()), std::vector<Column>(own.old.size())};
  bool beyond = page.size() < limits.rows;
  for (const store::KnownRow& known : page) {
    next_.swept = known.id;
    beyond = beyond || known.id > last_known_;
    if (known.id > last_known_ || met_.has(known.id)) continue;
    const std::vector<Column> kept = decode_row(store_.open_known(own.topic, known), names_at(source.columns, own.key));
    found.meta.push_back({Operation::remove, 0, 0});
    for (std::size_t i = 0; i < found.columns.size(); ++i) {
      const auto key = std::find(own.key.begin(), own.key.end(), i);
      if (key == own.key.end())
        found.columns[i].append_unchanged();
      else
        found.columns[i].append_from(kept[static_cast<std::size_t>(key - own.key.begin())], 0);
    }
    append_old(known, walk_.table, found.old);
    known_changes_.push_back(KnownChange{known, true});
  }
  if (!found.meta.empty()) changes.tables.push_back(std::move(found));
  if (!beyond) return;
  next_ = {};
  next_.table = walk_.table + 1;
  next_.running = next_.table < tables_.size();
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
  if (offered_ && position_of(*offered_) == after) walk_ = next_;
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
    walk_ = next_;
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
  compare(table, chunk.columns, false);
  chunk.position = position_of({place_.walk + 1, 0});
  return chunk;
}

}  // namespace qianzhi::flow
