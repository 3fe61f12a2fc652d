#include <algorithm>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/lookup.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/rights.h"
#include "adapters/sql/lookup.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::Finding;
using adapter::LookupStatement;
using adapter::Severity;

std::string sample_of(ItemType type) {
  switch (type) {
    case ItemType::integer:
    case ItemType::decimal: return "1";
    case ItemType::date: return "2000-01-01";
    case ItemType::timestamp: return "2000-01-01T00:00:00";
    case ItemType::year: return "2000";
    case ItemType::boolean: return "true";
    default: return "x";
  }
}

std::string index_for_lookup(const LookupStatement& statement, const std::string& table) {
  const std::string name = "CREATE INDEX " + quote_name("qianzhi_" + statement.id) + " ON ";
  if (!statement.text.empty()) return name + table + " (...);  -- " + adapter::sql::columns_of_text;
  return name + quote_table(statement.table) + " (" + quote_list(statement.match) + ");";
}

// The server makes its plan for sample values and runs nothing. No key that could serve: the table is read whole.
void check_lookup_plan(Session& session, const LookupStatement& statement, const LookupSql& sql,
                       std::vector<Finding>& findings) {
  Parameters values;
  for (const std::size_t parameter : sql.values)
    bind_question(sql.asked[parameter], sql.kinds[parameter], sample_of(sql.asked[parameter]), values);
  if (sql.has_limit) values.add_number(1);
  const Result plan = session.query("EXPLAIN " + sql.text, values, "asking for a plan");
  for (int row = 0; row < plan.rows(); ++row) {
    const std::string& table = plan.text(row, 2);
    const std::string& way = plan.text(row, 3);
    const bool whole = (way == "ALL" || way == "index") && plan.is_null(row, 4);
    if (whole && table.rfind('<', 0) != 0)
      findings.push_back(adapter::sql::no_index_finding(statement, table, index_for_lookup(statement, table)));
  }
}

bool check_lookup_rights(Session& session, const Rights& rights, const LookupStatement& statement,
                         std::vector<Finding>& findings) {
  if (!statement.text.empty()) return true;
  std::vector<std::string> columns = statement.columns;
  for (const std::string& name : statement.match)
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  const auto [schema, name] = full_name(session, statement.table);
  if (rights.has("SELECT", schema, name, columns)) return true;
  findings.push_back({Severity::error, "QZ-MY-029",
                      "lookup " + statement.id + ": no SELECT on some columns of " + statement.table,
                      "GRANT SELECT (" + quote_list(columns) + ") ON " + quote_name(schema) + "." + quote_name(name) +
                          " TO " + rights.account() + ";"});
  return false;
}

void check_one_lookup(Session& session, const Rights& rights, const LookupStatement& statement,
                      std::vector<Finding>& findings) {
  if (!check_lookup_rights(session, rights, statement, findings)) return;
  const LookupSql sql = lookup_sql(session, statement);
  const std::string doing = "preparing it";
  std::vector<std::string> natives;
  {
    const Statement ready(session, sql.text, doing);
    for (const Form form : lookup_columns(statement, sql, ready).forms)
      natives.emplace_back(name_of(item_type_of(form)));
  }
  check_lookup_plan(session, statement, sql, findings);
  findings.push_back(adapter::sql::ready_finding(statement, natives));
}

}  // namespace

std::vector<Finding> check_lookup(Session& session, const adapter::LookupSpec& spec) {
  std::vector<Finding> findings;
  const Rights rights(session);
  for (const LookupStatement& statement : spec.statements) {
    try {
      check_one_lookup(session, rights, statement, findings);
    } catch (const Error& error) {
      if (session.is_broken() || error.kind() != ErrorKind::misuse) throw;
      const bool is_right = error.code() == "QZ-MY-003";
      findings.push_back(adapter::sql::fault_finding(
          statement, error,
          is_right ? "GRANT SELECT ON ... TO " + rights.account() + ";  -- each table that the text reads" : ""));
    }
  }
  return findings;
}

}  // namespace qianzhi::mysql
