// Snapshots as agents would give them, for tests of the status page. Times and figures are fixed.
#pragma once

#include <string>

#include "agent/status/history.h"
#include "agent/status/snapshot.h"

namespace qianzhi::test {

// 2026-03-02T02:30:00Z.
inline constexpr Micros sample_time = 1'772'418'600'000'000;

// Text that would run as a script, close an attribute or turn the line around if it were not escaped.
std::string hostile_text();

status::Snapshot well_sample();
// The hub is away, rows wait, three rows are set aside, and every name is hostile.
status::Snapshot attention_sample();
// One table changed its structure, one received stream is halted.
status::Snapshot failed_sample();
// First start, the hub was never reached.
status::Snapshot starting_sample();
// Before there is an agent: nothing but its state and version.
status::Snapshot not_configured_sample();
status::Snapshot not_enrolled_sample();
// Whole tables on their way, one with an estimate.
status::Snapshot snapshot_sample();
status::Snapshot catching_up_sample();
status::Snapshot idle_sample();
// The hub is away and 4,120 rows wait.
status::Snapshot retrying_sample();
// The queue is full, reading is paused.
status::Snapshot paused_sample();
status::Snapshot quarantine_sample();
// 30 hours of figures that rise and fall, and events of all levels.
void fill(status::History& history);

}  // namespace qianzhi::test
