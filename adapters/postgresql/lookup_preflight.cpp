#include <algorithm>
#include <array>

#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/failure.h"
#include "adapters/postgresql/lookup.h"
#include "adapters/postgresql/names.h"
#include "adapters/sql/lookup.h"

namespace qianzhi::postgresql {

namespace {

using adapter::Finding;
using adapter::LookupStatement;
using adapter::Severity;

constexpr std::array<std::string_view, 4> scans{"Seq Scan on ", "Index Scan ", "Index Only Scan ",
                                                "Bitmap Index Scan "};

std::string word_after(std::string_view line, std::string_view before) {
  const std::size_t found = line.rfind(before);
  if (found == std::string_view::npos) return {};
  const std::string_view rest = line.substr(found + before.size());
  return std::string(rest.substr(0, rest.find(' ')));
}

// Tables that a plan reads from end to end: by a sequential scan, or by an index without a condition. What belongs to a
// node stands in the lines behind it, up to the next node.
std::vector<std::string> tables_read_whole(const Result& plan) {
  std::vector<std::string> tables;
  std::string open;  // table of a node whose condition was not seen yet
  const auto close = [&] {
    if (!open.empty() && std::find(tables.begin(), tables.end(), open) == tables.end()) tables.push_back(open);
    open.clear();
  };
  for (int row = 0; row < plan.rows(); ++row) {
    const std::string_view line = plan.view(row, 0);
    const bool is_node = row == 0 || line.find("->  ") != std::string_view::npos;
    if (is_node) close();
    if (is_node && std::any_of(scans.begin(), scans.end(),
                               [&](std::string_view scan) { return line.find(scan) != std::string_view::npos; }))
      open = word_after(line, " on ");
    if (line.find("Index Cond: ") != std::string_view::npos) open.clear();
  }
  close();
  return tables;
}

std::string role_now(Session& session) {
  return session.run("SELECT quote_ident(current_user)", "looking at rights").text(0, 0);
}

// False: something is missing that the statement needs.
bool check_rights_of(Session& session, const LookupStatement& statement, std::vector<Finding>& findings) {
  if (!statement.text.empty()) return true;
  std::vector<std::string> columns = statement.columns;
  for (const std::string& name : statement.match)
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  const CatalogTable table = require_table(session, statement.table, columns);
  const std::string lookup = "lookup " + statement.id + ": ";
  const std::string role = role_now(session);
  const Result schema =
      session.query("SELECT has_schema_privilege($1, 'USAGE')", Parameters().add(table.schema), "looking at rights");
  if (!schema.truth(0, 0))
    findings.push_back({Severity::error, "QZ-PG-029", lookup + "no USAGE on schema " + table.schema,
                        "GRANT USAGE ON SCHEMA " + quote_name(table.schema) + " TO " + role + ";"});
  std::vector<std::string> missing;
  for (const std::string& column : columns) {
    const Result found = session.query("SELECT has_column_privilege($1::oid, $2, 'SELECT')",
                                       Parameters().add(std::int64_t{table.oid}).add(column), "looking at rights");
    if (!found.truth(0, 0)) missing.push_back(column);
  }
  if (!missing.empty())
    findings.push_back(
        {Severity::error, "QZ-PG-029", lookup + "no SELECT on some columns of " + statement.table,
         "GRANT SELECT (" + quote_list(missing) + ") ON " + quote_table(statement.table) + " TO " + role + ";"});
  return schema.truth(0, 0) && missing.empty();
}

std::string index_for_lookup(const LookupStatement& statement, const std::string& table) {
  if (statement.text.empty())
    return "CREATE INDEX CONCURRENTLY ON " + quote_table(statement.table) + " (" + quote_list(statement.match) + ");";
  return "CREATE INDEX CONCURRENTLY ON " + table + " (...);  -- " + adapter::sql::columns_of_text;
}

// The plan for any values, as a server makes it that would rather not read whole tables: what it reads whole even then
// has no index that serves.
void check_plan(Session& session, const LookupStatement& statement, const PreparedLookup& prepared,
                std::vector<Finding>& findings) {
  session.run("SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off", "asking for a plan");
  std::string values;
  for (std::size_t i = 0; i <= prepared.parameters.size(); ++i) values += i == 0 ? "NULL" : ", NULL";
  const Result plan =
      session.run("EXPLAIN EXECUTE " + quote_name(prepared.name) + "(" + values + ")", "asking for a plan");
  for (const std::string& table : tables_read_whole(plan))
    findings.push_back(adapter::sql::no_index_finding(statement, table, index_for_lookup(statement, table)));
}

void check_one(Session& session, const LookupStatement& statement, std::size_t number, std::vector<Finding>& findings) {
  if (!check_rights_of(session, statement, findings)) return;
  const PreparedLookup prepared = prepare_lookup(session, statement, "qz_check" + std::to_string(number));
  std::vector<std::string> natives;
  for (const Oid type : prepared.types)
    natives.push_back(
        session.query("SELECT format_type($1::oid, NULL)", Parameters().add(std::int64_t{type}), "looking at types")
            .text(0, 0));
  check_plan(session, statement, prepared, findings);
  findings.push_back(adapter::sql::ready_finding(statement, natives));
}

}  // namespace

std::vector<Finding> check_lookup(Session& session, const adapter::LookupSpec& spec) {
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < spec.statements.size(); ++i) {
    const LookupStatement& statement = spec.statements[i];
    session.run("SAVEPOINT qz_lookup", "looking at a lookup");
    try {
      check_one(session, statement, i, findings);
    } catch (const Error& error) {
      if (session.is_broken() || error.kind() != ErrorKind::misuse) throw;
      session.run("ROLLBACK TO SAVEPOINT qz_lookup", "looking at a lookup");
      const bool is_right = error.code() == "QZ-PG-003";
      findings.push_back(adapter::sql::fault_finding(
          statement, error,
          is_right ? "GRANT SELECT ON ... TO " + role_now(session) + ";  -- each table that the text reads" : ""));
    }
  }
  return findings;
}

}  // namespace qianzhi::postgresql
