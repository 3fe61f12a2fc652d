#include "adapters/sqlite/keyset.h"

#include "adapters/sql/sql_text.h"

namespace qianzhi::adapter::lite {

namespace {

std::string page_sql(const Page& page, const std::vector<bool>& nulls, bool first) {
  // The key is read a second time, as it is, because the cursor needs its storage class.
  std::string text = "SELECT " + sql::identifiers(sql::sqlite, page.columns) + ", " +
                     sql::identifiers(sql::sqlite, page.key) + " FROM " + sql::table(sql::sqlite, page.table);
  std::string where = page.condition;
  if (!first) where += (where.empty() ? "" : " AND ") + sql::key_after(sql::sqlite, page.key, nulls, 2);
  if (!where.empty()) text += " WHERE " + where;
  return text + " ORDER BY " + sql::key_order(sql::sqlite, page.key) + " LIMIT ?1";
}

}  // namespace

SnapshotChunk read_page(sqlite::Database& database, const Page& page, const Bytes& cursor, const ReadLimits& limits) {
  std::vector<Value> from;
  if (!cursor.empty()) from = from_literals(cursor, page.key.size());
  std::vector<bool> nulls;
  nulls.reserve(from.size());
  for (const Value& value : from) nulls.push_back(value.storage == Storage::null);

  sqlite::Statement query = database.prepare(page_sql(page, nulls, cursor.empty()));
  query.bind(1, static_cast<std::int64_t>(limits.rows));
  int parameter = 2;
  for (const Value& value : from)
    if (value.storage != Storage::null) bind(query, parameter++, value);

  SnapshotChunk chunk;
  chunk.cursor = cursor;
  chunk.columns.resize(page.columns.size());
  std::size_t rows = 0;
  std::size_t octets = 0;
  std::vector<Value> last(page.key.size());
  while (rows < limits.rows && octets < limits.octets && query.step()) {
    for (std::size_t i = 0; i < page.columns.size(); ++i) {
      const std::size_t before = chunk.columns[i].octets();
      append(chunk.columns[i], query, static_cast<int>(i), page.forms[i]);
      octets += chunk.columns[i].octets() - before;
    }
    for (std::size_t i = 0; i < page.key.size(); ++i)
      last[i] = value_of(query, static_cast<int>(page.columns.size() + i));
    ++rows;
  }
  if (rows > 0) chunk.cursor = to_literals(last);
  chunk.done = rows < limits.rows && octets < limits.octets;
  return chunk;
}

}  // namespace qianzhi::adapter::lite
