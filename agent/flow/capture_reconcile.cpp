#include <algorithm>

#include "agent/flow/capture.h"
#include "agent/flow/capture_rows.h"
#include "agent/flow/schedule.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

// In the store: that every row sent is known, as these columns.
std::string tracked_name(const std::string& topic) { return "tracked/" + topic; }

Bytes shape_of(const adapter::SourceTable& table) {
  Bytes shape;
  for (const auto* names : {&table.columns, &table.key, &table.old_columns}) {
    for (const std::string& name : *names) shape += name + '\x1f';
    shape += '\x1e';
  }
  return shape;
}

adapter::SourceTable own_table(const Publication& publication) {
  return {publication.config().table,
          publication.mapper().columns(),
          publication.mapper().key_columns(),
          publication.mapper().old_columns(),
          {}};
}

bool found_any(const ReconcileReport& report) { return report.missing + report.changed + report.gone != 0; }

}  // namespace

void Capture::make_reconciles() {
  reconciles_.clear();
  reports_.clear();
  for (const Publication& publication : publications_) {
    const adapter::SourceTable table = own_table(publication);
    const bool wants_old = spec_.mode == adapter::CaptureMode::watermark && !table.old_columns.empty();
    const bool compares = publication.config().reconcile.has_value();
    reports_.push_back(decode_report(parts_.store.value(report_name(publication.topic().id)).value_or("")));
    reconciles_.emplace_back();
    if (spec_.mode != adapter::CaptureMode::snapshot_only && (wants_old || compares))
      reconciles_.back() =
          std::make_unique<Reconcile>(KnownRows(publication.topic().id, table, parts_.store), wants_old);
  }
}

// What was sent before it was kept track of is sent once more; and what is known is forgotten where nobody keeps it.
// The first comparison is due when the schedule says so after that.
void Capture::keep_track(std::size_t index, StreamWriter& writer, Turn& turn) {
  const std::string& topic = publications_[index].topic().id;
  const auto tracked = parts_.store.value(tracked_name(topic));
  if (!reconciles_[index]) {
    if (!tracked) return;
    turn.values[tracked_name(topic)] = std::nullopt;
    if (diff_ == nullptr) turn.forgotten.push_back(topic);
    return;
  }
  const Bytes shape = shape_of(own_table(publications_[index]));
  if (tracked == shape) return;
  turn.values[tracked_name(topic)] = shape;
  if (ReconcileReport& last = reports_[index]; last.started == 0) {
    last.started = last.finished = parts_.sealer.clock.now();
    turn.values[report_name(topic)] = encode(last);
  }
  const auto& refill = writer.state().refill;
  if (!refill)
    writer.want(GroupSet::every());
  else if (!refill->cursor.empty() || refill->rows_done)
    writer.begin_refill(GroupSet::every(), checkpoint_);
}

bool Capture::may_walk(std::size_t index) const {
  const auto state = parts_.store.stream(publications_[index].topic().id);
  return state && !state->refill && state->wanted.is_empty() && state->stopped_code.empty();
}

// One that was cut short is due at once.
bool Capture::is_due(std::size_t index) const {
  const Publication& publication = publications_[index];
  if (!publication.config().reconcile) return false;
  if (parts_.store.value(wanted_name(publication.topic().id))) return true;
  const ReconcileReport& last = reports_[index];
  const Micros now = parts_.sealer.clock.now();
  // One that began later than now was begun before the clock was set back.
  if (last.finished < last.started || last.started > now) return true;
  return last.started < released_before(*publication.config().reconcile, now);
}

bool Capture::abandon_walks() {
  bool any = false;
  for (const auto& reconcile : reconciles_) {
    if (!reconcile || !reconcile->is_walking()) continue;
    any = any || reconcile->awaited() != nullptr;
    reconcile->abandon();
  }
  return any;
}

// While a refill or a walk could go on nobody waits for changes.
Micros Capture::patience(bool refilling) const {
  const Micros now = parts_.sealer.clock.steady();
  if (refilling) return std::clamp<Micros>(throttle_.ready_at() - now, 0, source_config_.poll_interval);
  for (const auto& reconcile : reconciles_) {
    if (!reconcile || !reconcile->is_walking() || reconcile->awaited() != nullptr) continue;
    const Micros next = std::max(rest_until_, throttle_.ready_at());
    return std::clamp<Micros>(next - now, 0, source_config_.poll_interval);
  }
  if (answer_ && answer_->wants_chunk()) {
    const Micros next = std::max(rest_until_, throttle_.ready_at());
    return std::clamp<Micros>(next - now, 0, source_config_.poll_interval);
  }
  return source_config_.poll_interval;
}

// One walk at a time, so that the source is asked by one, and only one index is in memory.
bool Capture::reconcile_some() {
  std::optional<std::size_t> next;
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    if (!reconciles_[i] || !publications_[i].config().reconcile) continue;
    if (!may_walk(i)) {
      reconciles_[i]->abandon();
      continue;
    }
    if (reconciles_[i]->is_walking()) return reconcile_step(i);
    if (!next && is_due(i)) next = i;
  }
  if (!next) return false;
  reconciles_[*next]->begin(parts_.sealer.clock.now());
  reports_[*next] = reconciles_[*next]->report();
  Turn turn;
  turn.values[report_name(publications_[*next].topic().id)] = encode(reports_[*next]);
  turn.values[wanted_name(publications_[*next].topic().id)] = std::nullopt;
  commit(turn);
  return true;
}

bool Capture::reconcile_step(std::size_t index) {
  Reconcile& own = *reconciles_[index];
  const Publication& publication = publications_[index];
  const Clock& clock = parts_.sealer.clock;
  if (own.wants_chunk()) {
    const Micros began = clock.steady();
    if (began < std::max(rest_until_, throttle_.ready_at())) return false;
    look_before(index);
    if (recompile_ || !may_walk(index)) return true;
    const adapter::ReadLimits limits{publication.config().batch.rows, publication.config().batch.octets};
    adapter::SnapshotChunk chunk = source_->read_snapshot(reads_[index].table, own.cursor(), limits);
    const std::size_t rows = chunk.columns.empty() ? 0 : chunk.columns.front().size();
    throttle_.has_read(rows, clock.now(), clock.steady());
    watched_[index].pace.add(rows, throttle_.holds(clock.now()), clock.steady());
    look_at({reads_[index].table}, own.cursor().empty());
    if (recompile_ || !may_walk(index)) {
      own.abandon();
      return true;
    }
    chunk.columns = pick(chunk.columns, reads_[index].columns);
    own.take(std::move(chunk));
    const Micros now = clock.steady();
    rest_until_ = now + (now - began);
    return true;
  }
  if (const SourcePosition* place = own.awaited(); place != nullptr && checkpoint_.order < place->order) return false;
  seal_found(index, own.find(publication.config().batch.rows));
  return true;
}

// Differences are ordinary changes; they belong to the place that capture has reached.
void Capture::seal_found(std::size_t index, Reconcile::Found found) {
  Reconcile& own = *reconciles_[index];
  const Publication& publication = publications_[index];
  const std::string& topic = publication.topic().id;
  Turn turn;
  std::vector<bool> in_publication(found.meta.size());
  if (!found.meta.empty()) {
    StreamWriter writer = writer_for(publication);
    const Selection selection = publication.select_changes(found.meta, found.columns, found.old);
    for (const Line& line : selection.lines) in_publication[line.row] = true;
    writer.seal_changes(publication, selection, checkpoint_);
    note_sealed(publication, selection);
    collect_quarantine(publication, reads_[index], selection, found.columns, writer, turn);
    if (writer.is_changed()) turn.writers.push_back(std::move(writer));
  }
  own.count(found, in_publication);
  std::vector<KnownChange>& known = turn.known[topic];
  known = found.changes;
  known.insert(known.end(), found.adopted.begin(), found.adopted.end());
  if (found.finished) {
    own.finish(parts_.sealer.clock.now());
    reports_[index] = own.report();
    turn.values[report_name(topic)] = encode(reports_[index]);
    const ReconcileReport& report = reports_[index];
    log(LogLevel::notice, name(),
        "compared " + topic + ": " + std::to_string(report.rows) + " rows, " + std::to_string(report.missing) +
            " missing, " + std::to_string(report.changed) + " changed, " + std::to_string(report.gone) + " gone");
  }
  commit(turn);
  if (found.finished) prove_alive(index, store::AliveBy::comparison);
}

void Capture::report_walks(std::vector<Notice>& notices) const {
  for (std::size_t i = 0; i < publications_.size(); ++i) {
    if (!reconciles_[i]) continue;
    const std::string& topic = publications_[i].topic().id;
    if (reconciles_[i]->is_walking()) notices.push_back({NoticeLevel::info, "QZ-AGT-038", topic, progress_text(topic)});
    const ReconcileReport& last = reports_[i];
    if (last.finished >= last.started && found_any(last))
      notices.push_back({NoticeLevel::warning, "QZ-AGT-037", topic,
                         to_text(last.finished) + ": " + std::to_string(last.missing) + " missing, " +
                             std::to_string(last.changed) + " changed, " + std::to_string(last.gone) + " gone of " +
                             std::to_string(last.rows)});
  }
}

}  // namespace qianzhi::flow
