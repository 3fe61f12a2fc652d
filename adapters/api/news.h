// Whether what a source found ends the wait of its read_changes(): rows, a moved position, a broken continuity, or an
// event that begins or is over. An event that lasts is told at every read (adapter.h) and ends the wait only once.
#pragma once

#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "adapters/api/adapter.h"

namespace qianzhi::adapter {

// One for each source. Not thread-safe.
class News {
 public:
  // after: what was asked for. Remembers the events as told.
  bool is_in(const Changes& changes, const SourcePosition& after) {
    if (changes.continuity != Continuity::good) return true;
    std::set<Told> now;
    for (const TableEvent& event : changes.events) now.emplace(event.table, event.kind, event.detail);
    const bool told = now == told_;
    told_ = std::move(now);
    return !told || !(changes.position == after);
  }

 private:
  using Told = std::tuple<std::size_t, TableEventKind, std::string>;
  std::set<Told> told_;
};

}  // namespace qianzhi::adapter
