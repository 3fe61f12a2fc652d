#include "adapters/postgresql/tables_look.h"

#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"

namespace qianzhi::postgresql {

namespace {

constexpr const char* present_tables_sql = R"(
SELECT c.oid || ':' || (SELECT string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod || ' ' || a.attnotnull,
    ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
  || ':' || coalesce((SELECT string_agg(i.indkey::text, ',' ORDER BY i.indexrelid) FROM pg_index i
    WHERE i.indrelid = c.oid AND i.indisprimary), ''),
  CASE WHEN $2 = 'true' AND c.relkind = 'r' AND c.relpages > 0 AND c.reltuples > 0
    THEN (c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::bigint))::bigint
    ELSE c.reltuples::bigint END
FROM unnest($1::text[]) WITH ORDINALITY AS w(tbl, n) LEFT JOIN pg_class c ON c.oid = to_regclass(w.tbl)
ORDER BY w.n)";

adapter::TableInfo info_of(const CatalogTable& table) {
  adapter::TableInfo info;
  for (const CatalogColumn& column : table.columns)
    info.columns.push_back(
        {column.name, column.type_text, item_type_of(form_of(column.type), column.type), !column.not_null});
  if (table.has_primary_key) info.key = table.unique_keys.front();
  info.instance = std::to_string(table.oid);
  return info;
}

std::vector<Oid> types_of(const CatalogTable& table, const std::vector<std::string>& columns) {
  std::vector<Oid> types;
  for (const std::string& name : columns) {
    const CatalogColumn* column = table.find(name);
    types.push_back(column == nullptr ? 0 : column->type);
  }
  return types;
}

}  // namespace

TablesLook::Seen TablesLook::look(Session& session, const std::vector<std::size_t>& tables, bool count) {
  std::vector<std::string> names;
  names.reserve(tables.size());
  for (const std::size_t table : tables) names.push_back(quote_table(spec_.tables.at(table).table));
  const Result found = session.query(
      present_tables_sql, Parameters().add(array_text(names)).add(count ? "true" : "false"), "looking at the tables");
  Seen seen;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const int row = static_cast<int>(i);
    const std::string& name = spec_.tables[tables[i]].table;
    Table& known = tables_[tables[i]];
    const std::string shape = found.is_null(row, 0) ? std::string() : found.text(row, 0);
    if (shape != known.shape) {
      seen.is_new = true;
      known = {};
      if (const auto table = shape.empty() ? std::nullopt : find_table(session, name))
        known = {shape, info_of(*table), types_of(*table, spec_.tables[tables[i]].columns)};
    }
    seen.types.push_back(known.types);
    seen.tables.push_back(known.info);
    seen.tables.back().name = name;
    if (count && !shape.empty()) seen.tables.back().rows = found.integer(row, 1);
  }
  return seen;
}

}  // namespace qianzhi::postgresql
