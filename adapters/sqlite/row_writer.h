// Writes the rows of one step into one received table. Statements are made once per operation and pattern of unchanged
// items. Runs in the caller's transaction; a refused row throws Error(rejected) and may leave part of itself behind,
// which the caller undoes by a savepoint.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

class RowWriter {
 public:
  // All of them must outlive the writer. Throws Error(misuse, QZ-ADP-011) if step and table do not fit together.
  RowWriter(sqlite::Database& database, const TargetTable& table, const std::string& origin, const RowsStep& step);

  void write(std::size_t row, ApplyResult& result);
  // Only notes that the refill named this key.
  void mark_seen(std::size_t row);

 private:
  sqlite::Statement& statement(char kind, std::size_t row);
  std::string sql_for(char kind, std::size_t row) const;
  std::string upsert_sql() const;
  std::string partial_sql(std::size_t row) const;
  std::string history_sql() const;
  std::string tail() const;
  std::string where_key(std::size_t first) const;
  void run(char kind, std::size_t row);
  void bind_value(sqlite::Statement& statement, int parameter, std::size_t column, std::size_t row) const;
  int bind_key(sqlite::Statement& statement, int parameter, std::size_t row) const;
  void upsert(std::size_t row, ApplyResult& result);
  void remove(std::size_t row, ApplyResult& result);
  void withhold(std::size_t row, ApplyResult& result);
  void append_history(std::size_t row);
  bool is_partial(std::size_t row) const;
  bool is_key(std::size_t column) const;
  // Throws QZ-ADP-030 if another origin has the key; returns whether this origin has it.
  bool check_owner(std::size_t row);

  sqlite::Database& database_;
  const TargetTable& table_;
  const std::string& origin_;
  const RowsStep& step_;
  bool soft_;
  std::string name_;
  std::vector<std::string> names_;  // quoted, one a column of the step
  std::vector<std::size_t> key_;    // of the key columns, in the step's columns
  std::map<std::string, sqlite::Statement, std::less<>> statements_;
};

}  // namespace qianzhi::adapter::lite
