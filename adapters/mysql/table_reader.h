// Pages of a source's tables, each in the snapshot that its caller has opened.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/mysql/keyset.h"

namespace qianzhi::mysql {

// Ends the open transaction however it is left; a connection that broke has ended it by itself.
class Snapshot {
 public:
  // One state of all tables and of the binary log's place.
  explicit Snapshot(Session& session);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Session& session_;
};

class TableReader {
 public:
  // spec must outlive it.
  explicit TableReader(const adapter::SourceSpec& spec) : spec_(spec), readers_(spec.tables.size()) {}

  // Nothing is remembered of another connection or of tables as they were.
  void forget_all();
  // Without position. Throws Error(misuse, QZ-ADP-011) if the table or a listed column is missing, QZ-MY-032 if it
  // cannot be read by rows.
  adapter::SnapshotChunk read(Session& session, Charsets& charsets, std::size_t table, const Bytes& cursor,
                              const adapter::ReadLimits& limits);

 private:
  const adapter::SourceSpec& spec_;
  std::vector<std::optional<KeysetReader>> readers_;
};

}  // namespace qianzhi::mysql
