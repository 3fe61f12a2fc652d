#include "agent/flow/reconcile.h"

#include <algorithm>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t stale_at_once = 1000;
constexpr std::size_t most_touched = 100'000;  // then the chunk is read again: capture is far behind

}  // namespace

Bytes encode(const ReconcileReport& report) {
  record::ReconcileReport message;
  message.set_started(report.started);
  message.set_finished(report.finished);
  message.set_rows(report.rows);
  message.set_missing(report.missing);
  message.set_changed(report.changed);
  message.set_gone(report.gone);
  return message.SerializeAsString();
}

ReconcileReport decode_report(std::string_view octets) {
  record::ReconcileReport message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return {};
  return {message.started(), message.finished(), message.rows(), message.missing(), message.changed(), message.gone()};
}

std::string report_name(std::string_view topic) { return "reconcile/" + std::string(topic); }
std::string wanted_name(std::string_view topic) { return "reconcile-wanted/" + std::string(topic); }

std::vector<KnownChange> Reconcile::note(const std::vector<adapter::ChangeMeta>& meta,
                                         const std::vector<Column>& columns, std::vector<Column>& old) {
  if (pending_)
    for (std::size_t row = 0; row < meta.size(); ++row) touched_.insert(rows_.tag_of(columns, row));
  if (touched_.size() > most_touched) {
    pending_.reset();
    touched_.clear();
  }
  if (!keeps_index_) return rows_.note(meta, columns);
  KnownRows::Compared compared = rows_.compare(columns);
  old = std::move(compared.old);
  std::vector<KnownChange> changes;
  for (auto& change : compared.changes)
    if (change) changes.push_back(std::move(*change));
  return changes;
}

KnownRows::Compared Reconcile::note_refill(const std::vector<Column>& columns) {
  if (keeps_index_) return rows_.compare(columns);
  KnownRows::Compared noted;
  const std::size_t rows = columns.empty() ? 0 : columns.front().size();
  for (KnownChange& change : rows_.note(std::vector<adapter::ChangeMeta>(rows), columns))
    noted.changes.emplace_back(std::move(change));
  return noted;
}

void Reconcile::begin(Micros now) {
  abandon();
  walking_ = true;
  rows_.load();
  rows_.forget_met();
  report_ = {};
  report_.started = now;
}

void Reconcile::abandon() {
  walking_ = false;
  sweeping_ = false;
  cursor_.clear();
  swept_ = 0;
  pending_.reset();
  touched_.clear();
  if (!keeps_index_) rows_.unload();
}

void Reconcile::take(adapter::SnapshotChunk chunk) {
  QZ_ASSERT(wants_chunk());
  touched_.clear();
  pending_ = std::move(chunk);
}

Reconcile::Found Reconcile::find(std::size_t limit) {
  QZ_ASSERT(walking_ && !wants_chunk());
  if (pending_) return compare_pending();
  Found found;
  found.adopted = rows_.take_stale(stale_at_once);
  if (!found.adopted.empty()) return found;
  const std::vector<std::int64_t> ids = rows_.unmet(swept_, limit);
  found.finished = ids.empty();
  if (ids.empty()) return found;
  swept_ = ids.back();
  KnownRows::Gone gone = rows_.gone(ids);
  found.meta.assign(gone.changes.size(), {Operation::remove, 0, 0});
  found.columns = std::move(gone.columns);
  found.old = std::move(gone.old);
  found.changes = std::move(gone.changes);
  found.is_new.assign(found.meta.size(), false);
  return found;
}

Reconcile::Found Reconcile::compare_pending() {
  Found found;
  const adapter::SnapshotChunk chunk = std::move(*pending_);
  pending_.reset();
  KnownRows::Compared compared = rows_.compare(chunk.columns);
  found.columns.resize(chunk.columns.size());
  found.old.resize(compared.old.size());
  for (std::size_t row = 0; row < compared.changes.size(); ++row) {
    auto& change = compared.changes[row];
    if (!change || touched_.count(change->row.tag) != 0) continue;
    if (change->adopted) {
      found.adopted.push_back(std::move(*change));
      continue;
    }
    found.meta.push_back({});
    for (std::size_t i = 0; i < chunk.columns.size(); ++i) found.columns[i].append_from(chunk.columns[i], row);
    for (std::size_t i = 0; i < compared.old.size(); ++i) found.old[i].append_from(compared.old[i], row);
    found.is_new.push_back(!rows_.holds(change->row.tag));
    found.changes.push_back(std::move(*change));
  }
  report_.rows += compared.changes.size();
  touched_.clear();
  cursor_ = chunk.cursor;
  sweeping_ = chunk.done;
  return found;
}

void Reconcile::count(const Found& found, const std::vector<bool>& in_publication) {
  for (std::size_t row = 0; row < found.meta.size(); ++row) {
    if (!in_publication[row]) continue;
    if (found.meta[row].operation == Operation::remove)
      ++report_.gone;
    else if (found.is_new[row])
      ++report_.missing;
    else
      ++report_.changed;
  }
}

void Reconcile::finish(Micros now) {
  report_.finished = now;
  abandon();
}

}  // namespace qianzhi::flow
