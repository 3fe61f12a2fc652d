#include "adapters/mysql/table_reader.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

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
