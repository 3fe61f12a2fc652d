// What the server's catalogue says about tables. Each call is one or two statements on the given session.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/values.h"

namespace qianzhi::postgresql {

struct CatalogColumn {
  std::string name;
  Oid type = 0;
  std::string type_text;       // "character varying(20)"
  std::string unlimited_type;  // "character varying": an explicit cast to the former cuts a longer text silently
  bool not_null = false;
  bool generated = false;
  bool deterministic = true;  // its collation compares equal only what is equal octet by octet
  bool in_identity = false;   // is part of the replica identity
};

struct CatalogTable {
  Oid oid = 0;
  std::string schema;
  std::string name;
  char kind = 'r';         // r table, p partitioned, v view, ...
  char persistence = 'p';  // p permanent, u unlogged, t temporary
  char identity = 'd';     // d default, n nothing, f full, i index
  std::int64_t rows = -1;  // estimate
  std::vector<CatalogColumn> columns;
  std::vector<std::vector<std::string>> unique_keys;  // valid, immediate, not partial, plain columns; primary key first
  bool has_primary_key = false;

  const CatalogColumn* find(std::string_view column) const;
  // True if some unique index holds exactly these columns, in any order.
  bool has_unique_key(const std::vector<std::string>& key) const;
};

// Nothing if there is no such table. An unqualified name is looked up in the search path.
std::optional<CatalogTable> find_table(Session& session, const std::string& table);

// As find_table, but throws Error(misuse, QZ-ADP-011) if the table or one of these columns is missing.
CatalogTable require_table(Session& session, const std::string& table, const std::vector<std::string>& columns);

// Every table and view of the user's schemas.
std::vector<adapter::TableInfo> describe_tables(Session& session);

}  // namespace qianzhi::postgresql
