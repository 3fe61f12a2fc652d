#include "adapters/sql/watermark_source.h"

#include <algorithm>

#include "adapters/api/news.h"
#include "adapters/sql/watermark_position.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::sql {

namespace {

constexpr Micros first_look = 50'000;
constexpr Micros look_again = 120'000;  // at what is open
constexpr Micros rarest_look = 1'000'000;

class WatermarkSource final : public Source {
 public:
  WatermarkSource(const SourceSpec& spec, std::unique_ptr<MarkedTables> tables, const Clock& clock,
                  std::shared_ptr<Waiter> waiter)
      : spec_(spec), tables_(std::move(tables)), clock_(clock), waiter_(std::move(waiter)) {}

  SourcePosition present() override;
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits,
                       Micros wait) override;
  void forget(const SourcePosition&) override {}  // the source keeps nothing for us
  SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) override;
  std::vector<Finding> preflight() override { return tables_->preflight(); }
  std::vector<TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    return tables_->describe(tables, count);
  }

 private:
  // Ends the snapshot however it is left.
  struct View {
    explicit View(MarkedTables& marked) : tables(marked) {}
    ~View() { tables.end(); }
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    MarkedTables& tables;
  };
  Changes read_once(const SourcePosition& after, const SourcePosition& high_water, const ReadLimits& limits);
  void judge(const MarkFence& fence, const WatermarkPosition& after, const std::optional<WatermarkPosition>& high,
             Changes& changes) const;
  void clock_events(const MarkFence& fence, const WatermarkPosition& after, Changes& changes) const;
  void read_fence(const MarkFence& fence, const ReadLimits& limits, WatermarkPosition& place, Changes& changes);
  bool read_table(ReadLimits& left, WatermarkPosition& place, Changes& changes);

  SourceSpec spec_;
  std::unique_ptr<MarkedTables> tables_;
  const Clock& clock_;
  std::shared_ptr<Waiter> waiter_;
  News news_;
};

SourcePosition WatermarkSource::present() {
  const MarkFence fence = tables_->present();
  return encode(WatermarkPosition{{fence.settled, fence.settled, 0, 0}, fence.server, fence.age, {}});
}

Changes WatermarkSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                      const ReadLimits& limits, Micros wait) {
  const Micros deadline = clock_.steady() + wait;
  for (Micros pause = first_look;; pause = std::min(pause * 2, tables_->is_waiting() ? look_again : rarest_look)) {
    Changes changes = read_once(after, high_water, limits);
    if (news_.is_in(changes, after)) return changes;
    const Micros left = deadline - clock_.steady();
    if (left <= 0) return changes;
    waiter_->wait(std::min(pause, left));
  }
}

// Where marks are numbers, a copy from before is known by numbers that lie behind; and always by its server or age.
void WatermarkSource::judge(const MarkFence& fence, const WatermarkPosition& after,
                            const std::optional<WatermarkPosition>& high, Changes& changes) const {
  const bool has_high = high && high->place > after.place;
  const std::uint64_t known = has_high ? high->place.upper : after.place.upper;
  if (after.server != fence.server || (has_high && high->server != fence.server))
    changes.reason = "the server is another one";
  else if (fence.age < std::max(after.age, has_high ? high->age : 0))
    changes.reason = "the server is an older copy of itself";
  else if (!tables_->are_times() && fence.seen < known)
    changes.reason = "the server has not come to marks that were seen already";
  if (!changes.reason.empty()) changes.continuity = Continuity::regressed;
}

// A clock that was set back gives rows marks that were read already.
void WatermarkSource::clock_events(const MarkFence& fence, const WatermarkPosition& after, Changes& changes) const {
  if (fence.seen >= after.place.upper) return;
  for (std::size_t table = 0; table < spec_.tables.size(); ++table)
    changes.events.push_back({table, TableEventKind::unseen_changes, "the server's clock went back", {}});
}

Changes WatermarkSource::read_once(const SourcePosition& after, const SourcePosition& high_water,
                                   const ReadLimits& limits) {
  Changes changes;
  const auto from = decode_watermark(after);
  if (!from) {
    changes.continuity = Continuity::gap;
    changes.reason = "nothing was read from this source before";
    return changes;
  }
  const auto high = decode_watermark(high_water);
  const bool has_high = high && high->place > from->place;
  const View view(*tables_);
  const MarkFence fence = tables_->begin(from->place.upper, has_high ? high->place.upper : 0);
  judge(fence, *from, high, changes);
  if (changes.continuity != Continuity::good) return changes;
  changes.position = after;
  changes.events = tables_->look();
  clock_events(fence, *from, changes);
  WatermarkPosition place = *from;
  place.age = std::max(place.age, fence.age);
  read_fence(fence, limits, place, changes);
  // A fence without rows moves the position only where somebody waits for it: a quiet source costs no checkpoint.
  const bool awaited = has_high && place.place > from->place;
  if (!changes.tables.empty() || changes.more || awaited) changes.position = encode(place);
  return changes;
}

// The rest of the fence that was begun; and the next one, if nothing was left in that.
void WatermarkSource::read_fence(const MarkFence& fence, const ReadLimits& limits, WatermarkPosition& place,
                                 Changes& changes) {
  ReadLimits left = limits;
  while (changes.tables.empty()) {
    if (place.place.lower == place.place.upper) {
      if (fence.settled <= place.place.upper) return;
      place.place = {place.place.upper, fence.settled, 0, 0};
      place.cursor.clear();
    }
    for (; place.place.table < spec_.tables.size(); ++place.place.table, place.place.rows = 0, place.cursor.clear()) {
      const bool whole = left.rows > 0 && left.octets > 0 && read_table(left, place, changes);
      if (!whole) {
        changes.more = true;
        return;
      }
    }
    place.place = {place.place.upper, place.place.upper, 0, 0};
  }
}

// False: there is more of this table in the fence. A page may be smaller than the limits, by what is known of the
// table; all of them together are what the limits say, so that the same question has the same answer.
bool WatermarkSource::read_table(ReadLimits& left, WatermarkPosition& place, Changes& changes) {
  const std::size_t table = place.place.table;
  if (!tables_->is_readable(table)) return true;  // its publication stands; what it missed is refilled
  const SourceTable& wanted = spec_.tables[table];
  TableChanges found{table, {}, std::vector<Column>(wanted.columns.size()), {}};
  bool exhausted = false;
  while (!exhausted && left.rows > 0 && left.octets > 0) {
    const MarkedPage page = tables_->read(table, {place.place.lower, place.place.upper}, place.cursor, left);
    for (std::size_t i = 0; i < wanted.columns.size(); ++i)
      found.columns[i].append_range(page.columns[i], 0, page.rows);
    found.meta.resize(found.meta.size() + page.rows);
    left.rows -= std::min(left.rows, page.rows);
    left.octets -= std::min(left.octets, page.octets);
    place.place.rows += page.rows;
    place.cursor = page.cursor;
    exhausted = page.exhausted;
  }
  if (found.meta.empty()) return exhausted;
  found.old.resize(wanted.old_columns.size());
  for (Column& column : found.old)
    for (std::size_t row = 0; row < found.meta.size(); ++row) column.append_unchanged();
  changes.tables.push_back(std::move(found));
  return exhausted;
}

SnapshotChunk WatermarkSource::read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) {
  if (table >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  const View view(*tables_);
  tables_->begin_all();
  MarkedPage page = tables_->read_all(table, cursor, limits);
  const MarkFence fence = tables_->shown();
  SnapshotChunk chunk;
  chunk.columns = std::move(page.columns);
  chunk.cursor = page.cursor;
  chunk.done = page.exhausted;
  chunk.position = encode(WatermarkPosition{{fence.seen, fence.seen, 0, 0}, fence.server, fence.age, {}});
  return chunk;
}

}  // namespace

Finding no_deletes_notice() {
  return {Severity::notice, "QZ-ADP-042", "deletes and TRUNCATE are not seen by a watermark",
          "reconcile: {at: \"02:30\"}  # in the publication: a comparison finds them"};
}

std::unique_ptr<Source> make_watermark_source(const SourceSpec& spec, std::unique_ptr<MarkedTables> tables,
                                              const Clock& clock, std::shared_ptr<Waiter> waiter) {
  return std::make_unique<WatermarkSource>(spec, std::move(tables), clock, std::move(waiter));
}

}  // namespace qianzhi::adapter::sql
