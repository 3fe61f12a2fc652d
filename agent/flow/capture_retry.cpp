// Rows set aside at the source that an operator wants tried again, with the mapping that is in force now.
#include <algorithm>

#include "agent/flow/capture.h"
#include "agent/flow/capture_rows.h"
#include "agent/flow/quarantine.h"

namespace qianzhi::flow {

void Capture::retry_rows() {
  for (const store::QuarantineEntry& entry : take_retries(parts_.store, store::QuarantineSide::capture)) {
    const auto publication = std::find_if(publications_.begin(), publications_.end(),
                                          [&](const Publication& p) { return p.topic().id == entry.topic; });
    if (publication == publications_.end() || lacks_column(*publication)) continue;
    const Read& read = reads_[static_cast<std::size_t>(publication - publications_.begin())];
    const std::vector<Column> columns = decode_row(entry.row, publication->mapper().columns());
    const Selection selection = publication->select_snapshot(columns, {}, GroupSet::every());
    StreamWriter writer = writer_for(*publication);
    Turn turn;
    // A row that still breaks a rule is only noted again: it is withheld already.
    if (selection.faults.empty()) writer.seal_changes(*publication, selection, checkpoint_);
    note_sealed(*publication, selection);
    collect_quarantine(*publication, read, selection, columns, writer, turn);
    turn.writers.push_back(std::move(writer));
    commit(turn);
  }
}

}  // namespace qianzhi::flow
