// One connection to a PostgreSQL server, and what its statements give back. libpq, RAII, errors as qianzhi::Error.
// A Session belongs to one thread at a time. It never reconnects: its owner makes a new one when broken() says so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/api/adapter.h"

struct pg_conn;
struct pg_result;

namespace qianzhi::postgresql {

// Owns a PGresult. Rows and columns from 0.
class Result {
 public:
  explicit Result(pg_result* result) : result_(result, &clear) {}

  bool is_ok() const;  // command or rows; not an error
  int rows() const;
  int columns() const;
  bool is_null(int row, int column) const;
  std::string_view view(int row, int column) const;  // empty for NULL; lives as long as the result
  std::string text(int row, int column) const { return std::string(view(row, column)); }
  std::int64_t integer(int row, int column) const;  // 0 for NULL
  bool truth(int row, int column) const { return view(row, column) == "t"; }
  std::uint64_t affected() const;
  pg_result* handle() const { return result_.get(); }

 private:
  static void clear(pg_result* result);
  std::unique_ptr<pg_result, void (*)(pg_result*)> result_;
};

// Bound values in text form. Text must not hold a NUL: the protocol would end there.
class Parameters {
 public:
  Parameters& add(std::string text) {
    texts_.push_back(std::move(text));
    nulls_.push_back(false);
    return *this;
  }
  Parameters& add(std::int64_t value) { return add(std::to_string(value)); }
  Parameters& add_null() {
    texts_.emplace_back();
    nulls_.push_back(true);
    return *this;
  }
  int size() const { return static_cast<int>(texts_.size()); }
  std::vector<const char*> pointers() const;

 private:
  std::vector<std::string> texts_;
  std::vector<bool> nulls_;
};

enum class Purpose {
  read,       // default_transaction_read_only=on, statement_timeout
  write,      // statement_timeout, lock_timeout
  replicate,  // replication=database: IDENTIFY_SYSTEM, slots, START_REPLICATION
};

// "YYYY-MM-DDTHH..." text forms depend on these settings, so they are the same on every connection (pitfall 11):
// timezone=UTC, datestyle=ISO, intervalstyle=iso_8601, extra_float_digits=3, bytea_output=hex, client_encoding=UTF8.
// jit=off where the server knows it: what we ask is short, and compiling it costs the department's server more.
class Session {
 public:
  // Connects; throws unavailable QZ-PG-001, misuse QZ-PG-002 (password wanted) or QZ-ADP-010 (settings).
  Session(const adapter::Connection& connection, Purpose purpose);

  // Our own text without values; one or more statements. Throws as failure.h says.
  Result run(const std::string& sql, std::string_view doing);
  // One statement with bound values.
  Result query(const std::string& sql, const Parameters& values, std::string_view doing);
  // As query, but returns the failed result while the connection stands, so that a row failure can be judged.
  Result attempt(const std::string& sql, const Parameters& values, std::string_view doing);
  // Prepared once per connection under its own text; otherwise as attempt. types: of the parameters, by OID.
  Result attempt_prepared(const std::string& sql, const std::vector<unsigned>& types, const Parameters& values,
                          std::string_view doing);
  // Throws as failure.h says if the result is an error.
  const Result& check(const Result& result, std::string_view doing) const;

  bool is_broken() const;
  pg_conn* handle() const { return connection_.get(); }

 private:
  static void finish(pg_conn* connection);
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> connection_;
  std::unordered_map<std::string, std::string> prepared_;  // text to name
};

// The role that logs in, from the DSN; empty if it does not say.
std::string user_of(const adapter::Connection& connection);
// Database name from the DSN; empty if it does not say.
std::string database_of(const adapter::Connection& connection);

}  // namespace qianzhi::postgresql
