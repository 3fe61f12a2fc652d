// Files as a source. Mode journal: the importer brings them to the spool, the sqlite adapter reads the spool. Mode
// snapshot_only: a look at what lies there, by which nothing is imported, moved or written.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/api/news.h"
#include "adapters/api/waiter.h"
#include "adapters/files/importer.h"
#include "adapters/files/settings.h"
#include "adapters/files/spool.h"

namespace qianzhi::adapter::files {

class FilesSource final : public Source {
 public:
  // Opens nothing yet. clock must outlive it.
  FilesSource(SourceSpec spec, Adapter& sqlite, const Clock& clock, std::shared_ptr<Waiter> waiter);

  SourcePosition present() override;
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                       Micros wait) override;
  void forget(const SourcePosition& position) override;
  // Throws Error(unavailable, QZ-FIL-015) as long as no full file was imported.
  SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override;
  // Looks at folders and files; leaves the spool alone.
  std::vector<Finding> preflight() override;
  // The spool's tables; a column of a file that no topic carries is not in them.
  std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count) override;

 private:
  Source& open();
  bool take_files();
  SnapshotChunk look_at(std::size_t table, const Bytes& cursor, const ReadLimits& limits);
  void add_events(Changes& changes);
  void add_looks(Changes& changes);

  SourceSpec spec_;
  SourceSettings settings_;
  Adapter& sqlite_;
  const Clock& clock_;
  std::shared_ptr<Waiter> waiter_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<Importer> importer_;
  std::unique_ptr<Source> inner_;
  adapter::News news_;
};

}  // namespace qianzhi::adapter::files
