#include <algorithm>

#include "adapters/odbc/catalog.h"
#include "adapters/odbc/findings.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "adapters/odbc/preflight.h"
#include "adapters/odbc/scopes.h"
#include "adapters/odbc/target.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::TargetTable;

void check_columns(const Dialect& dialect, const TargetTable& wanted, const CatalogTable& table, Findings& findings) {
  std::vector<std::string> names{"qz_origin", "qz_group", "qz_seen"};
  if (wanted.mode == adapter::ApplyMode::soft_delete) names.emplace_back("qz_deleted");
  for (const Item& item : wanted.columns) names.push_back(item.id);
  for (const std::string& name : names)
    if (table.find(dialect, name) == nullptr)
      findings.error("QZ-ADP-019", "table " + wanted.table + " lacks column " + name,
                     "ALTER TABLE " + quote_table(dialect, wanted.table) + " ADD " + quote_name(dialect, name) + " " +
                         std::string(dialect.type_text) + ";");
  for (const Item& item : wanted.columns) {
    const CatalogColumn* column = table.find(dialect, item.id);
    const bool is_key = std::find(wanted.key.begin(), wanted.key.end(), item.id) != wanted.key.end();
    if (column != nullptr && !column->nullable && !is_key)
      findings.warning("QZ-ADP-020",
                       "column " + item.id + " of " + wanted.table + " is NOT NULL: a withdrawn item cannot be cleared",
                       "");
  }
  if (!table.has_unique_key(dialect, wanted.key))
    findings.error("QZ-ADP-016", "no unique index on exactly the key columns of " + wanted.table,
                   "ALTER TABLE " + quote_table(dialect, wanted.table) + " ADD PRIMARY KEY (" +
                       quote_list(dialect, wanted.key) + ");");
}

}  // namespace

std::vector<adapter::Finding> preflight_target(const adapter::TargetSpec& spec) {
  Findings findings;
  check_dialect(dialect_of(spec.connection), findings);
  Session session(spec.connection, Purpose::read);
  const Dialect& dialect = session.dialect();
  const Snapshot snapshot(session);
  findings.ok("connected");
  const std::string install = plan_target(spec).install;
  if (!find_table(session, "qianzhi_mark")) findings.error("QZ-ADP-019", "there is no table qianzhi_mark", install);
  for (const TargetTable& table : spec.tables) {
    const auto found = find_table(session, table.table);
    if (!found) {
      findings.error("QZ-ADP-019", "there is no table " + table.table, install);
      continue;
    }
    check_columns(dialect, table, *found, findings);
    if (table.mode == adapter::ApplyMode::history && !find_table(session, table.history_table))
      findings.error("QZ-ADP-019", "there is no table " + table.history_table, install);
  }
  return findings.take();
}

}  // namespace qianzhi::odbc
