#include "adapters/odbc/journal_source.h"

#include <algorithm>
#include <map>

#include "adapters/api/news.h"
#include "adapters/odbc/canary.h"
#include "adapters/odbc/journal_tables.h"
#include "adapters/odbc/scopes.h"
#include "adapters/odbc/source.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableChanges;
using adapter::TableEventKind;

constexpr Micros first_pause = 10'000;
constexpr Micros longest_pause = 200'000;
constexpr Micros forget_interval = 1'000'000;
constexpr Micros look_interval = 2'000'000;
constexpr Micros held_back_limit = 60'000'000;
// MariaDB renews its list of transactions when nobody has looked at it for a tenth of a second.
constexpr Micros fence_pause = 120'000;
constexpr int fence_attempts = 5;
constexpr std::size_t entries_at_once = 100;  // in memory

std::size_t octets_in_row(const std::vector<Column>& columns, std::size_t row) {
  std::size_t octets = 0;
  for (const Column& column : columns) octets += column.text(row).size();
  return octets;
}

class JournalSource final : public adapter::Source {
 public:
  JournalSource(const adapter::SourceSpec& spec, const Clock& clock, std::shared_ptr<adapter::Waiter> waiter)
      : spec_(spec),
        dialect_(dialect_of(spec_.connection)),
        clock_(clock),
        waiter_(std::move(waiter)),
        journal_(dialect_, spec_.name),
        tables_(dialect_, spec_),
        shapes_(spec_.tables.size()) {
    for (std::size_t i = 0; i < spec_.tables.size(); ++i) index_[spec_.tables[i].table] = i;
  }

  SourcePosition present() override;
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const adapter::ReadLimits& limits,
                       Micros wait) override;
  void forget(const SourcePosition& position) override;
  void beat(const std::string& text) override {
    if (spec_.canary.empty()) return Source::beat(text);
    write_beat(spec_, text);
  }
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override;

 private:
  // A chunk as it grows.
  struct Chunk {
    std::vector<TableChanges> tables;
    std::size_t rows = 0;
    std::size_t octets = 0;
    JournalPosition at;
  };

  Session& session();
  bool has_fences() const { return dialect_.journal.fence != FenceKind::none; }
  std::optional<std::int64_t> fence(Session& sql);
  std::optional<std::int64_t> fence_if_needed(Session& sql, const JournalPosition& from,
                                              const std::optional<JournalPosition>& high);
  JournalPosition visible(Session& sql, std::optional<std::int64_t> fence);
  Changes read_once(const SourcePosition& after, const SourcePosition& high_water, const adapter::ReadLimits& limits,
                    bool again);
  void look(Session& sql, const JournalPosition& from, std::optional<std::int64_t> below, bool again, Changes& changes);
  void read_entries(Session& sql, std::optional<std::int64_t> fence, const adapter::ReadLimits& limits, Chunk& chunk,
                    Changes& changes);
  void take(Session& sql, const JournalEntry& entry, Chunk& chunk, Changes& changes);
  bool append(Session& sql, const JournalEntry& entry, std::size_t table, Chunk& chunk);
  void tell_held_back(bool held, Changes& changes);
  void forget_due();

  adapter::SourceSpec spec_;
  const Dialect& dialect_;
  const Clock& clock_;
  std::shared_ptr<adapter::Waiter> waiter_;
  Journal journal_;
  JournalTables tables_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> writer_;  // removes what was read
  SourcePosition to_forget_;
  std::optional<Micros> forgot_at_;
  std::optional<Micros> held_since_;
  std::optional<Micros> looked_at_;
  std::vector<adapter::TableEvent> seen_events_;
  std::vector<std::string> shapes_;  // as last looked at
  adapter::News news_;
};

Session& JournalSource::session() {
  if (!session_) {
    tables_.forget_all();
    looked_at_.reset();
    session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  }
  return *session_;
}

// Each in a transaction of its own, before the one in which the journal is read: what is below the fence has ended by
// then, so that one shows it.
std::optional<std::int64_t> JournalSource::fence(Session& sql) {
  for (int attempt = 0; attempt < fence_attempts; ++attempt) {
    if (attempt > 0) waiter_->wait(fence_pause);
    const Snapshot snapshot(sql);
    if (const auto found = journal_.fence(sql)) return found;
  }
  return std::nullopt;
}

// A quiet journal costs no look at the server's transactions.
std::optional<std::int64_t> JournalSource::fence_if_needed(Session& sql, const JournalPosition& from,
                                                           const std::optional<JournalPosition>& high) {
  if (!has_fences()) return std::nullopt;
  bool needed = high && high->place > from.place;
  if (!needed) {
    const Snapshot snapshot(sql);
    needed = journal_.largest(sql, from.place.upper, std::nullopt).has_value();
  }
  return needed ? fence(sql) : std::nullopt;
}

// The place behind everything that the caller's snapshot shows, or shows below the fence.
JournalPosition JournalSource::visible(Session& sql, std::optional<std::int64_t> fence) {
  const JournalPosition gone = journal_.forgotten(sql);
  const auto newest = journal_.newest(sql);
  JournalPosition position{{}, newest ? newest->identity : gone.identity, newest ? newest->sequence : 0};
  if (!has_fences()) {
    position.place = {0, 1, std::max(gone.place.sequence, newest ? newest->sequence : 0)};
    return position;
  }
  const auto largest = journal_.largest(sql, gone.place.lower, fence);
  const std::int64_t upper = std::max(gone.place.upper, largest ? *largest + 1 : 0);
  position.place = {upper, upper, 0};
  // An open transaction of the department may hide the newest entry: then nothing of the journal is passed.
  if (position.place == gone.place) position.identity = gone.identity;
  return position;
}

// As a checkpoint: whatever has not ended by now is read later.
SourcePosition JournalSource::present() {
  Session& sql = session();
  DropUnlessDone guard(session_);
  std::optional<std::int64_t> below;
  if (has_fences()) {
    below = fence(sql);
    if (!below) throw Error(ErrorKind::unavailable, "QZ-ODB-011", "the server's list of transactions is not renewed");
  }
  SourcePosition position;
  {
    const Snapshot snapshot(sql);
    position = encode(visible(sql, below));
  }
  guard.done();
  return position;
}

Changes JournalSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                    const adapter::ReadLimits& limits, Micros wait) {
  forget_due();
  const Micros deadline = clock_.steady() + wait;
  for (Micros pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    Changes changes = read_once(after, high_water, limits, pause > first_pause);
    if (news_.is_in(changes, after)) return changes;
    const Micros left = deadline - clock_.steady();
    if (left <= 0) return changes;
    waiter_->wait(std::min(pause, left));
  }
}

// The catalogue costs more than the journal: while one call waits, it is looked at rarely, unless entries came.
void JournalSource::look(Session& sql, const JournalPosition& from, std::optional<std::int64_t> below, bool again,
                         Changes& changes) {
  const bool quiet = journal_.read(sql, from.place, 1).empty() &&
                     (!below || !journal_.largest(sql, from.place.upper, below).has_value());
  const Micros now = clock_.steady();
  if (again && quiet && looked_at_ && now - *looked_at_ < look_interval) {
    changes.events = seen_events_;
    return;
  }
  looked_at_ = now;
  changes.events = tables_.look(sql);
  seen_events_ = changes.events;
}

// again: within one call, for the second time or a later one.
Changes JournalSource::read_once(const SourcePosition& after, const SourcePosition& high_water,
                                 const adapter::ReadLimits& limits, bool again) {
  Changes changes;
  const auto from = decode_journal(after);
  if (!from) {
    changes.continuity = Continuity::gap;
    changes.reason = "nothing was read from this source before";
    return changes;
  }
  Session& sql = session();
  DropUnlessDone guard(session_);
  const auto high = decode_journal(high_water);
  const std::optional<std::int64_t> below = fence_if_needed(sql, *from, high);
  {
    const Snapshot snapshot(sql);
    const JournalVerdict verdict = journal_.check(sql, journal_.forgotten(sql), *from, high);
    changes.continuity = verdict.continuity;
    changes.reason = verdict.reason;
    if (verdict.continuity == Continuity::good) {
      look(sql, *from, below, again, changes);
      Chunk chunk{{}, 0, 0, *from};
      read_entries(sql, below, limits, chunk, changes);
      const bool moved = chunk.at.place != from->place;
      // The fence moves without entries only where somebody waits for it, so that a quiet source costs no checkpoint.
      const bool waited = !moved && !changes.more && high && high->place > from->place;
      if (waited && below && *below >= high->place.upper)
        chunk.at = {{high->place.upper, high->place.upper, 0}, from->identity, high->seen};
      changes.position = chunk.at.place == from->place ? after : encode(chunk.at);
      for (TableChanges& table : chunk.tables)
        if (!table.meta.empty()) changes.tables.push_back(std::move(table));
      tell_held_back(!moved && has_fences() && journal_.largest(sql, from->place.upper, std::nullopt), changes);
      if (journal_.is_late(sql, *from))
        for (std::size_t i = 0; i < spec_.tables.size(); ++i)
          changes.events.push_back({i, TableEventKind::unseen_changes, "the server's clock was set back", {}});
    }
  }
  guard.done();
  return changes;
}

void JournalSource::tell_held_back(bool held, Changes& changes) {
  if (!held) return held_since_.reset();
  if (!held_since_) held_since_ = clock_.steady();
  if (clock_.steady() - *held_since_ < held_back_limit) return;
  changes.events.push_back(
      {0, TableEventKind::attention, "an open transaction holds back changes for more than a minute", "QZ-ODB-014"});
}

// The rest of the fence that was begun, then the next one.
void JournalSource::read_entries(Session& sql, std::optional<std::int64_t> fence, const adapter::ReadLimits& limits,
                                 Chunk& chunk, Changes& changes) {
  chunk.tables.resize(spec_.tables.size());
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    chunk.tables[i].table = i;
    chunk.tables[i].columns.resize(spec_.tables[i].columns.size());
    chunk.tables[i].old.resize(spec_.tables[i].old_columns.size());
  }
  JournalPlace place = chunk.at.place;
  std::int64_t seen = chunk.at.seen;
  for (;;) {
    const std::vector<JournalEntry> entries =
        journal_.read(sql, place, std::min(entries_at_once, limits.rows - chunk.rows));
    if (entries.empty()) {
      const auto largest = fence ? journal_.largest(sql, place.upper, fence) : std::nullopt;
      if (!largest) return;
      const auto newest = journal_.newest(sql);
      place = {place.upper, *largest + 1, 0};
      seen = newest ? newest->sequence : 0;
      continue;
    }
    for (const JournalEntry& entry : entries) {
      take(sql, entry, chunk, changes);
      place.sequence = entry.sequence;
      chunk.at = {place, entry.identity, seen};
      if (chunk.rows >= limits.rows || chunk.octets >= limits.octets) {
        changes.more = true;
        return;
      }
    }
  }
}

void JournalSource::take(Session& sql, const JournalEntry& entry, Chunk& chunk, Changes& changes) {
  const auto found = index_.find(entry.table);
  if (found == index_.end()) return;
  if (entry.operation == 'x')
    changes.events.push_back({found->second, TableEventKind::unseen_changes, "capture was installed anew", {}});
  else if (entry.operation == 't')
    changes.events.push_back({found->second, TableEventKind::truncated, "TRUNCATE", {}});
  else if (tables_.is_readable(found->second) && append(sql, entry, found->second, chunk))
    ++chunk.rows;
}

// False: nothing is to be said. A row that was inserted and deleted before we looked is said by the entry of the
// delete.
bool JournalSource::append(Session& sql, const JournalEntry& entry, std::size_t table, Chunk& chunk) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  TableChanges& changes = chunk.tables[table];
  const auto row = tables_.read(sql, table, entry);
  if (!row && entry.operation == 'i') return false;
  for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
    if (row) {
      changes.columns[i].append_from((*row)[i], 0);
      continue;
    }
    const auto part = std::find(wanted.key.begin(), wanted.key.end(), wanted.columns[i]);
    const auto at = static_cast<std::size_t>(part - wanted.key.begin());
    if (at < entry.key.size())
      tables_.append(table, wanted.columns[i], entry.key[at], changes.columns[i]);
    else
      changes.columns[i].append_unchanged();
  }
  for (std::size_t i = 0; i < wanted.old_columns.size(); ++i)
    if (i < entry.old.size())
      tables_.append(table, wanted.old_columns[i], entry.old[i], changes.old[i]);
    else
      changes.old[i].append_unchanged();
  changes.meta.push_back({row ? Operation::upsert : Operation::remove, 0, entry.time});
  chunk.octets +=
      octets_in_row(changes.columns, changes.meta.size() - 1) + octets_in_row(changes.old, changes.meta.size() - 1);
  return true;
}

void JournalSource::forget(const SourcePosition& position) {
  to_forget_ = position;
  forget_due();
}

// At most one write transaction a second in the department's database, however often capture commits.
void JournalSource::forget_due() {
  if (to_forget_.is_none()) return;
  const Micros now = clock_.steady();
  if (forgot_at_ && now - *forgot_at_ < forget_interval) return;
  forgot_at_ = now;
  if (!writer_) writer_ = std::make_unique<Session>(spec_.connection, Purpose::write);
  DropUnlessDone guard(writer_);
  const auto position = decode_journal(to_forget_);
  to_forget_ = {};
  journal_.forget(*writer_, *position);
  guard.done();
}

std::vector<adapter::TableInfo> JournalSource::look(const std::vector<std::size_t>& tables, bool count) {
  std::vector<adapter::TableInfo> found;
  bool changed = false;
  Session& sql = session();
  DropUnlessDone guard(session_);
  {
    const Snapshot snapshot(sql);
    for (const std::size_t table : tables) {
      found.push_back(describe_table(sql, spec_.tables.at(table).table, count));
      std::string shape = shape_in(found.back());
      changed = changed || shape != shapes_[table];
      shapes_[table] = std::move(shape);
    }
  }
  guard.done();
  if (changed) {
    tables_.forget_all();
    looked_at_.reset();
  }
  return found;
}

adapter::SnapshotChunk JournalSource::read_snapshot(std::size_t table, const Bytes& cursor,
                                                    const adapter::ReadLimits& limits) {
  Session& sql = session();
  DropUnlessDone guard(session_);
  adapter::SnapshotChunk chunk;
  {
    const Snapshot snapshot(sql);
    const JournalPosition shown = visible(sql, std::nullopt);
    KeysetPage page = tables_.require(sql, table).read(sql, cursor, limits);
    chunk.columns = std::move(page.columns);
    chunk.cursor = std::move(page.cursor);
    chunk.done = page.exhausted;
    chunk.position = encode(shown);
  }
  guard.done();
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Source> make_journal_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                     std::shared_ptr<adapter::Waiter> waiter) {
  return std::make_unique<JournalSource>(spec, clock, std::move(waiter));
}

}  // namespace qianzhi::odbc
