#include "adapters/postgresql/journal_source.h"

#include <algorithm>
#include <map>

#include "adapters/api/news.h"
#include "adapters/postgresql/canary.h"
#include "adapters/postgresql/journal.h"
#include "adapters/postgresql/journal_tables.h"
#include "adapters/postgresql/keyset.h"
#include "adapters/postgresql/read_snapshot.h"
#include "adapters/postgresql/source_preflight.h"
#include "adapters/postgresql/tables_look.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableChanges;
using adapter::TableEvent;
using adapter::TableEventKind;

constexpr Micros first_pause = 10'000;
constexpr Micros longest_pause = 200'000;
constexpr Micros forget_interval = 1'000'000;
constexpr std::size_t entries_at_once = 100;  // and their rows, in memory

std::size_t octets_of(const std::vector<Column>& columns, std::size_t row) {
  std::size_t octets = 0;
  for (const Column& column : columns) octets += column.text(row).size();
  return octets;
}

class JournalSource final : public adapter::Source {
 public:
  JournalSource(const adapter::SourceSpec& spec, const Clock& clock, std::shared_ptr<adapter::Waiter> waiter)
      : spec_(spec), clock_(clock), waiter_(std::move(waiter)), journal_(spec.name), tables_(spec_), look_(spec_) {
    for (std::size_t i = 0; i < spec_.tables.size(); ++i) index_[spec_.tables[i].table] = i;
  }

  SourcePosition present() override;
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const adapter::ReadLimits& limits,
                       Micros wait) override;
  void forget(const SourcePosition& position) override;
  void beat(const std::string& text) override;
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override;
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override;

 private:
  // A chunk as it grows.
  struct Chunk {
    std::vector<TableChanges> tables;
    std::size_t rows = 0;
    std::size_t octets = 0;
    JournalPlace place;
    std::string identity;
  };

  Session& session();
  Changes read_once(const SourcePosition& after, const SourcePosition& high_water, const adapter::ReadLimits& limits);
  void read_entries(Session& sql, const JournalState& state, const adapter::ReadLimits& limits, Chunk& chunk,
                    Changes& changes);
  bool append(const JournalEntry& entry, std::size_t table, const JournalTables::Rows& rows, std::size_t at,
              Chunk& chunk) const;
  void forget_due();

  adapter::SourceSpec spec_;
  const Clock& clock_;
  std::shared_ptr<adapter::Waiter> waiter_;
  Journal journal_;
  JournalTables tables_;
  TablesLook look_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> writer_;  // removes what was read
  SourcePosition to_forget_;
  std::optional<Micros> forgot_at_;
  adapter::News news_;
};

Session& JournalSource::session() {
  if (!session_ || session_->is_broken()) {
    session_.reset();
    tables_.forget_all();
    session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  }
  return *session_;
}

// As a checkpoint: whatever has not ended by now is read later.
SourcePosition JournalSource::present() {
  Session& sql = session();
  const ReadSnapshot snapshot(sql, by_key_only);
  const JournalState state = journal_.state(sql);
  return encode({{state.xmin, state.xmin, 0}, journal_.newest(sql, state)});
}

Changes JournalSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                    const adapter::ReadLimits& limits, Micros wait) {
  forget_due();
  const Micros deadline = clock_.steady() + wait;
  for (Micros pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    Changes changes = read_once(after, high_water, limits);
    if (news_.is_in(changes, after)) return changes;
    const Micros left = deadline - clock_.steady();
    if (left <= 0) return changes;
    waiter_->wait(std::min(pause, left));
  }
}

Changes JournalSource::read_once(const SourcePosition& after, const SourcePosition& high_water,
                                 const adapter::ReadLimits& limits) {
  Session& sql = session();
  const ReadSnapshot snapshot(sql, by_key_only);
  const JournalState state = journal_.state(sql);
  Changes changes;
  const auto from = decode_journal(after);
  if (!from) {
    changes.continuity = Continuity::gap;
    changes.reason = "nothing was read from this source before";
    return changes;
  }
  const auto high = decode_journal(high_water);
  const JournalVerdict verdict = journal_.check(sql, state, *from, high);
  changes.continuity = verdict.continuity;
  changes.reason = verdict.reason;
  if (verdict.continuity != Continuity::good) return changes;
  changes.events = tables_.look(sql);
  Chunk chunk{{}, 0, 0, from->place, from->identity};
  read_entries(sql, state, limits, chunk, changes);
  // The fence moves without entries only where somebody waits for it, so that a quiet source costs no checkpoint.
  if (chunk.place == from->place && !changes.more && high && high->place > from->place)
    chunk.place = {state.xmin, state.xmin, 0};
  changes.position = chunk.place == from->place ? after : encode({chunk.place, chunk.identity});
  for (TableChanges& table : chunk.tables)
    if (!table.meta.empty()) changes.tables.push_back(std::move(table));
  if (chunk.place == from->place)
    if (const std::string held = journal_.held_back(sql, state); !held.empty())
      changes.events.push_back({0, TableEventKind::attention, held, "QZ-PG-042"});
  return changes;
}

// The rest of the fence that was begun, then the next one.
void JournalSource::read_entries(Session& sql, const JournalState& state, const adapter::ReadLimits& limits,
                                 Chunk& chunk, Changes& changes) {
  chunk.tables.resize(spec_.tables.size());
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    chunk.tables[i].table = i;
    chunk.tables[i].columns.resize(spec_.tables[i].columns.size());
    chunk.tables[i].old.resize(spec_.tables[i].old_columns.size());
  }
  JournalPlace place = chunk.place;
  for (;;) {
    const std::vector<JournalEntry> entries =
        journal_.read(sql, state, place, std::min(entries_at_once, limits.rows - chunk.rows));
    if (entries.empty()) {
      const auto fence = journal_.next_fence(sql, state, place.upper);
      if (!fence) return;
      place = {place.upper, *fence, 0};
      continue;
    }
    std::map<std::size_t, std::vector<const JournalEntry*>> of_table;
    std::vector<std::size_t> at(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto found = index_.find(entries[i].table);
      if (found == index_.end() || entries[i].key.empty() || !tables_.is_readable(found->second)) continue;
      at[i] = of_table[found->second].size();
      of_table[found->second].push_back(&entries[i]);
    }
    std::map<std::size_t, JournalTables::Rows> rows;
    for (const auto& [table, wanted] : of_table) rows.emplace(table, tables_.read(sql, table, wanted));
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const JournalEntry& entry = entries[i];
      if (const auto found = index_.find(entry.table); found != index_.end()) {
        if (entry.operation == 'x')
          changes.events.push_back({found->second, TableEventKind::unseen_changes, "capture was installed anew", {}});
        else if (entry.operation == 't')
          changes.events.push_back({found->second, TableEventKind::truncated, "TRUNCATE", {}});
        else if (rows.count(found->second) != 0 && append(entry, found->second, rows.at(found->second), at[i], chunk))
          ++chunk.rows;
      }
      place.sequence = entry.sequence;
      chunk.place = place;
      chunk.identity = entry.identity;
      if (chunk.rows >= limits.rows || chunk.octets >= limits.octets) {
        changes.more = true;
        return;
      }
    }
  }
}

// False: nothing is to be said. A row that was inserted and deleted before we looked is said by the entry of the
// delete.
bool JournalSource::append(const JournalEntry& entry, std::size_t table, const JournalTables::Rows& rows,
                           std::size_t at, Chunk& chunk) const {
  const adapter::SourceTable& wanted = spec_.tables[table];
  TableChanges& changes = chunk.tables[table];
  const auto row = rows.row[at];
  if (!row && entry.operation == 'i') return false;
  for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
    if (row) {
      changes.columns[i].append_from(rows.columns[i], *row);
      continue;
    }
    const auto part = std::find(wanted.key.begin(), wanted.key.end(), wanted.columns[i]);
    const auto place = static_cast<std::size_t>(part - wanted.key.begin());
    if (place < entry.key.size())
      tables_.append(table, wanted.columns[i], entry.key[place], changes.columns[i]);
    else
      changes.columns[i].append_unchanged();
  }
  for (std::size_t i = 0; i < wanted.old_columns.size(); ++i)
    if (i < entry.old.size())
      tables_.append(table, wanted.old_columns[i], entry.old[i], changes.old[i]);
    else
      changes.old[i].append_unchanged();
  changes.meta.push_back({row ? Operation::upsert : Operation::remove, 0, entry.time});
  chunk.octets += octets_of(changes.columns, changes.meta.size() - 1) + octets_of(changes.old, changes.meta.size() - 1);
  return true;
}

void JournalSource::forget(const SourcePosition& position) {
  to_forget_ = position;
  forget_due();
}

void JournalSource::beat(const std::string& text) {
  if (spec_.canary.empty()) return Source::beat(text);
  write_beat(spec_, text);
}

// At most one write transaction a second in the department's database, however often capture commits.
void JournalSource::forget_due() {
  if (to_forget_.is_none()) return;
  const Micros now = clock_.steady();
  if (forgot_at_ && now - *forgot_at_ < forget_interval) return;
  forgot_at_ = now;
  if (!writer_ || writer_->is_broken()) {
    writer_.reset();
    writer_ = std::make_unique<Session>(spec_.connection, Purpose::write);
  }
  const auto position = decode_journal(to_forget_);
  to_forget_ = {};
  journal_.forget(*writer_, *position);
}

// The chunk's place is behind everything that it may show: what had begun when its snapshot was taken.
adapter::SnapshotChunk JournalSource::read_snapshot(std::size_t table, const Bytes& cursor,
                                                    const adapter::ReadLimits& limits) {
  Session& sql = session();
  const ReadSnapshot snapshot(sql, by_key_only);
  const JournalState state = journal_.state(sql);
  const CatalogTable& found = tables_.require(sql, table);
  const adapter::SourceTable& wanted = spec_.tables[table];
  KeysetReader reader(found, wanted.columns, wanted.key, "");
  KeysetPage page = reader.read(sql, cursor, limits);
  adapter::SnapshotChunk chunk;
  chunk.columns = std::move(page.columns);
  chunk.cursor = page.cursor;
  chunk.done = page.exhausted;
  chunk.position = encode({{state.xmax, state.xmax, 0}, journal_.newest(sql, state)});
  return chunk;
}

std::vector<adapter::TableInfo> JournalSource::look(const std::vector<std::size_t>& tables, bool count) {
  TablesLook::Seen seen = look_.look(session(), tables, count);
  if (seen.is_new) tables_.forget_all();
  return std::move(seen.tables);
}

std::vector<adapter::Finding> JournalSource::preflight() { return preflight_source(spec_); }

}  // namespace

std::unique_ptr<adapter::Source> make_journal_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                     std::shared_ptr<adapter::Waiter> waiter) {
  return std::make_unique<JournalSource>(spec, clock, std::move(waiter));
}

}  // namespace qianzhi::postgresql
