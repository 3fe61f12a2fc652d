#include <algorithm>

#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/findings.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/target.h"

namespace qianzhi::postgresql {

namespace {

using adapter::TargetTable;

void check_rights(Session& session, const std::string& table, const std::vector<std::string>& rights,
                  Findings& findings) {
  for (const auto& right : rights) {
    const Result found = session.query("SELECT has_table_privilege($1, $2), quote_ident(current_user)",
                                       Parameters().add(quote_table(table)).add(right), "looking at rights");
    if (found.truth(0, 0)) continue;
    findings.error("QZ-PG-029", "no " + right + " on " + table,
                   "GRANT " + right + " ON " + quote_table(table) + " TO " + found.text(0, 1) + ";");
  }
}

void check_storage(const std::string& name, const CatalogTable& table, Findings& findings) {
  if (table.kind != 'r' && table.kind != 'p') findings.error("QZ-ADP-019", name + " is not a table", "");
  if (table.persistence != 'p')
    findings.error("QZ-PG-031", "table " + name + " is unlogged: a crash would empty it while the mark stays",
                   "ALTER TABLE " + quote_table(name) + " SET LOGGED;");
}

void check_columns(const TargetTable& wanted, const CatalogTable& table, Findings& findings) {
  std::vector<std::string> names{"qz_origin", "qz_group", "qz_seen"};
  if (wanted.mode == adapter::ApplyMode::soft_delete) names.emplace_back("qz_deleted");
  for (const auto& item : wanted.columns) names.push_back(item.id);
  for (const auto& name : names)
    if (table.find(name) == nullptr)
      findings.error("QZ-ADP-019", "table " + wanted.table + " lacks column " + name,
                     "ALTER TABLE " + quote_table(wanted.table) + " ADD COLUMN " + quote_name(name) + " text;");
  for (const auto& item : wanted.columns) {
    const CatalogColumn* column = table.find(item.id);
    const bool is_key = std::find(wanted.key.begin(), wanted.key.end(), item.id) != wanted.key.end();
    if (column == nullptr) continue;
    if (column->generated)
      findings.error("QZ-PG-034", "column " + item.id + " of " + wanted.table + " is generated", "");
    if (column->not_null && !is_key)
      findings.warning(
          "QZ-ADP-020",
          "column " + item.id + " of " + wanted.table + " is NOT NULL: a withdrawn item cannot be cleared",
          "ALTER TABLE " + quote_table(wanted.table) + " ALTER COLUMN " + quote_name(item.id) + " DROP NOT NULL;");
  }
  if (!table.has_unique_key(wanted.key))
    findings.error("QZ-ADP-016", "no unique index on exactly the key columns of " + wanted.table,
                   "ALTER TABLE " + quote_table(wanted.table) + " ADD PRIMARY KEY (" + quote_list(wanted.key) + ");");
}

void check_table(Session& session, const TargetTable& wanted, const std::string& install, Findings& findings) {
  const auto table = find_table(session, wanted.table);
  if (!table) return findings.error("QZ-ADP-019", "there is no table " + wanted.table, install);
  check_storage(wanted.table, *table, findings);
  check_columns(wanted, *table, findings);
  check_rights(session, wanted.table, {"SELECT", "INSERT", "UPDATE", "DELETE"}, findings);
  if (wanted.mode != adapter::ApplyMode::history) return;
  if (!find_table(session, wanted.history_table))
    return findings.error("QZ-ADP-019", "there is no table " + wanted.history_table, install);
  check_rights(session, wanted.history_table, {"SELECT", "INSERT"}, findings);
}

}  // namespace

std::vector<adapter::Finding> preflight_target(const adapter::TargetSpec& spec) {
  Findings findings;
  Session session(spec.connection, Purpose::read);
  findings.ok("connected");
  const std::string install = plan_target(spec).install;
  const auto mark = find_table(session, "qianzhi_mark");
  if (mark) {
    check_storage("qianzhi_mark", *mark, findings);
    check_rights(session, "qianzhi_mark", {"SELECT", "INSERT", "UPDATE"}, findings);
  } else {
    findings.error("QZ-ADP-019", "there is no table qianzhi_mark", install);
  }
  const Result temporary = session.run(
      "SELECT has_database_privilege(current_database(), 'TEMPORARY'), quote_ident(current_database()),"
      " quote_ident(current_user), pg_is_in_recovery()",
      "looking at rights");
  if (!temporary.truth(0, 0))
    findings.error("QZ-PG-029", "no TEMPORARY on the database: large batches need a staging table",
                   "GRANT TEMPORARY ON DATABASE " + temporary.text(0, 1) + " TO " + temporary.text(0, 2) + ";");
  if (temporary.truth(0, 3)) findings.error("QZ-PG-036", "this server is a standby: it cannot be written", "");
  for (const auto& table : spec.tables) check_table(session, table, install, findings);
  return findings.take();
}

}  // namespace qianzhi::postgresql
