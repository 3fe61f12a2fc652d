#include "adapters/postgresql/watermark_source.h"

#include <algorithm>

#include "adapters/api/news.h"
#include "adapters/postgresql/keyset.h"
#include "adapters/postgresql/read_snapshot.h"
#include "adapters/postgresql/source_preflight.h"
#include "adapters/postgresql/table_shapes.h"
#include "adapters/postgresql/tables_look.h"
#include "adapters/postgresql/watermark.h"
#include "adapters/postgresql/watermark_position.h"
#include "adapters/postgresql/watermark_preflight.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableChanges;

constexpr Micros first_look = 50'000;
constexpr Micros rarest_look = 1'000'000;

class WatermarkSource final : public adapter::Source {
 public:
  WatermarkSource(const adapter::SourceSpec& spec, const Clock& clock, std::shared_ptr<adapter::Waiter> waiter)
      : spec_(spec), clock_(clock), waiter_(std::move(waiter)), shapes_(spec_), look_(spec_) {}

  SourcePosition present() override;
  Changes read_changes(const SourcePosition& after, const SourcePosition& high_water, const adapter::ReadLimits& limits,
                       Micros wait) override;
  void forget(const SourcePosition&) override {}  // the source keeps nothing for us
  adapter::SnapshotChunk read_snapshot(std::size_t table, const Bytes& cursor,
                                       const adapter::ReadLimits& limits) override;
  std::vector<adapter::Finding> preflight() override { return preflight_source(spec_); }
  std::vector<adapter::TableInfo> look(const std::vector<std::size_t>& tables, bool count) override {
    TablesLook::Seen seen = look_.look(session(), tables, count);
    if (seen.is_new) shapes_.forget_all();
    return std::move(seen.tables);
  }

 private:
  Session& session();
  const Watermark& watermark(Session& sql);
  // A snapshot with the fence that belongs to it.
  struct View {
    View(Session& session, const Watermark& mark) : sql(session) {
      if (mark.wants_fence_first()) fence = mark.fence(sql);
      snapshot.emplace(sql);
      if (!mark.wants_fence_first()) fence = mark.fence(sql);
    }
    Session& sql;
    Fence fence;
    std::optional<ReadSnapshot> snapshot;
  };
  Changes read_once(const SourcePosition& after, const SourcePosition& high_water, const adapter::ReadLimits& limits);
  static void judge(const Fence& fence, const WatermarkPosition& after,
                    const std::optional<WatermarkPosition>& high_water, Changes& changes);
  void clock_events(const Fence& fence, const WatermarkPosition& after, Changes& changes) const;
  void read_fence(View& view, const adapter::ReadLimits& limits, WatermarkPosition& place, Changes& changes);
  bool read_table(View& view, adapter::ReadLimits& left, WatermarkPosition& place, Changes& changes);
  KeysetReader reader_of(std::size_t table, const CatalogTable& found, bool by_mark, const WatermarkPlace& place);

  adapter::SourceSpec spec_;
  const Clock& clock_;
  std::shared_ptr<adapter::Waiter> waiter_;
  TableShapes shapes_;
  TablesLook look_;
  std::unique_ptr<Session> session_;
  std::optional<Watermark> watermark_;
  adapter::News news_;
};

Session& WatermarkSource::session() {
  if (!session_ || session_->is_broken()) {
    session_.reset();
    watermark_.reset();
    shapes_.forget_all();
    session_ = std::make_unique<Session>(spec_.connection, Purpose::read);
  }
  return *session_;
}

// Known once a table of the source is there; the others must count alike, or they could not share a fence.
const Watermark& WatermarkSource::watermark(Session& sql) {
  if (watermark_) return *watermark_;
  std::optional<WatermarkKind> kind;
  for (const adapter::SourceTable& wanted : spec_.tables) {
    const auto table = find_table(sql, wanted.table);
    const CatalogColumn* column = table ? table->find(wanted.watermark) : nullptr;
    if (column == nullptr) continue;
    const auto own = watermark_kind(column->type);
    if (!own)
      throw Error(ErrorKind::misuse, "QZ-PG-045", wanted.table + "." + wanted.watermark + " is " + column->type_text);
    if (kind && *kind != *own)
      throw Error(ErrorKind::misuse, "QZ-PG-046", wanted.table + "." + wanted.watermark + " is " + column->type_text);
    kind = own;
  }
  if (!kind) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no table of this source has its watermark column");
  watermark_.emplace(*kind, *kind == WatermarkKind::local_time ? zone_of(spec_.connection) : std::string("UTC"));
  return *watermark_;
}

SourcePosition WatermarkSource::present() {
  Session& sql = session();
  const View view(sql, watermark(sql));
  return encode(WatermarkPosition{{view.fence.settled, view.fence.settled, 0, 0}, view.fence.server, {}});
}

Changes WatermarkSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                      const adapter::ReadLimits& limits, Micros wait) {
  const Micros deadline = clock_.steady() + wait;
  for (Micros pause = first_look;; pause = std::min(pause * 2, rarest_look)) {
    Changes changes = read_once(after, high_water, limits);
    if (news_.is_in(changes, after)) return changes;
    const Micros left = deadline - clock_.steady();
    if (left <= 0) return changes;
    waiter_->wait(std::min(pause, left));
  }
}

// A copy from before is known by its system identifier or by numbers that lie behind. What a snapshot has seen cannot
// be looked for again, so that a server that started anew since is read from the start (R2.2.5).
void WatermarkSource::judge(const Fence& fence, const WatermarkPosition& after,
                            const std::optional<WatermarkPosition>& high_water, Changes& changes) {
  const auto system_of = [](const std::string& server) { return server.substr(0, server.find(':')); };
  if (system_of(after.server) != system_of(fence.server)) {
    changes.continuity = Continuity::regressed;
    changes.reason = "the server is another one";
  } else if (high_water && high_water->place > after.place && high_water->server != fence.server) {
    changes.continuity = Continuity::gap;
    changes.reason = "the server was started anew while its tables were read";
  }
}

// A clock that was set back gives rows marks that were read already.
void WatermarkSource::clock_events(const Fence& fence, const WatermarkPosition& after, Changes& changes) const {
  if (fence.seen >= after.place.upper) return;
  for (std::size_t table = 0; table < spec_.tables.size(); ++table)
    changes.events.push_back({table, adapter::TableEventKind::unseen_changes, "the server's clock went back", {}});
}

Changes WatermarkSource::read_once(const SourcePosition& after, const SourcePosition& high_water,
                                   const adapter::ReadLimits& limits) {
  Changes changes;
  const auto from = decode_watermark(after);
  if (!from) {
    changes.continuity = Continuity::gap;
    changes.reason = "nothing was read from this source before";
    return changes;
  }
  const auto high = decode_watermark(high_water);
  Session& sql = session();
  View view(sql, watermark(sql));
  judge(view.fence, *from, high, changes);
  if (changes.continuity != Continuity::good) return changes;
  const std::uint64_t known = high && high->place > from->place ? high->place.upper : from->place.upper;
  if (!watermark_->wants_fence_first() && view.fence.seen < known) {
    changes.continuity = Continuity::regressed;
    changes.reason = "the server has not come to transactions that were seen already";
    return changes;
  }
  changes.position = after;
  changes.events = shapes_.look(sql);
  for (adapter::TableEvent& event : unkept_marks(sql, spec_))
    if (shapes_.found(event.table)) changes.events.push_back(std::move(event));
  clock_events(view.fence, *from, changes);
  WatermarkPosition place = *from;
  place.server = view.fence.server;
  read_fence(view, limits, place, changes);
  // A fence without rows moves the position only where somebody waits for it: a quiet source costs no checkpoint.
  const bool awaited = high && high->place > from->place && place.place > from->place;
  if (!changes.tables.empty() || changes.more || awaited) changes.position = encode(place);
  return changes;
}

// The rest of the fence that was begun; and the next one, if nothing was left in that.
void WatermarkSource::read_fence(View& view, const adapter::ReadLimits& limits, WatermarkPosition& place,
                                 Changes& changes) {
  adapter::ReadLimits left = limits;
  while (changes.tables.empty()) {
    if (place.place.lower == place.place.upper) {
      if (view.fence.settled <= place.place.upper) return;
      place.place = {place.place.upper, view.fence.settled, 0, 0};
      place.cursor.clear();
    }
    for (; place.place.table < spec_.tables.size(); ++place.place.table, place.place.rows = 0, place.cursor.clear()) {
      const bool whole = left.rows > 0 && left.octets > 0 && read_table(view, left, place, changes);
      if (!whole) {
        changes.more = true;
        return;
      }
    }
    place.place = {place.place.upper, place.place.upper, 0, 0};
  }
}

// False: there is more of this table in the fence.
bool WatermarkSource::read_table(View& view, adapter::ReadLimits& left, WatermarkPosition& place, Changes& changes) {
  const std::size_t table = place.place.table;
  if (!shapes_.found(table)) return true;  // its publication stands; what it missed is refilled
  KeysetReader reader = reader_of(table, *shapes_.found(table), true, place.place);
  KeysetPage page = reader.read(view.sql, place.cursor, left);
  if (page.rows > 0) {
    const adapter::SourceTable& wanted = spec_.tables[table];
    left.rows -= std::min(left.rows, page.rows);
    left.octets -= std::min(left.octets, page.octets);
    TableChanges found{table, std::vector<adapter::ChangeMeta>(page.rows), std::move(page.columns), {}};
    found.columns.resize(wanted.columns.size());
    found.old.resize(wanted.old_columns.size());
    for (Column& column : found.old)
      for (std::size_t row = 0; row < page.rows; ++row) column.append_unchanged();
    changes.tables.push_back(std::move(found));
  }
  place.place.rows += page.rows;
  place.cursor = page.cursor;
  return page.exhausted;
}

KeysetReader WatermarkSource::reader_of(std::size_t table, const CatalogTable& found, bool by_mark,
                                        const WatermarkPlace& place) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  std::vector<std::string> columns = wanted.columns;
  std::vector<std::string> key = wanted.key;
  std::string condition;
  if (by_mark) {
    if (std::find(columns.begin(), columns.end(), wanted.watermark) == columns.end())
      columns.push_back(wanted.watermark);
    key.insert(key.begin(), wanted.watermark);
    condition = watermark_->within(wanted.watermark, place.lower, place.upper);
  }
  return KeysetReader(found, std::move(columns), key, std::move(condition));
}

adapter::SnapshotChunk WatermarkSource::read_snapshot(std::size_t table, const Bytes& cursor,
                                                      const adapter::ReadLimits& limits) {
  Session& sql = session();
  const View view(sql, watermark(sql));
  // In the snapshot; of times this is later than the fence, as the rows that it shows may be.
  const std::uint64_t seen = watermark_->fence(sql).seen;
  KeysetPage page = reader_of(table, shapes_.require(sql, table), false, {}).read(sql, cursor, limits);
  adapter::SnapshotChunk chunk;
  chunk.columns = std::move(page.columns);
  chunk.cursor = page.cursor;
  chunk.done = page.exhausted;
  chunk.position = encode(WatermarkPosition{{seen, seen, 0, 0}, view.fence.server, {}});
  return chunk;
}

}  // namespace

std::unique_ptr<adapter::Source> make_watermark_source(const adapter::SourceSpec& spec, const Clock& clock,
                                                       std::shared_ptr<adapter::Waiter> waiter) {
  return std::make_unique<WatermarkSource>(spec, clock, std::move(waiter));
}

}  // namespace qianzhi::postgresql
