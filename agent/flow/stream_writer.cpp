#include "agent/flow/stream_writer.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

StreamWriter::StreamWriter(const Sealer& sealer, const store::Store& store, std::string topic,
                           std::uint64_t catalogue_version, store::StreamState state)
    : sealer_(sealer),
      store_(store),
      topic_(std::move(topic)),
      catalogue_version_(catalogue_version),
      base_(state),
      draft_(std::move(state)) {}

void StreamWriter::seal(BatchKind kind, const seal::BatchContent& content, const GroupSet& scope, const Digest& begin,
                        const SourcePosition& position) {
  seal::Header header;
  header.kind = kind;
  header.stream = {sealer_.agent, topic_};
  header.catalogue_version = catalogue_version_;
  header.position = {draft_.last.position.epoch, draft_.last.position.sequence + 1};
  header.previous = draft_.last.digest;
  header.time = sealer_.clock.now();
  header.scope = scope;
  header.begin = begin;
  const Position place = header.position;
  const Micros time = header.time;
  seal::Sealed sealed = seal::seal(std::move(header), content, position, sealer_.key, sealer_.random, sealer_.limits);
  store::KeptBatch batch{topic_, {place, sealed.digest},  draft_.last.digest, kind, content.rows(),
                         time,   std::move(sealed.octets)};
  draft_.last = batch.head;
  ++draft_.batches_sealed;
  batches_.push_back(store_.lock(std::move(batch)));
  changed_ = true;
}

void StreamWriter::rebase(const SourcePosition& position) {
  draft_.high_water = {};
  draft_.refill.reset();
  draft_.wanted = GroupSet::every();
  draft_.stopped_code.clear();
  draft_.stopped_detail.clear();
  begin_refill(GroupSet::every(), position);
}

void StreamWriter::open_epoch(const Head& head, std::uint64_t above, const SourcePosition& position) {
  const std::uint64_t epoch = std::max({draft_.max_epoch, head.position.epoch, above}) + 1;
  draft_.max_epoch = epoch;
  // Sequence 0 of the new epoch stands for the hub's head: the begin(*) that follows is number 1 and names it.
  draft_.last = {{epoch, 0}, head.digest};
  draft_.receipted = head.position;
  draft_.secured = {};
  draft_.epoch_request.reset();
  draft_.shown_above = 0;
  draft_.begin_every.reset();
  draft_.begins.clear();
  new_epoch_ = true;
  rebase(position);
}

void StreamWriter::begin_refill(const GroupSet& groups, const SourcePosition& position) {
  seal(BatchKind::begin, {}, groups, {}, position);
  draft_.note_begin(groups, draft_.last.position);
  draft_.refill = store::Refill{draft_.last.digest, groups, {}, false, sealer_.clock.now(), 0, -1};
  began_ = true;
}

void StreamWriter::seal_lines(BatchKind kind, const Publication& publication, const mapping::Mapped& mapped,
                              std::span<const Line> lines, const SourcePosition& position) {
  const Digest begin = kind == BatchKind::rows ? draft_.refill->begin : Digest{};
  try {
    seal(kind, publication.content(mapped, lines), {}, begin, position);
    return;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::full) throw;
  }
  if (lines.size() > 1) {
    const std::size_t middle = lines.size() / 2;
    seal_lines(kind, publication, mapped, lines.first(middle), position);
    seal_lines(kind, publication, mapped, lines.subspan(middle), position);
    return;
  }
  QZ_ASSERT(lines.front().operation == Operation::upsert);
  Line withheld = lines.front();
  withheld.operation = Operation::withheld;
  oversized_.push_back(withheld.row);
  seal_lines(kind, publication, mapped, {&withheld, 1}, position);
}

void StreamWriter::seal_selection(BatchKind kind, const Publication& publication, const Selection& selection,
                                  const SourcePosition& position) {
  if (selection.lines.empty()) return;
  const std::span<const Line> lines(selection.lines);
  const std::size_t most = publication.config().batch.rows;
  for (std::size_t from = 0; from < lines.size(); from += most)
    seal_lines(kind, publication, selection.mapped, lines.subspan(from, std::min(most, lines.size() - from)), position);
  draft_.rows_withheld += selection.faults.size() + oversized_.size();
  rows_ += lines.size();
}

void StreamWriter::seal_changes(const Publication& publication, const Selection& selection,
                                const SourcePosition& position) {
  seal_selection(BatchKind::change, publication, selection, position);
  if (selection.lines.empty()) return;
  draft_.last_change = sealer_.clock.now();
  draft_.rows_sealed += selection.lines.size();
}

void StreamWriter::seal_rows(const Publication& publication, const Selection& selection,
                             const adapter::SnapshotChunk& chunk) {
  QZ_ASSERT(draft_.refill && !draft_.refill->rows_done);
  seal_selection(BatchKind::rows, publication, selection, chunk.position);
  draft_.refill->cursor = chunk.cursor;
  draft_.refill->rows_done = chunk.done;
  draft_.refill->rows_read += chunk.columns.empty() ? 0 : chunk.columns.front().size();
  if (draft_.high_water.order < chunk.position.order) draft_.high_water = chunk.position;
  draft_.rows_refilled += selection.lines.size();
  changed_ = true;
}

void StreamWriter::expect_rows(std::int64_t rows) {
  QZ_ASSERT(draft_.refill);
  draft_.refill->estimated = rows;
  changed_ = true;
}

void StreamWriter::end_refill(const SourcePosition& position) {
  QZ_ASSERT(draft_.refill && draft_.refill->rows_done);
  seal(BatchKind::end, {}, draft_.refill->groups, draft_.refill->begin, position);
  ended_ = draft_.refill->groups;
  draft_.wanted = draft_.wanted.without(ended_);
  draft_.refill.reset();
}

void StreamWriter::prove_alive(store::AliveBy by, const SourcePosition& position, Micros look, bool seals) {
  if (seals) seal(BatchKind::change, {}, {}, {}, position);
  draft_.alive = sealer_.clock.now();
  draft_.alive_by = by;
  draft_.alive_at = draft_.last.position;
  if (look != 0) draft_.look = look;
  changed_ = true;
}

void StreamWriter::want(const GroupSet& groups) {
  draft_.wanted = draft_.wanted.unite(groups);
  changed_ = true;
}

void StreamWriter::stop(std::string code, std::string detail) {
  if (draft_.stopped_code == code && draft_.stopped_detail == detail) return;
  draft_.stopped_code = std::move(code);
  draft_.stopped_detail = std::move(detail);
  changed_ = true;
}

void StreamWriter::set_area(const GroupSet& area) {
  draft_.area = area;
  changed_ = true;
}

void StreamWriter::commit(store::StoreTransaction& transaction) const {
  if (!changed_) return;
  store::StreamState now = transaction.stream(topic_).value_or(store::StreamState{});
  QZ_ASSERT(now.last == base_.last);
  const GroupSet wished = now.wanted.without(base_.wanted);
  if (began_ && !draft_.refill->groups.covers(wished))
    throw Error(ErrorKind::unavailable, "QZ-AGT-024", topic_ + ": a wish arrived meanwhile");
  if (!new_epoch_ && now.epoch_request && !base_.epoch_request && !batches_.empty())
    throw Error(ErrorKind::unavailable, "QZ-AGT-024", topic_ + ": a new epoch was asked for meanwhile");
  store::StreamState next = draft_;
  next.wanted = draft_.wanted.unite(wished);
  if (!new_epoch_) {
    // What the uplink owns.
    next.receipted = now.receipted;
    next.secured = now.secured;
    next.epoch_request = now.epoch_request;
    next.shown_above = now.shown_above;
    next.uplink_code = now.uplink_code;
    next.uplink_detail = now.uplink_detail;
  }
  next.receipt = now.receipt;
  next.rows_receipted = now.rows_receipted;
  if (new_epoch_) transaction.supersede(topic_);
  for (const store::LockedBatch& batch : batches_) transaction.append(batch);
  transaction.put_stream(topic_, next);
}

}  // namespace qianzhi::flow
