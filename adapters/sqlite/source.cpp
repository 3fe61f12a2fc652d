#include "adapters/sqlite/source.h"

#include <algorithm>
#include <map>

#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/catalog.h"
#include "adapters/sqlite/keyset.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

constexpr Micros first_pause = 5'000;
constexpr Micros longest_pause = 40'000;
constexpr Micros forget_interval = 1'000'000;
constexpr std::int64_t forget_slice = 5'000;

// IS, not =: a key that holds NULL is found too, and is then refused by name instead of being lost.
std::string row_by_key(const SourceTable& table) {
  std::string where;
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    where += i == 0 ? " WHERE " : " AND ";
    where += sql::identifier(sql::sqlite, table.key[i]) + " IS " + sql::parameter(sql::sqlite, i + 1);
  }
  return "SELECT " + sql::identifiers(sql::sqlite, table.columns) + " FROM " +
         sql::identifier(sql::sqlite, table.table) + where;
}

// A collation may find a row whose key differs from the one in the journal.
bool is_same_key(const sqlite::Statement& row, const TableState& state, const std::vector<Value>& key) {
  for (std::size_t i = 0; i < key.size(); ++i)
    if (value_of(row, static_cast<int>(state.key[i])) != key[i]) return false;
  return true;
}

std::size_t octets_of(const TableChanges& changes) {
  std::size_t octets = 0;
  for (const Column& column : changes.columns) octets += column.octets();
  for (const Column& column : changes.old) octets += column.octets();
  return octets;
}

void append_old(const SourceTable& table, const TableState& state, const Entry& entry, TableChanges& changes) {
  std::vector<Value> values;
  if (entry.has_old && !table.old_columns.empty()) values = from_literals(entry.old, table.old_columns.size());
  for (std::size_t i = 0; i < table.old_columns.size(); ++i) {
    if (values.empty())
      changes.old[i].append_unchanged();
    else
      append(changes.old[i], values[i], state.old_forms[i]);
  }
}

}  // namespace

SqliteSource::SqliteSource(SourceSpec spec, const Clock& clock, std::shared_ptr<Waiter> waiter)
    : spec_(std::move(spec)), clock_(clock), waiter_(std::move(waiter)), file_(spec_.connection), schema_(spec_) {
  check_name(spec_.name);
  if (spec_.mode == CaptureMode::log)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "sqlite has no log capture", "use mode: journal");
  if (spec_.mode == CaptureMode::watermark)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "sqlite has no capture by a watermark", "use mode: journal");
  for (const SourceTable& table : spec_.tables) row_by_key_.push_back(row_by_key(table));
}

sqlite::Database& SqliteSource::open() {
  const std::uint64_t before = file_.generation();
  sqlite::Database& database = file_.database();
  if (file_.generation() != before) database.execute("PRAGMA query_only=ON");
  return database;
}

SourcePosition SqliteSource::present_in(sqlite::Database& database) {
  if (spec_.mode == CaptureMode::snapshot_only) return {};
  const Journal journal(database, spec_.name);
  if (!journal.is_installed())
    throw Error(ErrorKind::misuse, "QZ-ADP-012", "there is no table " + journal_table(spec_.name));
  return journal.present();
}

SourcePosition SqliteSource::present() {
  const FreshAfterError scope(file_);
  sqlite::Database& database = open();
  const sqlite::Transaction snapshot(database, false);
  return present_in(database);
}

void SqliteSource::need_journal() const {
  if (spec_.mode != CaptureMode::journal)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "this source has no journal: it can only be compared");
}

Changes SqliteSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                   const ReadLimits& limits, Micros wait) {
  need_journal();
  const FreshAfterError scope(file_);
  forget_due();
  const Micros deadline = clock_.steady() + wait;
  Micros pause = first_pause;
  for (;;) {
    const std::int64_t version = open().data_version();
    Changes changes = read_once(after, high_water, limits);
    if (news_.is_in(changes, after)) return changes;
    // A file that was replaced gives another generation, and is read at once.
    const std::uint64_t generation = file_.generation();
    do {
      const Micros left = deadline - clock_.steady();
      if (left <= 0) return changes;
      waiter_->wait(std::min(pause, left));
      pause = std::min(pause * 2, longest_pause);
    } while (open().data_version() == version && file_.generation() == generation);
  }
}

Changes SqliteSource::read_once(const SourcePosition& after, const SourcePosition& high_water,
                                const ReadLimits& limits) {
  sqlite::Database& database = open();
  const sqlite::Transaction snapshot(database, false);
  const Journal journal(database, spec_.name);
  if (!journal.is_installed())
    throw Error(ErrorKind::misuse, "QZ-ADP-012", "there is no table " + journal_table(spec_.name));
  Changes result;
  const Verdict verdict = journal.check(after, high_water);
  result.continuity = verdict.continuity;
  result.reason = verdict.reason;
  if (verdict.continuity != Continuity::good) return result;
  schema_.refresh(database, file_.generation());
  result.events = schema_.events();
  if (database.scalar("SELECT 1 FROM " + sql::identifier(sql::sqlite, guard_table) + " LIMIT 1").has_value())
    for (std::size_t i = 0; i < spec_.tables.size(); ++i)
      result.events.push_back({i, TableEventKind::unseen_changes, "a row was left in qianzhi_guard"});
  read_entries(database, after, limits, result);
  return result;
}

void SqliteSource::read_entries(sqlite::Database& database, const SourcePosition& after, const ReadLimits& limits,
                                Changes& result) {
  const Journal journal(database, spec_.name);
  std::vector<TableChanges> tables(spec_.tables.size());
  std::map<std::string, std::size_t, std::less<>> index;
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    tables[i].table = i;
    tables[i].columns.resize(spec_.tables[i].columns.size());
    tables[i].old.resize(spec_.tables[i].old_columns.size());
    index.emplace(spec_.tables[i].table, i);
  }
  result.position = after;
  std::size_t octets = 0;
  for (const Entry& entry : journal.read(after, limits.rows)) {
    if (octets >= limits.octets) break;
    result.position = position_of(entry.sequence, entry.identity);
    const auto found = index.find(entry.table);
    if (found == index.end()) continue;
    const std::size_t table = found->second;
    if (entry.operation == 'x') {
      result.events.push_back({table, TableEventKind::unseen_changes, "capture was installed anew"});
    } else if (schema_.table(table).readable) {
      const std::size_t before = octets_of(tables[table]);
      append_entry(database, entry, tables[table]);
      octets += octets_of(tables[table]) - before;
    }
  }
  for (TableChanges& changes : tables)
    if (!changes.meta.empty()) result.tables.push_back(std::move(changes));
  result.more = sequence_of(journal.present()) > sequence_of(result.position);
}

void SqliteSource::append_entry(sqlite::Database& database, const Entry& entry, TableChanges& changes) {
  const SourceTable& table = spec_.tables[changes.table];
  const TableState& state = schema_.table(changes.table);
  const std::vector<Value> key = from_literals(entry.key, table.key.size());
  sqlite::Statement row = database.prepare(row_by_key_[changes.table]);
  for (std::size_t i = 0; i < key.size(); ++i) bind(row, static_cast<int>(i + 1), key[i]);
  bool there = row.step();
  while (there && !is_same_key(row, state, key)) there = row.step();
  // Inserted and deleted before we looked: the entry of the delete says it with the old values.
  if (!there && entry.operation == 'i') return;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (there) {
      append(changes.columns[i], row, static_cast<int>(i), state.forms[i]);
      continue;
    }
    const auto part = std::find(state.key.begin(), state.key.end(), i);
    if (part == state.key.end())
      changes.columns[i].append_unchanged();
    else
      append(changes.columns[i], key[static_cast<std::size_t>(part - state.key.begin())], state.forms[i]);
  }
  append_old(table, state, entry, changes);
  changes.meta.push_back({there ? Operation::upsert : Operation::remove, 0, entry.time});
}

void SqliteSource::forget(const SourcePosition& position) {
  need_journal();
  const FreshAfterError scope(file_);
  to_forget_ = position;
  forget_due();
}

// At most one write transaction a second in the department's database, however often capture commits.
void SqliteSource::forget_due() {
  if (to_forget_.is_none()) return;
  const Micros now = clock_.steady();
  if (forgot_at_.has_value() && now - *forgot_at_ < forget_interval) return;
  forgot_at_ = now;
  sqlite::Database& database = open();
  database.execute("PRAGMA query_only=OFF");
  for (bool more = true; more;) {
    sqlite::Transaction transaction(database);
    const Journal journal(database, spec_.name);
    more = journal.is_installed() && journal.forget(to_forget_, forget_slice);
    transaction.commit();
  }
  database.execute("PRAGMA query_only=ON");
  to_forget_ = {};
}

void SqliteSource::beat(const std::string& text) {
  need_journal();
  if (spec_.canary.empty()) return Source::beat(text);
  const FreshAfterError scope(file_);
  sqlite::Database& database = open();
  if (columns_of(database, spec_.canary).empty())
    throw Error(ErrorKind::misuse, "QZ-ADP-025", "there is no table " + spec_.canary);
  database.execute("PRAGMA query_only=OFF");
  sqlite::Transaction transaction(database);
  sqlite::Statement update = database.prepare(beat_sql(spec_.canary));
  update.bind(1, text);
  update.run();
  if (database.changes() != 1)
    throw Error(ErrorKind::misuse, "QZ-ADP-025", "table " + spec_.canary + " has lost its row");
  transaction.commit();
  database.execute("PRAGMA query_only=ON");
}

SnapshotChunk SqliteSource::read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) {
  if (table >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  const FreshAfterError scope(file_);
  sqlite::Database& database = open();
  const sqlite::Transaction snapshot(database, false);
  const SourcePosition position = present_in(database);
  schema_.refresh(database, file_.generation());
  const SourceTable& wanted = spec_.tables[table];
  if (!schema_.table(table).readable)
    throw Error(ErrorKind::misuse, "QZ-ADP-011", "table " + wanted.table + " or a listed column of it is gone");
  SnapshotChunk chunk =
      read_page(database, {wanted.table, wanted.columns, schema_.table(table).forms, wanted.key, {}}, cursor, limits);
  chunk.position = position;
  return chunk;
}

// What is read next looks at the schema's version by itself.
std::vector<TableInfo> SqliteSource::look(const std::vector<std::size_t>& tables, bool count) {
  const FreshAfterError scope(file_);
  sqlite::Database& database = open();
  const sqlite::Transaction snapshot(database, false);
  std::vector<TableInfo> found;
  found.reserve(tables.size());
  for (const std::size_t table : tables) found.push_back(table_of(database, spec_.tables.at(table).table, count));
  return found;
}

std::vector<Finding> SqliteSource::preflight() {
  const FreshAfterError scope(file_);
  sqlite::Database& database = open();
  const sqlite::Transaction snapshot(database, false);
  return check_source(database, spec_);
}

}  // namespace qianzhi::adapter::lite
