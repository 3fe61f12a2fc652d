// A SQLite file as a source: trigger journal, keyset snapshots. Opens read-only in effect; only forget() and beat()
// write, and only into tables of our own.
#pragma once

#include <memory>
#include <optional>

#include "adapters/api/adapter.h"
#include "adapters/api/news.h"
#include "adapters/api/waiter.h"
#include "adapters/sqlite/file.h"
#include "adapters/sqlite/journal.h"
#include "adapters/sqlite/schema.h"

namespace qianzhi::adapter::lite {

class SqliteSource final : public Source {
 public:
  SqliteSource(SourceSpec spec, const Clock& clock, std::shared_ptr<Waiter> waiter);

  SourcePosition present() override;
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                       Micros wait) override;
  void forget(const SourcePosition& position) override;
  void beat(const std::string& text) override;
  SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override;
  std::vector<Finding> preflight() override;
  std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count) override;

 private:
  sqlite::Database& open();
  void need_journal() const;
  SourcePosition present_in(sqlite::Database& database);
  Changes read_once(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits);
  void read_entries(sqlite::Database& database, const SourcePosition& after, const ReadLimits& limits, Changes& result);
  void append_entry(sqlite::Database& database, const Entry& entry, TableChanges& changes);
  void forget_due();

  SourceSpec spec_;
  const Clock& clock_;
  std::shared_ptr<Waiter> waiter_;
  File file_;
  Schema schema_;
  std::vector<std::string> row_by_key_;  // SQL, one a table
  adapter::News news_;
  SourcePosition to_forget_;
  std::optional<Micros> forgot_at_;
};

// Everything preflight says; source_preflight.cpp.
std::vector<Finding> check_source(sqlite::Database& database, const SourceSpec& spec);

}  // namespace qianzhi::adapter::lite
