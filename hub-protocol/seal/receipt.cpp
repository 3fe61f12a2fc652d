#include "hub-protocol/seal/receipt.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::seal {

namespace {

[[noreturn]] void bad_receipt(std::string_view what) { throw Error(ErrorKind::corrupt, "QZ-SEAL-030", what); }

void put_head(const Head& head, wire::Place& place) {
  if (head.is_none()) return;
  place.set_epoch(head.position.epoch);
  place.set_sequence(head.position.sequence);
  place.set_digest(head.digest.bytes());
}

Head read_head(const wire::Place& place) {
  if (place.digest().empty()) {
    if (place.epoch() != 0 || place.sequence() != 0) bad_receipt("a position without a digest");
    return {};
  }
  if (place.digest().size() != Digest::size || place.epoch() == 0 || place.sequence() == 0)
    bad_receipt("malformed head");
  const Head head{{place.epoch(), place.sequence()}, Digest::from_bytes(place.digest())};
  if (head.is_none()) bad_receipt("malformed head");
  return head;
}

}  // namespace

void sign_receipt(const ReceiptContent& content, const SigningKey& hub_key, wire::Receipt& receipt) {
  wire::ReceiptBody body;
  body.mutable_incarnation()->set_counter(content.incarnation.counter);
  body.mutable_incarnation()->set_random(content.incarnation.random);
  body.mutable_stream()->set_agent(content.stream.agent);
  body.mutable_stream()->set_topic(content.stream.topic);
  put_head(content.head, *body.mutable_head());
  put_head(content.secured, *body.mutable_secured());
  body.set_time(content.time);
  receipt.set_body(body.SerializeAsString());
  receipt.mutable_signature()->set_key_id(hub_key.record().id);
  receipt.mutable_signature()->set_value(hub_key.sign(Purpose::receipt, receipt.body()));
}

ReceiptContent open_receipt(const wire::Receipt& receipt, const KeyRecord& hub_key) {
  if (receipt.signature().key_id() != hub_key.id) bad_receipt("signed with a key that is not the hub's");
  if (!verify(hub_key, Purpose::receipt, receipt.body(), receipt.signature().value()))
    bad_receipt("the signature does not hold");
  wire::ReceiptBody body;
  if (!body.ParseFromString(receipt.body())) bad_receipt("malformed body");
  if (body.stream().agent().empty() || body.stream().topic().empty()) bad_receipt("no stream");
  ReceiptContent content;
  content.incarnation = {body.incarnation().counter(), body.incarnation().random()};
  content.stream = {body.stream().agent(), body.stream().topic()};
  content.head = read_head(body.head());
  content.secured = read_head(body.secured());
  content.time = body.time();
  return content;
}

}  // namespace qianzhi::seal
