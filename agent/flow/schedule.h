// When a publication may leave the outbox: real time, an interval or a calendar (mission S1.2).
#pragma once

#include "agent/config/config.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::flow {

// Batches sealed before the returned time may be sent now. realtime: every batch (returns 0, "no limit"); otherwise the
// last moment at or before `now` at which the schedule was due, local time being that of the process (TZ).
Micros released_before(const config::Schedule& schedule, Micros now);

}  // namespace qianzhi::flow
