// Receipts: the hub's signed word on the head of a stream (R6.4).
#pragma once

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::wire {
class Receipt;
}

namespace qianzhi::seal {

struct ReceiptContent {
  Incarnation incarnation;
  StreamId stream;
  Head head;     // none: the hub holds nothing of the stream
  Head secured;  // R6.8
  Micros time = 0;
  bool operator==(const ReceiptContent&) const = default;
};

void sign_receipt(const ReceiptContent& content, const SigningKey& hub_key, wire::Receipt& receipt);

// Verifies and reads. Throws Error(corrupt, QZ-SEAL-030) if the signature is not the hub's or the body is malformed.
ReceiptContent open_receipt(const wire::Receipt& receipt, const KeyRecord& hub_key);

}  // namespace qianzhi::seal
