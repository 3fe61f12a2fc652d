#include <algorithm>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/findings.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/rights.h"
#include "adapters/mysql/source.h"

namespace qianzhi::mysql {

namespace {

using adapter::SourceTable;

bool check_source_columns(const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  bool complete = true;
  std::vector<std::string> names = wanted.columns;
  names.insert(names.end(), wanted.old_columns.begin(), wanted.old_columns.end());
  for (const auto& name : names) {
    const CatalogColumn* column = table.find(name);
    if (column == nullptr) {
      findings.error("QZ-ADP-011", "there is no column " + name + " in " + wanted.table, "");
      complete = false;
    } else if (column->form == Form::unsupported) {
      findings.error("QZ-MY-032", "column " + name + " of " + wanted.table + " is " + column->column_type, "");
    }
  }
  return complete;
}

void check_source_key(const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  const bool has_null = std::any_of(wanted.key.begin(), wanted.key.end(), [&](const std::string& name) {
    const CatalogColumn* column = table.find(name);
    return column != nullptr && !column->not_null;
  });
  if (has_null || !table.has_unique_key(wanted.key))
    findings.error("QZ-ADP-016",
                   "no unique index on exactly the key columns of " + wanted.table + ", or they may be NULL",
                   "ALTER TABLE " + quote_table(wanted.table) + " ADD PRIMARY KEY (" + quote_list(wanted.key) + ");");
}

void check_source_table(Session& session, const Rights& rights, const SourceTable& wanted, Findings& findings) {
  const auto table = find_table(session, wanted.table);
  if (!table) return findings.error("QZ-ADP-011", "there is no table " + wanted.table + ", or no right to it", "");
  const bool complete = check_source_columns(wanted, *table, findings);
  check_source_key(wanted, *table, findings);
  if (complete && !rights.has("SELECT", table->schema, table->name, wanted.columns))
    findings.error("QZ-MY-029", "no SELECT on some columns of " + wanted.table,
                   "GRANT SELECT (" + quote_list(wanted.columns) + ") ON " + quote_name(table->schema) + "." +
                       quote_name(table->name) + " TO " + rights.account() + ";");
}

}  // namespace

std::vector<adapter::Finding> preflight_source(const adapter::SourceSpec& spec) {
  Findings findings;
  Session session(spec.connection, Purpose::read);
  findings.ok("connected");
  const Rights rights(session);
  for (const auto& table : spec.tables) check_source_table(session, rights, table, findings);
  return findings.take();
}

}  // namespace qianzhi::mysql
