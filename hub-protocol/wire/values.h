// Between model values and their messages. Reading throws Error(rejected, QZ-SEAL-050) for a malformed value.
#pragma once

#include "hub-protocol/model/stream.h"
#include "hub-protocol/wire/batch.pb.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi {

void write_value(const GroupSet& value, wire::GroupSetMessage& message);
void write_value(const StreamId& value, wire::StreamKey& message);
void write_value(const Head& value, wire::Place& message);
void write_value(const Incarnation& value, wire::IncarnationMessage& message);

GroupSet read_value(const wire::GroupSetMessage& message);
StreamId read_value(const wire::StreamKey& message);
Head read_value(const wire::Place& message);
Incarnation read_value(const wire::IncarnationMessage& message);

}  // namespace qianzhi
