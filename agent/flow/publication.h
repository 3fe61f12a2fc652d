// One publication's rows: from mapped source rows to what is sealed. Knows filter, area and moves between groups
// (R3.1, R3.2), nothing of streams and stores.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/config/config.h"
#include "agent/mapping/mapper.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::flow {

// One row operation to be sealed. row indexes the mapped columns.
struct Line {
  std::size_t row = 0;
  Operation operation = Operation::upsert;
  Group group;
  std::uint64_t transaction = 0;
  Micros source_time = 0;
};

// What one chunk of source rows became.
struct Selection {
  mapping::Mapped mapped;
  std::vector<Line> lines;             // in source order; a move is two lines
  std::vector<mapping::Fault> faults;  // of rows that are in the publication's area
};

class Publication {
 public:
  // area: what configuration and directory together allow. codes: the catalogue's tables. clock: tells on which day
  // codes are judged; null: their dates are not looked at. It outlives this.
  Publication(const config::PublicationConfig& config, const Topic& topic, GroupSet area, const CodeTables& codes = {},
              const Clock* clock = nullptr);

  const Topic& topic() const { return topic_; }
  const config::PublicationConfig& config() const { return config_; }
  const GroupSet& area() const { return area_; }
  const mapping::Mapper& mapper() const { return mapper_; }

  // columns and old: as mapper().columns() and old_columns().
  Selection select_changes(const std::vector<adapter::ChangeMeta>& meta, const std::vector<Column>& columns,
                           const std::vector<Column>& old) const;
  // Rows of a snapshot that are in the area and in groups. old: what is known of them, as for changes, or empty: a row
  // that is known in another group is removed there first (R3.3).
  Selection select_snapshot(const std::vector<Column>& columns, const std::vector<Column>& old,
                            const GroupSet& groups) const;

  // Content of some lines of a selection; at least the key items of each.
  seal::BatchContent content(const mapping::Mapped& mapped, std::span<const Line> lines) const;

  // Key of a mapped row as one text, unambiguous; for quarantine only.
  std::string key_of(const mapping::Mapped& mapped, std::size_t row) const;

 private:
  std::string today() const;

  config::PublicationConfig config_;
  const Clock* clock_ = nullptr;
  Topic topic_;
  GroupSet area_;
  mapping::Mapper mapper_;
  std::vector<std::size_t> key_items_;
};

}  // namespace qianzhi::flow
