#include "adapters/mysql/journal_source.h"

#include <algorithm>
#include <map>

#include "adapters/api/news.h"
#include "adapters/mysql/canary.h"
#include "adapters/mysql/journal.h"
#include "adapters/mysql/journal_fence.h"
#include "adapters/mysql/journal_tables.h"
#include "adapters/mysql/source.h"
#include "adapters/mysql/table_reader.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableChanges;
using adapter::TableEventKind;

constexpr Micros first_pause = 10'000;
constexpr Micros longest_pause = 200'000;
constexpr Micros forget_interval = 1'000'000;
constexpr Micros long_wait = 60'000'000;
constexpr std::size_t entries_at_once = 200;
constexpr int looks_at_start = 40;  // at what is open, when a place to begin at is asked for

class JournalSource final : public adapter::Source {
 public:
  JournalSource(const adapter::SourceSpec& spec, const Clock& clock, std::shared_ptr<adapter::Waiter> waiter)
      : spec_(spec),
        clock_(clock),
        waiter_(std::move(waiter)),
        journal_(spec_),
        fence_(journal_, clock_, *waiter_),
        journaled_(spec_, charsets_),
        tables_(spec_) {
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
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    bool is_new = false;
    std::vector<adapter::TableInfo> found = tables_.look(session(), tables, count, is_new);
    if (is_new) journaled_.forget_all();
    return found;
  }

 private:
  Session& session();
  Session& writer();
  Changes read_once(const SourcePosition& after, const SourcePosition& high_water, const adapter::ReadLimits& limits);
  void read_entries(Session& sql, const adapter::ReadLimits& limits, JournalPosition& place, Changes& changes);
  bool append(Session& sql, const JournalEntry& entry, std::size_t table, TableChanges& changes);
  void tell_waiting(Changes& changes);
  void forget_due();

  adapter::SourceSpec spec_;
  const Clock& clock_;
  std::shared_ptr<adapter::Waiter> waiter_;
  Charsets charsets_;
  Journal journal_;
  JournalFence fence_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Session> writer_;  // removes what was read; its transactions are marks in time
  JournalTables journaled_;          // with statements of session_: goes before it
  TableReader tables_;
  std::map<std::string, std::size_t, std::less<>> index_;
  adapter::News news_;
  SourcePosition to_forget_;
  std::optional<Micros> forgot_at_;
  std::optional<Micros> waits_since_;
};

Session& JournalSource::session() {
  if (!session_ || session_->is_broken()) {
    journaled_.forget_all();
    tables_.forget_all();
    fence_.reset(false);
    session_.reset();
    session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
    charsets_.set_names(charset_names(*session_));
  }
  return *session_;
}

Session& JournalSource::writer() {
  if (!writer_ || writer_->is_broken()) {
    writer_.reset();
    fence_.reset(true);
    writer_ = std::make_unique<Session>(spec_.connection, Purpose::write);
  }
  return *writer_;
}

// As a checkpoint: nothing at or before it may come any more. If that is not known soon, what was forgotten is the
// place: entries behind it come once more, with the values of now.
SourcePosition JournalSource::present() {
  Session& sql = session();
  Session& marks = writer();
  const std::uint64_t newest = journal_.state(sql).newest.sequence;
  for (int looks = 0; looks < looks_at_start && fence_.cleared() < newest; ++looks) {
    if (looks > 0) waiter_->wait(first_pause);
    fence_.look(sql, marks);
  }
  const Snapshot snapshot(sql);
  const JournalState state = journal_.state(sql);
  return encode(journal_.newest_to(sql, state, std::max(fence_.cleared(), state.forgotten.sequence)));
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
  Session& marks = writer();
  Changes changes;
  const auto from = decode_journal(after);
  if (!from) {
    changes.continuity = Continuity::gap;
    changes.reason = "nothing was read from this source before";
    return changes;
  }
  fence_.raise(from->sequence);
  fence_.look(sql, marks);
  const Snapshot snapshot(sql);
  const JournalState state = journal_.state(sql);
  const JournalVerdict verdict = journal_.check(sql, state, *from, decode_journal(high_water));
  changes.continuity = verdict.continuity;
  changes.reason = verdict.reason;
  if (verdict.continuity != Continuity::good) {
    fence_.reset(false);
    return changes;
  }
  changes.events = journaled_.look(sql);
  JournalPosition place = *from;
  read_entries(sql, limits, place, changes);
  changes.position = place == *from ? after : encode(place);
  if (place == *from) tell_waiting(changes);
  return changes;
}

void JournalSource::tell_waiting(Changes& changes) {
  if (fence_.waits_for() == 0) return waits_since_.reset();
  if (!waits_since_) waits_since_ = clock_.steady();
  if (clock_.steady() - *waits_since_ < long_wait) return;
  changes.events.push_back({0, TableEventKind::attention,
                            "transactions that are open for more than a minute hold back what was written since",
                            "QZ-MY-042"});
}

void JournalSource::read_entries(Session& sql, const adapter::ReadLimits& limits, JournalPosition& place,
                                 Changes& changes) {
  std::vector<TableChanges> all(spec_.tables.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].table = i;
    all[i].columns.resize(spec_.tables[i].columns.size());
    all[i].old.resize(spec_.tables[i].old_columns.size());
  }
  std::size_t rows = 0;
  bool open = true;
  while (open) {
    const auto entries = journal_.read(sql, place.sequence, fence_.cleared(), entries_at_once);
    open = !entries.empty();
    for (const JournalEntry& entry : entries) {
      const auto found = index_.find(entry.table);
      if (found != index_.end() && entry.operation == 'x')
        changes.events.push_back({found->second, TableEventKind::unseen_changes, "capture was installed anew", {}});
      else if (found != index_.end() && journaled_.is_readable(found->second) &&
               append(sql, entry, found->second, all[found->second]))
        ++rows;
      place = {entry.sequence, entry.identity};
      std::size_t octets = 0;
      for (const TableChanges& table : all)
        for (const auto* columns : {&table.columns, &table.old})
          for (const Column& column : *columns) octets += column.octets();
      if (rows < limits.rows && octets < limits.octets) continue;
      changes.more = place.sequence < fence_.cleared();
      open = false;
      break;
    }
  }
  for (TableChanges& table : all)
    if (!table.meta.empty()) changes.tables.push_back(std::move(table));
}

// False: nothing is to be said. A row that was inserted and deleted before we looked is said by the entry of the
// delete.
bool JournalSource::append(Session& sql, const JournalEntry& entry, std::size_t table, TableChanges& changes) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  const bool there = journaled_.append_row(sql, table, entry, changes.columns);
  if (!there && entry.operation == 'i') return false;
  for (std::size_t i = 0; i < wanted.columns.size() && !there; ++i) {
    const auto part = std::find(wanted.key.begin(), wanted.key.end(), wanted.columns[i]);
    if (part == wanted.key.end())
      changes.columns[i].append_unchanged();
    else
      journaled_.append(table, wanted.columns[i], entry.key.at(static_cast<std::size_t>(part - wanted.key.begin())),
                        changes.columns[i]);
  }
  for (std::size_t i = 0; i < wanted.old_columns.size(); ++i)
    if (entry.operation == 'i')
      changes.old[i].append_unchanged();
    else
      journaled_.append(table, wanted.old_columns[i], entry.old.at(i), changes.old[i]);
  changes.meta.push_back({there ? Operation::upsert : Operation::remove, 0, entry.time});
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
  const auto position = decode_journal(to_forget_);
  to_forget_ = {};
  journal_.forget(writer(), *position);
}

// The chunk's place is behind every entry that its snapshot shows; what is not decided then comes behind it or is told
// by an entry that the checkpoint has not passed.
adapter::SnapshotChunk JournalSource::read_snapshot(std::size_t table, const Bytes& cursor,
                                                    const adapter::ReadLimits& limits) {
  Session& sql = session();
  const Snapshot snapshot(sql);
  const JournalState state = journal_.state(sql);
  adapter::SnapshotChunk chunk = tables_.read(sql, charsets_, table, cursor, limits);
  chunk.position = encode(state.newest);
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Source> make_journal_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                     std::shared_ptr<adapter::Waiter> waiter) {
  return std::make_unique<JournalSource>(spec, clock, std::move(waiter));
}

}  // namespace qianzhi::mysql
