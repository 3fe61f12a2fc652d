#include "agent/flow/diff_source.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::string_view identity = "diff";
constexpr std::size_t most_by_key = 100;

void put_number(Bytes& octets, std::uint64_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    octets += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xffU);
}

std::uint64_t number_at(std::string_view octets, std::size_t from) {
  std::uint64_t number = 0;
  for (std::size_t i = from; i < from + 8; ++i) number = number << 8U | static_cast<unsigned char>(octets[i]);
  return number;
}

}  // namespace

DiffSource::DiffSource(std::unique_ptr<adapter::Source> rows, adapter::SourceSpec spec, std::vector<std::string> topics,
                       const store::Store& store, const Clock& clock, Micros interval, const SourcePosition& checkpoint)
    : rows_(std::move(rows)),
      spec_(std::move(spec)),
      skipped_(spec_.tables.size()),
      clock_(clock),
      interval_(interval),
      place_(place_of(checkpoint).value_or(Place{})) {
  QZ_ASSERT(topics.size() == spec_.tables.size());
  for (std::size_t i = 0; i < topics.size(); ++i) tables_.emplace_back(std::move(topics[i]), spec_.tables[i], store);
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
  for (KnownRows& table : tables_) table.forget_met();
}

// False: no table is left in this walk.
bool DiffSource::pass_over() {
  while (walk_.table < tables_.size() && skipped_[walk_.table]) {
    tables_[walk_.table].unload();
    const std::size_t next = walk_.table + 1;
    walk_ = {};
    walk_.running = true;
    walk_.table = next;
  }
  return walk_.table < tables_.size();
}

// The index of a table that is done is not needed until the next walk.
void DiffSource::advance() {
  const bool left = next_.table != walk_.table || !next_.running;
  if (left && walk_.table < tables_.size()) tables_[walk_.table].unload();
  walk_ = next_;
}

void DiffSource::stored(const std::string& topic, const std::vector<KnownChange>& changes) {
  const auto table =
      std::find_if(tables_.begin(), tables_.end(), [&](const KnownRows& t) { return t.topic() == topic; });
  QZ_ASSERT(table != tables_.end());
  table->stored(changes);
}

// Fills known_changes_ and old_: one entry a row of the chunk.
void DiffSource::compare(std::size_t table, const adapter::SnapshotChunk& chunk) {
  KnownRows::Compared compared = tables_[table].compare(chunk.columns, chunk.digest);
  known_changes_ = std::move(compared.changes);
  old_ = std::move(compared.old);
}

adapter::SnapshotChunk DiffSource::whole_rows(const adapter::ReadLimits& limits) {
  adapter::SnapshotChunk chunk = rows_->read_snapshot(walk_.table, walk_.cursor, limits);
  rows_read_ = chunk.columns.empty() ? 0 : chunk.columns.front().size();
  return chunk;
}

// Whole rows of what may differ: of all of a chunk, or where the database digests its rows, only of a few. A row that
// is gone when it is read by its key is found by the next walk.
adapter::SnapshotChunk DiffSource::next_rows(const adapter::ReadLimits& limits) {
  KnownRows& own = tables_[walk_.table];
  own.load();
  if (own.is_empty()) return whole_rows(limits);
  adapter::SnapshotChunk chunk = rows_->read_digests(walk_.table, walk_.cursor, limits);
  rows_read_ = chunk.columns.empty() ? 0 : chunk.columns.front().size();
  if (chunk.digest.size() == 0) return chunk;
  const std::vector<std::size_t> rows = own.differing(chunk.columns, chunk.digest);
  if (rows.size() > most_by_key) return whole_rows(limits);
  adapter::SnapshotChunk found;
  found.done = true;
  if (!rows.empty()) found = rows_->read_keys(walk_.table, own.keys_of(chunk.columns, rows), limits);
  if (!found.done) return whole_rows(limits);
  found.columns.resize(chunk.columns.size());
  found.cursor = std::move(chunk.cursor);
  found.done = chunk.done;
  return found;
}

void DiffSource::scan(const adapter::ReadLimits& limits, adapter::Changes& changes) {
  adapter::SnapshotChunk chunk = next_rows(limits);
  compare(walk_.table, chunk);
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
  const KnownRows& own = tables_[walk_.table];
  // Which rows were met is known only to the index that was there all the time.
  const std::vector<std::int64_t> ids = own.unmet(walk_.swept, limits.rows);
  if (ids.empty()) {
    next_ = {};
    next_.table = walk_.table + 1;
    next_.running = next_.table < tables_.size();
    changes.looks.push_back({walk_.table, clock_.now()});
    return;
  }
  next_.swept = ids.back();
  KnownRows::Gone gone = own.gone(ids);
  adapter::TableChanges found{walk_.table, {}, std::move(gone.columns), gone.old};
  found.meta.assign(gone.changes.size(), {Operation::remove, 0, 0});
  old_ = std::move(gone.old);
  for (KnownChange& change : gone.changes) known_changes_.emplace_back(std::move(change));
  changes.tables.push_back(std::move(found));
}

adapter::Changes DiffSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                          const adapter::ReadLimits& limits, Micros) {
  adapter::Changes changes;
  known_changes_.clear();
  old_.clear();
  rows_read_ = 0;
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
  const bool any = pass_over();
  next_ = walk_;
  if (!any)
    next_.running = false;
  else if (walk_.sweeping)
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
  compare(table, chunk);
  chunk.position = position_of({place_.walk + 1, 0});
  return chunk;
}

}  // namespace qianzhi::flow
