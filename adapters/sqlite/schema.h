// What a source's tables look like now, and whether capture of them still holds (pitfalls 21, 27, 28).
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/sqlite/plan.h"
#include "adapters/sqlite/value.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

struct TableState {
  bool readable = true;          // all listed columns are there
  std::vector<Form> forms;       // of columns
  std::vector<Form> old_forms;   // of old_columns
  std::vector<std::size_t> key;  // of the key columns, in columns
};

struct ColumnState {
  std::string name;
  std::string type;
  bool nullable = true;
  int key = 0;  // place in the primary key, from 1; 0: not in it
};

// Columns of a table, hidden ones left out; empty if there is no such table.
std::vector<ColumnState> columns_of(sqlite::Database& database, const std::string& table);

// Names, among those asked for, that the table lacks; separated by ", ".
std::string missing_columns(const std::vector<ColumnState>& present, const std::vector<std::string>& wanted);

class Schema {
 public:
  explicit Schema(const SourceSpec& spec);

  // Looks again if the schema changed, in the caller's transaction. Throws Error(misuse, QZ-ADP-011) if the
  // specification itself does not fit together (key not among the columns).
  void refresh(sqlite::Database& database, std::uint64_t generation);
  const TableState& table(std::size_t index) const { return tables_[index]; }
  // One event a table whose capture does not hold now.
  const std::vector<TableEvent>& events() const { return events_; }

 private:
  void look(sqlite::Database& database);
  void look_at_triggers(sqlite::Database& database);

  const SourceSpec& spec_;
  std::vector<Trigger> triggers_;
  std::vector<TableState> tables_;
  std::vector<TableEvent> events_;
  std::uint64_t generation_ = 0;
  std::int64_t version_ = -1;
};

}  // namespace qianzhi::adapter::lite
