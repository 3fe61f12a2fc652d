// The one word over everything: what a person sees first, drawn from the whole snapshot.
#pragma once

#include <string>
#include <vector>

#include "agent/status/findings.h"
#include "agent/status/states.h"

namespace qianzhi::status {

// One of: not_configured, not_enrolled, starting, failed, paused (the queue is full), retrying (hub or database away),
// quarantine, attention, snapshot (tables are sent whole), catching_up, in_sync, idle (no change within a day).
StateWord headline_of(const Snapshot& snapshot, const std::vector<Finding>& findings);

// The code that explains a headline which is not good: of the worst finding, else of the first row that is set aside.
// Empty if there is nothing to explain.
std::string cause_of(const Snapshot& snapshot, const std::vector<Finding>& findings);

}  // namespace qianzhi::status
