#include "hub-protocol/audit/directory_history.h"

namespace qianzhi::audit {

void keep_directory(sqlite::Database& database, std::string_view signed_root, const Digest& digest,
                    const std::map<Digest, Bytes>& parts, Micros now) {
  database.execute(
      "CREATE TABLE IF NOT EXISTS kept_root("
      "number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, time INTEGER NOT NULL, octets BLOB NOT NULL) STRICT; "
      "CREATE TABLE IF NOT EXISTS kept_part(digest BLOB PRIMARY KEY, octets BLOB NOT NULL) STRICT");
  database.prepare("INSERT OR IGNORE INTO kept_root(digest, time, octets) VALUES(?, ?, ?)")
      .bind_blob(1, digest.bytes())
      .bind(2, now)
      .bind_blob(3, signed_root)
      .run();
  for (const auto& [part, octets] : parts)
    database.prepare("INSERT OR IGNORE INTO kept_part VALUES(?, ?)")
        .bind_blob(1, part.bytes())
        .bind_blob(2, octets)
        .run();
}

namespace {

void each_octets(sqlite::Database& database, std::string_view table, std::string_view order,
                 const std::function<void(std::string_view)>& visit) {
  sqlite::Statement there = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?");
  if (!there.bind(1, table).step()) return;
  sqlite::Statement row =
      database.prepare("SELECT octets FROM " + std::string(table) + " ORDER BY " + std::string(order));
  while (row.step()) visit(row.view(0));
}

}  // namespace

void each_root(sqlite::Database& database, const std::function<void(std::string_view)>& visit) {
  each_octets(database, "kept_root", "number", visit);
}

void each_part(sqlite::Database& database, const std::function<void(std::string_view)>& visit) {
  each_octets(database, "kept_part", "digest", visit);
}

}  // namespace qianzhi::audit
