#include "adapters/odbc/catalog.h"

#include <algorithm>
#include <charconv>

#include "adapters/odbc/names.h"
#include "adapters/odbc/values.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

std::vector<CatalogColumn> columns_of(Session& session, const std::string& schema, const std::string& table) {
  const Dialect& dialect = session.dialect();
  std::vector<CatalogColumn> columns;
  Rows rows = session.query(std::string(dialect.columns_sql), Parameters().add(schema).add(table), "reading columns");
  while (rows.next()) {
    CatalogColumn column;
    column.name = rows.text(0);
    column.type = rows.text(1);
    column.nullable = rows.text(2) != "N";
    column.unlimited_type = rows.text(3);
    column.form = form_of(dialect, column.type);
    columns.push_back(std::move(column));
  }
  return columns;
}

std::string text_of_columns(const std::vector<CatalogColumn>& columns) {
  std::string shape;
  for (const CatalogColumn& column : columns) shape += column.name + " " + column.type + ",";
  return shape;
}

std::vector<std::vector<std::string>> keys_of(Session& session, const std::string& schema, const std::string& table) {
  std::vector<std::vector<std::string>> keys;
  std::string index;
  Rows rows =
      session.query(std::string(session.dialect().keys_sql), Parameters().add(schema).add(table), "reading keys");
  while (rows.next()) {
    if (keys.empty() || rows.text(0) != index) {
      index = rows.text(0);
      keys.emplace_back();
    }
    keys.back().emplace_back(rows.text(1));
  }
  return keys;
}

std::string without_spaces_at_end(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

const CatalogColumn* CatalogTable::find(const Dialect& dialect, std::string_view column) const {
  const std::string wanted = folded(dialect, column);
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == wanted; });
  return found == columns.end() ? nullptr : &*found;
}

bool CatalogTable::has_unique_key(const Dialect& dialect, const std::vector<std::string>& key) const {
  std::vector<std::string> wanted;
  wanted.reserve(key.size());
  for (const std::string& name : key) wanted.push_back(folded(dialect, name));
  return std::any_of(unique_keys.begin(), unique_keys.end(), [&](const auto& candidate) {
    return candidate.size() == wanted.size() && std::is_permutation(candidate.begin(), candidate.end(), wanted.begin());
  });
}

std::optional<CatalogTable> find_table(Session& session, const std::string& table) {
  const auto [schema, name] = split_table(session.dialect(), table);
  CatalogTable found;
  found.columns = columns_of(session, schema, name);
  if (found.columns.empty()) return std::nullopt;
  found.unique_keys = keys_of(session, schema, name);
  found.shape = text_of_columns(found.columns);
  return found;
}

std::string shape_of(Session& session, const std::string& table) {
  const auto [schema, name] = split_table(session.dialect(), table);
  return text_of_columns(columns_of(session, schema, name));
}

CatalogTable require_table(Session& session, const std::string& table, const std::vector<std::string>& columns) {
  auto found = find_table(session, table);
  if (!found) throw Error(ErrorKind::misuse, "QZ-ADP-011", "there is no table " + table);
  for (const std::string& column : columns)
    if (found->find(session.dialect(), column) == nullptr)
      throw Error(ErrorKind::misuse, "QZ-ADP-011", "there is no column " + column + " in table " + table);
  return std::move(*found);
}

namespace {

std::vector<adapter::TableInfo> list_tables(Session& session) {
  std::vector<adapter::TableInfo> tables;
  Rows rows = session.query(std::string(session.dialect().tables_sql), {}, "listing tables");
  while (rows.next()) {
    adapter::TableInfo table;
    table.name = without_spaces_at_end(rows.text(0));
    const std::string_view estimate = rows.text(1);
    std::from_chars(estimate.data(), estimate.data() + estimate.size(), table.rows);
    tables.push_back(std::move(table));
  }
  return tables;
}

void fill(Session& session, adapter::TableInfo& table) {
  const auto found = find_table(session, table.name);
  if (!found) return;
  for (const CatalogColumn& column : found->columns)
    table.columns.push_back({column.name, column.type, item_type_of(column.form), column.nullable});
  if (!found->unique_keys.empty()) table.key = found->unique_keys.front();
}

}  // namespace

adapter::TableInfo describe_table(Session& session, const std::string& table, bool count) {
  adapter::TableInfo info;
  info.name = table;
  fill(session, info);
  if (!count) return info;
  const auto wanted = split_table(session.dialect(), table);
  for (const adapter::TableInfo& listed : list_tables(session)) {
    const auto name = split_table(session.dialect(), listed.name);
    const bool same_schema = wanted.first.empty() || name.first.empty() || wanted.first == name.first;
    if (same_schema && name.second == wanted.second) info.rows = listed.rows;
  }
  return info;
}

std::string shape_in(const adapter::TableInfo& table) {
  std::string shape;
  for (const adapter::ColumnInfo& column : table.columns)
    shape += column.name + " " + column.native_type + (column.nullable ? "," : " not null,");
  for (const std::string& name : table.key) shape += ":" + name;
  return shape;
}

std::vector<adapter::TableInfo> describe_tables(Session& session) {
  std::vector<adapter::TableInfo> tables = list_tables(session);
  for (adapter::TableInfo& table : tables) fill(session, table);
  return tables;
}

}  // namespace qianzhi::odbc
