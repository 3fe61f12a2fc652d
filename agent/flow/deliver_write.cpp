// One target transaction after the other: while the adapter writes one, the next is fetched and built.
#include "agent/flow/deliver.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

Aside Deliver::aside_after_all(const Writing& writing, const std::vector<adapter::Rejection>& rejections) const {
  const Lane& lane = lanes_[writing.lane];
  return aside_after(*lane.definition, lane.topic, lane.origin, writing.transaction, rejections, writing.entries,
                     parts_.clock.now());
}

void Deliver::begin_write(Lane& lane, const Head& next, const MarkState& state, std::vector<adapter::Step> steps,
                          bool beside) {
  finish_write();
  auto writing = std::make_unique<Writing>();
  writing->lane = static_cast<std::size_t>(&lane - lanes_.data());
  adapter::TargetTransaction& transaction = writing->transaction;
  transaction.table = lane.table;
  transaction.expected = lane.has_row ? lane.row.head : Head{};
  transaction.next = {lane.topic, lane.origin, next, encode(state)};
  transaction.steps = std::move(steps);
  writing->state = state;
  writing->entries = entries_for(lane, transaction);
  if (!writing->entries.empty()) writing->aside = aside_after_all(*writing, {});
  keep(lane, transaction, writing->aside);
  note_compared(lane, transaction);
  // Whatever ends this early, the mark row decides what became of it.
  unknown_ = true;
  if (parts_.breakpoint) parts_.breakpoint("deliver.before_apply");
  writing->work =
      std::packaged_task<adapter::ApplyResult()>([this, &transaction] { return target_->apply(transaction); });
  writing_ = std::move(writing);
  // An adapter's process dies with the thread that started it: that is never this one, as whatever ended the process
  // has made the next run read the marks first.
  if (beside && parts_.overlaps) writing_->thread = std::thread(std::ref(writing_->work));
}

void Deliver::finish_write() {
  if (!writing_) return;
  const std::unique_ptr<Writing> writing = std::move(writing_);
  Lane& lane = lanes_[writing->lane];
  if (writing->thread.joinable())
    writing->thread.join();
  else
    writing->work();
  const adapter::ApplyResult result = writing->work.get_future().get();
  if (result.state == adapter::ApplyResult::State::stale) {
    // Somebody else moved the mark, or the target was restored.
    throw Error(ErrorKind::unavailable, "QZ-AGT-053", lane.topic);
  }
  if (result.state == adapter::ApplyResult::State::pending) {
    writing->aside = aside_after_all(*writing, result.rejections);
    keep(lane, writing->transaction, writing->aside);
    if (parts_.breakpoint) parts_.breakpoint("deliver.after_quarantine");
    target_->commit();
  }
  if (parts_.breakpoint) parts_.breakpoint("deliver.after_apply");
  release(lane, writing->aside);
  note_corrections(lane, writing->transaction);
  lane.has_row = true;
  lane.row = writing->transaction.next;
  lane.state = writing->state;
  lane.at_head = lane.row.head.position == lane.hub_head;
  unknown_ = false;
}

void Deliver::write(Lane& lane, const Head& next, const MarkState& state, std::vector<adapter::Step> steps) {
  begin_write(lane, next, state, std::move(steps), false);
  finish_write();
}

}  // namespace qianzhi::flow
