// A source that brings nothing is told from one that is silent: by the canary, by looks at the whole, by comparisons;
// and clocks that are set raise no alarm and hold nothing up (P39).
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/sim/rest.h"
#include "tests/sim/seeds.h"

using namespace qianzhi;
using sim::require_rest;
using sim::World;

namespace {

constexpr Micros quiet_minute = 60'000'000;
constexpr Micros quiet_hour = 60 * quiet_minute;
constexpr Micros quiet_day = 24 * quiet_hour;

struct QuietPair {
  explicit QuietPair(std::uint64_t seed, bool with_canary, config::Capture capture = config::Capture::journal)
      : world(seed), commerce(world.add("commerce", true, false, capture)), tax(world.add("tax", false, true)) {
    if (with_canary) commerce.canary_from_now(10 * quiet_minute, 2 * quiet_minute);
    for (sim::Department* department : {&commerce, &tax}) department->expect_changes_within(quiet_day);
    commerce.sql("INSERT INTO firm VALUES('1', 'A', NULL, '440103')");
    world.grant("tax", GroupSet::every());
    world.publish();
    require_rest(world);
  }
  // Time passes, and everybody has a turn now and then.
  void pass(Micros time, Micros step = 5 * quiet_minute) {
    for (Micros passed = 0; passed < time; passed += step) {
      world.clock.advance(step);
      turns(2);
    }
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) world.turn();
  }
  std::optional<flow::Notice> told(const sim::Department& department, const std::string& code) {
    for (const flow::Notice& notice : department.notices())
      if (notice.code == code) return notice;
    return std::nullopt;
  }
  store::StreamState stream() { return commerce.store().stream(sim::topic_id).value(); }
  std::string beat() {
    sqlite::Database source(commerce.source_file, {sqlite::Access::read_write, false, {}, 5000});
    auto row = source.prepare("SELECT beat FROM qianzhi_canary");
    return row.step() ? row.text(0) : "none";
  }

  World world;
  sim::Department& commerce;
  sim::Department& tax;
};

}  // namespace

TEST_CASE("P39 a source with a canary and no changes is on time at both ends, and no row of it is ever sent") {
  QuietPair pair(1, true);
  const std::string first = pair.beat();
  const store::StreamState before = pair.stream();
  pair.pass(3 * quiet_day, 30 * quiet_minute);
  CHECK(pair.beat() != first);
  const store::StreamState after = pair.stream();
  CHECK(after.rows_sealed == before.rows_sealed);
  CHECK(after.batches_sealed > before.batches_sealed + 100);
  CHECK(after.alive > pair.commerce.clock.now() - 2 * quiet_hour);
  CHECK(after.alive_by == store::AliveBy::canary);
  // The last of them came as far as the hub, and the subscriber.
  CHECK(after.alive_at <= after.receipted);
  for (const sim::Department* department : {&pair.commerce, &pair.tax}) {
    CHECK_FALSE(pair.told(*department, "QZ-AGT-039"));
    CHECK_FALSE(pair.told(*department, "QZ-AGT-100"));
    CHECK_FALSE(pair.told(*department, "QZ-AGT-101"));
  }
  CHECK(pair.tax.target_rows() == std::vector<std::string>{"1|A|440103"});
}

TEST_CASE("P39 without a canary a quiet source misses its update cycle, and what is told says since when") {
  QuietPair pair(2, false);
  pair.pass(2 * quiet_day, 6 * quiet_hour);
  for (const sim::Department* department : {&pair.commerce, &pair.tax}) REQUIRE(pair.told(*department, "QZ-AGT-039"));
  CHECK(pair.told(pair.tax, "QZ-AGT-039")->detail.find("rows last came") != std::string::npos);
}

TEST_CASE("P21 P39 a beat that is written and never captured is an alarm, until one is captured again") {
  QuietPair pair(3, true);
  pair.pass(30 * quiet_minute);
  CHECK_FALSE(pair.told(pair.commerce, "QZ-AGT-100"));
  pair.commerce.sql("DROP TRIGGER \"qianzhi_commerce_01_source_qianzhi_canary_u\"");
  pair.pass(30 * quiet_minute);
  const auto told = pair.told(pair.commerce, "QZ-AGT-100");
  REQUIRE(told);
  CHECK(told->level == flow::NoticeLevel::error);
  CHECK(told->detail.find("is missing") != std::string::npos);
  // Only the canary is deaf: the department's own changes flow, and end nothing.
  pair.commerce.sql("INSERT INTO firm VALUES('2', 'B', NULL, '440103')");
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 2);
  CHECK(pair.stream().stopped_code.empty());
  pair.pass(15 * quiet_minute);
  CHECK(pair.told(pair.commerce, "QZ-AGT-100"));
  pair.commerce.canary_from_now(10 * quiet_minute, 2 * quiet_minute);
  require_rest(pair.world);
  pair.pass(30 * quiet_minute);
  CHECK_FALSE(pair.told(pair.commerce, "QZ-AGT-100"));
}

TEST_CASE("P39 a beat that cannot be written is told, and holds nothing up") {
  QuietPair pair(4, true);
  pair.pass(15 * quiet_minute);
  pair.commerce.sql("DROP TABLE qianzhi_canary");
  pair.pass(30 * quiet_minute);
  const auto told = pair.told(pair.commerce, "QZ-AGT-101");
  REQUIRE(told);
  CHECK(told->detail.find("QZ-ADP-025") != std::string::npos);
  pair.commerce.sql("UPDATE firm SET ent_name = 'B'");
  require_rest(pair.world);
  CHECK(pair.tax.target_rows() == std::vector<std::string>{"1|B|440103"});
  pair.commerce.canary_from_now(10 * quiet_minute, 2 * quiet_minute);
  require_rest(pair.world);
  pair.pass(30 * quiet_minute);
  CHECK_FALSE(pair.told(pair.commerce, "QZ-AGT-101"));
  CHECK(pair.stream().alive > pair.commerce.clock.now() - 30 * quiet_minute);
}

TEST_CASE("a busy source is given no beat") {
  QuietPair pair(5, true);
  pair.turns(4);
  const std::string before = pair.beat();
  for (int i = 0; i < 12; ++i) {
    pair.commerce.sql("UPDATE firm SET ent_name = 'n" + std::to_string(i) + "'");
    pair.pass(5 * quiet_minute);
  }
  CHECK(pair.beat() == before);
  pair.pass(20 * quiet_minute);
  CHECK(pair.beat() != before);
}

TEST_CASE("P39 a source that is compared and has nothing new is on time at both ends") {
  QuietPair pair(6, false, config::Capture::diff);
  pair.pass(3 * quiet_day, quiet_hour);
  for (const sim::Department* department : {&pair.commerce, &pair.tax})
    CHECK_FALSE(pair.told(*department, "QZ-AGT-039"));
  CHECK(pair.stream().alive_by == store::AliveBy::look);
  CHECK(pair.stream().rows_sealed == 0);
}

TEST_CASE("P39 P33 a comparison beside capture that finds nothing shows that the source is alive") {
  QuietPair pair(7, false);
  pair.commerce.crash();
  config::Schedule hourly;
  hourly.kind = config::Schedule::Kind::interval;
  hourly.interval = quiet_hour;
  pair.commerce.reconcile_from_now(hourly);
  pair.commerce.start();
  require_rest(pair.world);
  pair.pass(3 * quiet_day, quiet_hour);
  for (const sim::Department* department : {&pair.commerce, &pair.tax})
    CHECK_FALSE(pair.told(*department, "QZ-AGT-039"));
  CHECK(pair.stream().alive_by == store::AliveBy::comparison);
}

TEST_CASE("P39 clocks that are set by hours raise no alarm of silence and put none off") {
  QuietPair pair(8, false);
  for (const Micros wrong : {36 * quiet_hour, -36 * quiet_hour, Micros{0}}) {
    for (sim::Department* department : {&pair.commerce, &pair.tax}) department->clock.set_wrong(wrong);
    pair.turns(4);
    for (const sim::Department* department : {&pair.commerce, &pair.tax})
      CHECK_FALSE(pair.told(*department, "QZ-AGT-039"));
  }
  for (sim::Department* department : {&pair.commerce, &pair.tax}) department->clock.set_wrong(-36 * quiet_hour);
  pair.pass(quiet_day + quiet_hour, quiet_hour);
  for (const sim::Department* department : {&pair.commerce, &pair.tax}) CHECK(pair.told(*department, "QZ-AGT-039"));
}

TEST_CASE("changes of the future tell that the source's clock and ours differ, until some do not") {
  QuietPair pair(11, false);
  const Micros long_time = 40 * 365 * quiet_day;
  pair.commerce.clock.set_wrong(-long_time);
  pair.commerce.sql("UPDATE firm SET ent_name = 'B'");
  pair.turns(2);
  CHECK(pair.told(pair.commerce, "QZ-AGT-104"));
  pair.commerce.clock.set_wrong(long_time);
  pair.commerce.sql("UPDATE firm SET ent_name = 'C'");
  pair.turns(2);
  CHECK_FALSE(pair.told(pair.commerce, "QZ-AGT-104"));
}

TEST_CASE("P39 the canary beats on, and is not late, whatever the clocks are set to") {
  QuietPair pair(9, true);
  for (const Micros wrong : {5 * quiet_hour, -20 * quiet_hour, Micros{0}}) {
    pair.commerce.clock.set_wrong(wrong);
    const std::string before = pair.beat();
    pair.pass(25 * quiet_minute);
    CHECK(pair.beat() != before);
    CHECK_FALSE(pair.told(pair.commerce, "QZ-AGT-100"));
  }
}

TEST_CASE("S1.2 what waits for its schedule leaves in order and soon, also when the clock is set back by hours") {
  QuietPair pair(10, false);
  pair.commerce.crash();
  config::Schedule hourly;
  hourly.kind = config::Schedule::Kind::interval;
  hourly.interval = quiet_hour;
  pair.commerce.send_from_now(hourly);
  pair.commerce.start();
  pair.turns(3);
  const Micros wrong = GENERATE(20 * quiet_hour, -20 * quiet_hour);
  pair.commerce.sql("INSERT INTO firm VALUES('2', 'before', NULL, '440103')");
  pair.turns(4);
  pair.commerce.clock.set_wrong(wrong);
  pair.commerce.sql("INSERT INTO firm VALUES('3', 'meanwhile', NULL, '440103')");
  pair.turns(4);
  pair.commerce.clock.set_wrong(0);
  pair.commerce.sql("INSERT INTO firm VALUES('4', 'after', NULL, '440103')");
  pair.turns(4);
  pair.pass(quiet_hour + 10 * quiet_minute);
  CHECK(pair.tax.target_rows().size() == 4);
  CHECK(pair.commerce.last_error().empty());
}

TEST_CASE("S1.9 a canary among crashes, dying adapters and losses changes nothing that arrives") {
  sim::for_each_seed(1, 6, [](std::uint64_t seed) {
    QuietPair pair(seed, true);
    pair.world.crash_chance = 2;
    pair.world.adapter_dies = 2;
    pair.world.lose_reply = 5;
    for (int i = 0; i < 40; ++i) {
      if (i % 8 == 0) pair.commerce.sql("UPDATE firm SET ent_name = 'n" + std::to_string(i) + "'");
      pair.world.clock.advance(4 * quiet_minute);
      pair.turns(2);
    }
    require_rest(pair.world);
    pair.pass(30 * quiet_minute);
    CHECK_FALSE(pair.told(pair.commerce, "QZ-AGT-100"));
    CHECK(pair.tax.target_rows() == std::vector<std::string>{"1|n32|440103"});
  });
}
