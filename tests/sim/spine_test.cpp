#include <catch2/catch.hpp>

#include "tests/sim/rest.h"
#include "tests/sim/world.h"

using namespace qianzhi;
using sim::require_rest;
using sim::World;

TEST_CASE("S1.1 a row committed in one department's database is in another's, with its history first") {
  World world(1);
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  commerce.sql("INSERT INTO firm VALUES('1', '甲公司', '020-1', '440103'), ('2', '乙公司', NULL, '440104')");
  world.grant("tax", GroupSet::every());
  world.publish();
  require_rest(world);
  CHECK(tax.target_rows() == std::vector<std::string>{"1|甲公司|440103", "2|乙公司|440104"});

  commerce.sql("INSERT INTO firm VALUES('3', '丙公司', NULL, '440103')");
  commerce.sql("UPDATE firm SET ent_name = '甲公司（新）' WHERE reg_no = '1'");
  commerce.sql("DELETE FROM firm WHERE reg_no = '2'");
  require_rest(world);
  CHECK(tax.target_rows() == std::vector<std::string>{"1|甲公司（新）|440103", "3|丙公司|440103"});
}

TEST_CASE("S2.10 R3.1 a subscriber of one district gets its rows only, also when a firm moves in or out") {
  World world(2);
  auto& commerce = world.add("commerce", true, false);
  auto& district = world.add("district", false, true);
  commerce.sql("INSERT INTO firm VALUES('1', 'A', NULL, '440103'), ('2', 'B', NULL, '440104')");
  world.grant("district", GroupSet::of({"440103"}));
  world.publish();
  require_rest(world);
  CHECK(district.target_rows() == std::vector<std::string>{"1|A|440103"});
  commerce.sql("UPDATE firm SET district = '440104' WHERE reg_no = '1'");
  commerce.sql("UPDATE firm SET district = '440103' WHERE reg_no = '2'");
  require_rest(world);
  CHECK(district.target_rows() == std::vector<std::string>{"2|B|440103"});
}

TEST_CASE("S1.4 R7.8 a department that joins later receives the full history, then changes") {
  World world(3);
  auto& commerce = world.add("commerce", true, false);
  world.add("tax", false, true);
  auto& statistics = world.add("statistics", false, true);
  for (int i = 0; i < 60; ++i)
    commerce.sql("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'n', NULL, '440103')");
  world.grant("tax", GroupSet::every());
  world.publish();
  require_rest(world);
  CHECK(statistics.target_rows().empty());
  world.grant("statistics", GroupSet::every());
  world.publish();
  require_rest(world);
  CHECK(statistics.target_rows().size() == 60);
}

TEST_CASE("R7.4 rows and items that are no longer granted leave the target") {
  World world(4);
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  commerce.sql("INSERT INTO firm VALUES('1', 'A', '1', '440103'), ('2', 'B', '2', '440104')");
  world.grant("tax", GroupSet::every());
  world.publish();
  require_rest(world);
  world.grant("tax", GroupSet::of({"440104"}), {"area_code"});
  world.publish();
  require_rest(world);
  CHECK(tax.target_rows() == std::vector<std::string>{"2||440104"});
  world.grant("tax", GroupSet::every());
  world.publish();
  require_rest(world);
  CHECK(tax.target_rows().size() == 2);
  world.revoke("tax");
  world.publish();
  require_rest(world);
  CHECK(tax.target_rows().empty());
}

TEST_CASE("S2.6 A25 a grant that ends by itself ends delivery and takes its rows away, without a new directory") {
  World world(6);
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  commerce.sql("INSERT INTO firm VALUES('1', 'A', NULL, '440103')");
  const qianzhi::Micros hour = 3'600'000'000;
  world.grant("tax", GroupSet::every(), {}, world.clock.now() + hour);
  world.publish();
  require_rest(world);
  CHECK(tax.target_rows().size() == 1);
  world.clock.advance(hour);
  require_rest(world);
  CHECK(tax.target_rows().empty());
}

TEST_CASE("E5 a catalogue that a publication does not fit stops it, published as it was before, it goes on") {
  World world(1);
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  world.grant("tax", GroupSet::every());
  commerce.sql("INSERT INTO firm VALUES('1', 'A', NULL, '440103')");
  world.publish();
  REQUIRE(world.settle());
  const Catalogue before = world.catalogue();
  ++world.catalogue().version;
  std::erase_if(world.catalogue().topics.begin()->second.items,
                [](const Item& item) { return item.id == "contact_phone"; });
  world.publish();
  commerce.step(0);
  CHECK_THROWS_AS(commerce.step(1), Error);
  world.catalogue() = before;
  world.publish();
  commerce.sql("INSERT INTO firm VALUES('2', 'B', NULL, '440104')");
  REQUIRE(world.settle());
  CHECK(tax.target_rows() == std::vector<std::string>{"1|A|440103", "2|B|440104"});
}

TEST_CASE("P39 a topic that misses its update cycle is told at both ends, until there is something new") {
  World world(3);
  auto& commerce = world.add("commerce", true, false);
  auto& tax = world.add("tax", false, true);
  constexpr Micros day = 24LL * 3600 * 1'000'000;
  for (auto* department : {&commerce, &tax}) department->expect_changes_within(day);
  commerce.sql("INSERT INTO firm VALUES('1', 'A', NULL, '440103')");
  world.grant("tax", GroupSet::every());
  world.publish();
  require_rest(world);
  const auto tells = [&] {
    for (int i = 0; i < 4; ++i) world.turn();
    int told = 0;
    for (auto* department : {&commerce, &tax})
      for (const auto& notice : department->notices())
        told += notice.code == "QZ-AGT-039" && notice.level == flow::NoticeLevel::warning ? 1 : 0;
    return told;
  };
  world.clock.advance(day / 2);
  CHECK(tells() == 0);
  world.clock.advance(day / 2 + 60'000'000);
  CHECK(tells() == 2);
  commerce.sql("UPDATE firm SET ent_name = 'B'");
  require_rest(world);
  CHECK(tells() == 0);
}
