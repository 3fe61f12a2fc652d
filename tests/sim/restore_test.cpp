// One store comes back from an older copy (protocol-rules section 8): nothing is lost silently, nothing is doubled.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/sim/rest.h"
#include "tests/sim/world.h"

namespace flow = qianzhi::flow;
namespace sim = qianzhi::sim;
using qianzhi::GroupSet;
using qianzhi::Position;
using qianzhi::sim::require_rest;
using qianzhi::sim::World;

namespace {

void insert(sim::Department& department, int from, int to) {
  for (int i = from; i < to; ++i)
    department.sql("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'n" + std::to_string(i) + "', NULL, '" +
                   (i % 2 == 0 ? "440103" : "440104") + "')");
}

bool has_notice(const sim::Department& department, const std::string& code) {
  const auto notices = department.notices();
  return std::any_of(notices.begin(), notices.end(), [&](const flow::Notice& n) { return n.code == code; });
}

struct RestorePair {
  explicit RestorePair(std::uint64_t seed, bool secured_by_log = true)
      : world(seed), commerce(world.add("commerce", true, false)), tax(world.add("tax", false, true)) {
    world.secured_by_log = secured_by_log;
    world.grant("tax", GroupSet::every());
    insert(commerce, 0, 20);
    world.publish();
    require_rest(world);
  }
  // Ten more rows arrive; then the hub is as it was before them.
  void give_back_older_hub() {
    world.crash_hub();
    world.save(world.hub_file(), "old-hub");
    insert(commerce, 20, 30);
    require_rest(world);
    world.crash_hub();
    world.restore(world.hub_file(), "old-hub");
  }
  std::uint64_t epoch() { return commerce.store().stream("test.enterprise")->last.position.epoch; }

  World world;
  sim::Department& commerce;
  sim::Department& tax;
};

}  // namespace

TEST_CASE("R5.3.3 R5.4 A7 an agent store from an older copy opens a new epoch and loses nothing") {
  RestorePair pair(1);
  CHECK(pair.epoch() == 1);
  pair.commerce.crash();
  pair.world.save(pair.commerce.store_file, "old-queue");
  insert(pair.commerce, 20, 30);
  pair.commerce.sql("DELETE FROM firm WHERE reg_no = '3'");
  require_rest(pair.world);
  pair.commerce.crash();
  pair.world.restore(pair.commerce.store_file, "old-queue");
  insert(pair.commerce, 30, 35);
  require_rest(pair.world);
  CHECK(pair.epoch() == 2);
  CHECK(pair.tax.target_rows().size() == 34);
}

TEST_CASE("R5.3.3 R6.2 an agent whose disk is lost starts a new epoch, a second one in a day waits for an operator") {
  RestorePair pair(2);
  for (int round = 0; round < 2; ++round) {
    pair.commerce.lose_store();
    insert(pair.commerce, 20 + 5 * round, 25 + 5 * round);
    if (round == 0) {
      require_rest(pair.world);
      CHECK(pair.epoch() == 2);
      continue;
    }
    CHECK_FALSE(pair.world.settle(20));
    CHECK(pair.tax.target_rows().size() == 25);
    pair.world.hub().approve_epoch({pair.commerce.agent, "test.enterprise"});
    require_rest(pair.world);
    CHECK(pair.epoch() == 3);
  }
}

TEST_CASE("R6.5 R6.6 a hub from an older copy stops when an agent shows more, and gets the tail again after recover") {
  RestorePair pair(3);
  pair.give_back_older_hub();
  insert(pair.commerce, 30, 35);
  CHECK_FALSE(pair.world.settle(20));
  CHECK_FALSE(pair.world.hub().stopped().code.empty());
  CHECK(pair.tax.target_rows().size() == 30);
  pair.world.recover_hub();
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 35);
}

TEST_CASE("R5.1 R6.5 a hub that comes back older is noticed by agents that run and have nothing to send") {
  RestorePair pair(3);
  pair.give_back_older_hub();
  // Its poll was cut, or there was none just then.
  if (GENERATE(true, false))
    pair.commerce.step(0);
  else
    pair.world.clock.advance(601'000'000);
  pair.world.start_hub();
  const auto state = pair.commerce.store().stream("test.enterprise");
  REQUIRE(state->receipted == state->last.position);
  // Courier and uplink of the agent that provides, and nobody else: no target shows its mark.
  for (int i = 0; i < 4; ++i)
    for (const int stage : {0, 2}) pair.commerce.step(stage);
  CHECK_FALSE(pair.world.hub().stopped().code.empty());
}

TEST_CASE("R5.1 R6.5 an agent with nothing to send exchanges heads all the same, and the hub sees that it is older") {
  RestorePair pair(3);
  pair.give_back_older_hub();
  pair.world.start_hub();
  const auto state = pair.commerce.store().stream("test.enterprise");
  REQUIRE(state->receipted == state->last.position);
  CHECK(pair.world.hub().stopped().code.empty());
  // Nobody else has anything to show it.
  pair.commerce.crash();
  pair.commerce.start();
  for (int i = 0; i < 3; ++i) pair.commerce.step(2);
  CHECK_FALSE(pair.world.hub().stopped().code.empty());
}

TEST_CASE("R7.1 a target from an older copy is brought forward from its mark") {
  RestorePair pair(4);
  pair.tax.crash();
  pair.world.save(pair.tax.target_file, "old-target");
  insert(pair.commerce, 20, 30);
  pair.commerce.sql("DELETE FROM firm WHERE reg_no = '7'");
  require_rest(pair.world);
  pair.tax.crash();
  pair.world.restore(pair.tax.target_file, "old-target");
  CHECK(pair.tax.target_rows().size() == 20);
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 29);
  CHECK(pair.epoch() == 1);
}

TEST_CASE("R7.4 a target from an older copy with rows that are no longer granted is settled first") {
  RestorePair pair(5);
  pair.tax.crash();
  pair.world.save(pair.tax.target_file, "old-target");
  pair.world.grant("tax", GroupSet::of({"440103"}));
  pair.world.publish();
  require_rest(pair.world);
  pair.tax.crash();
  pair.world.restore(pair.tax.target_file, "old-target");
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 10);
}

TEST_CASE("R2.2.3 R2.3 a source from an older copy stops its capture until an operator confirms, then all is equal") {
  RestorePair pair(6);
  pair.commerce.crash();
  pair.world.save(pair.commerce.source_file, "old-source");
  insert(pair.commerce, 20, 30);
  require_rest(pair.world);
  pair.commerce.crash();
  pair.world.restore(pair.commerce.source_file, "old-source");
  insert(pair.commerce, 50, 53);
  CHECK_FALSE(pair.world.settle(20));
  CHECK(has_notice(pair.commerce, "QZ-AGT-034"));
  CHECK(pair.tax.target_rows().size() == 30);
  flow::Capture::confirm_source(pair.commerce.store(), "source");
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 23);
}

TEST_CASE("R4.7 R7.2 hub and agent from copies of the same time are noticed by a subscriber, which never goes back") {
  RestorePair pair(7);
  pair.commerce.crash();
  pair.world.crash_hub();
  pair.world.save(pair.commerce.store_file, "old-queue");
  pair.world.save(pair.world.hub_file(), "old-hub");
  insert(pair.commerce, 20, 30);
  require_rest(pair.world);
  pair.commerce.crash();
  pair.world.crash_hub();
  pair.world.restore(pair.commerce.store_file, "old-queue");
  pair.world.restore(pair.world.hub_file(), "old-hub");
  pair.commerce.sql("DELETE FROM firm WHERE reg_no = '25'");
  for (int turn = 0; turn < 40; ++turn) {
    pair.world.turn();
    pair.world.clock.advance(2'000'000);
    if (pair.world.hub_is_running() && !pair.world.hub().stopped().code.empty()) pair.world.recover_hub();
  }
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 29);
}

TEST_CASE(
    "R7.2 a subscriber that is ahead of the hub waits where it is until the provider has sent again what is missing") {
  RestorePair pair(14);
  pair.give_back_older_hub();
  pair.commerce.crash();
  const Position mark = pair.tax.received().at(0).head.position;
  pair.world.start_hub();
  for (int i = 0; i < 8; ++i) {
    for (const int stage : {0, 3}) pair.tax.step(stage);
    pair.world.clock.advance(6'000'000);
    if (!pair.world.hub().stopped().code.empty()) pair.world.recover_hub();
    CHECK(pair.tax.received().at(0).head.position == mark);
  }
  pair.commerce.start();
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 30);
}

TEST_CASE("R5.7 R6.8 a hub whose disk is lost comes back from its backup, and agents still hold what that lacks") {
  RestorePair pair(8, false);
  pair.world.hub().back_up(pair.world.files / "backup", [] { return true; });
  insert(pair.commerce, 20, 30);
  pair.commerce.sql("DELETE FROM firm WHERE reg_no = '3'");
  require_rest(pair.world);
  pair.world.crash_hub();
  pair.world.restore(pair.world.hub_file(), "backup");
  insert(pair.commerce, 30, 35);
  CHECK_FALSE(pair.world.settle(20));
  CHECK(pair.world.hub().stopped().code != "");
  CHECK(pair.tax.target_rows().size() == 29);
  pair.world.recover_hub();
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 34);
  CHECK(pair.epoch() == 1);  // nothing had to be sent anew
}

TEST_CASE("R5.7 an agent keeps what is in no backup of the hub, and drops it once it is") {
  RestorePair pair(9, false);
  const auto kept = [&] { return pair.commerce.store().batches_after("test.enterprise", {}, 1U << 30U).size(); };
  const std::size_t unsecured = kept();
  CHECK(unsecured > 2);
  pair.world.hub().back_up(pair.world.files / "backup.db", [] { return true; });
  insert(pair.commerce, 20, 21);
  require_rest(pair.world);
  CHECK(kept() == 1);  // the newest one, which came after the backup
}

TEST_CASE("R5.7 A20 what a backup holds leaves the queue of an agent that sends nothing, as one whose queue is full") {
  RestorePair pair(15, false);
  const auto kept = [&] { return pair.commerce.store().batches_after("test.enterprise", {}, 1U << 30U).size(); };
  pair.world.hub().back_up(pair.world.files / "backup.db", [] { return true; });
  CHECK(kept() > 2);
  pair.world.clock.advance(601'000'000);
  for (int i = 0; i < 3; ++i) pair.commerce.step(2);
  CHECK(kept() == 0);
  insert(pair.commerce, 20, 21);
  require_rest(pair.world);
}

TEST_CASE("R5.7 R6.8 A20 a queue that is full of what no backup holds says so, and goes on after the backup") {
  RestorePair pair(16, false);
  pair.commerce.crash();
  pair.world.queue_octets = 200'000;
  pair.commerce.start();
  const auto is_paused = [&] { return pair.commerce.last_error().find("QZ-AGT-020") != std::string::npos; };
  for (int key = 1000; key < 2000; ++key)
    pair.commerce.sql("INSERT INTO firm VALUES('" + std::to_string(key) + "', hex(randomblob(500)), NULL, '440103')");
  // The hub is away: a full queue, and nothing that a backup could change.
  for (int i = 0; i < 1000 && !is_paused(); ++i) pair.commerce.step(1);
  REQUIRE(is_paused());
  CHECK_FALSE(has_notice(pair.commerce, "QZ-AGT-026"));
  CHECK_FALSE(pair.world.settle(100));
  CHECK(is_paused());
  CHECK(has_notice(pair.commerce, "QZ-AGT-026"));
  for (int i = 0; i < 20 && pair.commerce.source_rows().size() != pair.tax.target_rows().size(); ++i) {
    pair.world.hub().back_up(pair.world.files / ("backup" + std::to_string(i)), [] { return true; });
    pair.world.clock.advance(601'000'000);
    pair.world.settle(100);
  }
  require_rest(pair.world);
  CHECK_FALSE(has_notice(pair.commerce, "QZ-AGT-026"));
  CHECK(pair.tax.target_rows().size() == 1020);
}

TEST_CASE(
    "R6.5 R5.3.3 a hub whose disk is lost without a backup begins anew after recover, and everything is refilled") {
  RestorePair pair(10);
  pair.world.crash_hub();
  pair.world.restore(pair.world.hub_file(), "no-such-copy");
  insert(pair.commerce, 20, 25);
  CHECK_FALSE(pair.world.settle(20));
  CHECK(pair.world.hub().stopped().code != "");
  pair.world.recover_hub();
  require_rest(pair.world);
  CHECK(pair.tax.target_rows().size() == 25);
  CHECK(pair.epoch() == 2);
}

TEST_CASE(
    "R5.1 R5.3.3 an agent whose disk is lost, and whose session opens before it captures, exchanges heads again") {
  RestorePair pair(11);
  pair.commerce.lose_store();
  insert(pair.commerce, 20, 25);
  pair.commerce.start();
  for (const int stage : {0, 2, 1, 2, 2}) pair.commerce.step(stage);
  require_rest(pair.world);
  CHECK(pair.epoch() == 2);
  CHECK(pair.tax.target_rows().size() == 25);
}
