#include "adapters/mysql/table_reader.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr const char* look_sql =
    "SELECT MD5(GROUP_CONCAT(CONCAT_WS(':', COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME, IS_NULLABLE, COLUMN_KEY = 'PRI')"
    " ORDER BY ORDINAL_POSITION)) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";

adapter::TableInfo info_of(const CatalogTable& table) {
  adapter::TableInfo info;
  for (const CatalogColumn& column : table.columns)
    info.columns.push_back({column.name, column.column_type, item_type_of(column.form), !column.not_null});
  if (table.has_primary_key) info.key = table.unique_keys.front();
  info.rows = table.rows;
  return info;
}

}  // namespace

Snapshot::Snapshot(Session& session) : session_(session) {
  session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", "beginning a snapshot");
}

Snapshot::~Snapshot() {
  try {
    session_.run("ROLLBACK", "ending a snapshot");
  } catch (const Error&) {
    session_.set_broken();
  }
}

void TableReader::forget_all() {
  for (auto& reader : readers_) reader.reset();
}

std::vector<adapter::TableInfo> TableReader::look(Session& session, const std::vector<std::size_t>& tables, bool count,
                                                  bool& is_new) {
  std::vector<adapter::TableInfo> infos;
  is_new = false;
  for (const std::size_t table : tables) {
    const std::string& wanted = spec_.tables.at(table).table;
    const auto [schema, name] = full_name(session, wanted);
    Looked& known = looked_[table];
    const std::string shape =
        session.query(look_sql, Parameters().add(schema).add(name), "looking at a table").text(0, 0);
    const bool changed = shape != known.shape;
    is_new = is_new || changed;
    if (changed) known = {shape, {}};
    if (!shape.empty() && (changed || count)) {
      const auto found = find_table(session, wanted);
      if (found) known.info = info_of(*found);
    }
    infos.push_back(known.info);
    infos.back().name = wanted;
  }
  if (is_new) forget_all();
  return infos;
}

adapter::SnapshotChunk TableReader::read(Session& session, Charsets& charsets, std::size_t table, const Bytes& cursor,
                                         const adapter::ReadLimits& limits) {
  if (table >= readers_.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  auto& reader = readers_[table];
  if (!reader) {
    const adapter::SourceTable& wanted = spec_.tables[table];
    const CatalogTable found = require_table(session, wanted.table, wanted.columns);
    for (const std::string& name : wanted.columns)
      if (found.find(name)->form == Form::unsupported)
        throw Error(ErrorKind::misuse, "QZ-MY-032",
                    "column " + name + " of " + wanted.table + " is " + found.find(name)->column_type);
    reader.emplace(found, wanted.columns, wanted.key, "");
  }
  KeysetPage page = reader->read(session, charsets, cursor, limits);
  adapter::SnapshotChunk chunk;
  chunk.columns = std::move(page.columns);
  chunk.cursor = std::move(page.cursor);
  chunk.done = page.exhausted;
  return chunk;
}

}  // namespace qianzhi::mysql
