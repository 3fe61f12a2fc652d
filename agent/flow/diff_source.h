// Capture where nothing may be installed at the source (R3.3, R4.4, R4.5): its tables are walked in key order, each row
// is compared with what the agent's store knows of it, and what differs comes out as changes. Finds deletes; a row that
// was changed and changed back between two walks is unseen, and of several changes only the last is seen.
//
// Stands before an adapter's source that only reads snapshots. One table of the spec for each publication, because what
// is known belongs to a stream. Positions count walks and, within one, what was found; they say nothing of the source.
// Belongs to capture's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/known_rows.h"
#include "agent/store/store.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::flow {

class DiffSource final : public adapter::Source {
 public:
  // topics: one a table of the spec. interval: rest between two walks. checkpoint: as stored, also of another way of
  // capture. store and clock must outlive it.
  DiffSource(std::unique_ptr<adapter::Source> rows, adapter::SourceSpec spec, std::vector<std::string> topics,
             const store::Store& store, const Clock& clock, Micros interval, const SourcePosition& checkpoint);
  ~DiffSource() override;

  // Also ends the walk: the next one begins from the start.
  SourcePosition present() override;
  // One chunk of the walk, never waiting; at most one table. A walk begins when the interval is over, or at once while
  // high_water waits for one. gap: `after` is of another way of capture.
  adapter::Changes read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                const adapter::ReadLimits& limits, Micros wait) override;
  void forget(const SourcePosition& position) override;
  // Ends the walk too: only one that begins after the chunk may let its refill end (R4.5).
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override;
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    return rows_->look(tables, count);
  }
  // As read_snapshot(), without any bearing on walks and what is known; and of each row, whether it was sent as it is.
  adapter::SnapshotChunk read_rows(std::size_t table, const Bytes& cursor, const adapter::ReadLimits& limits) {
    return rows_->read_snapshot(table, cursor, limits);
  }
  std::vector<bool> sent_as(std::size_t table, const adapter::SnapshotChunk& chunk) {
    return tables_[table].as_known(chunk.columns, chunk.digest);
  }

  // Walks pass over this table as long as it is skipped; nothing of it is taken for gone.
  void skip(std::size_t table, bool skipped) { skipped_[table] = skipped; }
  // These are in the store now.
  void stored(const std::string& topic, const std::vector<KnownChange>& changes);

  // Of the last read: one a row of its table; nothing where the row is known as it is. Valid until the next read.
  const std::vector<std::optional<KnownChange>>& known_changes() const { return known_changes_; }
  // Rows of the source that the last read_changes() looked at.
  std::size_t rows_read() const { return rows_read_; }
  // Of the last read_snapshot(): SourceTable::old_columns as TableChanges::old.
  const std::vector<Column>& old() const { return old_; }

 private:
  struct Walk {
    bool running = false;
    std::size_t table = 0;
    bool sweeping = false;  // every row of the table was read: those not met are gone
    Bytes cursor;
    std::int64_t swept = 0;  // id
  };
  struct Place {
    std::uint64_t walk = 1;
    std::uint64_t found = 0;
  };
  static SourcePosition position_of(const Place& place);
  static std::optional<Place> place_of(const SourcePosition& position);
  void begin_walk();
  bool pass_over();
  void advance();
  adapter::SnapshotChunk whole_rows(const adapter::ReadLimits& limits);
  adapter::SnapshotChunk next_rows(const adapter::ReadLimits& limits);
  void compare(std::size_t table, const adapter::SnapshotChunk& chunk);
  void scan(const adapter::ReadLimits& limits, adapter::Changes& changes);
  void sweep(const adapter::ReadLimits& limits, adapter::Changes& changes);

  std::unique_ptr<adapter::Source> rows_;
  adapter::SourceSpec spec_;
  std::vector<KnownRows> tables_;
  std::vector<bool> skipped_;
  const Clock& clock_;
  Micros interval_;

  Place place_;
  Walk walk_;  // as of place_
  Walk next_;  // once what the last read found is stored
  std::optional<Place> offered_;
  Micros due_ = 0;

  std::vector<std::optional<KnownChange>> known_changes_;
  std::vector<Column> old_;
  std::size_t rows_read_ = 0;
};

}  // namespace qianzhi::flow
