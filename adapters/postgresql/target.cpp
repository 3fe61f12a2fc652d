#include "adapters/postgresql/target.h"

#include <algorithm>
#include <map>
#include <optional>

#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/keyset.h"
#include "adapters/postgresql/merge_sql.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/row_text.h"
#include "adapters/postgresql/row_writer.h"
#include "adapters/postgresql/session.h"
#include "adapters/sql/mark.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::ApplyResult;
using adapter::Step;
using adapter::TargetTable;

// The message makes log capture of this database skip what follows (pitfall 31). Constraints are checked at once, so
// that a refusal names its row and COMMIT cannot fail for one.
constexpr const char* begin_sql =
    "BEGIN; SELECT pg_logical_emit_message(true, 'qianzhi', 'apply'), set_config('qianzhi.writer', 'on', true);"
    " SET CONSTRAINTS ALL IMMEDIATE";
constexpr const char* mark_sql =
    "SELECT epoch, sequence, digest FROM qianzhi_mark WHERE subscription = $1 AND origin = $2 FOR UPDATE";
constexpr const char* insert_mark_sql =
    "INSERT INTO qianzhi_mark (subscription, origin, epoch, sequence, digest, state)"
    " VALUES ($1, $2, $3::bigint, $4::bigint, $5, $6::bytea) ON CONFLICT DO NOTHING";
constexpr const char* update_mark_sql =
    "UPDATE qianzhi_mark SET epoch = $3::bigint, sequence = $4::bigint, digest = $5, state = $6::bytea"
    " WHERE subscription = $1 AND origin = $2";

Head head_in(const Result& marks, int row, int column) {
  return adapter::head_of_mark(static_cast<std::uint64_t>(marks.integer(row, column)),
                               static_cast<std::uint64_t>(marks.integer(row, column + 1)), marks.view(row, column + 2));
}

class PostgresqlTarget final : public adapter::Target {
 public:
  explicit PostgresqlTarget(const adapter::TargetSpec& spec) : spec_(spec), tables_(spec_.tables.size()) {}

  std::vector<adapter::MarkRow> marks() override;
  ApplyResult apply(const adapter::TargetTransaction& transaction) override;
  void commit() override;
  void rollback() override;
  adapter::SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_target(spec_); }

 private:
  struct TableState {
    std::optional<CatalogTable> found;
    std::map<std::vector<std::size_t>, MergeSql> merges;  // by the columns a step brings
    NewRows new_rows;
    std::optional<KeysetReader> reader;
  };

  Session& session();
  TableState& state_of(std::size_t table);
  bool move_mark(Session& sql, const adapter::TargetTransaction& transaction);
  void run_step(Session& sql, const adapter::TargetTransaction& transaction, std::size_t index, ApplyResult& result);
  void remove_groups(Session& sql, const TargetTable& table, const std::string& origin, const Step& step, bool sweep,
                     ApplyResult& result);
  void clear_columns(Session& sql, const TargetTable& table, const std::string& origin, const Step& step);

  adapter::TargetSpec spec_;
  std::vector<TableState> tables_;
  std::unique_ptr<Session> session_;
  std::vector<std::string> staged_;
  bool pending_ = false;
};

// An error leaves no half-done transaction behind: the next call finds a fresh connection.
class DropUnlessDone {
 public:
  explicit DropUnlessDone(std::unique_ptr<Session>& session) : session_(session) {}
  ~DropUnlessDone() {
    if (!done_) session_.reset();
  }
  DropUnlessDone(const DropUnlessDone&) = delete;
  DropUnlessDone& operator=(const DropUnlessDone&) = delete;
  void done() { done_ = true; }

 private:
  std::unique_ptr<Session>& session_;
  bool done_ = false;
};

Session& PostgresqlTarget::session() {
  if (!session_ || session_->is_broken()) {
    session_.reset();
    for (auto& table : tables_) table = {};
    session_ = std::make_unique<Session>(spec_.connection, Purpose::write);
  }
  return *session_;
}

std::vector<adapter::MarkRow> PostgresqlTarget::marks() {
  const Result found = session().run(
      "SELECT subscription, origin, epoch, sequence, digest, encode(state, 'hex') FROM qianzhi_mark"
      " ORDER BY subscription, origin",
      "reading marks");
  std::vector<adapter::MarkRow> marks;
  for (int row = 0; row < found.rows(); ++row) {
    adapter::MarkRow mark;
    mark.subscription = found.text(row, 0);
    mark.origin = found.text(row, 1);
    mark.head = head_in(found, row, 2);
    mark.state = from_hex(found.view(row, 5));
    marks.push_back(std::move(mark));
  }
  return marks;
}

ApplyResult PostgresqlTarget::apply(const adapter::TargetTransaction& transaction) {
  if (pending_) rollback();
  if (transaction.table >= spec_.tables.size())
    throw Error(ErrorKind::misuse, "QZ-PG-018", "a transaction for a table that is not configured");
  Session& sql = session();
  DropUnlessDone guard(session_);
  staged_.clear();
  ApplyResult result;
  sql.run(begin_sql, "beginning a transaction");
  if (!move_mark(sql, transaction)) {
    sql.run("ROLLBACK", "rolling back");
    guard.done();
    result.state = ApplyResult::State::stale;
    return result;
  }
  for (std::size_t i = 0; i < transaction.steps.size(); ++i) run_step(sql, transaction, i, result);
  if (result.rejections.empty()) {
    sql.run("COMMIT", "committing");
  } else {
    result.state = ApplyResult::State::pending;
    pending_ = true;
  }
  guard.done();
  return result;
}

void PostgresqlTarget::commit() {
  if (!pending_) throw Error(ErrorKind::misuse, "QZ-PG-018", "there is no pending transaction");
  pending_ = false;
  DropUnlessDone guard(session_);
  // Not session(): a new connection would commit nothing and call it done.
  const Result done = session_->run("COMMIT", "committing");
  guard.done();
}

void PostgresqlTarget::rollback() {
  if (!pending_) return;
  pending_ = false;
  if (!session_ || session_->is_broken()) return;
  DropUnlessDone guard(session_);
  session_->run("ROLLBACK", "rolling back");
  guard.done();
}

bool PostgresqlTarget::move_mark(Session& sql, const adapter::TargetTransaction& transaction) {
  const adapter::MarkRow& next = transaction.next;
  const Parameters who = Parameters().add(next.subscription).add(next.origin);
  const Result held = sql.attempt_prepared(mark_sql, {}, who, "reading the mark");
  sql.check(held, "reading the mark");
  const auto head = held.rows() > 0 ? std::optional(head_in(held, 0, 0)) : std::nullopt;
  if (!adapter::is_expected(head, transaction.expected)) return false;
  Parameters values = who;
  values.add(std::to_string(next.head.position.epoch)).add(std::to_string(next.head.position.sequence));
  values.add(adapter::digest_of_mark(next.head)).add("\\x" + to_hex(next.state));
  const char* statement = held.rows() > 0 ? update_mark_sql : insert_mark_sql;
  const Result moved = sql.attempt_prepared(statement, {}, values, "moving the mark");
  return sql.check(moved, "moving the mark").affected() == 1;
}

PostgresqlTarget::TableState& PostgresqlTarget::state_of(std::size_t table) {
  TableState& state = tables_[table];
  if (state.found) return state;
  const TargetTable& wanted = spec_.tables[table];
  std::vector<std::string> columns{"qz_origin", "qz_group", "qz_seen"};
  if (wanted.mode == adapter::ApplyMode::soft_delete) columns.emplace_back("qz_deleted");
  for (const auto& item : wanted.columns) columns.push_back(item.id);
  state.found = require_table(*session_, wanted.table, columns);
  return state;
}

void PostgresqlTarget::run_step(Session& sql, const adapter::TargetTransaction& transaction, std::size_t index,
                                ApplyResult& result) {
  const Step& step = transaction.steps[index];
  const TargetTable& table = spec_.tables[transaction.table];
  const std::string& origin = transaction.next.origin;
  switch (step.kind) {
    case Step::Kind::keep_groups: return remove_groups(sql, table, origin, step, false, result);
    case Step::Kind::sweep: return remove_groups(sql, table, origin, step, true, result);
    case Step::Kind::clear_columns: return clear_columns(sql, table, origin, step);
    case Step::Kind::rows: break;
  }
  const adapter::RowsStep& rows = step.rows;
  const bool whole = rows.groups.size() == rows.meta.size() && rows.columns.size() == rows.indexes.size() &&
                     std::all_of(rows.columns.begin(), rows.columns.end(),
                                 [&](const Column& column) { return column.size() == rows.meta.size(); });
  if (!whole) throw Error(ErrorKind::misuse, "QZ-PG-018", "the columns of a step have different lengths");
  TableState& state = state_of(transaction.table);
  const auto merge = state.merges.try_emplace(rows.indexes, table, *state.found, rows.indexes).first;
  RowWriter(sql, table, merge->second, origin, staged_, state.new_rows, result).apply(rows, index);
}

void PostgresqlTarget::remove_groups(Session& sql, const TargetTable& table, const std::string& origin,
                                     const Step& step, bool sweep, ApplyResult& result) {
  if (!sweep && step.groups.is_every()) return;
  std::string groups = "{";
  for (const auto& group : step.groups.groups()) append_array_text(group, groups += groups.size() > 1 ? "," : "");
  groups += '}';
  const bool soft = sweep && table.mode == adapter::ApplyMode::soft_delete;
  std::string statement = (soft ? "UPDATE " : "DELETE FROM ") + quote_table(table.table) +
                          (soft ? " SET qz_deleted = true" : "") + " WHERE qz_origin = $1";
  Parameters values = Parameters().add(origin);
  if (!step.groups.is_every()) {
    values.add(groups);
    statement += sweep ? " AND qz_group = ANY ($2::text[])" : " AND qz_group <> ALL ($2::text[])";
  }
  if (sweep) {
    values.add(step.seen);
    statement += " AND qz_seen <> $" + std::to_string(values.size()) + "::text";
    if (soft) statement += " AND NOT qz_deleted";
  }
  const Result done = sql.attempt(statement, values, "removing groups");
  if (!done.is_ok() && is_row_failure(sqlstate_of(done.handle())))
    throw Error(ErrorKind::misuse, "QZ-ADP-020", "rows of " + table.table + ": " + refusal_of(done.handle()).detail);
  result.removed += sql.check(done, "removing groups").affected();
}

void PostgresqlTarget::clear_columns(Session& sql, const TargetTable& table, const std::string& origin,
                                     const Step& step) {
  std::string set;
  for (const std::size_t index : step.indexes) {
    if (index >= table.columns.size()) throw Error(ErrorKind::misuse, "QZ-PG-018", "a step names an unknown column");
    set += (set.empty() ? "" : ", ") + quote_name(table.columns[index].id) + " = NULL";
  }
  if (set.empty()) return;
  const Result done = sql.attempt("UPDATE " + quote_table(table.table) + " SET " + set + " WHERE qz_origin = $1",
                                  Parameters().add(origin), "clearing columns");
  if (!done.is_ok() && is_row_failure(sqlstate_of(done.handle())))
    throw Error(ErrorKind::misuse, "QZ-ADP-020", "columns of " + table.table + ": " + refusal_of(done.handle()).detail);
  sql.check(done, "clearing columns");
}

adapter::SnapshotChunk PostgresqlTarget::read_rows(std::size_t table, const Bytes& cursor,
                                                   const adapter::ReadLimits& limits) {
  if (table >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-PG-018", "a table that is not configured");
  if (pending_) rollback();
  Session& sql = session();
  DropUnlessDone guard(session_);
  TableState& state = state_of(table);
  if (!state.reader) {
    const TargetTable& wanted = spec_.tables[table];
    std::vector<std::string> columns;
    for (const auto& item : wanted.columns) columns.push_back(item.id);
    columns.emplace_back("qz_origin");
    columns.emplace_back("qz_group");
    state.reader.emplace(*state.found, columns, wanted.key,
                         wanted.mode == adapter::ApplyMode::soft_delete ? "NOT qz_deleted" : "");
  }
  KeysetPage page = state.reader->read(sql, cursor, limits);
  adapter::SnapshotChunk chunk;
  chunk.columns = std::move(page.columns);
  chunk.cursor = std::move(page.cursor);
  chunk.done = page.exhausted;
  guard.done();
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Target> make_target(const adapter::TargetSpec& spec) {
  return std::make_unique<PostgresqlTarget>(spec);
}

}  // namespace qianzhi::postgresql
