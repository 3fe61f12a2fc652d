#include "adapters/mysql/session.h"

#include <errmsg.h>
#include <mysql.h>

#include <charconv>
#include <set>

#include "adapters/mysql/failure.h"
#include "adapters/mysql/statement.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr unsigned connect_seconds = 10;
constexpr unsigned silence_seconds = 90;  // longer than any statement may take
constexpr unsigned long longest_packet = 1UL << 30U;
constexpr unsigned long oldest_version = 100600;

[[noreturn]] void refuse_option(const std::string& why) { throw Error(ErrorKind::misuse, "QZ-ADP-010", why); }

std::string settings_for(Purpose purpose) {
  // GROUP_CONCAT and friends are not used; what is set here is what changes the text of values or how they are taken.
  std::string sql =
      "SET SESSION sql_mode='STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
      " time_zone='+00:00', autocommit=1";
  switch (purpose) {
    case Purpose::read:
      return sql +
             ", tx_read_only=1, tx_isolation='REPEATABLE-READ', max_statement_time=60, lock_wait_timeout=10,"
             " innodb_lock_wait_timeout=10, character_set_results=NULL";
    case Purpose::write:
      return sql +
             ", tx_isolation='READ-COMMITTED', max_statement_time=120, lock_wait_timeout=15,"
             " innodb_lock_wait_timeout=15, foreign_key_checks=1, unique_checks=1";
    case Purpose::replicate: break;
  }
  return sql;
}

// off, on or verify.
std::string tls_of(const adapter::Connection& connection) {
  std::string mode = option_of(connection, "tls");
  if (mode.empty()) return option_of(connection, "tls_ca").empty() ? "off" : "verify";
  if (mode != "off" && mode != "on" && mode != "verify") refuse_option("tls is off, on or verify");
  return mode;
}

void set_tls(MYSQL* handle, const adapter::Connection& connection) {
  const std::string ca = option_of(connection, "tls_ca");
  const std::string mode = tls_of(connection);
  if (mode == "off") return;
  const std::string cert = option_of(connection, "tls_cert");
  const std::string key = option_of(connection, "tls_key");
  mysql_ssl_set(handle, key.empty() ? nullptr : key.c_str(), cert.empty() ? nullptr : cert.c_str(),
                ca.empty() ? nullptr : ca.c_str(), nullptr, nullptr);
  my_bool on = 1;
  my_bool verify = mode == "verify" ? 1 : 0;
  mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &on);
  mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

void set_options(MYSQL* handle, const adapter::Connection& connection) {
  unsigned seconds = connect_seconds;
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
  seconds = silence_seconds;
  mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &seconds);
  mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
  unsigned long packet = longest_packet;
  mysql_options(handle, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
  // Nothing of this machine is read because a server asks for it.
  unsigned local_files = 0;
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &local_files);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_options4(handle, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "qianzhi");
  set_tls(handle, connection);
}

void check_options(const adapter::Connection& connection) {
  static const std::set<std::string> known{"host", "port",   "socket",   "database", "user",
                                           "tls",  "tls_ca", "tls_cert", "tls_key",  "server_id"};
  for (const auto& [name, value] : connection.options)
    if (known.count(name) == 0) refuse_option("there is no option " + name + " for MariaDB");
  if (option_of(connection, "host").empty() == option_of(connection, "socket").empty())
    refuse_option("a connection needs either host or socket");
  if (database_of(connection).empty()) refuse_option("a connection needs a database");
}

// The client library goes on in plain text where the server has no TLS and its certificate need not be verified.
void check_tls(MYSQL* handle, const adapter::Connection& connection) {
  if (tls_of(connection) != "off" && mysql_get_ssl_cipher(handle) == nullptr)
    throw Error(ErrorKind::misuse, "QZ-MY-004", "the server has no TLS");
}

// The dialect, the binary log and the catalogue differ too much: MySQL is refused before anything is done.
void check_server(MYSQL* handle) {
  if (mariadb_connection(handle) == 0)
    throw Error(ErrorKind::misuse, "QZ-MY-009", "this server is not MariaDB; MySQL is not supported yet");
  if (mysql_get_server_version(handle) < oldest_version)
    throw Error(ErrorKind::misuse, "QZ-MY-009",
                "MariaDB " + std::to_string(mysql_get_server_version(handle)) + " is older than 10.6");
}

}  // namespace

std::string option_of(const adapter::Connection& connection, const std::string& name) {
  const auto found = connection.options.find(name);
  return found == connection.options.end() ? std::string() : found->second;
}

std::string user_of(const adapter::Connection& connection) { return option_of(connection, "user"); }
std::string database_of(const adapter::Connection& connection) { return option_of(connection, "database"); }

std::uint64_t number_option(const adapter::Connection& connection, const std::string& name, std::uint64_t otherwise,
                            std::uint64_t least, std::uint64_t most) {
  const std::string text = option_of(connection, name);
  if (text.empty()) return otherwise;
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || number < least || number > most)
    refuse_option(name + " is a number from " + std::to_string(least) + " to " + std::to_string(most));
  return number;
}

const std::string& Result::text(int row, int column) const {
  static const std::string nothing;
  const auto& value = at(row, column);
  return value ? *value : nothing;
}

std::int64_t Result::integer(int row, int column) const {
  const std::string& digits = text(row, column);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::uint64_t Result::number(int row, int column) const {
  const std::string& digits = text(row, column);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

Parameters& Parameters::add(std::string text, ParameterKind kind) {
  values_.push_back({std::move(text), kind, false, 0});
  return *this;
}

Parameters& Parameters::add_number(std::uint64_t value) {
  values_.push_back({{}, ParameterKind::unsigned_integer, false, value});
  return *this;
}

Parameters& Parameters::add_null() {
  values_.push_back({{}, ParameterKind::text, true, 0});
  return *this;
}

Session::Session(const adapter::Connection& connection, Purpose purpose)
    : connection_(nullptr, &finish), database_(database_of(connection)) {
  check_options(connection);
  connection_.reset(mysql_init(nullptr));
  if (connection_ == nullptr) throw Error(ErrorKind::unavailable, "QZ-MY-006", "no memory for a connection");
  set_options(handle(), connection);
  const std::string host = option_of(connection, "host");
  const std::string socket = option_of(connection, "socket");
  const std::string user = user_of(connection);
  const auto password = connection.secrets.find("password");
  const auto port = static_cast<unsigned>(number_option(connection, "port", 3306, 1, 65535));
  // FOUND_ROWS: a row that an UPDATE leaves as it was counts as found.
  if (mysql_real_connect(handle(), host.empty() ? nullptr : host.c_str(), user.empty() ? nullptr : user.c_str(),
                         password == connection.secrets.end() ? nullptr : password->second.c_str(), database_.c_str(),
                         port, socket.empty() ? nullptr : socket.c_str(), CLIENT_FOUND_ROWS) == nullptr)
    fail("connecting");
  check_tls(handle(), connection);
  check_server(handle());
  run(settings_for(purpose), "preparing a session");
}

void Session::finish(st_mysql* connection) { mysql_close(connection); }

void Session::fail(std::string_view doing) {
  const unsigned number = mysql_errno(handle());
  if (number == 0 || is_connection_failure(number)) broken_ = true;
  throw error_of(number, mysql_error(handle()), doing);
}

Result Session::run(const std::string& sql, std::string_view doing) {
  if (mysql_real_query(handle(), sql.data(), sql.size()) != 0) fail(doing);
  Result result;
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> rows(mysql_store_result(handle()), &mysql_free_result);
  if (rows == nullptr) {
    if (mysql_errno(handle()) != 0) fail(doing);
    result.set_affected(mysql_affected_rows(handle()));
    return result;
  }
  const unsigned columns = mysql_num_fields(rows.get());
  while (const MYSQL_ROW row = mysql_fetch_row(rows.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(rows.get());
    auto& line = result.content().emplace_back();
    for (unsigned i = 0; i < columns; ++i)
      line.push_back(row[i] == nullptr ? std::nullopt : std::optional(std::string(row[i], lengths[i])));
  }
  return result;
}

Result Session::query(const std::string& sql, const Parameters& values, std::string_view doing) {
  Statement statement(*this, sql, doing);
  statement.execute(values);
  Result result;
  result.set_affected(statement.affected());
  while (statement.fetch()) {
    auto& line = result.content().emplace_back();
    for (std::size_t i = 0; i < statement.columns(); ++i)
      line.push_back(statement.is_null(i) ? std::nullopt : std::optional(std::string(statement.view(i))));
  }
  return result;
}

}  // namespace qianzhi::mysql
