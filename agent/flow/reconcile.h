// A comparison beside capture by log, journal or watermark: the only thing that sees what those cannot see (pitfalls
// 15, 16, 27, 33). What capture sends of each row is remembered; on a schedule the table is walked in key order and
// what differs is published. A chunk is compared only once capture has passed the place where it was read, and not for
// rows that capture read meanwhile, so that nothing is taken for unseen that was only not read yet.
//
// For a watermark it also knows what a row's partition and filter columns held when it was last sent (R3.3).
// One for each publication. Belongs to capture's thread; nothing here touches source or store but KnownRows' reads.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/flow/known_rows.h"

namespace qianzhi::flow {

// Of the last walk; what people are shown.
struct ReconcileReport {
  Micros started = 0;   // 0: there was none
  Micros finished = 0;  // before started: it was cut short
  std::uint64_t rows = 0;
  std::uint64_t missing = 0;  // rows that were never sent
  std::uint64_t changed = 0;
  std::uint64_t gone = 0;  // rows that were sent and are no longer there
  bool operator==(const ReconcileReport&) const = default;
};
Bytes encode(const ReconcileReport& report);
// An unreadable one is as none.
ReconcileReport decode_report(std::string_view octets);
// In the store: the report, and that an operator wants a walk now.
std::string report_name(std::string_view topic);
std::string wanted_name(std::string_view topic);

class Reconcile {
 public:
  // keeps_index: old values are needed at any time.
  Reconcile(KnownRows rows, bool keeps_index) : rows_(std::move(rows)), keeps_index_(keeps_index) {}

  const std::string& topic() const { return rows_.topic(); }

  // Rows that capture read, before they are sealed. What is to be stored with them; fills `old` if it is all unknown to
  // the source (watermark).
  std::vector<KnownChange> note(const std::vector<adapter::ChangeMeta>& meta, const std::vector<Column>& columns,
                                std::vector<Column>& old);
  // Rows of a refill: what is to be stored of each one that is sealed; old is empty unless it is needed (R3.3).
  KnownRows::Compared note_refill(const std::vector<Column>& columns);
  void stored(const std::vector<KnownChange>& changes) { rows_.stored(changes); }

  // Of each row, whether it was sent as it is.
  std::vector<bool> sent_as(const std::vector<Column>& columns) { return rows_.as_known(columns); }
  // What only sent_as() needed.
  void let_go() {
    if (!walking_ && !keeps_index_) rows_.unload();
  }

  // ---- the walk
  bool is_walking() const { return walking_; }
  void begin(Micros now);
  // Nothing is kept of it; the next one begins from the start.
  void abandon();

  // What comes next: a chunk is wanted, or one waits for capture to pass its place, or rows are to be found.
  bool wants_chunk() const { return walking_ && !pending_ && !sweeping_; }
  const Bytes& cursor() const { return cursor_; }
  void take(adapter::SnapshotChunk chunk);
  // The place that capture must have passed; nothing: none is awaited.
  const SourcePosition* awaited() const { return pending_ ? &pending_->position : nullptr; }

  struct Found {
    std::vector<adapter::ChangeMeta> meta;
    std::vector<Column> columns;
    std::vector<Column> old;
    std::vector<KnownChange> changes;  // one a row
    std::vector<bool> is_new;          // likewise
    std::vector<KnownChange> adopted;  // to be stored only
    bool finished = false;             // the walk has ended
  };
  // Precondition: a walk that does not want a chunk, and the checkpoint has reached awaited(). At most `limit` removes.
  Found find(std::size_t limit);
  // What found rows count as, once they are stored: rows that are in the publication.
  void count(const Found& found, const std::vector<bool>& in_publication);
  const ReconcileReport& report() const { return report_; }
  void finish(Micros now);

 private:
  Found compare_pending();

  KnownRows rows_;
  bool keeps_index_;
  bool walking_ = false;
  bool sweeping_ = false;
  Bytes cursor_;
  std::int64_t swept_ = 0;
  std::optional<adapter::SnapshotChunk> pending_;
  std::set<Bytes> touched_;  // tags of rows that capture read since pending_ was taken
  ReconcileReport report_;
};

}  // namespace qianzhi::flow
