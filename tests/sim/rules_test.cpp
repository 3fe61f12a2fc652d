// Rules of the protocol rules that no other file here names: how a stream begins, wishes, sessions, receipts.
#include <catch2/catch.hpp>

#include <algorithm>

#include "agent/flow/quarantine.h"
#include "hub-protocol/seal/batch.h"
#include "tests/sim/world.h"

using namespace qianzhi;
using sim::World;

namespace {

constexpr const char* topic = "test.enterprise";

struct RulesPair {
  explicit RulesPair(int rows = 60)
      : world(1), commerce(world.add("commerce", true, false)), tax(world.add("tax", false, true)) {
    insert(0, rows);
    world.grant("tax", GroupSet::every());
    world.publish();
    rest();
  }
  void insert(int from, int to) {
    for (int i = from; i < to; ++i)
      commerce.sql("INSERT INTO firm VALUES('" + std::to_string(1000 + i) + "', 'n', NULL, '" +
                   (i % 2 == 0 ? "440103" : "440104") + "')");
  }
  void rest() {
    const bool rests = world.settle();
    INFO(commerce.last_error() << " " << tax.last_error() << " " << world.difference().value_or("equal"));
    REQUIRE(rests);
    for (int i = 0; i < 5; ++i) turn();  // until an open refill has ended, too
  }
  void turn() {
    world.turn();
    world.clock.advance(1'000'000);
  }
  store::StreamState state() { return commerce.store().stream(topic).value(); }
  // Batches in the hub's log, in order.
  std::vector<seal::Header> log() {
    sqlite::Database hub(world.hub_file(), {sqlite::Access::read_write, false, {}, 5000});
    std::vector<seal::Header> headers;
    auto rows = hub.prepare("SELECT octets FROM batch ORDER BY stream, place");
    while (rows.step()) headers.push_back(seal::Parsed::from(rows.view(0)).header());
    return headers;
  }
  std::size_t begins() {
    const auto all = log();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const auto& header) { return header.kind == BatchKind::begin; }));
  }

  World world;
  sim::Department& commerce;
  sim::Department& tax;
};

}  // namespace

TEST_CASE("R3.4 every stream starts with begin(*), its rows follow, its end names the begin") {
  RulesPair pair;
  const auto log = pair.log();
  REQUIRE(log.size() > 3);
  CHECK(log.front().kind == BatchKind::begin);
  CHECK(log.front().scope.is_every());
  CHECK(log.front().position == Position{1, 1});
  CHECK(log.back().kind == BatchKind::end);
  CHECK(log.back().begin == log[1].begin);
}

TEST_CASE(
    "R2.2.1 R2.5 changes that the source forgot and no store holds any more are cured by begin(*) in the same epoch") {
  RulesPair pair;
  pair.commerce.crash();
  pair.world.save(pair.commerce.store_file, "old-queue");
  pair.commerce.start();
  pair.world.lose_request = 100;
  pair.insert(60, 80);
  for (int i = 0; i < 20; ++i) pair.turn();  // captured and forgotten, never sent
  pair.commerce.crash();
  pair.world.restore(pair.commerce.store_file, "old-queue");
  pair.world.lose_request = 0;
  const std::size_t before = pair.begins();
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 80);
  CHECK(pair.begins() == before + 1);
  CHECK(pair.state().last.position.epoch == 1);
  CHECK(pair.log().back().scope.is_every());
}

TEST_CASE("R3.5 S3.4 a widened publication sends the added group only, a narrowed one empties it at the target") {
  RulesPair pair;
  const auto restart_with = [&](const GroupSet& area) {
    pair.commerce.crash();
    pair.commerce.publish_from_now(area);
    for (int i = 0; i < 40; ++i) pair.turn();
  };
  restart_with(GroupSet::of({"440103"}));
  CHECK(pair.tax.target_rows().size() == 30);
  const std::uint64_t refilled = pair.state().rows_refilled;
  restart_with(GroupSet::of({"440103", "440104"}));
  CHECK(pair.tax.target_rows().size() == 60);
  CHECK(pair.state().rows_refilled == refilled + 30);
  CHECK(pair.log().back().scope == GroupSet::of({"440104"}));
}

TEST_CASE("R4.1 R4.3 a wish outlives crashes until its end is sealed, and the refill goes on at its cursor") {
  RulesPair pair;
  const std::uint64_t before = pair.state().rows_refilled;
  const std::size_t begins = pair.begins();
  flow::ask_again(pair.tax.store(), topic);
  int crashes = 0;
  for (int i = 0; i < 60; ++i) {
    pair.turn();
    if (!pair.commerce.is_running() || !pair.state().refill) continue;
    CHECK(pair.state().wanted.is_every());
    pair.commerce.crash();
    ++crashes;
  }
  CHECK(crashes >= 8);
  pair.rest();
  CHECK(pair.state().wanted.is_empty());
  CHECK(pair.state().rows_refilled == before + 60);
  CHECK(pair.begins() == begins + 1);
}

TEST_CASE("R4.6 a second wish for what was begun after its mark does not begin another refill") {
  RulesPair pair;
  const std::size_t begins = pair.begins();
  flow::ask_again(pair.tax.store(), topic);
  for (int i = 0; i < 60; ++i) pair.turn();
  CHECK(pair.begins() == begins + 1);
}

TEST_CASE("R5.1 R5.2 an agent whose sessions are refused backs off, and sends when one holds") {
  RulesPair pair;
  pair.world.tamper_post = [](wire::PostReply& reply) {
    reply.Clear();
    reply.set_unknown_session(true);
  };
  int backed_off = 0;
  for (int i = 60; i < 66; ++i) {
    pair.insert(i, i + 1);
    pair.turn();
    backed_off += pair.commerce.last_error().find("QZ-AGT-043") != std::string::npos ? 1 : 0;
  }
  CHECK(backed_off >= 4);
  pair.world.tamper_post = nullptr;
  pair.rest();
}

TEST_CASE("R5.5 a post without an answer is sent again as it was: the log holds each batch once and no evidence") {
  RulesPair pair;
  pair.world.lose_reply = 70;
  for (int i = 60; i < 90; ++i) {
    pair.insert(i, i + 1);
    pair.turn();
  }
  pair.world.lose_reply = 0;
  pair.rest();
  CHECK(pair.log().size() == pair.state().batches_sealed);
  sqlite::Database hub(pair.world.hub_file(), {sqlite::Access::read_write, false, {}, 5000});
  CHECK(hub.scalar("SELECT count(*) FROM evidence") == 0);
}

TEST_CASE("R5.6 a receipt for what is not kept any more is not taken: heads are exchanged") {
  RulesPair pair;
  wire::Receipt old;
  REQUIRE(old.ParseFromString(pair.state().receipt));
  pair.insert(60, 70);
  for (int i = 0; i < 5; ++i) pair.turn();
  const Position receipted = pair.state().receipted;
  bool replayed = false;
  pair.world.tamper_post = [&](wire::PostReply& reply) {
    for (wire::Verdict& verdict : *reply.mutable_verdicts()) *verdict.mutable_head() = old;
    replayed = true;
  };
  pair.insert(70, 71);
  pair.turn();
  CHECK(replayed);
  CHECK(pair.state().receipted >= receipted);
  pair.world.tamper_post = nullptr;
  pair.rest();
  CHECK(pair.state().receipted == pair.state().last.position);
}

TEST_CASE("R7.5 a page reduced under another directory than the one in force is not applied but fetched again") {
  RulesPair pair;
  bool seen = false;
  pair.world.tamper = [&](wire::FetchReply& reply) {
    for (wire::Page& page : *reply.mutable_pages()) {
      seen = seen || page.batches_size() != 0;
      page.set_directory_version(page.directory_version() + 1);
    }
  };
  pair.insert(60, 70);
  for (int i = 0; i < 6; ++i) pair.turn();
  CHECK(seen);
  CHECK(pair.tax.target_rows().size() == 60);
  CHECK(pair.tax.last_error().find("QZ-AGT-056") != std::string::npos);
  pair.world.tamper = nullptr;
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 70);
}

TEST_CASE("A12 R5.4 what waits, signed with a key that was revoked, is read and signed again in a new epoch") {
  RulesPair pair(10);
  pair.world.lose_request = 100;
  pair.insert(10, 20);
  for (int i = 0; i < 5; ++i) pair.turn();
  const std::string old_key = pair.commerce.key.record().id;
  const std::size_t accepted = pair.log().size();
  pair.world.lose_request = 0;
  pair.world.rotate_key(pair.commerce, KeyState::revoked);
  pair.world.publish();
  for (int i = 0; i < 10; ++i) pair.turn();  // the agent still has the old key only: nothing can be done but to say so
  const auto notices = pair.commerce.notices();
  CHECK(std::any_of(notices.begin(), notices.end(), [](const auto& notice) { return notice.code == "QZ-HUB-006"; }));
  CHECK(pair.log().size() == accepted);
  pair.commerce.crash();
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 20);
  const auto log = pair.log();
  REQUIRE(log.size() > accepted);
  for (std::size_t i = accepted; i < log.size(); ++i) {
    CHECK(log[i].key_id != old_key);
    CHECK(log[i].position.epoch == 2);
  }
}

TEST_CASE("A12 a subscriber that was away gets what was accepted before its signing key was revoked") {
  RulesPair pair(10);
  pair.insert(10, 20);
  for (int i = 0; i < 10; ++i) {
    pair.tax.crash();
    pair.turn();
  }
  pair.world.rotate_key(pair.commerce, KeyState::revoked);
  pair.world.publish();
  pair.commerce.crash();
  pair.rest();
  CHECK(pair.tax.target_rows().size() == 20);
}
