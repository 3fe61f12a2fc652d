// A kill at each named point, the first and the third time it is reached: everything still comes to rest equal.
#include <catch2/catch.hpp>

#include "tests/sim/world.h"

using namespace qianzhi;
using sim::World;

namespace {

// One run with everything in it: history, changes, a move between areas, deletes, a row that the target refuses.
void drive(World& world) {
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  world.grant("tax", GroupSet::every());
  for (int i = 0; i < 20; ++i)
    commerce.sql("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'n', NULL, '440103')");
  world.publish();
  for (int round = 0; round < 12; ++round) {
    const std::string key = std::to_string(round);
    if (round % 3 == 0) commerce.sql("UPDATE firm SET district = '440104' WHERE reg_no = '" + key + "'");
    if (round % 3 == 1) commerce.sql("DELETE FROM firm WHERE reg_no = '" + key + "'");
    commerce.sql("INSERT INTO firm VALUES('x" + key + "', 'n', NULL, NULL)");
    world.turn();
  }
  const bool rest = world.settle();
  INFO(commerce.last_error() << " " << tax.last_error());
  INFO(world.difference().value_or("equal"));
  REQUIRE(rest);
  REQUIRE(world.witness.counts().exact > 0);
}

}  // namespace

TEST_CASE("A1 A2 a kill at every named point of agent and hub loses nothing and doubles nothing") {
  World calm(1);
  drive(calm);
  REQUIRE(calm.points_seen.size() >= 10);
  for (const std::string& point : calm.points_seen) {
    for (const char* who : {"hub", "commerce-01", "tax-01"}) {
      World world(2);
      world.crash_at = point;
      world.crash_who = who;
      INFO(who << " is killed at " << point);
      drive(world);
    }
  }
}
