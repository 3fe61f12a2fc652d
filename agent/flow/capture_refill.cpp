#include <algorithm>

#include "agent/flow/capture.h"
#include "agent/flow/capture_rows.h"

namespace qianzhi::flow {

bool Capture::refills_rows() const {
  return std::any_of(publications_.begin(), publications_.end(), [&](const Publication& publication) {
    const auto state = parts_.store.stream(publication.topic().id);
    return state && state->refill && !state->refill->rows_done && state->stopped_code.empty();
  });
}

// A chunk may be read now.
bool Capture::may_refill(std::size_t index) const {
  const auto state = parts_.store.stream(publications_[index].topic().id);
  return state && state->refill && !state->refill->rows_done && state->stopped_code.empty() &&
         parts_.sealer.clock.steady() >= throttle_.ready_at();
}

bool Capture::refill_one(std::size_t index) {
  const Publication& publication = publications_[index];
  const Read& read = reads_[index];
  if (may_refill(index)) look_before(index);
  const auto state = parts_.store.stream(publication.topic().id);
  if (recompile_ || !state || !state->refill || !state->stopped_code.empty()) return false;
  Turn turn;
  if (state->refill->rows_done) {
    if (checkpoint_.order < state->high_water.order) return false;  // R4.5
    StreamWriter writer = writer_for(publication);
    writer.end_refill(checkpoint_);
    watched_[index].pace.restart();
    turn.writers.push_back(std::move(writer));
  } else {
    const Clock& clock = parts_.sealer.clock;
    if (clock.steady() < throttle_.ready_at()) return false;
    adapter::ReadLimits limits{publication.config().batch.rows, publication.config().batch.octets};
    const adapter::SnapshotChunk chunk = source_->read_snapshot(read.table, state->refill->cursor, limits);
    const std::size_t rows = chunk.columns.empty() ? 0 : chunk.columns.front().size();
    throttle_.has_read(rows, clock.now(), clock.steady());
    watched_[index].pace.add(rows, throttle_.holds(clock.now()), clock.steady());
    look_at({read.table}, state->refill->cursor.empty());
    StreamWriter writer = writer_for(publication);
    const bool is_other = !writer.state().refill || writer.state().refill->begin != state->refill->begin;
    if (recompile_ || is_other || !writer.state().stopped_code.empty()) return true;
    if (chunk.position.order < checkpoint_.order) return true;  // R4.4: read again
    const std::vector<Column> columns = pick(chunk.columns, read.columns);
    const Selection selection = select_refill(index, columns, state->refill->groups, turn);
    if (state->refill->cursor.empty()) writer.expect_rows(watched_[index].rows);
    writer.seal_rows(publication, selection, chunk);
    collect_quarantine(publication, read, selection, columns, writer, turn);
    turn.writers.push_back(std::move(writer));
  }
  commit(turn);
  return true;
}

// R3.3: with the delete of a row that is known in another group, and what is known of each row that is sent.
Selection Capture::select_refill(std::size_t index, const std::vector<Column>& columns, const GroupSet& groups,
                                 Turn& turn) {
  const Publication& publication = publications_[index];
  if (diff_ == nullptr && !reconciles_[index]) return publication.select_snapshot(columns, {}, groups);
  KnownRows::Compared compared;
  if (diff_ == nullptr)
    compared = reconciles_[index]->note_refill(columns);
  else
    compared = {diff_->known_changes(), pick(diff_->old(), reads_[index].old_columns)};
  Selection selection = publication.select_snapshot(columns, compared.old, groups);
  std::vector<KnownChange>& known = turn.known[publication.topic().id];
  for (const Line& line : selection.lines)
    if (const auto& change = compared.changes[line.row]; change && line.operation != Operation::remove)
      known.push_back(*change);
  return selection;
}

}  // namespace qianzhi::flow
