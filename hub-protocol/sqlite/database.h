// SQLite as we use it: strict open settings, statements that bind and step, errors as qianzhi::Error.
//   SQLITE_BUSY, LOCKED -> unavailable QZ-SQL-001     SQLITE_FULL -> full QZ-SQL-002
//   IOERR, CORRUPT, NOTADB -> corrupt QZ-SQL-003      CONSTRAINT -> rejected QZ-SQL-004
//   anything else -> misuse QZ-SQL-005
// A Database and its Statements belong to one thread at a time; no Statement outlives its Database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"

struct sqlite3;
struct sqlite3_stmt;

namespace qianzhi::sqlite {

enum class Access {
  read_write_create,  // creates the file with mode 0600 if it is not there
  read_write,
  read_only,
};

struct OpenOptions {
  Access access = Access::read_write_create;
  bool own_store = true;  // WAL, synchronous=FULL, page_size 8192, secure_delete off. False: settings stay as they are
  std::string vfs;        // empty: the default; the simulation names its own
  int busy_timeout_ms = 5000;
  bool attaches = false;  // attach_read_only() will be called
};

// What SQL may call: texts in (nothing for NULL), a text or NULL out. The same arguments must give the same result
// throughout a statement. What it throws leaves the step() that called it.
using TextArguments = std::vector<std::optional<std::string_view>>;
using TextFunction = std::function<std::optional<std::string>(const TextArguments&)>;

class Statement;

class Database {
 public:
  Database(const std::filesystem::path& file, const OpenOptions& options);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;

  // Runs one or more statements without results. An own store refuses everything (corrupt) after its first I/O fault:
  // SQLite would go on as if nothing had been, on pages that the kernel may have dropped (pitfall 36).
  void execute(const std::string& sql);
  // sql must be one statement written by us: values are always bound. Cached: asking again for the same text gives
  // the same prepared statement, reset and with its bindings cleared. At most one user of one text at a time.
  Statement prepare(std::string_view sql);
  // First column of the first row, as integer; nothing if there is no row or it is NULL.
  std::optional<std::int64_t> scalar(std::string_view sql);

  // Writes what this connection sees now to a new file (mode 0600), synced; others may go on writing. Within a
  // transaction of this connection it is one consistent state. `go_on` is asked every few hundred KiB: false gives it
  // up and throws Error(unavailable, QZ-SQL-006). What a failed copy left is removed.
  void copy_into(const std::filesystem::path& file, const std::function<bool()>& go_on);

  // Tables of another file as NAME.table, for reading only. name: [a-z0-9_], not main or temp. Not within a
  // transaction. Throws unavailable, misuse (QZ-SQL-005) or corrupt if it cannot be read.
  void attach_read_only(const std::filesystem::path& file, const std::string& name);
  // To be called from statements of this connection, never from what a file's schema holds. Given again: replaced.
  void add_function(const std::string& name, int arguments, TextFunction function);

  // Own stores: the write-ahead log into the file, as far as readers allow. Where a writer is closed SQLite does it,
  // too, and drops its error.
  void checkpoint();

  // An own store had an I/O fault or is damaged. From any thread.
  bool has_failed() const;

  std::int64_t changes() const;
  bool in_transaction() const;
  // Changes whenever another connection committed to the file. Cheap.
  std::int64_t data_version();
  // For what this wrapper does not cover, inside hub-protocol/sqlite and adapters/sqlite only.
  sqlite3* handle() const;

 private:
  friend class Statement;
  struct State;
  std::unique_ptr<State> state_;
};

// A borrowed prepared statement. Reset when destroyed. Columns and parameters: columns from 0, parameters from 1.
class Statement {
 public:
  ~Statement();
  Statement(Statement&&) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, int value) { return bind(parameter, static_cast<std::int64_t>(value)); }
  Statement& bind(int parameter, std::uint64_t value) { return bind(parameter, static_cast<std::int64_t>(value)); }
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, const char* text) { return bind(parameter, std::string_view(text)); }
  Statement& bind(int parameter, const std::string& text) { return bind(parameter, std::string_view(text)); }
  Statement& bind_blob(int parameter, std::string_view octets);
  Statement& bind_null(int parameter);

  // True: a row is there. False: finished.
  bool step();
  // Runs to the end; for statements without results. Then reset, so that it can be bound and run again.
  void run();
  void reset();

  // How many values it wants bound.
  int parameters() const;
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::uint64_t number(int column) const { return static_cast<std::uint64_t>(integer(column)); }
  // Text or blob octets; empty for NULL. Valid until the next step.
  std::string_view view(int column) const;
  std::string text(int column) const { return std::string(view(column)); }
  int columns() const;
  std::string column_name(int column) const;
  // sqlite3's SQLITE_INTEGER (1), FLOAT (2), TEXT (3), BLOB (4), NULL (5).
  int type(int column) const;
  sqlite3_stmt* handle() const { return statement_; }

 private:
  friend class Database;
  Statement(Database::State* state, sqlite3_stmt* statement) : state_(state), statement_(statement) {}
  Database::State* state_;
  sqlite3_stmt* statement_;
};

// BEGIN IMMEDIATE now (or BEGIN for reading), rolled back on destruction unless commit() was called.
class Transaction {
 public:
  explicit Transaction(Database& database, bool immediate = true);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  // On an I/O error the store must not be used any more: corrupt is thrown and the process must exit (pitfall 36).
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace qianzhi::sqlite
