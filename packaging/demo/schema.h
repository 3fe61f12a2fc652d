// The demonstration departments' own databases: one table a topic, each with the names, codes and ways of writing
// dates that such a department would have, so that the mapping has its real work to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qianzhi::demo {

// The four departments that provide; statistics only receives and has no sources of its own.
enum class Provider : std::uint8_t { commerce, quality, national_tax, local_tax };
// files: SQLite, of which CSV files are exported. odbc: PostgreSQL, which the agent reaches through a driver.
enum class Dialect : std::uint8_t { sqlite, postgresql, files, mariadb, odbc };

// A parameterised statement; parameters are $1, $2, ... in the order of their numbers. nullopt binds NULL, everything
// else is bound as text.
struct Statement {
  std::string sql;
  std::vector<std::optional<std::string>> values;
  bool operator==(const Statement&) const = default;
};

struct TableColumn {
  std::string_view name;
  std::string_view type;  // understood by both dialects; SQLite keeps dates as the text that is written
};

struct Table {
  Provider department;
  std::string_view name;
  std::string_view topic;  // that its rows become
  std::vector<TableColumn> columns;
  std::string_view key;  // column list of the primary key
};

// "commerce", the id in the catalogue.
std::string_view id_of(Provider department);

// All 22, each department's tables in catalogue order.
const std::vector<Table>& tables();
const Table& table_of(std::string_view topic);

// CREATE TABLE for each table of the department; the same in both dialects. A complete script.
std::string schema_sql(Provider department);

// One row, values in column order.
Statement insert_into(const Table& table, std::vector<std::optional<std::string>> values);

// Names and new values; the row is found by the first column name and value of `where`, and the others if any.
using Assignment = std::pair<std::string_view, std::optional<std::string>>;
Statement update(const Table& table, const std::vector<Assignment>& set, const std::vector<Assignment>& where);
Statement remove_from(const Table& table, const std::vector<Assignment>& where);

// The table that a statement of the above changes.
std::string table_of_statement(const std::string& sql);

}  // namespace qianzhi::demo
