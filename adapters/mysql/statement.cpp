#include "adapters/mysql/statement.h"

#include <mysql.h>

#include <charconv>
#include <tuple>

#include "adapters/mysql/failure.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t first_buffer = 256;  // octets; grows to what a column has held

// What MYSQL_BIND points to, for one run.
struct Bound {
  std::vector<MYSQL_BIND> binds;
  std::vector<unsigned long> lengths;
  std::vector<char> nulls;
};

Bound bind_values(const std::vector<Parameters::Value>& values, std::vector<std::int64_t>& numbers) {
  Bound bound{std::vector<MYSQL_BIND>(values.size()), std::vector<unsigned long>(values.size()),
              std::vector<char>(values.size())};
  numbers.resize(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Parameters::Value& value = values[i];
    MYSQL_BIND& bind = bound.binds[i];
    bound.lengths[i] = value.text.size();
    bound.nulls[i] = value.null ? 1 : 0;
    bind.is_null = &bound.nulls[i];
    bind.length = &bound.lengths[i];
    bind.buffer_length = bound.lengths[i];
    bind.buffer = const_cast<char*>(value.text.data());
    switch (value.kind) {
      case ParameterKind::text: bind.buffer_type = MYSQL_TYPE_STRING; break;
      case ParameterKind::octets: bind.buffer_type = MYSQL_TYPE_BLOB; break;
      case ParameterKind::decimal: bind.buffer_type = MYSQL_TYPE_NEWDECIMAL; break;
      case ParameterKind::integer:
        std::from_chars(value.text.data(), value.text.data() + value.text.size(), numbers[i]);
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        bind.buffer = &numbers[i];
        break;
      case ParameterKind::unsigned_integer: {
        std::uint64_t number = value.number;
        if (!value.text.empty()) std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
        numbers[i] = static_cast<std::int64_t>(number);
        bind.buffer_type = MYSQL_TYPE_LONGLONG;
        bind.is_unsigned = 1;
        bind.buffer = &numbers[i];
        break;
      }
    }
  }
  return bound;
}

}  // namespace

Statement::Statement(Session& session, const std::string& sql, std::string_view doing)
    : session_(session), doing_(doing), statement_(mysql_stmt_init(session.handle()), &finish) {
  if (statement_ == nullptr) session.fail(doing);
  if (mysql_stmt_prepare(statement_.get(), sql.data(), sql.size()) != 0) fail();
}

Statement::~Statement() = default;

void Statement::finish(st_mysql_stmt* statement) { mysql_stmt_close(statement); }

// An error in the midst of rows is told by the connection alone.
unsigned Statement::last_error() const {
  const unsigned number = mysql_stmt_errno(statement_.get());
  return number != 0 ? number : mysql_errno(session_.handle());
}

void Statement::fail() {
  const unsigned number = last_error();
  if (number == 0 || is_connection_failure(number)) session_.set_broken();
  const bool is_own = mysql_stmt_errno(statement_.get()) != 0;
  throw error_of(number, is_own ? mysql_stmt_error(statement_.get()) : mysql_error(session_.handle()), doing_);
}

void Statement::execute(const Parameters& values) {
  if (attempt(values) != 0) fail();
}

unsigned Statement::attempt(const Parameters& values) {
  if (values.values().size() != mysql_stmt_param_count(statement_.get()))
    throw Error(ErrorKind::misuse, "QZ-MY-008", "a statement has another number of values");
  mysql_stmt_free_result(statement_.get());
  unsigned rows = 0;
  mysql_stmt_attr_set(statement_.get(), STMT_ATTR_ARRAY_SIZE, &rows);
  std::vector<std::int64_t> numbers;
  Bound bound = bind_values(values.values(), numbers);
  const bool done = (bound.binds.empty() || mysql_stmt_bind_param(statement_.get(), bound.binds.data()) == 0) &&
                    mysql_stmt_execute(statement_.get()) == 0;
  if (!done) {
    if (is_connection_failure(mysql_stmt_errno(statement_.get()))) fail();
    return mysql_stmt_errno(statement_.get());
  }
  bind_results();
  return 0;
}

unsigned Statement::execute_bulk(const std::vector<BulkColumn>& columns) {
  auto rows = static_cast<unsigned>(columns.empty() ? 0 : columns.front().values.size());
  if (columns.size() != mysql_stmt_param_count(statement_.get()) || rows == 0)
    throw Error(ErrorKind::misuse, "QZ-MY-008", "a statement has another number of values");
  std::vector<MYSQL_BIND> binds(columns.size());
  std::vector<std::vector<const char*>> pointers(columns.size());
  std::vector<std::vector<unsigned long>> lengths(columns.size());
  std::vector<std::vector<char>> indicators(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (unsigned row = 0; row < rows; ++row) {
      const std::string_view value = columns[i].values[row];
      pointers[i].push_back(value.data() == nullptr ? "" : value.data());
      lengths[i].push_back(value.size());
      indicators[i].push_back(columns[i].nulls[row] != 0 ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE);
    }
    binds[i].buffer_type = columns[i].kind == ParameterKind::octets ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
    binds[i].buffer = pointers[i].data();
    binds[i].length = lengths[i].data();
    binds[i].u.indicator = indicators[i].data();
  }
  mysql_stmt_attr_set(statement_.get(), STMT_ATTR_ARRAY_SIZE, &rows);
  const bool done =
      mysql_stmt_bind_param(statement_.get(), binds.data()) == 0 && mysql_stmt_execute(statement_.get()) == 0;
  if (done) return 0;
  if (is_connection_failure(mysql_stmt_errno(statement_.get()))) fail();
  return mysql_stmt_errno(statement_.get());
}

std::uint64_t Statement::affected() const { return mysql_stmt_affected_rows(statement_.get()); }

std::vector<ResultColumn> Statement::describe() const {
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> metadata(mysql_stmt_result_metadata(statement_.get()),
                                                                          &mysql_free_result);
  std::vector<ResultColumn> columns;
  if (metadata == nullptr) return columns;
  const MYSQL_FIELD* described = mysql_fetch_fields(metadata.get());
  for (unsigned i = 0; i < mysql_num_fields(metadata.get()); ++i)
    columns.push_back(
        {described[i].name, static_cast<unsigned>(described[i].type), described[i].flags, described[i].charsetnr});
  return columns;
}

std::size_t Statement::parameters() const { return mysql_stmt_param_count(statement_.get()); }

void Statement::bind_results() {
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> metadata(mysql_stmt_result_metadata(statement_.get()),
                                                                          &mysql_free_result);
  if (metadata == nullptr) return fields_.clear();
  fields_.resize(mysql_num_fields(metadata.get()));
  const MYSQL_FIELD* described = mysql_fetch_fields(metadata.get());
  std::vector<MYSQL_BIND> binds(fields_.size());
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    Field& field = fields_[i];
    field.collation = described[i].charsetnr;
    if (field.buffer.size() < first_buffer) field.buffer.resize(first_buffer);
    binds[i].buffer_type = MYSQL_TYPE_STRING;
    binds[i].buffer = field.buffer.data();
    binds[i].buffer_length = static_cast<unsigned long>(field.buffer.size());
    binds[i].length = &field.length;
    binds[i].is_null = &field.null_flag;
    binds[i].error = &field.error_flag;
  }
  if (mysql_stmt_bind_result(statement_.get(), binds.data()) != 0) fail();
}

bool Statement::fetch() {
  if (fields_.empty()) return false;
  const int status = mysql_stmt_fetch(statement_.get());
  if (status == MYSQL_NO_DATA) return false;
  if (status != 0 && status != MYSQL_DATA_TRUNCATED) fail();
  bool grown = false;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    Field& field = fields_[i];
    field.null = field.null_flag != 0;
    if (field.null || field.length <= field.buffer.size()) continue;
    field.buffer.resize(field.length);
    MYSQL_BIND bind{};
    unsigned long length = 0;
    char null_flag = 0;
    char error_flag = 0;
    bind.buffer_type = MYSQL_TYPE_STRING;
    bind.buffer = field.buffer.data();
    bind.buffer_length = static_cast<unsigned long>(field.buffer.size());
    bind.length = &length;
    bind.is_null = &null_flag;
    bind.error = &error_flag;
    if (mysql_stmt_fetch_column(statement_.get(), &bind, static_cast<unsigned>(i), 0) != 0) fail();
    if (length != field.length || error_flag != 0)
      throw Error(ErrorKind::corrupt, "QZ-MY-015", "a long value came in another length than announced");
    grown = true;
  }
  if (!grown) return true;
  // The library keeps pointers to the former buffers; lengths and flags of this row are used before the next fetch.
  std::vector<std::pair<unsigned long, bool>> row;
  for (const Field& field : fields_) row.emplace_back(field.length, field.null);
  bind_results();
  for (std::size_t i = 0; i < fields_.size(); ++i) std::tie(fields_[i].length, fields_[i].null) = row[i];
  return true;
}

void Statement::end() { mysql_stmt_free_result(statement_.get()); }

std::string_view Statement::view(std::size_t column) const {
  const Field& field = fields_[column];
  return {field.buffer.data(), field.length};
}

}  // namespace qianzhi::mysql
