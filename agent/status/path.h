// The way of the data through this agent, station by station, with sums over all topics.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/status/states.h"

namespace qianzhi::status {

struct Totals {
  std::uint64_t sealed = 0;
  std::uint64_t refilled = 0;
  std::uint64_t receipted = 0;
  std::uint64_t waiting_rows = 0;
  std::uint64_t waiting_batches = 0;
  Micros oldest = 0;  // when the oldest waiting batch was sealed; 0: nothing waits
  Micros last_change = 0;
  Micros last_alive = 0;  // a change, or a look that found none
  bool is_refilling = false;
  bool has_stopped = false;
  std::uint64_t upserted = 0;
  std::uint64_t removed = 0;
  Micros applied = 0;
  std::uint64_t lanes_behind = 0;
};

Totals totals_of(const Snapshot& snapshot);

struct Station {
  std::string_view id;  // "database", "capture", "queue", "send", "receipt"; "receive", "target", "voucher"
  StateWord state;
};

// Empty where nothing is provided (received).
std::vector<Station> path_out(const Snapshot& snapshot);
std::vector<Station> path_in(const Snapshot& snapshot);

}  // namespace qianzhi::status
