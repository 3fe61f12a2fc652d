// Power losses, kills, I/O errors and full disks at any call that changes a file, with the shipped stores, stages and
// hub. The witness checks after each step that what was receipted, forgotten or told as applied is still there.
#include <catch2/catch.hpp>

#include "tests/sim/seeds.h"

using namespace qianzhi;
using sim::Fate;
using sim::World;

namespace {

struct Small {
  explicit Small(std::uint64_t seed)
      : world(seed), commerce(world.add("commerce", true, false)), tax(world.add("tax", false, true)) {
    world.grant("tax", GroupSet::every());
    insert(0, 10);
  }
  void insert(int from, int to) {
    for (int i = from; i < to; ++i)
      commerce.sql("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'n', NULL, '440103')");
  }
  void run() {
    world.publish();
    for (int round = 0; round < 6; ++round) {
      insert(10 + 2 * round, 12 + 2 * round);
      world.turn();
    }
  }
  void require_rest() {
    const bool rest = world.settle();
    INFO(sim::complaints(world));
    INFO(world.difference().value_or("equal"));
    REQUIRE(rest);
  }

  World world;
  sim::Department& commerce;
  sim::Department& tax;
};

// Each call of a run that changes this store, one run each.
void at_every_call(const std::function<std::filesystem::path(Small&)>& store, Fate fate, unsigned power_loss) {
  Small calm(1);
  calm.run();
  calm.require_rest();
  const std::uint64_t calls = calm.world.disk.calls(store(calm));
  REQUIRE(calls > 50);
  const std::uint64_t step = std::max<std::uint64_t>(1, calls / static_cast<std::uint64_t>(sim::seeds(25)));
  for (std::uint64_t call = 1; call <= calls; call += step) {
    Small small(1);
    small.world.chosen = {store(small), call, fate};
    small.world.disk_faults.power_loss = power_loss;
    INFO("call " << call << " of " << calls);
    small.run();
    small.require_rest();
  }
}

std::filesystem::path queue_of(Small& small) { return small.commerce.store_file; }
std::filesystem::path log_of(Small& small) { return small.world.hub_file(); }
std::filesystem::path receiver_of(Small& small) { return small.tax.store_file; }

bool says(const sim::Department& department, const std::string& text) {
  return department.last_error().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("A3 an I/O error at any call of the agent's queue is followed by a restart, and nothing is lost", "[seeds]") {
  at_every_call(queue_of, Fate::fail, 0);
}

TEST_CASE("A3 an I/O error at any call of the hub's log is followed by a restart, and nothing is lost", "[seeds]") {
  at_every_call(log_of, Fate::fail, 0);
}

TEST_CASE("A3 A4 an I/O error with a power loss after it loses nothing that was receipted", "[seeds]") {
  at_every_call(queue_of, Fate::fail, 100);
  at_every_call(log_of, Fate::fail, 100);
}

TEST_CASE("A4 a power loss at any call of an agent's queue loses nothing", "[seeds]") {
  at_every_call(queue_of, Fate::die, 100);
  at_every_call(receiver_of, Fate::die, 100);
}

TEST_CASE("A4 a power loss at any call of the hub's log loses nothing", "[seeds]") {
  at_every_call(log_of, Fate::die, 100);
}

TEST_CASE("A5 P38 an agent whose disk is full pauses, says so, and goes on by itself when there is space") {
  Small small(3);
  small.world.publish();
  small.require_rest();
  small.world.full.insert(small.commerce.store_file);
  small.insert(10, 30);
  for (int i = 0; i < 10; ++i) small.world.turn();
  CHECK(small.tax.target_rows().size() == 10);
  INFO(sim::complaints(small.world));
  CHECK(says(small.commerce, "QZ-SQL-002"));
  small.world.full.clear();
  small.require_rest();
  CHECK(small.tax.target_rows().size() == 30);
}

TEST_CASE("A5 P38 a hub whose disk is full refuses, keeps delivering, and goes on by itself when there is space") {
  Small small(4);
  small.world.publish();
  small.require_rest();
  small.world.full.insert(small.world.hub_file());
  small.insert(10, 30);
  for (int i = 0; i < 10; ++i) small.world.turn();
  CHECK(small.tax.target_rows().size() == 10);
  CHECK(small.world.hub_is_running());
  small.world.full.clear();
  small.require_rest();
  CHECK(small.tax.target_rows().size() == 30);
}

TEST_CASE("A1 A2 A3 A4 A5 targets equal their sources after kills, power losses, I/O errors and full disks",
          "[seeds]") {
  sim::SeedPlan plan;
  plan.lose = 10;
  plan.disk = {20, 10, 30, 60};
  plan.grants = true;
  plan.adapter_dies = 2;
  sim::for_each_seed(700, 15, [&](std::uint64_t seed) { sim::run_seed(seed, plan, 60); });
}
