#include "adapters/sqlite/lookup.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "adapters/sql/lookup.h"
#include "adapters/sql/lookup_text.h"
#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/catalog.h"
#include "adapters/sqlite/file.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/schema.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

constexpr int steps_between_looks = 20'000;  // of SQLite's machine: a millisecond or less

std::string table_question(const LookupStatement& statement) {
  std::string text = "SELECT " + sql::identifiers(sql::sqlite, statement.columns) + " FROM " +
                     sql::table(sql::sqlite, statement.table);
  for (std::size_t i = 0; i < statement.match.size(); ++i)
    text += (i == 0 ? " WHERE " : " AND ") + sql::identifier(sql::sqlite, statement.match[i]) + " = " +
            sql::parameter(sql::sqlite, i + 1);
  return text;
}

// Columns of the table, by their names, or the text's own.
void find_columns(sqlite3_stmt* prepared, const LookupStatement& statement, LookupSql& sql) {
  const int count = sqlite3_column_count(prepared);
  for (const std::string& wanted : statement.columns) {
    std::optional<std::size_t> place;
    for (int i = 0; i < count; ++i) {
      if (wanted != sqlite3_column_name(prepared, i)) continue;
      if (place) throw Error(ErrorKind::misuse, "QZ-ADP-060", "lookup " + statement.id + " gives " + wanted + " twice");
      place = static_cast<std::size_t>(i);
    }
    if (!place) throw Error(ErrorKind::misuse, "QZ-ADP-011", "lookup " + statement.id + " gives no column " + wanted);
    const char* declared = sqlite3_column_decltype(prepared, static_cast<int>(*place));
    sql.columns.push_back(*place);
    sql.natives.emplace_back(declared == nullptr ? "" : declared);
    sql.forms.push_back(form_of(sql.natives.back()));
  }
}

// Nothing: no value of that column can be equal.
bool bind_question(sqlite::Statement& query, int parameter, ItemType type, std::string_view text) {
  switch (type) {
    case ItemType::integer: {
      std::int64_t number = 0;
      const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
      if (end.ec != std::errc()) return false;
      query.bind(parameter, number);
      return true;
    }
    case ItemType::boolean: query.bind(parameter, text == "true" ? 1 : 0); return true;
    case ItemType::bytes: query.bind_blob(parameter, text); return true;
    default: query.bind(parameter, text); return true;
  }
}

class SqliteQueries final : public sql::LookupQueries {
 public:
  SqliteQueries(LookupSpec spec, const Clock& clock)
      : spec_(std::move(spec)), clock_(clock), file_(spec_.connection), ready_(spec_.statements.size()) {}

  void connect() override { open(); }
  std::vector<ItemType> begin(std::size_t statement, std::size_t rows_each) override;
  void ask(const std::vector<Column>& questions, const std::vector<std::uint32_t>& rows) override {
    questions_ = &questions;
    rows_ = &rows;
  }
  sql::Answer answer(std::size_t place, const sql::Room& room, std::vector<Column>& to) override;
  void end() noexcept override;
  void drop() noexcept override;
  std::vector<Finding> preflight() override {
    drop();  // a plan that was asked for once stays as it was
    sqlite::Database& database = open();
    const sqlite::Transaction snapshot(database, false);
    return check_lookup(database, spec_);
  }

 private:
  sqlite::Database& open();
  void limit_time(sqlite3* handle);
  bool step(sqlite::Statement& query);
  static int look_at_clock(void* self);

  LookupSpec spec_;
  const Clock& clock_;
  File file_;
  std::vector<std::optional<LookupSql>> ready_;
  std::int64_t schema_ = -1;
  sqlite3* watched_ = nullptr;  // whose progress is looked at
  Micros until_ = 0;
  bool is_late_ = false;
  std::optional<sqlite::Transaction> snapshot_;
  std::optional<sqlite::Statement> query_;
  std::size_t statement_ = 0;
  const std::vector<Column>* questions_ = nullptr;
  const std::vector<std::uint32_t>* rows_ = nullptr;
};

int SqliteQueries::look_at_clock(void* self) {
  auto& queries = *static_cast<SqliteQueries*>(self);
  queries.is_late_ = queries.until_ != 0 && queries.clock_.steady() >= queries.until_;
  return queries.is_late_ ? 1 : 0;
}

sqlite::Database& SqliteQueries::open() {
  const std::uint64_t before = file_.generation();
  sqlite::Database& database = file_.database();
  if (file_.generation() == before) return database;
  for (auto& sql : ready_) sql.reset();
  database.execute("PRAGMA query_only=ON");
  sqlite3_progress_handler(database.handle(), steps_between_looks, &look_at_clock, this);
  return database;
}

std::vector<ItemType> SqliteQueries::begin(std::size_t statement, std::size_t) {
  end();
  sqlite::Database& database = open();
  snapshot_.emplace(database, false);
  const std::int64_t schema = database.scalar("PRAGMA schema_version").value_or(0);
  if (schema != schema_)
    for (auto& sql : ready_) sql.reset();
  schema_ = schema;
  if (!ready_[statement]) ready_[statement] = lookup_sql(database, spec_.statements[statement]);
  statement_ = statement;
  query_.emplace(database.prepare(ready_[statement]->text));
  return ready_[statement]->types;
}

// False: the time is over, or there is no further row.
bool SqliteQueries::step(sqlite::Statement& query) {
  try {
    return query.step();
  } catch (const Error&) {
    if (!is_late_) throw;
    return false;
  }
}

sql::Answer SqliteQueries::answer(std::size_t place, const sql::Room& room, std::vector<Column>& to) {
  const LookupSql& sql = *ready_[statement_];
  const std::uint32_t row = (*rows_)[place];
  sqlite::Statement& query = *query_;
  query.reset();
  for (std::size_t i = 0; i < questions_->size(); ++i)
    if (!bind_question(query, static_cast<int>(i + 1), sql.types[i], (*questions_)[i].text(row)))
      return sql::Answer::unfit;
  until_ = clock_.steady() + spec_.timeout;
  is_late_ = false;
  std::size_t rows = 0;
  std::size_t octets = 0;
  while (step(query)) {
    if (rows == room.rows || octets >= room.octets) return sql::Answer::more;
    for (std::size_t i = 0; i < to.size(); ++i) {
      const std::size_t before = to[i].octets();
      append(to[i], query, static_cast<int>(sql.columns[i]), sql.forms[i]);
      octets += to[i].octets() - before;
    }
    ++rows;
  }
  until_ = 0;
  return is_late_ ? sql::Answer::late : sql::Answer::whole;
}

void SqliteQueries::end() noexcept {
  until_ = 0;
  query_.reset();
  snapshot_.reset();
}

void SqliteQueries::drop() noexcept {
  end();
  file_.close();
}

}  // namespace

LookupSql lookup_sql(sqlite::Database& database, const LookupStatement& statement) {
  LookupSql sql;
  if (statement.text.empty()) {
    const std::vector<ColumnState> columns = columns_of(database, statement.table);
    if (columns.empty()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "there is no table " + statement.table);
    const std::string missing = missing_columns(columns, statement.columns) + missing_columns(columns, statement.match);
    if (!missing.empty())
      throw Error(ErrorKind::misuse, "QZ-ADP-011", "table " + statement.table + " lacks the columns " + missing);
    for (const std::string& name : statement.match)
      for (const ColumnState& column : columns)
        if (column.name == name) sql.types.push_back(item_type_for(column.type));
    sql.text = table_question(statement);
  } else {
    sql.text = sql::ready_text(statement.text, statement.parameters, sql::sqlite_text).sql;
    for (std::size_t i = 0; i < statement.parameters.size(); ++i) sql.types.push_back(sql::declared_type(statement, i));
  }
  sqlite3_stmt* prepared = nullptr;
  const int result = sqlite3_prepare_v2(database.handle(), sql.text.c_str(), -1, &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> owner(prepared, &sqlite3_finalize);
  if (result != SQLITE_OK || prepared == nullptr)
    throw Error(ErrorKind::misuse, "QZ-ADP-065", "lookup " + statement.id + ": " + sqlite3_errmsg(database.handle()));
  if (sqlite3_stmt_readonly(prepared) == 0)
    throw Error(ErrorKind::misuse, "QZ-ADP-061", "lookup " + statement.id + " would write");
  find_columns(prepared, statement, sql);
  return sql;
}

std::unique_ptr<Lookup> make_lookup(const LookupSpec& spec, const Clock& clock) {
  // What is wrong with a text is told before the file is needed.
  for (const LookupStatement& statement : spec.statements)
    if (!statement.text.empty()) sql::ready_text(statement.text, statement.parameters, sql::sqlite_text);
  return sql::make_lookup(spec, std::make_unique<SqliteQueries>(spec, clock), clock);
}

}  // namespace qianzhi::adapter::lite
