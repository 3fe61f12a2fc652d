#include "adapters/files/staging.h"
#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

// "a.k1 = b.k1 AND a.k2 = b.k2"
std::string same_key(const SourceTable& table, const std::string& a, const std::string& b) {
  std::string text;
  for (const std::string& name : table.key)
    text.append(text.empty() ? "" : " AND ").append(a + "." + lite::id(name) + " = " + b + "." + lite::id(name));
  return text;
}

// Columns that are not of the key.
std::vector<std::string> others(const SourceTable& table, const std::vector<bool>& is_key) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (!is_key[i]) names.push_back(table.columns[i]);
  return names;
}

// What `between` joins: "x IS NOT y OR ..." or "x = y, ...".
std::string pairs(const std::vector<std::string>& names, const std::string& left, const char* relation,
                  const std::string& right, const char* between) {
  std::string text;
  for (const std::string& name : names)
    text.append(text.empty() ? "" : between).append(left + lite::id(name) + relation + right + lite::id(name));
  return text;
}

std::uint64_t run(sqlite::Database& database, const std::string& sql) {
  database.prepare(sql).run();
  return static_cast<std::uint64_t>(database.changes());
}

}  // namespace

std::uint64_t Staging::would_remove() {
  const std::string gone = "SELECT count(*) FROM " + lite::id(table_.table) +
                           " AS t WHERE NOT EXISTS (SELECT 1 FROM stage.row AS s WHERE " + same_key(table_, "s", "t") +
                           ")";
  return static_cast<std::uint64_t>(spool_.scalar(gone).value_or(0));
}

Merged Staging::merge() { return changes_ ? merge_changes() : merge_full(); }

// Only what differs is written, so that only that is journalled. Removes come first: a row whose key changed leaves
// before it comes (pitfall 7).
Merged Staging::merge_full() {
  const std::string table = lite::id(table_.table);
  const std::vector<std::string> values = others(table_, is_key_);
  Merged merged;
  merged.removed = run(spool_, "DELETE FROM " + table + " AS t WHERE NOT EXISTS (SELECT 1 FROM stage.row AS s WHERE " +
                                   same_key(table_, "s", "t") + ")");
  if (!values.empty())
    merged.changed = run(spool_, "UPDATE " + table + " AS t SET " + pairs(values, "", " = ", "s.", ", ") +
                                     " FROM stage.row AS s WHERE " + same_key(table_, "s", "t") + " AND (" +
                                     pairs(values, "t.", " IS NOT ", "s.", " OR ") + ")");
  const std::string columns = sql::identifiers(sql::sqlite, table_.columns);
  merged.added = run(spool_, "INSERT INTO " + table + "(" + columns + ") SELECT " + columns +
                                 " FROM stage.row AS s WHERE NOT EXISTS (SELECT 1 FROM " + table + " AS t WHERE " +
                                 same_key(table_, "t", "s") + ")");
  return merged;
}

// In the order of the lines.
Merged Staging::merge_changes() {
  const std::string table = lite::id(table_.table);
  const std::string columns = sql::identifiers(sql::sqlite, table_.columns);
  const std::vector<std::string> values = others(table_, is_key_);
  const std::string line = "(SELECT * FROM stage.row WHERE qz_line = ?1) AS s";
  const std::string same = same_key(table_, "s", "t");
  const std::string remove =
      "DELETE FROM " + table + " AS t WHERE EXISTS (SELECT 1 FROM " + line + " WHERE " + same + ")";
  const std::string update = values.empty() ? std::string()
                                            : "UPDATE " + table + " AS t SET " + pairs(values, "", " = ", "s.", ", ") +
                                                  " FROM " + line + " WHERE " + same + " AND (" +
                                                  pairs(values, "t.", " IS NOT ", "s.", " OR ") + ")";
  const std::string insert = "INSERT INTO " + table + "(" + columns + ") SELECT " + columns + " FROM " + line +
                             " WHERE NOT EXISTS (SELECT 1 FROM " + table + " AS t WHERE " + same + ")";
  const auto run_line = [&](const std::string& sql, std::int64_t number) {
    spool_.prepare(sql).bind(1, number).run();
    return static_cast<std::uint64_t>(spool_.changes());
  };
  Merged merged;
  sqlite::Statement lines = spool_.prepare("SELECT qz_line, qz_remove FROM stage.row ORDER BY qz_line");
  while (lines.step()) {
    const std::int64_t number = lines.integer(0);
    if (lines.integer(1) == 1) {
      merged.removed += run_line(remove, number);
      continue;
    }
    if (!update.empty()) merged.changed += run_line(update, number);
    merged.added += run_line(insert, number);
  }
  return merged;
}

}  // namespace qianzhi::adapter::files
