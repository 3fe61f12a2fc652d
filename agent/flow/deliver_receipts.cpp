// Apply receipts: the subscriber's signed word on what it applied, with counts, for the hub's ledger (design: at most
// one a stream and second). Losing one loses nothing: the next covers everything before it.
#include "agent/flow/deliver.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros receipt_interval = 1'000'000;

}  // namespace

void Deliver::send_receipts() {
  if (parts_.clock.steady() < receipts_at_) return;
  wire::AppliedRequest request;
  for (const Lane& lane : lanes_) {
    if (!lane.has_row || lane.reported == lane.row.head.position) continue;
    wire::AppliedBody body;
    write_value(StreamId{lane.origin, lane.topic}, *body.mutable_stream());
    body.set_subscriber(agent_);
    write_value(lane.row.head, *body.mutable_mark());
    body.set_upserted(lane.state.upserted);
    body.set_removed(lane.state.removed);
    body.set_quarantined(lane.aside.size());
    body.set_time(parts_.clock.now());
    wire::Applied& applied = *request.add_applied();
    applied.set_body(body.SerializeAsString());
    applied.mutable_signature()->set_key_id(parts_.key.record().id);
    applied.mutable_signature()->set_value(parts_.key.sign(seal::Purpose::applied, applied.body()));
  }
  if (request.applied_size() == 0) return;
  receipts_at_ = parts_.clock.steady() + receipt_interval;
  parts_.link.applied(request);
  for (Lane& lane : lanes_) lane.reported = lane.row.head.position;
}

}  // namespace qianzhi::flow
