// Apply receipts: the subscriber's signed word on what it applied, with counts, for the hub's ledger (design: at most
// one a stream and second). Losing one loses nothing: the next covers everything before it.
#include "agent/flow/deliver.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

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
    body.set_begun(lane.state.begun);
    body.set_time(parts_.clock.now());
    wire::Applied& applied = *request.add_applied();
    applied.set_body(body.SerializeAsString());
    const auto sign = [&](const seal::SigningKey& key, wire::Signature& signature) {
      signature.set_key_id(key.record().id);
      signature.set_value(key.sign(seal::Purpose::applied, applied.body()));
    };
    sign(parts_.key, *applied.mutable_signature());
    if (parts_.key.second() != nullptr) sign(*parts_.key.second(), *applied.mutable_second());
  }
  if (request.applied_size() == 0) return;
  receipts_at_ = parts_.clock.steady() + parts_.receipt_interval;
  parts_.link.applied(request);
  for (Lane& lane : lanes_) lane.reported = lane.row.head.position;
}

}  // namespace qianzhi::flow
