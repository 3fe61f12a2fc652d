#include <sqlite3.h>

#include "adapters/sql/lookup.h"
#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/lookup.h"
#include "adapters/sqlite/names.h"

namespace qianzhi::adapter::lite {

namespace {

// Tables that the plan reads from end to end; SQLite makes its plan without running anything. An index that it would
// make for each question reads the whole table, too.
std::vector<std::string> tables_read_whole(sqlite::Database& database, const std::string& text) {
  std::vector<std::string> tables;
  sqlite::Statement plan = database.prepare("EXPLAIN QUERY PLAN " + text);
  while (plan.step()) {
    const std::string line = plan.text(3);
    const bool scan = line.rfind("SCAN ", 0) == 0 && line.rfind("SCAN (", 0) != 0 && line != "SCAN CONSTANT ROW";
    const bool made = line.rfind("SEARCH ", 0) == 0 && line.find(" AUTOMATIC ") != std::string::npos;
    if (!scan && !made) continue;
    const std::size_t begin = line.find(' ') + 1;
    tables.push_back(line.substr(begin, line.find(' ', begin) - begin));
  }
  return tables;
}

std::string index_for(const LookupStatement& statement, const std::string& table) {
  if (!statement.text.empty())
    return "CREATE INDEX " + id("qianzhi_" + statement.id) + " ON " + table + " (...);  -- " + sql::columns_of_text;
  return "CREATE INDEX " + id("qianzhi_" + statement.id) + " ON " + id(statement.table) + " (" +
         sql::identifiers(sql::sqlite, statement.match) + ");";
}

void check_one(sqlite::Database& database, const LookupStatement& statement, std::vector<Finding>& findings) {
  try {
    const LookupSql sql = lookup_sql(database, statement);
    findings.push_back(sql::ready_finding(statement, sql.natives));
    for (const std::string& table : tables_read_whole(database, sql.text))
      findings.push_back(sql::no_index_finding(statement, table, index_for(statement, table)));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse) throw;
    findings.push_back(sql::fault_finding(statement, error, ""));
  }
}

}  // namespace

std::vector<Finding> check_lookup(sqlite::Database& database, const LookupSpec& spec) {
  std::vector<Finding> findings;
  for (const LookupStatement& statement : spec.statements) check_one(database, statement, findings);
  return findings;
}

}  // namespace qianzhi::adapter::lite
