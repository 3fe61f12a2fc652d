// What the server's catalogue says about tables. Each call is one or a few statements on the given session.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/session.h"
#include "adapters/mysql/values.h"

namespace qianzhi::mysql {

struct CatalogColumn {
  std::string name;
  std::string data_type;    // "varchar"
  std::string column_type;  // "varchar(20)"
  std::string collation;    // empty: not text
  std::string charset;
  Form form = Form::text;
  bool not_null = false;
  bool is_unsigned = false;
  bool generated = false;
  std::int64_t octets = 0;    // longest value
  std::int64_t fraction = 0;  // digits of a second that a time may have

  // Its server's order of different values is total: numbers, times, octets, and text compared octet by octet.
  bool is_octet_text() const;
};

struct CatalogTable {
  std::string schema;
  std::string name;
  std::string kind;    // "BASE TABLE", "VIEW", "SYSTEM VERSIONED", ...
  std::string engine;  // "InnoDB"
  std::int64_t rows = -1;
  std::vector<CatalogColumn> columns;
  std::vector<std::vector<std::string>> unique_keys;  // of whole, not null or nullable columns; the primary key first
  bool has_primary_key = false;
  bool is_partitioned = false;

  const CatalogColumn* find(std::string_view column) const;
  // True if some unique index holds exactly these columns, in any order.
  bool has_unique_key(const std::vector<std::string>& key) const;
  // True if some unique index holds none but these columns.
  bool has_unique_part(const std::vector<std::string>& within) const;
};

// Nothing if there is no such table. A name without a schema is looked up in the connection's database. Names of
// columns and tables are compared as they are written in the catalogue.
std::optional<CatalogTable> find_table(Session& session, const std::string& table);

// As find_table, but throws Error(misuse, QZ-ADP-011) if the table or one of these columns is missing.
CatalogTable require_table(Session& session, const std::string& table, const std::vector<std::string>& columns);

// Every table and view of the connection's database.
std::vector<adapter::TableInfo> describe_tables(Session& session);

// Collations of this server.
CharsetNames charset_names(Session& session);

// schema, table
std::pair<std::string, std::string> full_name(const Session& session, const std::string& table);

}  // namespace qianzhi::mysql
