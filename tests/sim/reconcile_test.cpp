// A comparison beside capture finds what capture could not see, sends only that, and takes nothing for unseen that was
// only not read yet (P33); and what a watermark does not tell of a row before is known from what was sent (R3.3).
#include <catch2/catch.hpp>

#include "agent/flow/reconcile.h"
#include "tests/sim/rest.h"
#include "tests/sim/seeds.h"

using qianzhi::GroupSet;
using qianzhi::Micros;
using qianzhi::config::Capture;
namespace config = qianzhi::config;
namespace flow = qianzhi::flow;
namespace sim = qianzhi::sim;

namespace {

constexpr Micros one_minute = 60'000'000;

config::Schedule each_minute() {
  config::Schedule schedule;
  schedule.kind = config::Schedule::Kind::interval;
  schedule.interval = one_minute;
  return schedule;
}

struct ComparedPair {
  explicit ComparedPair(std::uint64_t seed, Capture capture = Capture::journal)
      : world(seed), commerce(world.add("commerce", true, false, capture)), tax(world.add("tax", false, true)) {
    for (int i = 0; i < 30; ++i)
      commerce.sql("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'n', NULL, '" +
                   (i % 2 == 0 ? "440103" : "440104") + "')");
    commerce.reconcile_from_now(each_minute());
    world.grant("tax", GroupSet::every());
    world.publish();
    sim::require_rest(world);
  }
  // Until a walk that begins now has ended; changes of the world on the way.
  flow::ReconcileReport walk(const std::function<void(int)>& meanwhile = {}) {
    const Micros begun = commerce.clock.now();
    world.clock.advance(one_minute);
    for (int turn = 0; turn < 200; ++turn) {
      world.turn();
      const auto report = flow::decode_report(commerce.store().value(flow::report_name(sim::topic_id)).value_or(""));
      if (report.started > begun && report.finished >= report.started) return report;
      if (meanwhile) meanwhile(turn);
    }
    const auto last = flow::decode_report(commerce.store().value(flow::report_name(sim::topic_id)).value_or(""));
    FAIL("no walk ended: " << last.started << " " << last.finished << " " << begun << " now " << commerce.clock.now()
                           << " rows " << last.rows << sim::complaints(world));
    return {};
  }
  std::uint64_t sealed() { return commerce.store().stream(sim::topic_id)->rows_sealed; }
  bool says(const std::string& code) {
    const auto notices = commerce.notices();
    return std::any_of(notices.begin(), notices.end(), [&](const auto& notice) { return notice.code == code; });
  }

  sim::World world;
  sim::Department& commerce;
  sim::Department& tax;
};

}  // namespace

TEST_CASE("P33 P27 a comparison finds rows that were inserted, updated, moved and deleted past the triggers") {
  ComparedPair pair(1);
  CHECK(pair.walk().rows == 30);
  CHECK(pair.sealed() == 0);
  pair.commerce.unseen_sql("INSERT INTO firm VALUES('x', 'new', NULL, NULL)");
  pair.commerce.unseen_sql("UPDATE firm SET ent_name = 'other' WHERE reg_no = '3'");
  pair.commerce.unseen_sql("UPDATE firm SET district = '440104' WHERE reg_no = '4'");
  pair.commerce.unseen_sql("DELETE FROM firm WHERE reg_no IN ('0', '29')");
  const auto report = pair.walk();
  CHECK(report.rows == 29);
  CHECK(report.missing == 1);
  CHECK(report.changed == 2);
  CHECK(report.gone == 2);
  CHECK(pair.says("QZ-AGT-037"));
  sim::require_rest(pair.world);
  // Two of the moved row: it leaves one group and comes into another.
  CHECK(pair.sealed() == 6);
  const auto after = pair.walk();
  CHECK(after.missing + after.changed + after.gone == 0);
  CHECK(pair.sealed() == 6);
  pair.world.turn();
  CHECK_FALSE(pair.says("QZ-AGT-037"));
}

TEST_CASE("P33 what capture sees while a table is compared is not taken for unseen, and is sent once") {
  ComparedPair pair(2);
  const std::uint64_t before = pair.sealed();
  int changes = 0;
  const auto report = pair.walk([&](int turn) {
    const std::string n = std::to_string(turn % 30);
    pair.commerce.sql("UPDATE firm SET ent_name = 'v" + std::to_string(turn) + "' WHERE reg_no = '" + n + "'");
    pair.commerce.sql("INSERT INTO firm VALUES('new" + std::to_string(turn) + "', 'n', NULL, '440103')");
    changes += 2;
    if (turn % 3 == 0) {
      pair.commerce.sql("DELETE FROM firm WHERE reg_no = 'new" + std::to_string(turn) + "'");
      ++changes;
    }
  });
  CHECK(changes > 10);
  CHECK(report.missing + report.changed + report.gone == 0);
  sim::require_rest(pair.world);
  CHECK(pair.sealed() - before <= static_cast<std::uint64_t>(changes));
}

TEST_CASE(
    "P33 what commits just before a chunk is read is not taken for unseen, though capture comes to it turns later") {
  ComparedPair pair(7);
  const std::uint64_t before = pair.sealed();
  int round = 0;
  pair.world.before_snapshot = [&] {
    if (++round > 4) return;
    const std::string r = std::to_string(round);
    std::string script = "BEGIN;";
    for (int i = 0; i < 20; ++i) {
      const std::string n = std::to_string(i);
      script += "UPDATE firm SET ent_name = 'v" + r + "' WHERE reg_no = '" + n + "';";
      script += "INSERT INTO firm VALUES('" + n + "new" + r + "', 'n', NULL, '440103');";
    }
    pair.commerce.sql(script + "DELETE FROM firm WHERE reg_no = '2" + r + "'; COMMIT");
  };
  const auto report = pair.walk();
  CHECK(round > 4);
  CHECK(report.missing + report.changed + report.gone == 0);
  sim::require_rest(pair.world);
  CHECK(pair.sealed() - before == 4 * 41);
}

TEST_CASE("P33 a comparison that is cut short by a kill begins again, and misses nothing") {
  ComparedPair pair(3);
  pair.commerce.unseen_sql("UPDATE firm SET ent_name = 'other' WHERE reg_no = '29'");
  pair.world.clock.advance(one_minute);
  for (int turn = 0; turn < 4; ++turn) pair.world.turn();
  REQUIRE(pair.says("QZ-AGT-038"));
  pair.commerce.crash();
  sim::require_rest(pair.world);
  CHECK(pair.tax.target_rows() == pair.commerce.source_rows());
}

TEST_CASE("P33 switched on later, everything is sent once more, and switched off, nothing is kept") {
  ComparedPair pair(4);
  pair.commerce.crash();
  pair.commerce.reconcile_from_now(std::nullopt);
  sim::require_rest(pair.world);
  CHECK(pair.commerce.store().last_known(sim::topic_id) == 0);
  // Past the triggers while nobody compares.
  pair.commerce.unseen_sql("DELETE FROM firm WHERE reg_no = '1'; UPDATE firm SET ent_name = 'u' WHERE reg_no = '2'");
  pair.commerce.crash();
  pair.commerce.reconcile_from_now(each_minute());
  sim::require_rest(pair.world);
  CHECK(pair.commerce.store().last_known(sim::topic_id) != 0);
  const auto report = pair.walk();
  CHECK(report.missing + report.changed + report.gone == 0);
}

TEST_CASE("P33 many changes of few rows leave no pile: what no longer counts is erased by the next comparison") {
  ComparedPair pair(5);
  for (int i = 0; i < 200; ++i) {
    pair.commerce.sql("UPDATE firm SET ent_name = '" + std::to_string(i) + "' WHERE reg_no = '5'");
    if (i % 10 == 0) pair.world.turn();
  }
  sim::require_rest(pair.world);
  CHECK(pair.commerce.store().known_after(sim::topic_id, 0, 1000).size() > 30);
  pair.walk();
  CHECK(pair.commerce.store().known_after(sim::topic_id, 0, 1000).size() == 30);
}

TEST_CASE("R3.3 P30 a row that moves under a watermark leaves its former group, and a comparison finds deletes") {
  ComparedPair pair(6, Capture::watermark);
  pair.world.grant("tax", GroupSet::of({"440103"}));
  pair.world.publish();
  sim::require_rest(pair.world);
  pair.commerce.sql("UPDATE firm SET district = '440104' WHERE reg_no IN ('2', '4')");
  pair.commerce.sql("UPDATE firm SET district = '440103' WHERE reg_no = '1'");
  for (int turn = 0; turn < 20; ++turn) pair.world.turn();
  CHECK(pair.tax.target_rows().size() == 14);
  pair.commerce.sql("DELETE FROM firm WHERE reg_no = '6'; UPDATE firm SET reg_no = 'renamed' WHERE reg_no = '8'");
  const auto report = pair.walk();
  CHECK(report.gone == 2);
  CHECK(report.missing + report.changed == 0);
  sim::require_rest(pair.world);
}

TEST_CASE("P33 many seeds: with changes past the triggers and kills, comparisons make all equal") {
  sim::for_each_seed(700, 6, [](std::uint64_t seed) {
    sim::SeedPlan plan{10, 1, true, 2, seed % 2 == 0 ? Capture::watermark : Capture::journal};
    plan.unseen = 30;
    sim::run_seed(seed, plan, 60);
  });
}
