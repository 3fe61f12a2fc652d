// A target is compared with its provider's source, from end to end: what differs is found by key, nothing else is sent
// again, and nothing that is on its way is taken for a difference (PROTOCOL 9, "Comparison").
#include <catch2/catch.hpp>

#include "agent/flow/comparison.h"
#include "hub-protocol/seal/letter.h"
#include "hub-protocol/wire/comparison.pb.h"
#include "tests/sim/rest.h"
#include "tests/sim/seeds.h"

using qianzhi::GroupSet;
using qianzhi::Micros;
using qianzhi::StreamId;
using qianzhi::config::Capture;
namespace config = qianzhi::config;
namespace flow = qianzhi::flow;
namespace sim = qianzhi::sim;
namespace wire = qianzhi::wire;

namespace {

constexpr Micros one_hour = 3'600'000'000;
const StreamId stream{"commerce-01", sim::topic_id};

config::Schedule each_hour() {
  config::Schedule schedule;
  schedule.kind = config::Schedule::Kind::interval;
  schedule.interval = one_hour;
  return schedule;
}

struct Ends {
  explicit Ends(std::uint64_t seed, Capture capture = Capture::journal, int rows = 30, bool report_only = false)
      : world(seed), commerce(world.add("commerce", true, false, capture)), tax(world.add("tax", false, true)) {
    std::string sql = "BEGIN;";
    for (int i = 0; i < rows; ++i)
      sql += "INSERT INTO firm VALUES('" + std::to_string(i) + "', 'n', '5551234', '" +
             (i % 2 == 0 ? "440103" : "440104") + "');";
    commerce.sql(sql + "COMMIT");
    tax.compare_from_now(each_hour(), report_only);
    world.grant("tax", GroupSet::every());
    world.publish();
    sim::require_rest(world);
    compare();
  }

  flow::ComparisonReport last() {
    return flow::decode_comparison(tax.store().value(flow::comparison_name(stream)).value_or(""));
  }
  // Until one that begins now has ended; changes of the world on the way.
  flow::ComparisonReport compare(const std::function<void(int)>& meanwhile = {}) {
    const Micros begun = tax.clock.now();
    world.clock.advance(one_hour);
    for (int turn = 0; turn < 1000; ++turn) {
      world.turn();
      world.clock.advance(1'000'000);
      if (!tax.is_running()) continue;
      const auto report = last();
      if (report.started > begun && report.finished >= report.started) {
        world.turn();
        return report;
      }
      if (meanwhile) meanwhile(turn);
    }
    FAIL("no comparison ended" << sim::complaints(world));
    return {};
  }
  std::uint64_t sealed() { return commerce.store().stream(sim::topic_id)->rows_sealed; }
  bool says(const std::string& code) {
    const auto notices = tax.notices();
    return std::any_of(notices.begin(), notices.end(), [&](const auto& notice) { return notice.code == code; });
  }

  sim::World world;
  sim::Department& commerce;
  sim::Department& tax;
};

std::uint64_t found(const flow::ComparisonReport& report) { return report.missing + report.changed + report.extra; }

}  // namespace

TEST_CASE("a comparison from end to end names rows that a target lost, changed or was given, and cures only those") {
  Ends ends(1);
  REQUIRE(ends.last().rows == 30);
  REQUIRE(found(ends.last()) == 0);
  const std::uint64_t before = ends.sealed();
  ends.tax.target_sql("DELETE FROM received WHERE registration_number = '7'");
  ends.tax.target_sql("UPDATE received SET enterprise_name = 'other' WHERE registration_number IN ('3', '4')");
  ends.tax.target_sql("UPDATE received SET registration_number = 'mine' WHERE registration_number = '8'");
  const auto report = ends.compare();
  CHECK(report.missing == 2);  // 7, and 8 under its own name
  CHECK(report.changed == 2);
  CHECK(report.extra == 1);
  CHECK(report.repeated == 0);
  CHECK(ends.says("QZ-AGT-086"));
  const auto named = ends.tax.named_keys().at(stream);
  CHECK(std::set<std::string>(named.changed.begin(), named.changed.end()) == std::set<std::string>{"3", "4"});
  CHECK(named.extra == std::vector<std::string>{"mine"});
  CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
  CHECK(ends.sealed() - before == 4);
  const auto after = ends.compare();
  CHECK(found(after) == 0);
  CHECK(ends.sealed() - before == 4);
  ends.world.turn();
  CHECK_FALSE(ends.says("QZ-AGT-086"));
}

TEST_CASE("a comparison of many rows tells of few: sums first, then the rows of buckets that differ") {
  Ends ends(2, Capture::journal, 2000);
  std::size_t told = 0;
  std::size_t buckets = 0;
  std::set<int> steps;
  ends.world.tamper = [&](wire::FetchReply& reply) {
    for (const wire::Letter& letter : reply.letters()) {
      wire::Comparison content;
      REQUIRE(content.ParseFromString(letter.body()));
      steps.insert(content.step());
      told = std::max(told, content.rows().size() / 32);
      buckets = std::max(buckets, static_cast<std::size_t>(content.buckets_size()));
    }
  };
  for (int i = 0; i < 10; ++i)
    ends.tax.target_sql("UPDATE received SET enterprise_name = 'other' WHERE registration_number = '" +
                        std::to_string(i * 200) + "'");
  const auto report = ends.compare();
  CHECK(report.rows == 2000);
  CHECK(report.changed == 10);
  CHECK(found(report) == 10);
  CHECK(buckets <= 10);
  CHECK(told >= 10);
  CHECK(told < 400);
  CHECK(steps == std::set<int>{wire::ASK, wire::READY, wire::SUMS, wire::DIFFER, wire::ROWS, wire::RESULT});
  CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
}

TEST_CASE("what changes while ends are compared is not taken for a difference, and is sent once") {
  const Capture capture = GENERATE(Capture::journal, Capture::watermark, Capture::diff);
  Ends ends(3, capture);
  const std::uint64_t before = ends.sealed();
  int changes = 0;
  const auto report = ends.compare([&](int turn) {
    const std::string n = std::to_string(turn % 30);
    ends.commerce.sql("UPDATE firm SET ent_name = 'v" + std::to_string(turn) + "' WHERE reg_no = '" + n + "'");
    ends.commerce.sql("INSERT INTO firm VALUES('new" + std::to_string(turn) + "', 'n', NULL, '440103')");
    changes += 2;
    if (turn % 3 == 0 && capture != Capture::watermark) {
      ends.commerce.sql("DELETE FROM firm WHERE reg_no = 'new" + std::to_string(turn) + "'");
      ++changes;
    }
  });
  CHECK(changes > 10);
  // A comparison by walks sees rows that were not sent yet: they differ, and come with the walk.
  if (capture != Capture::diff) CHECK(found(report) == 0);
  sim::require_rest(ends.world);
  CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
  CHECK(ends.sealed() - before <= static_cast<std::uint64_t>(changes));
}

TEST_CASE("a comparison sees what a subscriber may have and nothing else: other groups and items do not differ") {
  Ends ends(4);
  ends.world.grant("tax", GroupSet::of({"440103"}), {"enterprise_name", "area_code"});
  ends.world.publish();
  sim::require_rest(ends.world);
  CHECK(found(ends.compare()) == 0);
  CHECK(ends.last().rows == 15);
  const std::uint64_t before = ends.sealed();
  // An item that is not granted, in the target's own keeping.
  ends.tax.target_sql("UPDATE received SET contact_phone = 'mine'");
  CHECK(found(ends.compare()) == 0);
  ends.tax.target_sql("UPDATE received SET enterprise_name = 'other' WHERE registration_number = '2'");
  CHECK(found(ends.compare()) == 1);
  CHECK(ends.sealed() - before == 1);
}

TEST_CASE("a comparison that an operator wants while one is under way is made after it") {
  Ends ends(10);
  const auto want = [&] {
    ends.tax.store().update([](auto& update) { update.put_value(flow::comparison_wanted_name(sim::topic_id), "1"); });
  };
  const auto wait_for_one_after = [&](Micros time) {
    for (int turn = 0; turn < 300 && (ends.last().started <= time || ends.last().finished < ends.last().started);
         ++turn) {
      ends.world.turn();
      ends.world.clock.advance(1'000'000);
    }
    return ends.last().started;
  };
  const Micros before = ends.last().started;
  want();
  for (int turn = 0; turn < 200 && !ends.says("QZ-AGT-085"); ++turn) ends.world.turn();
  REQUIRE(ends.says("QZ-AGT-085"));
  want();
  const Micros first = wait_for_one_after(before);
  CHECK(first > before);
  CHECK(wait_for_one_after(first) > first);
}

TEST_CASE("a comparison that is to report only changes nothing, and names the same rows the next time") {
  Ends ends(5, Capture::journal, 30, true);
  const std::uint64_t before = ends.sealed();
  ends.tax.target_sql("UPDATE received SET enterprise_name = 'other' WHERE registration_number = '3'");
  ends.tax.target_sql("UPDATE received SET registration_number = 'mine' WHERE registration_number = '8'");
  CHECK(found(ends.compare()) == 3);
  CHECK(ends.last().repeated == 0);
  CHECK(found(ends.compare()) == 3);
  CHECK(ends.last().repeated == 2);
  CHECK(ends.sealed() == before);
  const auto rows = ends.tax.target_rows();
  CHECK(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.rfind("mine", 0) == 0; }) == 1);
}

TEST_CASE("what commits just before rows are read is not taken for a difference, though capture comes to it later") {
  Ends ends(9);
  ends.tax.target_sql("UPDATE received SET enterprise_name = 'other' WHERE registration_number IN ('24', '25', '26')");
  const std::uint64_t before = ends.sealed();
  int round = 0;
  ends.world.before_snapshot = [&] {
    if (++round > 12) return;
    const std::string r = std::to_string(round);
    std::string script = "BEGIN;";
    for (int i = 0; i < 20; ++i)
      script += "UPDATE firm SET ent_name = 'v" + r + "' WHERE reg_no = '" + std::to_string(i) + "';";
    ends.commerce.sql(script + "DELETE FROM firm WHERE reg_no = '2" + r + "'; COMMIT");
  };
  const auto report = ends.compare();
  CHECK(round >= 8);
  CHECK(report.changed + report.missing + report.extra <= 3);
  CHECK(report.missing + report.extra == 0);
  sim::require_rest(ends.world);
  const auto after = ends.compare();
  CHECK(found(after) == 0);
  CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
  CHECK(ends.sealed() - before <= 12 * 21 + 3);
}

TEST_CASE("R3.3 a row that capture never sent is not sent by a comparison either: its delete would be seen by nobody") {
  Ends ends(6);
  config::Schedule rarely = each_hour();
  rarely.interval = 10 * one_hour;
  ends.commerce.crash();
  ends.commerce.reconcile_from_now(rarely);
  ends.compare();  // and all was sent once more
  const std::uint64_t before = ends.sealed();
  ends.commerce.unseen_sql("INSERT INTO firm VALUES('x', 'n', NULL, NULL)");
  ends.commerce.unseen_sql("UPDATE firm SET district = '440105' WHERE reg_no = '3'");
  const auto report = ends.compare();
  CHECK(report.missing == 1);
  CHECK(report.changed == 1);
  CHECK(ends.sealed() == before);
  CHECK(ends.compare().missing == 1);
  CHECK(ends.sealed() == before);
  // The walk that keeps account of what was sent sends it.
  ends.world.clock.advance(10 * one_hour);
  sim::require_rest(ends.world);
  CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
  ends.commerce.unseen_sql("DELETE FROM firm WHERE reg_no = 'x'");
  ends.world.clock.advance(10 * one_hour);
  sim::require_rest(ends.world);
  CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
}

TEST_CASE("a comparison outlives the loss of any letter, and a crash of either side lets it begin again") {
  Ends ends(7);
  ends.tax.target_sql("DELETE FROM received WHERE registration_number = '7'");
  ends.world.lose_request = ends.world.lose_reply = 30;
  CHECK(ends.compare().missing == 1);
  ends.world.lose_request = ends.world.lose_reply = 0;
  for (int at = 1; at < 12; ++at) {
    sim::Department& victim = at % 2 == 0 ? ends.commerce : ends.tax;
    ends.tax.target_sql("DELETE FROM received WHERE registration_number = '9'");
    ends.compare([&](int turn) {
      if (turn == at) victim.crash();
    });
    INFO("crash at turn " << at);
    ends.world.clock.advance(one_hour);
    ends.compare();
    CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
  }
}

TEST_CASE("A13 letters that the hub alters, swaps or repeats are refused: no row is removed by them") {
  Ends ends(8);
  std::vector<wire::Letter> results;
  ends.world.tamper = [&](wire::FetchReply& reply) {
    for (wire::Letter& letter : *reply.mutable_letters()) {
      wire::Comparison content;
      REQUIRE(content.ParseFromString(letter.body()));
      if (content.step() != wire::RESULT) continue;
      results.push_back(letter);
      // All that the subscriber told of would go.
      content.set_extra(content.changed());
      letter.set_body(content.SerializeAsString());
    }
  };
  ends.tax.target_sql("UPDATE received SET enterprise_name = 'other' WHERE registration_number = '3'");
  const Micros begun = ends.tax.clock.now();
  ends.world.clock.advance(one_hour);
  for (int turn = 0; turn < 60; ++turn) {
    ends.world.turn();
    ends.world.clock.advance(1'000'000);
  }
  REQUIRE(results.size() > 1);
  CHECK(ends.last().started < begun);
  CHECK(ends.tax.target_rows().size() == 30);
  // The true ones of another conversation, again and again.
  ends.world.tamper = [&](wire::FetchReply& reply) {
    for (wire::Letter& letter : *reply.mutable_letters()) {
      wire::Comparison content;
      REQUIRE(content.ParseFromString(letter.body()));
      if (content.step() == wire::RESULT) letter = results.front();
    }
  };
  ends.tax.crash();
  ends.tax.target_sql("UPDATE received SET registration_number = 'mine' WHERE registration_number = '8'");
  ends.world.clock.advance(one_hour);
  for (int turn = 0; turn < 60; ++turn) {
    ends.world.turn();
    ends.world.clock.advance(1'000'000);
  }
  CHECK(ends.last().started < begun);
  ends.world.tamper = nullptr;
  ends.compare();
  CHECK(ends.tax.target_rows() == ends.commerce.source_rows());
}

TEST_CASE("comparisons from end to end under loss, kills, grants and tampering with targets make all equal") {
  sim::for_each_seed(900, 6, [](std::uint64_t seed) {
    sim::SeedPlan plan{10, 1, true, 2, seed % 3 == 0 ? Capture::diff : Capture::journal};
    plan.tampered = 20;
    sim::run_seed(seed, plan, 60);
  });
}
