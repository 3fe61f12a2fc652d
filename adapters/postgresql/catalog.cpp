#include "adapters/postgresql/catalog.h"

#include <algorithm>
#include <map>

#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr const char* table_sql = R"(
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident, c.reltuples::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1))";

constexpr const char* column_sql = R"(
SELECT a.attname, a.atttypid, format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, -1),
       a.attnotnull, a.attgenerated <> '',
       coalesce(co.collisdeterministic, true),
       CASE c.relreplident WHEN 'f' THEN true WHEN 'n' THEN false
         ELSE EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey)
           AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END) END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)";

constexpr const char* key_sql = R"(
SELECT i.indexrelid, i.indisprimary, a.attname
FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate
  AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indisprimary DESC, i.indexrelid, k.place)";

constexpr const char* describe_sql = R"(
SELECT n.nspname, c.relname, c.reltuples::bigint, a.attname, format_type(a.atttypid, a.atttypmod),
       a.atttypid, a.attnotnull,
       CASE WHEN array_position(i.indkey::int2[], a.attnum) < i.indnkeyatts
         THEN array_position(i.indkey::int2[], a.attnum) ELSE -1 END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
ORDER BY n.nspname, c.relname, a.attnum)";

char letter(const Result& result, int row, int column) {
  const std::string_view text = result.view(row, column);
  return text.empty() ? ' ' : text[0];
}

void read_columns(Session& session, CatalogTable& table) {
  const Result found = session.query(column_sql, Parameters().add(std::int64_t{table.oid}), "reading columns");
  for (int row = 0; row < found.rows(); ++row) {
    CatalogColumn column;
    column.name = found.text(row, 0);
    column.type = static_cast<Oid>(found.integer(row, 1));
    column.type_text = found.text(row, 2);
    column.unlimited_type = found.text(row, 3);
    column.not_null = found.truth(row, 4);
    column.generated = found.truth(row, 5);
    column.deterministic = found.truth(row, 6);
    column.in_identity = found.truth(row, 7);
    table.columns.push_back(std::move(column));
  }
}

void read_keys(Session& session, CatalogTable& table) {
  const Result found = session.query(key_sql, Parameters().add(std::int64_t{table.oid}), "reading keys");
  std::string index;
  for (int row = 0; row < found.rows(); ++row) {
    if (row == 0 || found.view(row, 0) != index) {
      index = found.text(row, 0);
      table.unique_keys.emplace_back();
      table.has_primary_key = table.has_primary_key || found.truth(row, 1);
    }
    table.unique_keys.back().push_back(found.text(row, 2));
  }
}

}  // namespace

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

std::optional<CatalogTable> find_table(Session& session, const std::string& table) {
  const Result found = session.query(table_sql, Parameters().add(quote_table(table)), "looking for a table");
  if (found.rows() == 0) return std::nullopt;
  CatalogTable result;
  result.oid = static_cast<Oid>(found.integer(0, 0));
  result.schema = found.text(0, 1);
  result.name = found.text(0, 2);
  result.kind = letter(found, 0, 3);
  result.persistence = letter(found, 0, 4);
  result.identity = letter(found, 0, 5);
  result.rows = found.integer(0, 6);
  read_columns(session, result);
  read_keys(session, result);
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
  const Result found = session.query(describe_sql, {}, "listing tables");
  std::vector<adapter::TableInfo> tables;
  std::map<std::int64_t, std::string> key;
  const auto take_key = [&] {
    for (auto& [place, name] : key) tables.back().key.push_back(std::move(name));
    key.clear();
  };
  for (int row = 0; row < found.rows(); ++row) {
    const std::string name = found.text(row, 0) + "." + found.text(row, 1);
    if (tables.empty() || tables.back().name != name) {
      if (!tables.empty()) take_key();
      tables.push_back({name, {}, {}, found.integer(row, 2)});
    }
    const Oid type = static_cast<Oid>(found.integer(row, 5));
    tables.back().columns.push_back(
        {found.text(row, 3), found.text(row, 4), item_type_of(form_of(type), type), !found.truth(row, 6)});
    const std::int64_t place = found.integer(row, 7);
    if (place >= 0) key[place] = found.text(row, 3);
  }
  if (!tables.empty()) take_key();
  return tables;
}

}  // namespace qianzhi::postgresql
