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

bool Capture::refill_one(std::size_t index) {
  const Publication& publication = publications_[index];
  const Read& read = reads_[index];
  StreamWriter writer = writer_for(publication);
  const store::StreamState& state = writer.state();
  if (!state.refill || !state.stopped_code.empty()) return false;
  Turn turn;
  if (state.refill->rows_done) {
    if (checkpoint_.order < state.high_water.order) return false;  // R4.5
    writer.end_refill(checkpoint_);
  } else {
    const Clock& clock = parts_.sealer.clock;
    if (clock.steady() < throttle_.ready_at()) return false;
    adapter::ReadLimits limits{publication.config().batch.rows, publication.config().batch.octets};
    const adapter::SnapshotChunk chunk = source_->read_snapshot(read.table, state.refill->cursor, limits);
    throttle_.has_read(chunk.columns.empty() ? 0 : chunk.columns.front().size(), clock.now(), clock.steady());
    if (chunk.position.order < checkpoint_.order) return true;  // R4.4: read again
    const std::vector<Column> columns = pick(chunk.columns, read.columns);
    const Selection selection = select_refill(index, columns, state.refill->groups, turn);
    writer.seal_rows(publication, selection, chunk);
    collect_quarantine(publication, read, selection, columns, writer, turn);
  }
  turn.writers.push_back(std::move(writer));
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
