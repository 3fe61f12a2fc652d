#include "adapters/files/source.h"

#include <algorithm>

#include "adapters/files/peek.h"
#include "adapters/files/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::files {

namespace {

constexpr Micros longest_pause = 1'000'000;
constexpr Micros import_share = 2'000'000;  // of one call

}  // namespace

FilesSource::FilesSource(SourceSpec spec, Adapter& sqlite, const Clock& clock, std::shared_ptr<Waiter> waiter)
    : spec_(std::move(spec)),
      settings_(source_settings(spec_.connection)),
      sqlite_(sqlite),
      clock_(clock),
      waiter_(std::move(waiter)) {
  if (spec_.mode == CaptureMode::log)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "files have no log", "leave capture out");
}

// A state folder that was restored under us is another spool.
Source& FilesSource::open() {
  if (spec_.mode == CaptureMode::snapshot_only)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "files that are only looked at have no changes");
  if (inner_ && spool_->was_replaced()) inner_.reset();
  if (inner_) return *inner_;
  importer_.reset();
  spool_.reset();
  spool_ = std::make_unique<Spool>(settings_, spec_);
  importer_ = std::make_unique<Importer>(settings_, spec_, *spool_, clock_);
  inner_ = sqlite_.open_source(Spool::inner_spec(settings_, spec_));
  return *inner_;
}

// False: there is no more to be taken now.
bool FilesSource::take_files() {
  const Micros until = clock_.steady() + import_share;
  bool more = true;
  do more = importer_->work();
  while (more && clock_.steady() < until);
  return more;
}

SourcePosition FilesSource::present() {
  Source& inner = open();
  take_files();
  return inner.present();
}

void FilesSource::forget(const SourcePosition& position) { open().forget(position); }

void FilesSource::add_events(Changes& changes) {
  for (std::size_t i = 0; i < spec_.tables.size(); ++i)
    if (!spool_->is_loaded(spec_.tables[i].table))
      changes.events.push_back({i,
                                TableEventKind::unseen_changes,
                                "no full file of table " + spec_.tables[i].table + " has been imported yet",
                                {}});
  for (const Remark& remark : importer_->remarks())
    changes.events.push_back({remark.table, TableEventKind::attention, remark.detail, remark.code});
}

void FilesSource::add_looks(Changes& changes) {
  for (std::size_t i = 0; i < spec_.tables.size(); ++i)
    if (const std::int64_t looks = spool_->looks(spec_.tables[i].table); looks != 0)
      changes.looks.push_back({i, looks});
}

Changes FilesSource::read_changes(const SourcePosition& after, const SourcePosition& high_water,
                                  const ReadLimits& limits, Micros wait) {
  const Micros deadline = clock_.steady() + wait;
  Source& inner = open();
  for (;;) {
    const bool busy = take_files();
    Changes changes = inner.read_changes(after, high_water, limits, 0);
    if (changes.continuity != Continuity::good) return changes;
    add_events(changes);
    if (!changes.more && !busy) add_looks(changes);
    changes.more = changes.more || busy;
    if (news_.is_in(changes, after)) return changes;
    const Micros left = deadline - clock_.steady();
    if (left <= 0) return changes;
    if (!busy) waiter_->wait(std::min({left, std::max<Micros>(settings_.look, 1), longest_pause}));
  }
}

// What would be sent, before anything is imported: of the newest file, else of the spool as it is.
SnapshotChunk FilesSource::look_at(std::size_t table, const Bytes& cursor, const ReadLimits& limits) {
  if (table >= spec_.tables.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  if (auto chunk = peek(settings_, spec_.tables[table], clock_, cursor, limits)) return std::move(*chunk);
  if (!std::filesystem::exists(Spool::file_of(settings_.state)))
    throw Error(ErrorKind::unavailable, "QZ-FIL-015", "there is no file of table " + spec_.tables[table].table);
  SourceSpec spec = Spool::inner_spec(settings_, spec_);
  spec.mode = CaptureMode::snapshot_only;
  return sqlite_.open_source(spec)->read_snapshot(table, cursor, limits);
}

SnapshotChunk FilesSource::read_snapshot(std::size_t table, const Bytes& cursor, const ReadLimits& limits) {
  if (spec_.mode == CaptureMode::snapshot_only) return look_at(table, cursor, limits);
  Source& inner = open();
  take_files();
  if (table < spec_.tables.size() && !spool_->is_loaded(spec_.tables[table].table))
    throw Error(ErrorKind::unavailable, "QZ-FIL-015", "no full file of table " + spec_.tables[table].table);
  return inner.read_snapshot(table, cursor, limits);
}

std::vector<TableInfo> FilesSource::look(const std::vector<std::size_t>& tables, bool count) {
  if (spec_.mode == CaptureMode::snapshot_only) return {};
  return open().look(tables, count);
}

std::vector<Finding> FilesSource::preflight() { return check_folders(settings_, spec_, clock_); }

}  // namespace qianzhi::adapter::files
