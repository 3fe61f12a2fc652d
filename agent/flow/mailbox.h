// Letters of this agent's stages (wire/comparison.proto), between them and the courier that carries them. They live in
// memory: whoever waits for an answer writes again. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/wire/comparison.pb.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi::flow {

class Mailbox {
 public:
  explicit Mailbox(const Clock& clock) : clock_(clock) {}

  // To the hub; a later one of the same stream to the same agent takes the place of an earlier one.
  void send(const StreamId& stream, const std::string& to, wire::Letter letter);
  std::vector<wire::Letter> take_outgoing();

  // From the hub, verified and addressed to this agent. Likewise the newest counts. Beyond a number of senders it is
  // dropped, and comes again.
  void put(wire::Comparison letter);
  // Of one stream, from whoever wrote.
  std::vector<wire::Comparison> take(const StreamId& stream);

  // Something was sent or came within the last minutes: more is on its way.
  bool is_busy() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<Key, wire::Letter> outgoing_;
  std::map<Key, wire::Comparison> incoming_;
  Micros busy_until_ = 0;  // steady
};

}  // namespace qianzhi::flow
