#include <sqlite3.h>

#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/row_writer.h"
#include "adapters/sqlite/target.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

// A savepoint that is undone unless keep() is called.
class Savepoint {
 public:
  explicit Savepoint(sqlite::Database& database) : database_(database) { database_.execute("SAVEPOINT qz"); }
  ~Savepoint() {
    // If the connection is beyond this, the transaction around it fails as well.
    if (open_) sqlite3_exec(database_.handle(), "ROLLBACK TO qz; RELEASE qz", nullptr, nullptr, nullptr);
  }
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  void keep() {
    database_.execute("RELEASE qz");
    open_ = false;
  }

 private:
  sqlite::Database& database_;
  bool open_ = true;
};

// code: SQLite's extended result code.
Rejection rejection_of(const Error& error, int code) {
  Rejection rejection{0, 0, error.code(), error.detail(), false};
  if (error.code() == "QZ-ADP-030" || error.code() == "QZ-ADP-032") rejection.may_heal = true;
  if (error.code() != "QZ-SQL-004") return rejection;
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      rejection.code = "QZ-ADP-031";
      rejection.may_heal = true;
      break;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      rejection.code = "QZ-ADP-032";
      rejection.may_heal = true;
      break;
    default: rejection.code = "QZ-ADP-033"; break;
  }
  return rejection;
}

[[noreturn]] void refuse_removal(const TargetTable& table) {
  throw Error(ErrorKind::misuse, "QZ-ADP-020", "rows of " + table.table + " cannot be removed or cleared");
}

}  // namespace

bool has_open_foreign_keys(sqlite::Database& database) {
  int open = 0;
  int ignored = 0;
  sqlite3_db_status(database.handle(), SQLITE_DBSTATUS_DEFERRED_FKS, &open, &ignored, 0);
  return open != 0;
}

void StepRunner::run(const Step& step, std::size_t index, bool careful) {
  switch (step.kind) {
    case Step::Kind::rows: return rows(step.rows, index, careful);
    case Step::Kind::keep_groups:
    case Step::Kind::sweep: return remove_groups(step);
    case Step::Kind::clear_columns: return clear_columns(step);
  }
}

void StepRunner::rows(const RowsStep& step, std::size_t index, bool careful) {
  const ApplyResult before = result_;
  if (!careful && try_rows(step)) return;
  result_ = before;
  row_by_row(step, index);
}

// A trigger of the department may roll back the whole transaction: nothing may then be written outside of it.
void StepRunner::need_transaction() const {
  if (!database_.in_transaction())
    throw Error(ErrorKind::misuse, "QZ-ADP-033", "a trigger of " + table_.table + " rolls back the whole transaction");
}

bool StepRunner::try_rows(const RowsStep& step) {
  Savepoint savepoint(database_);
  RowWriter writer(database_, table_, origin_, step);
  try {
    for (std::size_t row = 0; row < step.meta.size(); ++row) writer.write(row, result_);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    need_transaction();
    return false;
  }
  savepoint.keep();
  return true;
}

std::optional<Rejection> StepRunner::try_row(RowWriter& writer, std::size_t row) {
  Savepoint savepoint(database_);
  const bool resolved = !has_open_foreign_keys(database_);
  try {
    writer.write(row, result_);
    if (resolved && has_open_foreign_keys(database_))
      throw Error(ErrorKind::rejected, "QZ-ADP-032", "a foreign key of " + table_.table + " is not satisfied");
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    need_transaction();
    return rejection_of(error, sqlite3_extended_errcode(database_.handle()));
  }
  savepoint.keep();
  return std::nullopt;
}

void StepRunner::row_by_row(const RowsStep& step, std::size_t index) {
  RowWriter writer(database_, table_, origin_, step);
  for (std::size_t row = 0; row < step.meta.size(); ++row) {
    const ApplyResult before = result_;
    std::optional<Rejection> rejection = try_row(writer, row);
    if (!rejection.has_value()) continue;
    result_ = before;
    rejection->step = index;
    rejection->row = row;
    result_.rejections.push_back(std::move(*rejection));
    writer.mark_seen(row);
  }
}

bool StepRunner::try_statement(const std::string& text, const std::string& group, const std::string& tag) {
  sqlite::Statement statement = database_.prepare(text);
  statement.bind(1, origin_);
  if (sqlite3_bind_parameter_count(statement.handle()) >= 2) statement.bind(2, group);
  if (sqlite3_bind_parameter_count(statement.handle()) >= 3) statement.bind(3, tag);
  try {
    statement.run();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    need_transaction();
    return false;
  }
  return true;
}

void StepRunner::remove_groups(const Step& step) {
  const std::string name = sql::identifier(sql::sqlite, table_.table);
  const bool sweep = step.kind == Step::Kind::sweep;
  std::vector<std::string> groups;
  {
    sqlite::Statement query = database_.prepare("SELECT DISTINCT qz_group FROM " + name + " WHERE qz_origin = ?1");
    query.bind(1, origin_);
    while (query.step())
      if (step.groups.contains(query.view(0)) == sweep) groups.push_back(query.text(0));
  }
  // What may no longer be held is removed, also where deletes only mark rows.
  const bool soft = sweep && table_.mode == ApplyMode::soft_delete;
  const std::string text = (soft ? "UPDATE " + name + " SET qz_deleted = 1" : "DELETE FROM " + name) +
                           " WHERE qz_origin = ?1 AND qz_group = ?2" + (sweep ? " AND qz_seen <> ?3" : "") +
                           (soft ? " AND qz_deleted = 0" : "");
  for (const std::string& group : groups) {
    if (!try_statement(text, group, step.seen)) refuse_removal(table_);
    result_.removed += static_cast<std::uint64_t>(database_.changes());
  }
}

void StepRunner::clear_columns(const Step& step) {
  std::string sets;
  std::string filled;
  for (const std::size_t index : step.indexes) {
    if (index >= table_.columns.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such column in the target");
    const std::string name = sql::identifier(sql::sqlite, table_.columns[index].id);
    sets.append(sets.empty() ? "" : ", ").append(name + " = NULL");
    filled.append(filled.empty() ? "" : " OR ").append(name + " IS NOT NULL");
  }
  if (sets.empty()) return;
  const std::string text = "UPDATE " + sql::identifier(sql::sqlite, table_.table) + " SET " + sets +
                           " WHERE qz_origin = ?1 AND (" + filled + ")";
  if (!try_statement(text, {}, {})) refuse_removal(table_);
}

}  // namespace qianzhi::adapter::lite
