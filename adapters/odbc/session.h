// One connection through an ODBC driver, and what its statements give back. Text is UTF-8 in both directions. Values
// are read with the driver's length compared each time, so that nothing is ever cut silently (pitfall 23). A Session
// belongs to one thread at a time. It never reconnects: after an error other than a refused row its owner makes a new
// one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/odbc/dialect.h"
#include "adapters/odbc/failure.h"

namespace qianzhi::odbc {

// Bound values.
class Parameters {
 public:
  enum class Kind : std::uint8_t { text, octets, null };
  struct Value {
    std::string octets;
    Kind kind = Kind::text;
  };
  Parameters& add(std::string_view text) {
    values_.push_back({std::string(text), Kind::text});
    return *this;
  }
  Parameters& add_octets(std::string_view octets) {
    values_.push_back({std::string(octets), Kind::octets});
    return *this;
  }
  Parameters& add_null() {
    values_.push_back({{}, Kind::null});
    return *this;
  }
  std::vector<Value>& values() { return values_; }
  std::size_t size() const { return values_.size(); }

 private:
  std::vector<Value> values_;
};

enum class Purpose {
  read,
  write,  // as our own writer, which triggers pass over
  beat,   // a write that is to be captured
};

// A column of a query's result, as the driver tells it. type: of ODBC.
struct ResultColumn {
  std::string name;
  int type = 0;
};

class Rows;

class Session {
 public:
  // Connects; autocommit is off. Throws as failure.h says; misuse QZ-ADP-010 for settings.
  Session(const adapter::Connection& connection, Purpose purpose);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Dialect& dialect() const { return dialect_; }

  // A statement without rows; how many rows it changed, as the driver says.
  std::uint64_t run(const std::string& sql, std::string_view doing) { return run(sql, Parameters(), doing); }
  std::uint64_t run(const std::string& sql, Parameters values, std::string_view doing);
  // As run, but a refused row is returned; the transaction stands behind its savepoint.
  std::optional<Failure> attempt(const std::string& sql, Parameters values, std::string_view doing,
                                 std::uint64_t& changed);
  // Runs a query. is_long: by column, which are read piece by piece; all if empty. The rows must end before the next
  // statement is run.
  Rows query(const std::string& sql, Parameters values, std::string_view doing, std::vector<bool> is_long = {});

  // What a query would give, and how many values it takes; prepared and not run. -1: the driver does not say.
  std::vector<ResultColumn> describe(const std::string& sql, std::string_view doing, int& parameters);
  // Columns of each index of a table, in order, as the driver lists them.
  std::vector<std::vector<std::string>> indexes(const std::string& table);
  // Of the statements from now on, outside of a transaction. False: neither the database nor the driver stops one.
  bool limit_time(Micros time);

  void commit();
  void rollback();  // never throws: what is not committed is lost anyway

 private:
  friend class Rows;
  struct Handles;
  void connect(const adapter::Connection& connection, Purpose purpose);
  void* execute(const std::string& sql, Parameters& values, std::string_view doing, std::optional<Failure>& failure);
  void* statement(const std::string& sql, std::string_view doing);

  const Dialect& dialect_;
  std::unique_ptr<Handles> handles_;
  std::unordered_map<std::string, void*> prepared_;
};

// The rows of a query, one at a time.
class Rows {
 public:
  // How a value came.
  enum class State : std::uint8_t { value, null, too_long };

  ~Rows();
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;

  // False: there is no further row. Throws as failure.h says.
  bool next();
  // A column that was not to be read piece by piece, whose value may not be whole; nothing of this row may be used.
  std::optional<std::size_t> overflow() const { return overflow_; }
  std::size_t columns() const { return values_.size(); }
  State state(std::size_t column) const { return values_[column].state; }
  bool is_null(std::size_t column) const { return values_[column].state == State::null; }
  // Valid until the next row. Of a value that is too long: its size in octets as text.
  std::string_view text(std::size_t column) const;

 private:
  friend class Session;
  struct Value {
    std::string octets;  // of a value read piece by piece
    std::string buffer;  // bound
    long indicator = 0;
    bool is_long = true;
    State state = State::null;
  };
  Rows(Session& session, void* statement, std::vector<bool> is_long, std::string doing);
  bool take_bound(Value& value) const;
  void take_pieces(std::size_t column, Value& value);

  Session* session_;
  void* statement_;
  std::string doing_;
  std::vector<Value> values_;
  std::optional<std::size_t> overflow_;
};

inline constexpr std::size_t bound_octets = 4096;                     // of a value that is bound
inline constexpr std::size_t longest_value = std::size_t{16} << 20U;  // longer ones are told by their size

// Options dsn or connect, dialect; secret password. Throws Error(misuse, QZ-ADP-010).
const Dialect& dialect_of(const adapter::Connection& connection);
// The account that logs in, as the options tell; empty if they do not.
std::string user_of(const adapter::Connection& connection);

}  // namespace qianzhi::odbc
