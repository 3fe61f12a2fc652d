// One connection to a MariaDB server, and what its statements give back. libmariadb, RAII, errors as qianzhi::Error.
// A Session belongs to one thread at a time. It never reconnects: its owner makes a new one when is_broken() says so.
// Connection::options: host, port (or socket), database, user, tls (off, on, verify; default on if there is a host and
// a ca), tls_ca, tls_cert, tls_key, server_id; Connection::secrets: password.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/api/adapter.h"

struct st_mysql;

namespace qianzhi::mysql {

// Rows of a small result, in memory. Rows and columns from 0.
class Result {
 public:
  int rows() const { return static_cast<int>(rows_.size()); }
  bool is_null(int row, int column) const { return !at(row, column).has_value(); }
  const std::string& text(int row, int column) const;  // empty for NULL
  std::int64_t integer(int row, int column) const;     // 0 for NULL
  std::uint64_t number(int row, int column) const;     // likewise, without a sign
  bool truth(int row, int column) const { return integer(row, column) != 0; }
  std::uint64_t affected() const { return affected_; }
  std::vector<std::vector<std::optional<std::string>>>& content() { return rows_; }
  void set_affected(std::uint64_t count) { affected_ = count; }

 private:
  const std::optional<std::string>& at(int row, int column) const {
    return rows_.at(static_cast<std::size_t>(row)).at(static_cast<std::size_t>(column));
  }
  std::vector<std::vector<std::optional<std::string>>> rows_;
  std::uint64_t affected_ = 0;
};

enum class ParameterKind { text, octets, integer, unsigned_integer, decimal };

// Bound values.
class Parameters {
 public:
  struct Value {
    std::string text;
    ParameterKind kind = ParameterKind::text;
    bool null = false;
    std::uint64_t number = 0;
  };
  Parameters& add(std::string text, ParameterKind kind = ParameterKind::text);
  Parameters& add_number(std::uint64_t value);
  Parameters& add_null();
  const std::vector<Value>& values() const { return values_; }

 private:
  std::vector<Value> values_;
};

enum class Purpose {
  read,       // transactions are read only, max_statement_time, short lock waits; texts come in their column's charset
  write,      // strict, max_statement_time, short lock waits
  replicate,  // for a replication stream: no statement times out
};

// "YYYY-MM-DD..." forms, time zone and strictness depend on these settings, so they are the same on every connection
// (P11, P20): time_zone +00:00, sql_mode, character set utf8mb4.
class Session {
 public:
  // Connects; throws unavailable QZ-MY-001, misuse QZ-MY-002 (login), QZ-MY-004 (TLS), QZ-ADP-010 (settings), QZ-MY-009
  // (no MariaDB, or one that is too old).
  Session(const adapter::Connection& connection, Purpose purpose);

  // Our own text without values. Throws as failure.h says.
  Result run(const std::string& sql, std::string_view doing);
  // One statement with bound values.
  Result query(const std::string& sql, const Parameters& values, std::string_view doing);

  // A connection that broke, or whose transaction is unknown, is not used again.
  bool is_broken() const { return broken_; }
  void set_broken() { broken_ = true; }
  st_mysql* handle() const { return connection_.get(); }
  // Throws the error that the handle tells of.
  [[noreturn]] void fail(std::string_view doing);
  const std::string& database() const { return database_; }

 private:
  static void finish(st_mysql* connection);
  std::unique_ptr<st_mysql, void (*)(st_mysql*)> connection_;
  std::string database_;
  bool broken_ = false;
};

// The user that logs in and the database, as configured; empty if they are not.
std::string user_of(const adapter::Connection& connection);
std::string database_of(const adapter::Connection& connection);
std::string option_of(const adapter::Connection& connection, const std::string& name);
// A whole number within [least, most], or `otherwise` if it is not given. Throws misuse QZ-ADP-010.
std::uint64_t number_option(const adapter::Connection& connection, const std::string& name, std::uint64_t otherwise,
                            std::uint64_t least, std::uint64_t most);

}  // namespace qianzhi::mysql
