// Seeded runs: random changes under a plan of faults; at the end everything must come to rest, equal.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/sim/world.h"

namespace qianzhi::sim {

// How many seeds a test of many runs; QIANZHI_SEEDS sets another number.
int seeds(int default_count);

// What the stages say, for a test that failed.
std::string complaints(World& world);

// Faults in percent, but those of disks.
struct SeedPlan {
  unsigned lose = 0;
  unsigned crash = 0;
  bool grants = false;
  unsigned adapter_dies = 0;
  config::Capture capture = config::Capture::journal;
  World::DiskFaults disk = {};
  unsigned repeat = 0;
  unsigned delay = 0;
  unsigned step_clock = 0;
  unsigned unseen = 0;    // a change goes past the triggers; the providers compare each minute
  unsigned tampered = 0;  // somebody writes into a target, a round; the subscribers compare each minute
  unsigned rotate = 0;    // a provider gets a new signing key and starts again, a round
};

// Runs from `first` on as many as seeds(); QIANZHI_SEED=N runs only that one, as a failing one names itself.
void for_each_seed(std::uint64_t first, int default_count, const std::function<void(std::uint64_t)>& run);

// One run of three departments. The seed decides everything. Returns what it did, in figures.
std::string run_seed(std::uint64_t seed, const SeedPlan& plan, int rounds);

}  // namespace qianzhi::sim
