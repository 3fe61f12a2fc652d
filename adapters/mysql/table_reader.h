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
  explicit TableReader(const adapter::SourceSpec& spec)
      : spec_(spec), readers_(spec.tables.size()), looked_(spec.tables.size()) {}

  // Nothing is remembered of another connection or of tables as they were.
  void forget_all();
  // Source::look(): one statement a table, and three more if it changed or rows are wanted. is_new: one is not as it
  // was at the last look; readers are forgotten then.
  std::vector<adapter::TableInfo> look(Session& session, const std::vector<std::size_t>& tables, bool count,
                                       bool& is_new);
  // Without position. Throws Error(misuse, QZ-ADP-011) if the table or a listed column is missing, QZ-MY-032 if it
  // cannot be read by rows.
  adapter::SnapshotChunk read(Session& session, Charsets& charsets, std::size_t table, const Bytes& cursor,
                              const adapter::ReadLimits& limits);

 private:
  struct Looked {
    std::string shape;
    adapter::TableInfo info;
  };

  const adapter::SourceSpec& spec_;
  std::vector<std::optional<KeysetReader>> readers_;
  std::vector<Looked> looked_;  // outlives connections
};

}  // namespace qianzhi::mysql
