#include <algorithm>
#include <string_view>

#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/catalog.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/plan.h"
#include "adapters/sqlite/schema.h"
#include "adapters/sqlite/target.h"

namespace qianzhi::adapter::lite {

namespace {

// SQLite's rule: such a column turns '0443' into 443 and rounds long decimals.
bool has_numeric_affinity(std::string_view declared_type) {
  std::string type(declared_type);
  for (char& c : type)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (has("INT")) return true;
  if (has("CHAR") || has("CLOB") || has("TEXT") || has("BLOB") || type.empty()) return false;
  return true;
}

bool may_be_numeric(ItemType type) { return type == ItemType::integer || type == ItemType::boolean; }

struct Check {
  sqlite::Database& database;
  const TargetSpec& spec;
  std::vector<Finding>& findings;

  void add(Severity severity, const std::string& detail, const std::string& cure = {}) {
    findings.push_back({severity, "QZ-ADP-019", detail, cure});
  }

  void received(const TargetTable& table) {
    const std::vector<ColumnState> columns = columns_of(database, table.table);
    if (columns.empty()) return add(Severity::error, "there is no table " + table.table, target_plan(spec).install);
    std::vector<std::string> wanted{"qz_origin", "qz_group", "qz_seen"};
    if (table.mode == ApplyMode::soft_delete) wanted.emplace_back("qz_deleted");
    for (const Item& item : table.columns) wanted.push_back(item.id);
    const std::string missing = missing_columns(columns, wanted);
    if (!missing.empty())
      add(Severity::error, "table " + table.table + " lacks the columns " + missing,
          "ALTER TABLE " + sql::identifier(sql::sqlite, table.table) + " ADD COLUMN ... for each of them");
    if (!is_unique(database, table.table, table.key))
      findings.push_back({Severity::error, "QZ-ADP-016", "the key of " + table.table + " is not its primary key", {}});
    for (const Item& item : table.columns) column(table, item, columns);
  }

  void column(const TargetTable& table, const Item& item, const std::vector<ColumnState>& columns) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == item.id; });
    if (found == columns.end()) return;
    if (!may_be_numeric(item.type) && has_numeric_affinity(found->type))
      add(Severity::error,
          "column " + item.id + " of " + table.table + " is " + found->type +
              ": leading zeros and long decimals would be lost",
          "declare it TEXT");
    const bool is_key = std::find(table.key.begin(), table.key.end(), item.id) != table.key.end();
    if (!found->nullable && !is_key)
      add(Severity::warning,
          "column " + item.id + " of " + table.table + " is NOT NULL: a withdrawn item cannot be cleared",
          "drop NOT NULL");
  }
};

}  // namespace

std::vector<Finding> check_target(sqlite::Database& database, const TargetSpec& spec) {
  std::vector<Finding> findings;
  check_file(database, findings);
  Check check{database, spec, findings};
  for (const char* name : {mark_table, guard_table})
    if (columns_of(database, name).empty())
      check.add(Severity::error, std::string("there is no table ") + name, target_plan(spec).install);
  for (const TargetTable& table : spec.tables) {
    check.received(table);
    if (table.mode == ApplyMode::history && columns_of(database, table.history_table).empty())
      check.add(Severity::error, "there is no table " + table.history_table, target_plan(spec).install);
  }
  return findings;
}

}  // namespace qianzhi::adapter::lite
