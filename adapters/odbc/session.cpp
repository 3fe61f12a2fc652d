#include "adapters/odbc/session.h"

#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "adapters/odbc/names.h"
#include "adapters/odbc/settings.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

constexpr std::size_t prepared_limit = 64;
constexpr std::size_t longest_column_name = 512;
constexpr std::size_t index_name_place = 5;   // of SQLStatistics
constexpr std::size_t column_name_place = 8;  // likewise
constexpr std::uintptr_t login_seconds = 10;
constexpr std::uintptr_t read_seconds = 60;
constexpr std::uintptr_t write_seconds = 120;
constexpr std::uintptr_t beat_seconds = 10;

SQLCHAR* sql_text(const std::string& text) {
  return reinterpret_cast<SQLCHAR*>(const_cast<char*>(text.data()));  // NOLINT: ODBC takes no const
}

SQLPOINTER number_as_pointer(std::uintptr_t number) {
  return reinterpret_cast<SQLPOINTER>(number);  // NOLINT: so says ODBC
}

}  // namespace

struct Session::Handles {
  SQLHENV environment = SQL_NULL_HENV;
  SQLHDBC connection = SQL_NULL_HDBC;
  bool connected = false;
  std::uintptr_t seconds = 0;

  Handles() {
    if (SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment) != SQL_SUCCESS)
      throw Error(ErrorKind::misuse, "QZ-ODB-005", "the ODBC driver manager cannot be used");
    SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, number_as_pointer(SQL_OV_ODBC3), 0);
    if (SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection) != SQL_SUCCESS)
      throw Error(ErrorKind::misuse, "QZ-ODB-005", "the ODBC driver manager cannot be used");
  }
  ~Handles() {
    if (connected) {
      SQLEndTran(SQL_HANDLE_DBC, connection, SQL_ROLLBACK);
      SQLDisconnect(connection);
    }
    if (connection != SQL_NULL_HDBC) SQLFreeHandle(SQL_HANDLE_DBC, connection);
    SQLFreeHandle(SQL_HANDLE_ENV, environment);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
};

Session::Session(const adapter::Connection& connection, Purpose purpose)
    : dialect_(dialect_of(connection)), handles_(std::make_unique<Handles>()) {
  connect(connection, purpose);
}

Session::~Session() {
  for (const auto& [sql, statement] : prepared_) SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

void Session::connect(const adapter::Connection& connection, Purpose purpose) {
  Handles& handles = *handles_;
  const std::string text = connection_text(connection, dialect_);
  SQLSetConnectAttr(handles.connection, SQL_ATTR_LOGIN_TIMEOUT, number_as_pointer(login_seconds), 0);
  const SQLRETURN connected =
      SQLDriverConnect(handles.connection, nullptr, sql_text(text), static_cast<SQLSMALLINT>(text.size()), nullptr, 0,
                       nullptr, SQL_DRIVER_NOPROMPT);
  if (!SQL_SUCCEEDED(connected)) throw error_of(failure_of(SQL_HANDLE_DBC, handles.connection, dialect_), "connecting");
  handles.connected = true;
  for (const std::string_view statement : dialect_.session) run(std::string(statement), "setting the session");
  for (const std::string_view statement : purpose == Purpose::read ? dialect_.reading : dialect_.writing)
    run(std::string(statement), "setting the session");
  if (purpose == Purpose::beat && !dialect_.unmarked.empty())
    run(std::string(dialect_.unmarked), "setting the session");
  handles.seconds = purpose == Purpose::read ? read_seconds : purpose == Purpose::beat ? beat_seconds : write_seconds;
  const SQLRETURN off = SQLSetConnectAttr(handles.connection, SQL_ATTR_AUTOCOMMIT,
                                          number_as_pointer(SQL_AUTOCOMMIT_OFF), SQL_IS_UINTEGER);
  if (!SQL_SUCCEEDED(off)) throw Error(ErrorKind::misuse, "QZ-ODB-008", "the driver or database knows no transactions");
}

// Prepared once per connection and text. Without parameters there is nothing to prepare, and some servers cannot
// prepare every statement: those share one handle, under the empty text.
void* Session::statement(const std::string& sql, std::string_view doing) {
  if (const auto known = prepared_.find(sql); known != prepared_.end()) {
    SQLFreeStmt(known->second, SQL_CLOSE);
    SQLFreeStmt(known->second, SQL_UNBIND);
    SQLFreeStmt(known->second, SQL_RESET_PARAMS);
    return known->second;
  }
  if (prepared_.size() >= prepared_limit) {
    for (const auto& [text, old] : prepared_) SQLFreeHandle(SQL_HANDLE_STMT, old);
    prepared_.clear();
  }
  SQLHSTMT handle = SQL_NULL_HSTMT;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, handles_->connection, &handle)))
    throw error_of(failure_of(SQL_HANDLE_DBC, handles_->connection, dialect_), doing);
  if (handles_->seconds > 0) SQLSetStmtAttr(handle, SQL_ATTR_QUERY_TIMEOUT, number_as_pointer(handles_->seconds), 0);
  if (!sql.empty() && !SQL_SUCCEEDED(SQLPrepare(handle, sql_text(sql), static_cast<SQLINTEGER>(sql.size())))) {
    const Failure failure = failure_of(SQL_HANDLE_STMT, handle, dialect_);
    SQLFreeHandle(SQL_HANDLE_STMT, handle);
    throw error_of(failure, doing);
  }
  prepared_.emplace(sql, handle);
  return handle;
}

// values must live until the statement has run.
void* Session::execute(const std::string& sql, Parameters& values, std::string_view doing,
                       std::optional<Failure>& failure) {
  const bool direct = values.size() == 0;
  void* handle = statement(direct ? std::string() : sql, doing);
  std::vector<SQLLEN> lengths(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    Parameters::Value& value = values.values()[i];
    const bool null = value.kind == Parameters::Kind::null;
    const bool octets = value.kind == Parameters::Kind::octets;
    const std::size_t size = value.octets.size();
    lengths[i] = null ? SQL_NULL_DATA : static_cast<SQLLEN>(size);
    const bool is_long = size > bound_octets;
    const int wanted =
        octets ? (is_long ? SQL_LONGVARBINARY : SQL_VARBINARY) : (is_long ? SQL_LONGVARCHAR : SQL_VARCHAR);
    const auto type = static_cast<SQLSMALLINT>(wanted);
    const SQLRETURN bound = SQLBindParameter(handle, static_cast<SQLUSMALLINT>(i + 1), SQL_PARAM_INPUT,
                                             octets ? SQL_C_BINARY : SQL_C_CHAR, type, std::max<SQLULEN>(1, size), 0,
                                             value.octets.data(), static_cast<SQLLEN>(size), &lengths[i]);
    if (!SQL_SUCCEEDED(bound)) throw error_of(failure_of(SQL_HANDLE_STMT, handle, dialect_), doing);
  }
  const SQLRETURN done =
      direct ? SQLExecDirect(handle, sql_text(sql), static_cast<SQLINTEGER>(sql.size())) : SQLExecute(handle);
  if (SQL_SUCCEEDED(done) || done == SQL_NO_DATA) return handle;
  failure = failure_of(SQL_HANDLE_STMT, handle, dialect_);
  SQLFreeStmt(handle, SQL_CLOSE);
  return handle;
}

std::optional<Failure> Session::attempt(const std::string& sql, Parameters values, std::string_view doing,
                                        std::uint64_t& changed) {
  changed = 0;
  std::optional<Failure> failure;
  void* handle = execute(sql, values, doing, failure);
  if (failure) {
    if (!is_row_failure(*failure)) throw error_of(*failure, doing);
    return failure;
  }
  SQLLEN rows = 0;
  if (SQL_SUCCEEDED(SQLRowCount(handle, &rows)) && rows > 0) changed = static_cast<std::uint64_t>(rows);
  SQLFreeStmt(handle, SQL_CLOSE);
  return std::nullopt;
}

std::uint64_t Session::run(const std::string& sql, Parameters values, std::string_view doing) {
  std::uint64_t changed = 0;
  if (const auto failure = attempt(sql, std::move(values), doing, changed)) throw error_of(*failure, doing);
  return changed;
}

Rows Session::query(const std::string& sql, Parameters values, std::string_view doing, std::vector<bool> is_long) {
  std::optional<Failure> failure;
  void* handle = execute(sql, values, doing, failure);
  if (failure) throw error_of(*failure, doing);
  return {*this, handle, std::move(is_long), std::string(doing)};
}

std::vector<ResultColumn> Session::describe(const std::string& sql, std::string_view doing, int& parameters) {
  void* handle = statement(sql, doing);
  SQLSMALLINT count = 0;
  if (!SQL_SUCCEEDED(SQLNumResultCols(handle, &count)))
    throw error_of(failure_of(SQL_HANDLE_STMT, handle, dialect_), doing);
  std::vector<ResultColumn> columns;
  for (SQLSMALLINT i = 1; i <= count; ++i) {
    std::array<SQLCHAR, longest_column_name> name{};
    SQLSMALLINT length = 0;
    SQLSMALLINT type = 0;
    SQLSMALLINT digits = 0;
    SQLSMALLINT nullable = 0;
    SQLULEN size = 0;
    if (!SQL_SUCCEEDED(SQLDescribeCol(handle, static_cast<SQLUSMALLINT>(i), name.data(),
                                      static_cast<SQLSMALLINT>(name.size()), &length, &type, &size, &digits,
                                      &nullable)))
      throw error_of(failure_of(SQL_HANDLE_STMT, handle, dialect_), doing);
    columns.push_back({reinterpret_cast<const char*>(name.data()), type});
  }
  SQLSMALLINT wanted = 0;
  parameters = SQL_SUCCEEDED(SQLNumParams(handle, &wanted)) ? wanted : -1;
  return columns;
}

std::vector<std::vector<std::string>> Session::indexes(const std::string& table) {
  auto [schema, name] = split_table(dialect_, table);
  void* handle = statement({}, "listing indexes");
  const auto octets = [](const std::string& text) { return static_cast<SQLSMALLINT>(text.size()); };
  if (!SQL_SUCCEEDED(SQLStatistics(handle, nullptr, 0, schema.empty() ? nullptr : sql_text(schema), octets(schema),
                                   sql_text(name), octets(name), SQL_INDEX_ALL, SQL_QUICK)))
    throw error_of(failure_of(SQL_HANDLE_STMT, handle, dialect_), "listing indexes");
  std::vector<std::vector<std::string>> indexes;
  std::string index;
  Rows rows(*this, handle, {}, "listing indexes");
  while (rows.next()) {
    // INDEX_NAME and COLUMN_NAME, from 0; the table's own line has neither.
    if (rows.is_null(index_name_place) || rows.is_null(column_name_place)) continue;
    if (indexes.empty() || rows.text(index_name_place) != index) {
      index = rows.text(index_name_place);
      indexes.emplace_back();
    }
    indexes.back().emplace_back(rows.text(column_name_place));
  }
  return indexes;
}

bool Session::limit_time(Micros time) {
  const auto seconds = static_cast<std::uintptr_t>(std::clamp<Micros>((time + 999'999) / 1'000'000, 1, 3600));
  handles_->seconds = seconds;
  if (!dialect_.time_limit.empty()) {
    const std::string milliseconds = std::to_string(std::max<Micros>(1, time / 1000));
    run(odbc::fill(dialect_.time_limit, {{"n", milliseconds}}), "limiting the time of statements");
    commit();
    return true;
  }
  SQLHSTMT probe = SQL_NULL_HSTMT;
  if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, handles_->connection, &probe))) return false;
  SQLULEN kept = 0;
  const bool set = SQL_SUCCEEDED(SQLSetStmtAttr(probe, SQL_ATTR_QUERY_TIMEOUT, number_as_pointer(seconds), 0)) &&
                   SQL_SUCCEEDED(SQLGetStmtAttr(probe, SQL_ATTR_QUERY_TIMEOUT, &kept, 0, nullptr));
  SQLFreeHandle(SQL_HANDLE_STMT, probe);
  return set && kept == seconds;
}

void Session::commit() {
  if (!SQL_SUCCEEDED(SQLEndTran(SQL_HANDLE_DBC, handles_->connection, SQL_COMMIT))) {
    const Failure failure = failure_of(SQL_HANDLE_DBC, handles_->connection, dialect_);
    throw error_of(failure, "committing");
  }
}

void Session::rollback() { SQLEndTran(SQL_HANDLE_DBC, handles_->connection, SQL_ROLLBACK); }

}  // namespace qianzhi::odbc
