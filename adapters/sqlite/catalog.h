// What a SQLite file says of its tables and indexes.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::adapter::lite {

struct IndexState {
  std::string name;
  bool unique = false;
  bool partial = false;
  std::vector<std::string> columns;  // empty name: an expression or the rowid
};

std::vector<IndexState> indexes_of(sqlite::Database& database, const std::string& table);

// True if the primary key or a unique index is over exactly these columns.
bool is_unique(sqlite::Database& database, const std::string& table, const std::vector<std::string>& columns);

// One table; without columns if there is none of this name. count: with rows, at most a million of which are counted.
TableInfo table_of(sqlite::Database& database, const std::string& name, bool count);

// Tables of the department: ours and SQLite's own are left out.
std::vector<TableInfo> tables_of(sqlite::Database& database);

ItemType item_type_for(std::string_view declared_type);

// Findings that sources and targets share: journal mode and write permission.
void check_file(sqlite::Database& database, std::vector<Finding>& findings);

}  // namespace qianzhi::adapter::lite
