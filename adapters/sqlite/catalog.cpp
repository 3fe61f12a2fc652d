#include "adapters/sqlite/catalog.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/schema.h"

namespace qianzhi::adapter::lite {

namespace {

constexpr std::int64_t counted_rows = 1'000'000;

std::vector<std::string> primary_key_of(std::vector<ColumnState> columns) {
  std::sort(columns.begin(), columns.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  std::vector<std::string> key;
  for (const ColumnState& column : columns)
    if (column.key > 0) key.push_back(column.name);
  return key;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

// What ANALYZE noted; without it, counted if that is soon done.
std::int64_t rows_of(sqlite::Database& database, const std::string& table) {
  if (database.scalar("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")) {
    sqlite::Statement noted = database.prepare("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = ?1");
    noted.bind(1, table);
    if (noted.step() && noted.integer(0) > 0) return noted.integer(0);
  }
  const std::string rows = sql::identifier(sql::sqlite, table) + " LIMIT " + std::to_string(counted_rows + 1);
  const std::int64_t counted = database.scalar("SELECT count(*) FROM (SELECT 1 FROM " + rows + ")").value_or(-1);
  return counted > counted_rows ? -1 : counted;
}

}  // namespace

std::vector<IndexState> indexes_of(sqlite::Database& database, const std::string& table) {
  std::vector<IndexState> indexes;
  sqlite::Statement list = database.prepare("SELECT name, \"unique\", partial FROM pragma_index_list(?1)");
  list.bind(1, table);
  while (list.step()) indexes.push_back({list.text(0), list.integer(1) != 0, list.integer(2) != 0, {}});
  for (IndexState& index : indexes) {
    sqlite::Statement columns = database.prepare("SELECT name FROM pragma_index_info(?1) ORDER BY seqno");
    columns.bind(1, index.name);
    while (columns.step()) index.columns.push_back(columns.text(0));
  }
  return indexes;
}

bool is_unique(sqlite::Database& database, const std::string& table, const std::vector<std::string>& columns) {
  const std::vector<std::string> wanted = sorted(columns);
  if (sorted(primary_key_of(columns_of(database, table))) == wanted) return true;
  const std::vector<IndexState> indexes = indexes_of(database, table);
  return std::any_of(indexes.begin(), indexes.end(), [&](const IndexState& index) {
    return index.unique && !index.partial && sorted(index.columns) == wanted;
  });
}

TableInfo table_of(sqlite::Database& database, const std::string& name, bool count) {
  TableInfo table;
  table.name = name;
  const std::vector<ColumnState> columns = columns_of(database, name);
  for (const ColumnState& column : columns)
    table.columns.push_back({column.name, column.type, item_type_for(column.type), column.nullable && column.key == 0});
  table.key = primary_key_of(columns);
  if (count && !columns.empty()) table.rows = rows_of(database, name);
  return table;
}

std::vector<TableInfo> tables_of(sqlite::Database& database) {
  std::vector<TableInfo> tables;
  sqlite::Statement query = database.prepare(
      "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
      "AND name NOT LIKE 'qianzhi\\_%' ESCAPE '\\' ORDER BY name");
  while (query.step()) tables.push_back(table_of(database, query.text(0), false));
  return tables;
}

ItemType item_type_for(std::string_view declared_type) {
  std::string type(declared_type);
  for (char& c : type)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  // The first that fits; DATETIME before DATE.
  constexpr std::array<std::pair<std::string_view, ItemType>, 13> known{{{"BOOL", ItemType::boolean},
                                                                         {"INT", ItemType::integer},
                                                                         {"TIMESTAMP", ItemType::timestamp},
                                                                         {"DATETIME", ItemType::timestamp},
                                                                         {"DATE", ItemType::date},
                                                                         {"YEAR", ItemType::year},
                                                                         {"DEC", ItemType::decimal},
                                                                         {"NUM", ItemType::decimal},
                                                                         {"REAL", ItemType::decimal},
                                                                         {"FLOA", ItemType::decimal},
                                                                         {"DOUB", ItemType::decimal},
                                                                         {"BLOB", ItemType::bytes},
                                                                         {"BINARY", ItemType::bytes}}};
  for (const auto& [part, item] : known)
    if (type.find(part) != std::string::npos) return item;
  return ItemType::text;
}

void check_file(sqlite::Database& database, std::vector<Finding>& findings) {
  if (sqlite3_db_readonly(database.handle(), "main") == 1)
    findings.push_back({Severity::error, "QZ-ADP-010", "the database file cannot be written by this account",
                        "chmod g+w FILE, and the same for its directory"});
  sqlite::Statement mode = database.prepare("PRAGMA journal_mode");
  if (mode.step() && mode.view(0) != "wal")
    findings.push_back(
        {Severity::warning, "QZ-ADP-018", "journal mode is " + mode.text(0), "PRAGMA journal_mode=WAL;"});
}

}  // namespace qianzhi::adapter::lite
