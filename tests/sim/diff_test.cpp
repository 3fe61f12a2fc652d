// A source where nothing may be installed: its table is walked and compared with what the agent knows (R3.3).
#include <catch2/catch.hpp>

#include "tests/sim/world.h"

using qianzhi::GroupSet;
using qianzhi::config::Capture;
using qianzhi::sim::World;

namespace {

struct DiffPair {
  explicit DiffPair(std::uint64_t seed, GroupSet granted = GroupSet::every())
      : world(seed), commerce(world.add("commerce", true, false, Capture::diff)), tax(world.add("tax", false, true)) {
    for (int i = 0; i < 30; ++i)
      commerce.sql("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'n', NULL, '" +
                   (i % 2 == 0 ? "440103" : "440104") + "')");
    world.grant("tax", std::move(granted));
    world.publish();
    rest();
  }
  void rest() {
    const bool rests = world.settle();
    INFO(commerce.last_error() << " " << tax.last_error() << " " << world.difference().value_or("equal"));
    REQUIRE(rests);
  }
  std::uint64_t sealed() { return commerce.store().stream("test.enterprise")->batches_sealed; }

  World world;
  qianzhi::sim::Department& commerce;
  qianzhi::sim::Department& tax;
};

}  // namespace

TEST_CASE("R3.3 S1.1 inserts, updates, deletes and moves reach a target though nothing is installed at the source") {
  DiffPair pair(1);
  CHECK(pair.tax.target_rows().size() == 30);
  pair.commerce.sql("INSERT INTO firm VALUES('x', 'new', NULL, NULL)");
  pair.commerce.sql("UPDATE firm SET ent_name = 'other' WHERE reg_no = '3'");
  pair.commerce.sql("UPDATE firm SET district = '440104' WHERE reg_no = '4'");
  pair.commerce.sql("UPDATE firm SET reg_no = 'renamed' WHERE reg_no = '7'");
  pair.commerce.sql("DELETE FROM firm WHERE reg_no IN ('0', '29')");
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 29);
}

TEST_CASE("R3.3 the history is sent once, and a walk that finds nothing seals nothing") {
  DiffPair pair(2);
  for (int i = 0; i < 10; ++i) pair.world.turn();
  CHECK(pair.commerce.store().stream("test.enterprise")->rows_refilled == 30);
  CHECK(pair.commerce.store().stream("test.enterprise")->rows_sealed == 0);
  const std::uint64_t before = pair.sealed();
  const auto walks = pair.commerce.store().checkpoint("source").order;
  for (int i = 0; i < 40; ++i) {
    pair.world.turn();
    pair.world.clock.advance(2'000'000);
  }
  CHECK(pair.sealed() == before);
  CHECK(walks < pair.commerce.store().checkpoint("source").order);
}

TEST_CASE("R3.1 R3.3 a row that moves between groups leaves a subscriber of the old one and reaches one of the new") {
  DiffPair pair(3, GroupSet::of({"440103"}));
  CHECK(pair.tax.target_rows().size() == 15);
  pair.commerce.sql("UPDATE firm SET district = '440104' WHERE reg_no = '2'");
  pair.commerce.sql("UPDATE firm SET district = '440103' WHERE reg_no = '3'");
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 15);
}

TEST_CASE("R3.3 a refill row that moved since it was last seen is removed in its old group first") {
  DiffPair pair(4, GroupSet::of({"440103"}));
  auto& quality = pair.world.add("quality", false, true);
  pair.world.grant("quality", GroupSet::of({"440103"}));
  pair.world.publish();
  quality.start();
  pair.rest();
  pair.world.grant("quality", GroupSet::of({"440103", "440104"}));
  pair.world.publish();
  REQUIRE(pair.world.await_refill(pair.commerce));
  // Behind the refill's cursor: its chunk is the first to see where the row is now.
  pair.commerce.sql("UPDATE firm SET district = '440104' WHERE reg_no = '8'");
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 14);
  CHECK(quality.target_rows().size() == 30);
}

TEST_CASE("R5.3.3 R3.3 an agent store from an older copy sends what it does not know any more") {
  DiffPair pair(5);
  pair.commerce.crash();
  pair.world.save(pair.commerce.store_file, "old-queue");
  pair.commerce.sql("DELETE FROM firm WHERE reg_no = '1'");
  pair.commerce.sql("UPDATE firm SET district = NULL WHERE reg_no = '2'");
  pair.rest();
  pair.commerce.crash();
  pair.world.restore(pair.commerce.store_file, "old-queue");
  pair.commerce.sql("INSERT INTO firm VALUES('1', 'again', NULL, '440103')");
  pair.commerce.sql("DELETE FROM firm WHERE reg_no = '3'");
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 29);
}

TEST_CASE("R3.3 a source that was captured by journal before begins again when it is compared") {
  World world(6);
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  commerce.sql("INSERT INTO firm VALUES('1', 'A', NULL, '440103'), ('2', 'B', NULL, '440104')");
  world.grant("tax", GroupSet::every());
  world.publish();
  REQUIRE(world.settle());
  commerce.crash();
  commerce.capture_from_now(Capture::diff);
  commerce.sql("DELETE FROM firm WHERE reg_no = '1'");
  REQUIRE(world.settle());
  CHECK(tax.target_rows() == std::vector<std::string>{"2|B|440104"});
  commerce.sql("DELETE FROM firm WHERE reg_no = '2'");
  REQUIRE(world.settle());
  CHECK(tax.target_rows().empty());
}
