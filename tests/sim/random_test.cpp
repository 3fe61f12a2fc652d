// Seeded simulation: random changes under faults. After each seed everything comes to rest and every target must equal
// its sources under its grants (protocol-rules section 10, check 6). QIANZHI_SEEDS=10000 runs so many of each test,
// QIANZHI_SEED=N only that one.
#include <catch2/catch.hpp>

#include "tests/sim/seeds.h"

using namespace qianzhi;

namespace {

void run_all(std::uint64_t first, int count, const sim::SeedPlan& plan, int rounds = 60) {
  sim::for_each_seed(first, count, [&](std::uint64_t seed) { sim::run_seed(seed, plan, rounds); });
}

sim::SeedPlan everything(std::uint64_t seed) {
  sim::SeedPlan plan{10, 1, true, 2, seed % 4 == 0 ? config::Capture::diff : config::Capture::journal};
  plan.disk = {10, 5, 15, 50};
  plan.repeat = plan.delay = 10;
  plan.step_clock = plan.rotate = 4;
  return plan;
}

}  // namespace

TEST_CASE("A22 targets equal their sources after lost requests and replies, seed by seed", "[seeds]") {
  run_all(1, 12, {30, 0}, 40);
}

TEST_CASE("A1 A2 targets equal their sources after crashes at random breakpoints of agents and hub", "[seeds]") {
  run_all(100, 12, {15, 3});
}

TEST_CASE("R7.4 R7.8 targets equal their sources while grants change under crashes and losses", "[seeds]") {
  run_all(200, 12, {15, 2, true});
}

TEST_CASE("R3.3 R4.5 targets equal their sources where one is only compared, under crashes, losses, changing grants",
          "[seeds]") {
  run_all(300, 12, {15, 2, true, 5, config::Capture::diff});
}

TEST_CASE("A1 A2 P35 targets equal their sources after adapters died before and after what they were asked",
          "[seeds]") {
  run_all(500, 12, {15, 2, false, 10});
}

TEST_CASE("A22 targets equal their sources after repeated, late and reordered requests, seed by seed", "[seeds]") {
  sim::SeedPlan plan{10, 1, true};
  plan.repeat = plan.delay = 20;
  run_all(800, 12, plan);
}

TEST_CASE("A12 A19 targets equal their sources while clocks are wrong and keys are changed, seed by seed", "[seeds]") {
  sim::SeedPlan plan{10, 1, true};
  plan.step_clock = 10;
  plan.rotate = 8;
  run_all(900, 12, plan);
}

TEST_CASE("A1 A2 A3 A4 A5 A12 A19 A22 targets equal their sources after everything at once", "[seeds][everything]") {
  sim::for_each_seed(1000, 15, [](std::uint64_t seed) { sim::run_seed(seed, everything(seed), 80); });
}

TEST_CASE("A22 a seed replays exactly") {
  const std::string once = sim::run_seed(1003, everything(1003), 80);
  CHECK(once == sim::run_seed(1003, everything(1003), 80));
  CHECK(once != sim::run_seed(1007, everything(1007), 80));
}
