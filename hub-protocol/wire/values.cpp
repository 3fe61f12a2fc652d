#include "hub-protocol/wire/values.h"

#include "hub-protocol/base/error.h"

namespace qianzhi {

void write_value(const GroupSet& value, wire::GroupSetMessage& message) {
  message.Clear();
  message.set_every(value.is_every());
  for (const Group& group : value.groups()) message.add_groups(group);
}

void write_value(const StreamId& value, wire::StreamKey& message) {
  message.set_agent(value.agent);
  message.set_topic(value.topic);
}

void write_value(const Head& value, wire::Place& message) {
  message.set_epoch(value.position.epoch);
  message.set_sequence(value.position.sequence);
  message.set_digest(value.digest.bytes());
}

void write_value(const Incarnation& value, wire::IncarnationMessage& message) {
  message.set_counter(value.counter);
  message.set_random(value.random);
}

GroupSet read_value(const wire::GroupSetMessage& message) {
  if (message.every()) {
    if (message.groups_size() != 0) throw Error(ErrorKind::rejected, "QZ-SEAL-050", "a group set with * and names");
    return GroupSet::every();
  }
  return GroupSet::of({message.groups().begin(), message.groups().end()});
}

StreamId read_value(const wire::StreamKey& message) {
  if (message.agent().empty() || message.topic().empty())
    throw Error(ErrorKind::rejected, "QZ-SEAL-050", "a stream without agent or topic");
  return {message.agent(), message.topic()};
}

Head read_value(const wire::Place& message) {
  if (!message.digest().empty() && message.digest().size() != Digest::size)
    throw Error(ErrorKind::rejected, "QZ-SEAL-050", "a digest of the wrong length");
  return {{message.epoch(), message.sequence()}, Digest::from_bytes(message.digest())};
}

Incarnation read_value(const wire::IncarnationMessage& message) { return {message.counter(), message.random()}; }

}  // namespace qianzhi
