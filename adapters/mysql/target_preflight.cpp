#include <algorithm>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/findings.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "adapters/mysql/rights.h"
#include "adapters/mysql/session.h"
#include "adapters/mysql/target.h"

namespace qianzhi::mysql {

namespace {

using adapter::TargetTable;

void check_table_rights(const Rights& rights, const CatalogTable& table, const std::vector<std::string>& wanted,
                        Findings& findings) {
  for (const std::string& right : wanted)
    if (!rights.has(right, table.schema, table.name))
      findings.error("QZ-MY-029", "no " + right + " on " + table.name,
                     "GRANT " + right + " ON " + quote_name(table.schema) + "." + quote_name(table.name) + " TO " +
                         rights.account() + ";");
}

void check_engine(const std::string& name, const CatalogTable& table, Findings& findings) {
  if (table.kind != "BASE TABLE") findings.error("QZ-ADP-019", name + " is not a table", "");
  if (table.kind == "BASE TABLE" && table.engine != "InnoDB")
    findings.error("QZ-MY-031", "table " + name + " is of engine " + table.engine + ": it knows no transactions",
                   "ALTER TABLE " + quote_table(name) + " ENGINE=InnoDB;");
}

void check_exact(const TargetTable& wanted, const CatalogTable& table, Findings& findings) {
  std::vector<std::string> exact = wanted.key;
  exact.emplace_back("qz_origin");
  exact.emplace_back("qz_group");
  for (const std::string& name : exact) {
    const CatalogColumn* column = table.find(name);
    if (column == nullptr || column->form != Form::text || column->is_octet_text()) continue;
    findings.error("QZ-ADP-017",
                   "column " + name + " of " + wanted.table + " has collation " + column->collation +
                       ", in which different keys may be equal",
                   "ALTER TABLE " + quote_table(wanted.table) + " MODIFY " + quote_name(name) + " " +
                       column->column_type + " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL;");
  }
}

void check_received_columns(const TargetTable& wanted, const CatalogTable& table, Findings& findings) {
  std::vector<std::string> names{"qz_origin", "qz_group", "qz_seen"};
  if (wanted.mode == adapter::ApplyMode::soft_delete) names.emplace_back("qz_deleted");
  for (const auto& item : wanted.columns) names.push_back(item.id);
  for (const auto& name : names)
    if (table.find(name) == nullptr)
      findings.error(
          "QZ-ADP-019", "table " + wanted.table + " lacks column " + name,
          "ALTER TABLE " + quote_table(wanted.table) + " ADD COLUMN " + quote_name(name) + " longtext NULL;");
  for (const auto& item : wanted.columns) {
    const CatalogColumn* column = table.find(item.id);
    const bool is_key = std::find(wanted.key.begin(), wanted.key.end(), item.id) != wanted.key.end();
    if (column == nullptr) continue;
    if (column->generated)
      findings.error("QZ-MY-034", "column " + item.id + " of " + wanted.table + " is generated", "");
    if (column->not_null && !is_key)
      findings.warning("QZ-ADP-020",
                       "column " + item.id + " of " + wanted.table + " is NOT NULL: a withdrawn item cannot be cleared",
                       "ALTER TABLE " + quote_table(wanted.table) + " MODIFY " + quote_name(item.id) + " " +
                           column->column_type + " NULL;");
  }
  if (!table.has_unique_key(wanted.key))
    findings.error("QZ-ADP-016", "no unique index on exactly the key columns of " + wanted.table,
                   "ALTER TABLE " + quote_table(wanted.table) + " ADD PRIMARY KEY (" + quote_list(wanted.key) + ");");
  check_exact(wanted, table, findings);
}

void check_received(Session& session, const Rights& rights, const TargetTable& wanted, const std::string& install,
                    Findings& findings) {
  const auto table = find_table(session, wanted.table);
  if (!table) return findings.error("QZ-ADP-019", "there is no table " + wanted.table, install);
  check_engine(wanted.table, *table, findings);
  check_received_columns(wanted, *table, findings);
  check_table_rights(rights, *table, {"SELECT", "INSERT", "UPDATE", "DELETE"}, findings);
  if (wanted.mode != adapter::ApplyMode::history) return;
  const auto history = find_table(session, wanted.history_table);
  if (!history) return findings.error("QZ-ADP-019", "there is no table " + wanted.history_table, install);
  check_engine(wanted.history_table, *history, findings);
  check_table_rights(rights, *history, {"SELECT", "INSERT", "UPDATE"}, findings);
}

}  // namespace

std::vector<adapter::Finding> preflight_target(const adapter::TargetSpec& spec) {
  Findings findings;
  Session session(spec.connection, Purpose::read);
  findings.ok("connected");
  const Rights rights(session);
  const std::string install = plan_target(spec).install;
  const auto mark = find_table(session, mark_table);
  if (mark) {
    check_engine(mark_table, *mark, findings);
    check_table_rights(rights, *mark, {"SELECT", "INSERT", "UPDATE"}, findings);
  } else {
    findings.error("QZ-ADP-019", "there is no table qianzhi_mark", install);
  }
  if (session.run("SELECT @@global.read_only", "looking at the server").text(0, 0) != "0")
    findings.error("QZ-MY-036", "this server is read only: it cannot be written", "");
  for (const auto& table : spec.tables) check_received(session, rights, table, install, findings);
  return findings.take();
}

}  // namespace qianzhi::mysql
