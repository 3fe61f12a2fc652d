#include "adapters/postgresql/table_shapes.h"

#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr const char* shapes_sql =
    "SELECT c.oid || ':' || (SELECT string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod, ','"
    "  ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"
    " FROM unnest($1::text[]) WITH ORDINALITY AS w(tbl, n) LEFT JOIN pg_class c ON c.oid = to_regclass(w.tbl)"
    " ORDER BY w.n";

}  // namespace

void TableShapes::forget_all() {
  for (Table& table : tables_) table = {};
}

std::vector<std::string> TableShapes::listed(std::size_t table) const {
  const adapter::SourceTable& wanted = spec_.tables[table];
  std::vector<std::string> columns = wanted.columns;
  columns.insert(columns.end(), wanted.old_columns.begin(), wanted.old_columns.end());
  if (!wanted.watermark.empty()) columns.push_back(wanted.watermark);
  return columns;
}

std::vector<adapter::TableEvent> TableShapes::look(Session& session) {
  std::vector<std::string> names;
  for (const adapter::SourceTable& table : spec_.tables) names.push_back(quote_table(table.table));
  const Result found =
      session.attempt_prepared(shapes_sql, {}, Parameters().add(array_text(names)), "looking at the tables");
  session.check(found, "looking at the tables");
  std::vector<adapter::TableEvent> events;
  const auto changed = [&](std::size_t table, const std::string& how) {
    events.push_back({table, adapter::TableEventKind::schema_changed, "table " + spec_.tables[table].table + how, {}});
  };
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const int row = static_cast<int>(i);
    Table& state = tables_[i];
    if (found.is_null(row, 0)) {
      state = {};
      changed(i, " is gone");
      continue;
    }
    if (const std::string shape = found.text(row, 0); shape != state.shape || !state.found) {
      state.shape = shape;
      state.found = find_table(session, spec_.tables[i].table);
    }
    std::string missing;
    for (const std::string& name : listed(i))
      if (state.found && state.found->find(name) == nullptr) missing += (missing.empty() ? "" : ", ") + name;
    if (state.found && missing.empty()) continue;
    state.found.reset();
    changed(i, " lacks the columns " + missing);
  }
  return events;
}

const CatalogTable& TableShapes::require(Session& session, std::size_t table) {
  if (table >= tables_.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  if (!tables_[table].found) tables_[table].found = require_table(session, spec_.tables[table].table, listed(table));
  return *tables_[table].found;
}

}  // namespace qianzhi::postgresql
