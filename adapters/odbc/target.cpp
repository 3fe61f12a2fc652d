#include "adapters/odbc/target.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "adapters/odbc/keyset.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/row_writer.h"
#include "adapters/odbc/scopes.h"
#include "adapters/sql/mark.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::ApplyResult;
using adapter::Step;
using adapter::TargetTable;

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size())
    throw Error(ErrorKind::corrupt, "QZ-ODB-013", "qianzhi_mark holds no number where one belongs");
  return number;
}

class OdbcTarget final : public adapter::Target {
 public:
  explicit OdbcTarget(const adapter::TargetSpec& spec)
      : spec_(spec), dialect_(dialect_of(spec_.connection)), tables_(spec_.tables.size()) {
    check_name(spec_.name);
  }

  std::vector<adapter::MarkRow> marks() override;
  ApplyResult apply(const adapter::TargetTransaction& transaction) override;
  void commit() override;
  void rollback() override;
  adapter::SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_target(spec_); }

 private:
  struct TableState {
    std::optional<CatalogTable> found;
    std::optional<KeysetReader> reader;
  };

  Session& session();
  const TargetTable& table_at(std::size_t table) const;
  TableState& state_of(std::size_t table);
  std::string mark_table() const { return quote_name(dialect_, "qianzhi_mark"); }
  std::string number_mark() const;
  void run(std::string_view statement, std::string_view doing);
  bool move_mark(const adapter::TargetTransaction& transaction);
  void run_step(const adapter::TargetTransaction& transaction, std::size_t index, ApplyResult& result);
  bool try_rows(RowWriter& writer, std::size_t rows, ApplyResult& result);
  void row_by_row(RowWriter& writer, const adapter::RowsStep& step, std::size_t index, ApplyResult& result);
  void remove_groups(const TargetTable& table, const std::string& origin, const Step& step, ApplyResult& result);
  void clear_columns(const TargetTable& table, const std::string& origin, const Step& step);
  std::uint64_t change_all(const TargetTable& table, const std::string& sql, Parameters values);

  adapter::TargetSpec spec_;
  const Dialect& dialect_;
  std::vector<TableState> tables_;
  std::unique_ptr<Session> session_;
  bool pending_ = false;
};

Session& OdbcTarget::session() {
  if (!session_) {
    for (TableState& table : tables_) table = {};
    session_ = std::make_unique<Session>(spec_.connection, Purpose::write);
  }
  return *session_;
}

const TargetTable& OdbcTarget::table_at(std::size_t table) const {
  if (table >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this target");
  return spec_.tables[table];
}

void OdbcTarget::run(std::string_view statement, std::string_view doing) {
  if (!statement.empty()) session_->run(std::string(statement), doing);
}

std::string OdbcTarget::number_mark() const {
  return odbc::fill(dialect_.forms[static_cast<std::size_t>(Form::integer)].parameter, {{"t", "bigint"}});
}

std::vector<adapter::MarkRow> OdbcTarget::marks() {
  if (pending_) rollback();
  Session& sql = session();
  DropUnlessDone guard(session_);
  std::vector<adapter::MarkRow> marks;
  {
    Rows rows = sql.query("SELECT subscription, origin, epoch, sequence_number, digest, state_hex FROM " +
                              mark_table() + " ORDER BY subscription, origin",
                          {}, "reading marks");
    while (rows.next()) {
      adapter::MarkRow mark;
      mark.subscription = rows.text(0);
      mark.origin = rows.text(1);
      mark.head = adapter::head_of_mark(number_in(rows.text(2)), number_in(rows.text(3)), rows.text(4));
      mark.state = from_hex(rows.text(5));
      marks.push_back(std::move(mark));
    }
  }
  sql.rollback();
  guard.done();
  return marks;
}

ApplyResult OdbcTarget::apply(const adapter::TargetTransaction& transaction) {
  if (pending_) rollback();
  table_at(transaction.table);
  Session& sql = session();
  DropUnlessDone guard(session_);
  ApplyResult result;
  for (const std::string_view statement : dialect_.begin_write) {
    // Some of them give a row that nobody wants.
    if (statement.substr(0, 6) == "SELECT")
      sql.query(std::string(statement), {}, "beginning a transaction").next();
    else
      run(statement, "beginning a transaction");
  }
  if (!move_mark(transaction)) {
    sql.rollback();
    guard.done();
    result.state = ApplyResult::State::stale;
    return result;
  }
  for (std::size_t i = 0; i < transaction.steps.size(); ++i) run_step(transaction, i, result);
  run(dialect_.end_write, "ending a transaction");
  if (result.rejections.empty()) {
    sql.commit();
  } else {
    result.state = ApplyResult::State::pending;
    pending_ = true;
  }
  guard.done();
  return result;
}

void OdbcTarget::commit() {
  if (!pending_) throw Error(ErrorKind::misuse, "QZ-ADP-021", "there is no pending transaction");
  pending_ = false;
  DropUnlessDone guard(session_);
  // Not session(): a new connection would commit nothing and call it done.
  session_->commit();
  guard.done();
}

void OdbcTarget::rollback() {
  if (!pending_) return;
  pending_ = false;
  if (session_) session_->rollback();
}

// The row is held, so that nobody else moves it meanwhile; who makes it at the same time fails by its key.
bool OdbcTarget::move_mark(const adapter::TargetTransaction& transaction) {
  const adapter::MarkRow& next = transaction.next;
  bool there = false;
  {
    Rows held =
        session_->query("SELECT epoch, sequence_number, digest FROM " + mark_table() + std::string(dialect_.lock_head) +
                            " WHERE subscription = ? AND origin = ?" + std::string(dialect_.lock_tail),
                        Parameters().add(next.subscription).add(next.origin), "reading the mark");
    there = held.next();
    std::optional<Head> head;
    if (there) head = adapter::head_of_mark(number_in(held.text(0)), number_in(held.text(1)), held.text(2));
    if (!adapter::is_expected(head, transaction.expected)) return false;
  }
  const std::string mark = number_mark();
  Parameters values = Parameters().add(std::to_string(next.head.position.epoch));
  values.add(std::to_string(next.head.position.sequence)).add(adapter::digest_of_mark(next.head));
  values.add(to_hex(next.state)).add(next.subscription).add(next.origin);
  if (there) {
    session_->run("UPDATE " + mark_table() + " SET epoch = " + mark + ", sequence_number = " + mark +
                      ", digest = ?, state_hex = ? WHERE subscription = ? AND origin = ?",
                  std::move(values), "moving the mark");
    return true;
  }
  std::uint64_t changed = 0;
  const auto failure = session_->attempt(
      "INSERT INTO " + mark_table() + " (epoch, sequence_number, digest, state_hex, subscription, origin) VALUES (" +
          mark + ", " + mark + ", ?, ?, ?, ?)",
      std::move(values), "making the mark", changed);
  if (failure && failure->meaning != Meaning::unique && failure->meaning != Meaning::constraint)
    throw error_of(*failure, "making the mark");
  return !failure;
}

OdbcTarget::TableState& OdbcTarget::state_of(std::size_t table) {
  TableState& state = tables_[table];
  if (state.found) return state;
  const TargetTable& wanted = spec_.tables[table];
  std::vector<std::string> columns{"qz_origin", "qz_group", "qz_seen"};
  if (wanted.mode == adapter::ApplyMode::soft_delete) columns.emplace_back("qz_deleted");
  for (const Item& item : wanted.columns) columns.push_back(item.id);
  state.found = require_table(*session_, wanted.table, columns);
  return state;
}

void OdbcTarget::run_step(const adapter::TargetTransaction& transaction, std::size_t index, ApplyResult& result) {
  const Step& step = transaction.steps[index];
  const TargetTable& table = spec_.tables[transaction.table];
  const std::string& origin = transaction.next.origin;
  switch (step.kind) {
    case Step::Kind::keep_groups:
    case Step::Kind::sweep: return remove_groups(table, origin, step, result);
    case Step::Kind::clear_columns: return clear_columns(table, origin, step);
    case Step::Kind::rows: break;
  }
  RowWriter writer(*session_, table, *state_of(transaction.table).found, origin, step.rows);
  const ApplyResult before = result;
  if (try_rows(writer, step.rows.meta.size(), result)) return;
  result = before;
  row_by_row(writer, step.rows, index, result);
}

bool OdbcTarget::try_rows(RowWriter& writer, std::size_t rows, ApplyResult& result) {
  run(dialect_.savepoint, "setting a savepoint");
  for (std::size_t row = 0; row < rows; ++row)
    if (writer.write(row, result)) {
      run(dialect_.undo, "undoing rows");
      run(dialect_.release, "releasing a savepoint");
      return false;
    }
  run(dialect_.release, "releasing a savepoint");
  return true;
}

void OdbcTarget::row_by_row(RowWriter& writer, const adapter::RowsStep& step, std::size_t index, ApplyResult& result) {
  for (std::size_t row = 0; row < step.meta.size(); ++row) {
    const ApplyResult before = result;
    run(dialect_.savepoint, "setting a savepoint");
    const auto refusal = writer.write(row, result);
    if (refusal) {
      run(dialect_.undo, "undoing a row");
      result = before;
      result.rejections.push_back({index, row, refusal->code, refusal->detail, refusal->may_heal});
    }
    run(dialect_.release, "releasing a savepoint");
    // A row set aside is still a row the provider has: the end of a refill must not sweep what the target holds of it.
    if (refusal) writer.mark_seen(row);
  }
}

std::uint64_t OdbcTarget::change_all(const TargetTable& table, const std::string& sql, Parameters values) {
  std::uint64_t changed = 0;
  const auto failure = session_->attempt(sql, std::move(values), "removing or clearing rows", changed);
  if (failure)
    throw Error(ErrorKind::misuse, "QZ-ADP-020",
                "rows of " + table.table + " cannot be removed or cleared: SQLSTATE " + failure->state);
  return changed;
}

void OdbcTarget::remove_groups(const TargetTable& table, const std::string& origin, const Step& step,
                               ApplyResult& result) {
  const std::string name = quote_table(dialect_, table.table);
  const bool sweep = step.kind == Step::Kind::sweep;
  std::vector<std::string> groups;
  {
    Rows rows = session_->query("SELECT DISTINCT qz_group FROM " + name + " WHERE qz_origin = ?",
                                Parameters().add(origin), "listing groups");
    while (rows.next())
      if (step.groups.contains(rows.text(0)) == sweep) groups.emplace_back(rows.text(0));
  }
  // What may no longer be held is removed, also where deletes only mark rows.
  const bool soft = sweep && table.mode == adapter::ApplyMode::soft_delete;
  const std::string sql = (soft ? "UPDATE " + name + " SET qz_deleted = 1" : "DELETE FROM " + name) +
                          " WHERE qz_origin = ? AND qz_group = ?" + (sweep ? " AND qz_seen <> ?" : "") +
                          (soft ? " AND qz_deleted = 0" : "");
  for (const std::string& group : groups) {
    Parameters values = Parameters().add(origin).add(group);
    if (sweep) values.add(step.seen);
    result.removed += change_all(table, sql, std::move(values));
  }
}

void OdbcTarget::clear_columns(const TargetTable& table, const std::string& origin, const Step& step) {
  std::string set;
  for (const std::size_t index : step.indexes) {
    if (index >= table.columns.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such column in the target");
    set += (set.empty() ? "" : ", ") + quote_name(dialect_, table.columns[index].id) + " = NULL";
  }
  if (set.empty()) return;
  change_all(table, "UPDATE " + quote_table(dialect_, table.table) + " SET " + set + " WHERE qz_origin = ?",
             Parameters().add(origin));
}

adapter::SnapshotChunk OdbcTarget::read_rows(std::size_t table, const Bytes& cursor,
                                             const adapter::ReadLimits& limits) {
  const TargetTable& wanted = table_at(table);
  if (pending_) rollback();
  Session& sql = session();
  DropUnlessDone guard(session_);
  TableState& state = state_of(table);
  if (!state.reader) {
    std::vector<std::string> columns;
    for (const Item& item : wanted.columns) columns.push_back(item.id);
    columns.emplace_back("qz_origin");
    columns.emplace_back("qz_group");
    state.reader.emplace(dialect_, wanted.table, *state.found, columns, wanted.key,
                         wanted.mode == adapter::ApplyMode::soft_delete ? "qz_deleted = 0" : "");
  }
  KeysetPage page = state.reader->read(sql, cursor, limits);
  sql.rollback();
  adapter::SnapshotChunk chunk;
  chunk.columns = std::move(page.columns);
  chunk.cursor = std::move(page.cursor);
  chunk.done = page.exhausted;
  guard.done();
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Target> make_target(const adapter::TargetSpec& spec) {
  return std::make_unique<OdbcTarget>(spec);
}

}  // namespace qianzhi::odbc
