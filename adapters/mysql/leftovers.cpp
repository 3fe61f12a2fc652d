#include "adapters/mysql/leftovers.h"

#include <vector>

#include "adapters/mysql/installed_triggers.h"
#include "adapters/mysql/journal_plan.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"

namespace qianzhi::mysql {

namespace {

std::string any_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name_literal(name);
  return " IN (" + list + ")";
}

std::string tables_query(const std::vector<std::string>& names) {
  return "SELECT CONCAT('table ', TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND "
         "TABLE_NAME" +
         any_of(names) + "\n";
}

// Columns of ours in the source's tables, with their indexes.
std::string marks_query(const adapter::SourceSpec& spec) {
  std::vector<std::string> tables;
  for (const adapter::SourceTable& table : spec.tables) tables.push_back(split_table(table.table).second);
  return "UNION ALL SELECT CONCAT('column ', TABLE_SCHEMA, '.', TABLE_NAME, '.', COLUMN_NAME) FROM "
         "information_schema.COLUMNS WHERE COLUMN_NAME LIKE 'qianzhi\\_%' AND TABLE_NAME" +
         any_of(tables) + "\n";
}

// As information_schema writes an account: with its quotes.
std::string account_query(const std::string& account) {
  return "UNION ALL SELECT DISTINCT CONCAT('role ', GRANTEE) FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = " +
         name_literal(account) + ";\n";
}

}  // namespace

std::string source_leftovers(const adapter::SourceSpec& spec) {
  std::vector<std::string> triggers;
  for (const adapter::SourceTable& table : spec.tables)
    for (const char event : {'i', 'u', 'd', 'm', 'n'}) triggers.push_back(trigger_name(spec.name, table.table, event));
  return tables_query({journal_table(spec.name), forgotten_table(spec.name)}) +
         "UNION ALL SELECT CONCAT('trigger ', TRIGGER_SCHEMA, '.', TRIGGER_NAME) FROM information_schema.TRIGGERS "
         "WHERE "
         "TRIGGER_NAME" +
         any_of(triggers) +
         "\nUNION ALL SELECT CONCAT('function ', ROUTINE_NAME) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = "
         "DATABASE() AND ROUTINE_NAME" +
         any_of({triggers_function(spec.name)}) + "\n" + marks_query(spec) +
         account_query(account_of(spec.connection, spec.name));
}

std::string target_leftovers(const adapter::TargetSpec& spec) {
  std::vector<std::string> names;
  for (const adapter::TargetTable& table : spec.tables) {
    names.push_back(split_table(table.table).second);
    if (!table.history_table.empty()) names.push_back(split_table(table.history_table).second);
  }
  return tables_query(names) + account_query(account_of(spec.connection, spec.name));
}

}  // namespace qianzhi::mysql
