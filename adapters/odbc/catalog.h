// What a database's catalogue says of tables, in the words of its dialect.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

struct CatalogColumn {
  std::string name;  // as configured, where it was looked up by a configured name
  std::string type;
  std::string unlimited_type;  // without its length
  bool nullable = true;
  Form form = Form::other;
};

struct CatalogTable {
  std::vector<CatalogColumn> columns;
  std::vector<std::vector<std::string>> unique_keys;  // the primary key first
  std::string shape;                                  // columns and their types

  // Names as configured or as in the catalogue.
  const CatalogColumn* find(const Dialect& dialect, std::string_view column) const;
  bool has_unique_key(const Dialect& dialect, const std::vector<std::string>& key) const;
};

// Nothing: there is no such table, or we may not see it.
std::optional<CatalogTable> find_table(Session& session, const std::string& table);
// CatalogTable::shape as it is now; empty: there is no such table.
std::string shape_of(Session& session, const std::string& table);
// Throws Error(misuse, QZ-ADP-011) if the table or one of the columns is missing.
CatalogTable require_table(Session& session, const std::string& table, const std::vector<std::string>& columns);
std::vector<adapter::TableInfo> describe_tables(Session& session);
// One table; without columns if there is none. count: with its rows, for which all tables may be listed.
adapter::TableInfo describe_table(Session& session, const std::string& table, bool count);
// Columns, their types and the key: another text, another shape.
std::string shape_in(const adapter::TableInfo& table);

}  // namespace qianzhi::odbc
