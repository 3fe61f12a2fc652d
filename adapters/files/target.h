// Files as a target: received rows and marks live in a SQLite file of this adapter, and each table is written to a CSV
// file when it has changed.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/exporter.h"
#include "adapters/files/settings.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

// Threads: as every Target, and one of its own that writes files in between, unless the interval is 0.
class FilesTarget final : public Target {
 public:
  // Opens nothing yet.
  FilesTarget(TargetSpec spec, Adapter& sqlite);
  ~FilesTarget() override;

  std::vector<MarkRow> marks() override;
  // What could not be written to a file before is told here, before anything is done.
  ApplyResult apply(const TargetTransaction& transaction) override;
  void commit() override;
  void rollback() override;
  SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override;
  // Looks at the folder; leaves the database alone.
  std::vector<Finding> preflight() override;

 private:
  Target& open();
  void create_tables(const TargetSpec& inner) const;
  void committed();
  void settle();
  void write_files(const std::stop_token& stop);
  void write_claimed(sqlite::Database& database);
  void tell_failure();

  TargetSpec spec_;
  TargetSettings settings_;
  Adapter& sqlite_;
  std::unique_ptr<Target> inner_;
  std::unique_ptr<Exporter> exporter_;  // of the calling thread, the only one that writes to the database
  std::optional<std::size_t> ending_;   // table whose refill ends with the open transaction

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Under mutex_: tables in TargetSpec::tables.
  std::set<std::size_t> claimed_;  // to be written
  std::set<std::size_t> written_;  // and not settled yet
  std::optional<Error> failure_;
  std::jthread writer_;  // last: it uses everything above
};

}  // namespace qianzhi::adapter::files
