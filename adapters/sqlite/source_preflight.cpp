#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/catalog.h"
#include "adapters/sqlite/journal.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/source.h"

namespace qianzhi::adapter::lite {

namespace {

void check_key(sqlite::Database& database, const SourceTable& table, std::vector<Finding>& findings) {
  if (!is_unique(database, table.table, table.key))
    findings.push_back({Severity::error, "QZ-ADP-016", "no unique index of " + table.table + " covers the key",
                        "CREATE UNIQUE INDEX " + id(table.table + "_key") + " ON " + id(table.table) + "(" +
                            sql::identifiers(sql::sqlite, table.key) + ");"});
  std::string nulls;
  for (const std::string& column : table.key) nulls += (nulls.empty() ? " WHERE " : " OR ") + id(column) + " IS NULL";
  if (database.scalar("SELECT 1 FROM " + id(table.table) + nulls + " LIMIT 1").has_value())
    findings.push_back({Severity::warning, "QZ-ADP-016", "key columns of " + table.table + " hold NULL",
                        "UPDATE or DELETE these rows; until then they are set aside"});
}

void check_collation(sqlite::Database& database, const SourceTable& table, std::vector<Finding>& findings) {
  for (const IndexState& index : indexes_of(database, table.table)) {
    sqlite::Statement query =
        database.prepare("SELECT name, coll FROM pragma_index_xinfo(?1) WHERE key = 1 AND coll <> 'BINARY'");
    query.bind(1, index.name);
    while (query.step())
      for (const std::string& column : table.key)
        if (query.view(0) == column)
          findings.push_back({Severity::notice, "QZ-ADP-017",
                              "key column " + column + " of " + table.table + " has the collation " + query.text(1),
                              "CREATE INDEX " + id(table.table + "_octets") + " ON " + id(table.table) + "(" +
                                  sql::key_order(sql::sqlite, table.key) + ");"});
  }
}

void check_other_indexes(sqlite::Database& database, const SourceTable& table, std::vector<Finding>& findings) {
  for (const IndexState& index : indexes_of(database, table.table))
    if (index.unique && index.columns != table.key)
      findings.push_back({Severity::warning, "QZ-ADP-014",
                          "a REPLACE may remove a row of " + table.table + " unseen, by the unique index " + index.name,
                          "PRAGMA recursive_triggers=ON in the application, or qianzhi resync"});
}

// Returns whether the table can be read at all.
bool check_table(sqlite::Database& database, const SourceTable& table, std::vector<Finding>& findings) {
  const std::vector<ColumnState> columns = columns_of(database, table.table);
  if (columns.empty()) {
    findings.push_back({Severity::error, "QZ-ADP-011", "there is no table " + table.table, {}});
    return false;
  }
  const std::string missing = missing_columns(columns, table.columns) + missing_columns(columns, table.old_columns);
  if (!missing.empty())
    findings.push_back({Severity::error, "QZ-ADP-011", "table " + table.table + " lacks the columns " + missing, {}});
  return missing.empty();
}

void check_triggers(sqlite::Database& database, const SourceSpec& spec, std::vector<Finding>& findings) {
  if (!Journal(database, spec.name).is_installed()) {
    findings.push_back(
        {Severity::error, "QZ-ADP-012", "there is no table " + journal_table(spec.name), source_plan(spec).install});
    return;
  }
  for (const Trigger& trigger : triggers_of(spec)) {
    sqlite::Statement query = database.prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?1");
    query.bind(1, trigger.name);
    const bool there = query.step();
    if (!there || query.view(0) != trigger.text)
      findings.push_back({Severity::error, "QZ-ADP-013",
                          "trigger " + trigger.name + (there ? " was altered" : " is missing"),
                          "DROP TRIGGER IF EXISTS " + id(trigger.name) + ";\n" + trigger.text + ";"});
  }
  if (database.scalar("SELECT 1 FROM " + id(guard_table) + " LIMIT 1").has_value())
    findings.push_back(
        {Severity::error, "QZ-ADP-015", "a row was left in qianzhi_guard", "DELETE FROM qianzhi_guard;"});
}

void check_canary(sqlite::Database& database, const std::string& table, std::vector<Finding>& findings) {
  const std::string row = "SELECT 1 FROM " + id(table) + " WHERE id = " + std::to_string(canary_row);
  if (!database.scalar(row).has_value())
    findings.push_back({Severity::error, "QZ-ADP-025", "table " + table + " has lost its row", canary_script(table)});
}

}  // namespace

std::vector<Finding> check_source(sqlite::Database& database, const SourceSpec& spec) {
  std::vector<Finding> findings;
  check_file(database, findings);
  bool complete = true;
  for (const SourceTable& table : spec.tables) {
    const bool readable = check_table(database, table, findings);
    complete = complete && readable;
    if (!readable) continue;
    check_key(database, table, findings);
    check_collation(database, table, findings);
    check_other_indexes(database, table, findings);
    if (table.table == spec.canary) check_canary(database, table.table, findings);
  }
  if (spec.mode == CaptureMode::journal && complete) check_triggers(database, spec, findings);
  return findings;
}

}  // namespace qianzhi::adapter::lite
