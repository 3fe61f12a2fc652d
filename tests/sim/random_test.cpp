// Seeded simulation: random changes, lost requests and replies, crashes at any breakpoint of agents and hub, changed
// grants, restored stores. After each seed everything comes to rest and every target must equal its sources under its
// grants (protocol-rules section 10, check 6). QIANZHI_SEEDS sets how many seeds; a failing one is printed.
#include <catch2/catch.hpp>

#include "tests/sim/seeds.h"

using namespace qianzhi;

TEST_CASE("A22 targets equal their sources after lost requests and replies, seed by seed", "[seeds]") {
  for (int seed = 1; seed <= sim::seeds(15); ++seed) sim::run_seed(static_cast<std::uint64_t>(seed), {30, 0}, 40);
}

TEST_CASE("A1 A2 targets equal their sources after crashes at random breakpoints of agents and hub", "[seeds]") {
  for (int seed = 100; seed < 100 + sim::seeds(15); ++seed)
    sim::run_seed(static_cast<std::uint64_t>(seed), {15, 3}, 60);
}

TEST_CASE("R7.4 R7.8 targets equal their sources while grants change under crashes and losses", "[seeds]") {
  for (int seed = 200; seed < 200 + sim::seeds(15); ++seed)
    sim::run_seed(static_cast<std::uint64_t>(seed), {15, 2, true}, 60);
}

TEST_CASE("R3.3 R4.5 targets equal their sources where one is only compared, under crashes, losses, changing grants",
          "[seeds]") {
  for (int seed = 300; seed < 300 + sim::seeds(15); ++seed)
    sim::run_seed(static_cast<std::uint64_t>(seed), {15, 2, true, 5, config::Capture::diff}, 60);
}

TEST_CASE("A1 A2 P35 targets equal their sources after adapters died before and after what they were asked",
          "[seeds]") {
  for (int seed = 500; seed < 500 + sim::seeds(15); ++seed)
    sim::run_seed(static_cast<std::uint64_t>(seed), {15, 2, false, 10}, 60);
}

TEST_CASE("A22 targets equal their sources after repeated, late and reordered requests, seed by seed", "[seeds]") {
  for (int seed = 800; seed < 800 + sim::seeds(15); ++seed) {
    sim::SeedPlan plan{10, 1, true};
    plan.repeat = plan.delay = 20;
    sim::run_seed(static_cast<std::uint64_t>(seed), plan, 60);
  }
}

TEST_CASE("A12 A19 targets equal their sources while clocks are wrong and keys are changed, seed by seed", "[seeds]") {
  for (int seed = 900; seed < 900 + sim::seeds(15); ++seed) {
    sim::SeedPlan plan{10, 1, true};
    plan.step_clock = 10;
    plan.rotate = 8;
    sim::run_seed(static_cast<std::uint64_t>(seed), plan, 60);
  }
}

TEST_CASE("A1 A2 A3 A4 A5 A12 A19 A22 targets equal their sources after everything at once", "[seeds]") {
  for (int seed = 1000; seed < 1000 + sim::seeds(20); ++seed) {
    sim::SeedPlan plan{10, 1, true, 2, seed % 4 == 0 ? config::Capture::diff : config::Capture::journal};
    plan.disk = {10, 5, 15, 50};
    plan.repeat = plan.delay = 10;
    plan.step_clock = plan.rotate = 4;
    sim::run_seed(static_cast<std::uint64_t>(seed), plan, 80);
  }
}
