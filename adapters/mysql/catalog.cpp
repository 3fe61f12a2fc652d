#include "adapters/mysql/catalog.h"

#include <algorithm>

#include "adapters/mysql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr const char* table_sql =
    "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, IFNULL(CREATE_OPTIONS, '') LIKE '%partitioned%'"
    " FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";

constexpr const char* column_list =
    "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, COLLATION_NAME, CHARACTER_SET_NAME, IS_NULLABLE = 'NO',"
    " GENERATION_EXPRESSION IS NOT NULL AND GENERATION_EXPRESSION <> '', CHARACTER_OCTET_LENGTH, DATETIME_PRECISION"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ?";

constexpr const char* key_list =
    "SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, SUB_PART IS NOT NULL FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA = ? AND NON_UNIQUE = 0";

constexpr const char* column_order = " ORDER BY TABLE_NAME, ORDINAL_POSITION";
constexpr const char* key_order = " ORDER BY TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX";

CatalogColumn column_at(const Result& found, int row) {
  CatalogColumn column;
  column.name = found.text(row, 1);
  column.data_type = found.text(row, 2);
  column.column_type = found.text(row, 3);
  column.collation = found.text(row, 4);
  column.charset = found.text(row, 5);
  column.not_null = found.truth(row, 6);
  column.generated = found.truth(row, 7);
  column.octets = found.integer(row, 8);
  column.fraction = found.integer(row, 9);
  column.is_unsigned = column.column_type.find("unsigned") != std::string::npos;
  column.form = form_of(column.data_type, column.column_type);
  return column;
}

void read_keys(Session& session, CatalogTable& table, const Parameters& who) {
  const Result found = session.query(std::string(key_list) + " AND TABLE_NAME = ?" + key_order, who, "reading keys");
  std::string index;
  bool partial = false;
  for (int row = 0; row < found.rows(); ++row) {
    if (row == 0 || found.text(row, 1) != index) {
      if (partial) table.unique_keys.pop_back();
      index = found.text(row, 1);
      partial = false;
      table.unique_keys.emplace_back();
      table.has_primary_key = table.has_primary_key || index == "PRIMARY";
    }
    partial = partial || found.truth(row, 3);
    table.unique_keys.back().push_back(found.text(row, 2));
  }
  if (partial) table.unique_keys.pop_back();
}

}  // namespace

bool CatalogColumn::is_octet_text() const {
  return charset == "utf8mb4" && (collation == "utf8mb4_bin" || collation == "utf8mb4_nopad_bin");
}

const CatalogColumn* CatalogTable::find(std::string_view column) const {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const CatalogColumn& c) { return c.name == column; });
  return found == columns.end() ? nullptr : &*found;
}

bool CatalogTable::has_unique_key(const std::vector<std::string>& key) const {
  return std::any_of(unique_keys.begin(), unique_keys.end(), [&](const std::vector<std::string>& candidate) {
    return candidate.size() == key.size() && std::is_permutation(candidate.begin(), candidate.end(), key.begin());
  });
}

bool CatalogTable::has_unique_part(const std::vector<std::string>& within) const {
  const auto is_within = [&](const std::string& part) {
    return std::find(within.begin(), within.end(), part) != within.end();
  };
  return std::any_of(unique_keys.begin(), unique_keys.end(), [&](const std::vector<std::string>& candidate) {
    return std::all_of(candidate.begin(), candidate.end(), is_within);
  });
}

std::pair<std::string, std::string> full_name(const Session& session, const std::string& table) {
  auto parts = split_table(table);
  if (parts.first.empty()) parts.first = session.database();
  return parts;
}

std::optional<CatalogTable> find_table(Session& session, const std::string& table) {
  const auto [schema, name] = full_name(session, table);
  const Parameters who = Parameters().add(schema).add(name);
  const Result found = session.query(table_sql, who, "looking for a table");
  if (found.rows() == 0) return std::nullopt;
  CatalogTable result;
  result.schema = found.text(0, 0);
  result.name = found.text(0, 1);
  result.kind = found.text(0, 2);
  result.engine = found.text(0, 3);
  result.rows = found.is_null(0, 4) ? -1 : found.integer(0, 4);
  result.is_partitioned = found.truth(0, 5);
  const Result columns =
      session.query(std::string(column_list) + " AND TABLE_NAME = ?" + column_order, who, "reading columns");
  for (int row = 0; row < columns.rows(); ++row) result.columns.push_back(column_at(columns, row));
  read_keys(session, result, who);
  return result;
}

CatalogTable require_table(Session& session, const std::string& table, const std::vector<std::string>& columns) {
  auto found = find_table(session, table);
  if (!found) throw Error(ErrorKind::misuse, "QZ-ADP-011", "there is no table " + table);
  for (const auto& column : columns)
    if (found->find(column) == nullptr)
      throw Error(ErrorKind::misuse, "QZ-ADP-011", "there is no column " + column + " in table " + table);
  return std::move(*found);
}

std::vector<adapter::TableInfo> describe_tables(Session& session) {
  const Parameters who = Parameters().add(session.database());
  const Result found = session.query(
      "SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE <> 'SEQUENCE'"
      " ORDER BY TABLE_NAME",
      who, "listing tables");
  std::vector<adapter::TableInfo> tables;
  tables.reserve(static_cast<std::size_t>(found.rows()));
  for (int row = 0; row < found.rows(); ++row)
    tables.push_back({found.text(row, 0), {}, {}, found.is_null(row, 1) ? -1 : found.integer(row, 1)});
  const auto table_of = [&](const std::string& name) {
    return std::find_if(tables.begin(), tables.end(), [&](const adapter::TableInfo& t) { return t.name == name; });
  };
  const Result columns = session.query(std::string(column_list) + column_order, who, "listing columns");
  for (int row = 0; row < columns.rows(); ++row) {
    const auto table = table_of(columns.text(row, 0));
    if (table == tables.end()) continue;
    const CatalogColumn column = column_at(columns, row);
    table->columns.push_back({column.name, column.column_type, item_type_of(column.form), !column.not_null});
  }
  const Result keys =
      session.query(std::string(key_list) + " AND INDEX_NAME = 'PRIMARY'" + key_order, who, "listing keys");
  for (int row = 0; row < keys.rows(); ++row) {
    const auto table = table_of(keys.text(row, 0));
    if (table != tables.end()) table->key.push_back(keys.text(row, 2));
  }
  return tables;
}

// Newer servers number a collation once for each character set it applies to.
CharsetNames charset_names(Session& session) {
  const Result columns = session.run(
      "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'information_schema'"
      " AND TABLE_NAME = 'COLLATION_CHARACTER_SET_APPLICABILITY' AND COLUMN_NAME = 'ID'",
      "looking at collations");
  const Result found =
      session.run(columns.truth(0, 0)
                      ? "SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY"
                      : "SELECT ID, CHARACTER_SET_NAME FROM information_schema.COLLATIONS",
                  "reading collations");
  CharsetNames names;
  for (int row = 0; row < found.rows(); ++row)
    if (!found.is_null(row, 0)) names[static_cast<unsigned>(found.number(row, 0))] = found.text(row, 1);
  return names;
}

}  // namespace qianzhi::mysql
