// Delivery that fetches and builds while the adapter writes on a thread of its own: the shipped stage, hub and adapter
// on real files.
#include <catch2/catch.hpp>

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/deliver.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/sqlite/database.h"
#include "hub_calls.h"
#include "hub_support.h"
#include "tests/sim/frail.h"
#include "tests/support/errors.h"

using namespace qianzhi;

namespace {

struct Subscriber {
  Subscriber(test::HubWorld& the_world, std::function<bool()> dies)
      : world(the_world),
        link(*world.hub, "tax-01"),
        adapter(sim::frail(adapter::make_sqlite_adapter(world.clock), std::move(dies))) {
    set_log_level(LogLevel::error);
    directory.refresh(link);
    sqlite::Database database(file, {sqlite::Access::read_write_create, false, {}, 5000});
    database.execute("PRAGMA journal_mode=WAL; CREATE TABLE times(number TEXT)");
    const auto spec = flow::Deliver::spec_of(target, {subscription()}, world.directory.catalogue, {});
    database.execute(adapter::make_sqlite_adapter(world.clock)->plan_target(spec).install);
    database.execute("CREATE TRIGGER counted AFTER INSERT ON received BEGIN INSERT INTO times VALUES(new.number); END");
    deliver = under(directory);
  }
  static config::SubscriptionConfig subscription() {
    config::SubscriptionConfig subscription;
    subscription.topic = test::firms;
    subscription.target = "target";
    subscription.table = "received";
    return subscription;
  }
  // The stage as it works under what this keeper holds.
  std::unique_ptr<flow::Deliver> under(flow::DirectoryKeeper& keeper) {
    flow::DeliverParts parts{*adapter, store, keeper, link, world.clock, world.tax_key, {}, {}, {}, 0, 1, 1, true};
    return std::make_unique<flow::Deliver>("tax-01", target, std::vector{subscription()}, std::move(parts),
                                           adapter::Connection{{{"file", file.string()}}, {}});
  }
  // Until the target stands at this head. What the adapter's death makes of a run is tried again.
  void run_to(const Head& head) {
    for (int runs = 1; runs < 2'000; ++runs) {
      try {
        deliver->run_once();
      } catch (const Error& error) {
        REQUIRE(error.kind() == ErrorKind::unavailable);
        ++failures;
      }
      const auto lanes = deliver->lanes();
      if (!lanes.empty()) CHECK(lanes[0].state_code.empty());
      if (!lanes.empty() && lanes[0].mark == head.position) return;
    }
    FAIL("stands still");
  }
  std::int64_t ask(const std::string& sql) {
    return sqlite::Database(file, {sqlite::Access::read_only, false, {}, 5000}).scalar(sql).value();
  }

  test::HubWorld& world;
  test::HubCalls link;
  config::DatabaseConfig target{"target", "sqlite", {}, {}};
  std::filesystem::path file = world.dir / "target.db";
  store::Store store{{world.dir / "subscriber.db", {}, 0}, Bytes(32, 'k'), world.random};
  flow::DirectoryKeeper directory{store, world.clock, world.directory_key.record()};
  std::unique_ptr<adapter::Adapter> adapter;
  std::unique_ptr<flow::Deliver> deliver;
  int failures = 0;
};

}  // namespace

TEST_CASE("R7.1 R7.6 batches written beside the next fetch are applied once and in order, also when the adapter dies") {
  const int chance = GENERATE(0, 3, 7);
  test::HubWorld world;
  test::Chain chain = world.chain();
  std::vector<seal::Sealed> batches{chain.begin(), chain.end()};
  constexpr int rows = 120;
  for (int i = 0; i < rows; ++i) batches.push_back(chain.change());
  world.post(batches);
  std::atomic<unsigned> calls{0};
  // Not in step with the calls of one transaction.
  Subscriber subscriber(world, [&] { return chance != 0 && (++calls * 7919U) % 101U < static_cast<unsigned>(chance); });
  subscriber.run_to(chain.head);
  CHECK(subscriber.ask("SELECT count(*) FROM received") == rows);
  // Nothing was applied twice, and the last written is the last sealed.
  CHECK(subscriber.ask("SELECT count(*) FROM times") == rows);
  CHECK(subscriber.ask("SELECT count(*) FROM times WHERE number <> 'n' || rowid") == 0);
  CHECK((chance == 0) == (subscriber.failures == 0));
  // What comes later is applied by the same object.
  world.post(chain.change());
  world.clock.advance(2'000'000);
  subscriber.run_to(chain.head);
  CHECK(subscriber.ask("SELECT count(*) FROM times") == rows + 1);
}

TEST_CASE("R7.1 a hub that goes away while rows are written leaves them written, and they are not asked for again") {
  const int failing = GENERATE(range(1, 9));
  test::HubWorld world;
  test::Chain chain = world.chain();
  std::vector<seal::Sealed> batches{chain.begin(), chain.end()};
  for (int i = 0; i < 6; ++i) batches.push_back(chain.change());
  world.post(batches);
  Subscriber subscriber(world, [] { return false; });
  int fetches = 0;
  subscriber.link.before_fetch = [&] {
    if (++fetches == failing) throw Error(ErrorKind::unavailable, "QZ-LINK-006", "cut");
  };
  subscriber.run_to(chain.head);
  CHECK(subscriber.ask("SELECT count(*) FROM times") == 6);
  CHECK(fetches <= static_cast<int>(batches.size()) + 2);
}

TEST_CASE("R7.1 a mark that somebody else moved is never taken for ours: what the target lacks is asked for again") {
  test::HubWorld world;
  test::Chain chain = world.chain();
  world.post({chain.begin(), chain.end(), chain.change(), chain.change()});
  Subscriber subscriber(world, [] { return false; });
  subscriber.run_to(chain.head);
  CHECK(subscriber.ask("SELECT count(*) FROM received") == 2);
  sqlite::Database(subscriber.file, {sqlite::Access::read_write, false, {}, 5000})
      .execute("DELETE FROM qianzhi_mark; DELETE FROM received");
  world.post(chain.change());
  subscriber.run_to(chain.head);
  CHECK(subscriber.failures >= 1);
  CHECK(subscriber.ask("SELECT count(*) FROM received") == 3);
}

TEST_CASE("R7.3 a restart forgets which groups are complete until a refill ends again") {
  test::HubWorld world;
  test::Chain chain = world.chain();
  world.post({chain.begin(), chain.rows({"440103"}), chain.end(), chain.change()});
  Subscriber subscriber(world, [] { return false; });
  subscriber.run_to(chain.head);
  const GroupSet granted = subscriber.deliver->lanes()[0].granted;
  REQUIRE(subscriber.deliver->lanes()[0].complete == granted);
  // The mark of a chain that the hub does not have: what was complete there says nothing of the hub's.
  sqlite::Database(subscriber.file, {sqlite::Access::read_write, false, {}, 5000})
      .execute("UPDATE qianzhi_mark SET digest = substr(digest, 2) || substr(digest, 1, 1)");
  world.post(chain.change());
  int before_end = 0;
  for (int runs = 0; subscriber.deliver->lanes()[0].mark != chain.head.position; ++runs) {
    REQUIRE(runs < 100);
    try {
      subscriber.deliver->run_once();
    } catch (const Error& error) {
      REQUIRE(error.kind() == ErrorKind::unavailable);  // the mark is not the one it knew
      continue;
    }
    const flow::LaneStatus lane = subscriber.deliver->lanes()[0];
    CAPTURE(lane.mark.sequence);
    if (lane.mark.sequence < 3) {
      ++before_end;
      CHECK(lane.complete == GroupSet::none());
    }
  }
  CHECK(before_end > 0);
  CHECK(subscriber.deliver->lanes()[0].complete == granted);
}

TEST_CASE("R7.3 a hub that lies cannot send a subscriber back to before its mark, and other streams go on") {
  const bool shows_newest = GENERATE(true, false);
  test::HubWorld world;
  test::Chain chain = world.chain();
  const seal::Sealed begin = chain.begin();
  world.post({begin, chain.end(), chain.change()});
  Subscriber subscriber(world, [] { return false; });
  subscriber.run_to(chain.head);
  world.post(chain.change());
  const Bytes old = seal::Parsed::from(begin.octets).bare();
  subscriber.link.on_reply = [&](wire::FetchReply& reply) {
    REQUIRE(reply.pages_size() == 1);
    wire::Page& page = *reply.mutable_pages(0);
    page.set_state(wire::RESTART);
    page.clear_batches();
    page.clear_newest();
    if (shows_newest) REQUIRE(page.mutable_newest()->ParseFromString(old));
  };
  const Position mark = subscriber.deliver->lanes()[0].mark;
  CHECK(subscriber.deliver->run_once() == flow::Progress::moved);  // an error here would hold up its other streams
  CHECK(subscriber.deliver->lanes()[0].state_code == "QZ-AGT-058");
  CHECK(subscriber.deliver->lanes()[0].mark == mark);
  subscriber.link.on_reply = nullptr;
  world.clock.advance(3'600'000'000);
  subscriber.deliver->run_once();
  CHECK(subscriber.deliver->lanes()[0].mark == chain.head.position);
}

TEST_CASE("R7.4 a directory older than the mark's settles nothing and asks for nothing") {
  test::HubWorld world;
  test::Chain chain = world.chain();
  Subscriber subscriber(world, [] { return false; });
  store::Store older{{world.dir / "older.db", {}, 0}, Bytes(32, 'k'), world.random};
  flow::DirectoryKeeper restored{older, world.clock, world.directory_key.record()};
  restored.refresh(subscriber.link);
  world.change_directory([](Directory& directory) { directory.grants[0].groups = GroupSet::every(); });
  world.post({chain.begin(), chain.rows({"440103", "440104"}), chain.end()});
  subscriber.run_to(chain.head);
  REQUIRE(subscriber.ask("SELECT count(*) FROM received") == 2);
  int fetches = 0;
  subscriber.link.before_fetch = [&] { ++fetches; };
  const auto again = subscriber.under(restored);
  CHECK(test::thrown_by([&] { again->run_once(); }) == "unavailable QZ-AGT-054");
  CHECK(fetches == 0);
  CHECK(subscriber.ask("SELECT count(*) FROM received") == 2);
  // What fetches directories brings the newer one.
  restored.refresh(subscriber.link);
  again->run_once();
  CHECK(again->lanes()[0].complete == GroupSet::every());
}

TEST_CASE("A12 the mark remembers which key ended: a hub that lies cannot go on with it later") {
  test::HubWorld world;
  test::Chain chain = world.chain();
  Subscriber subscriber(world, [] { return false; });
  world.post({chain.begin(), chain.rows({"440103"}), chain.end()});
  subscriber.run_to(chain.head);
  const seal::SigningKey next = seal::SigningKey::generate(seal::Algorithm::ecdsa_p256);
  world.register_keys("commerce-01", {world.key.record(), next.record()});
  chain.use(next);
  world.post(chain.change());
  subscriber.run_to(chain.head);
  const Position taken = chain.head.position;
  chain.use(world.key);
  const seal::Sealed late = chain.change();
  int added = 0;
  subscriber.link.on_reply = [&](wire::FetchReply& reply) {
    wire::Page& page = reply.pages_size() != 0 ? *reply.mutable_pages(0) : *reply.add_pages();
    write_value(StreamId{"commerce-01", test::firms}, *page.mutable_stream());
    page.set_directory_version(world.directory.version);
    page.set_state(wire::PAGE);
    page.add_batches(late.octets);
    ++added;
  };
  // The same stage, and one that knows only what the mark says.
  for (const bool anew : {false, true}) {
    const auto stage = anew ? subscriber.under(subscriber.directory) : std::move(subscriber.deliver);
    stage->run_once();
    CHECK(stage->lanes()[0].state_code == "QZ-AGT-057");
    CHECK(stage->lanes()[0].mark == taken);
  }
  CHECK(added == 2);
  CHECK(subscriber.ask("SELECT count(*) FROM received") == 2);
}

TEST_CASE("A12 a subscriber far behind walks by headers to the batch that vouches for a key revoked since") {
  test::HubWorld world;
  test::Chain chain = world.chain();
  Subscriber subscriber(world, [] { return false; });
  world.post({chain.begin(), chain.rows({"440103"}), chain.end()});
  subscriber.run_to(chain.head);
  for (int i = 0; i < 20; ++i) world.post(chain.change());
  const seal::SigningKey next = seal::SigningKey::generate();
  KeyRecord revoked = world.key.record();
  revoked.state = KeyState::revoked;
  world.register_keys("commerce-01", {revoked, next.record()});
  std::size_t headers = 0;
  subscriber.link.on_reply = [&](wire::FetchReply& reply) {
    for (wire::Page& page : *reply.mutable_pages())
      for (const std::string& batch : page.batches())
        if (seal::Parsed::from(batch).is_bare()) ++headers;
  };
  const auto lane = [&] { return subscriber.deliver->lanes()[0]; };
  SECTION("there is one") {
    chain.use(next);
    world.post({chain.change(), chain.change()});
    subscriber.run_to(chain.head);
    CHECK(subscriber.ask("SELECT count(*) FROM received") == 23);
    CHECK(subscriber.ask("SELECT count(*) FROM times") == 23);
    CHECK(headers == 21);  // each is walked once, and not those after the one that vouches
  }
  SECTION("there is none yet: nothing is applied, and it goes on by itself when there is") {
    const Position mark = lane().mark;
    for (int i = 0; i < 5; ++i) subscriber.deliver->run_once();
    CHECK(lane().state_code == "QZ-AGT-057");
    CHECK(lane().mark == mark);
    chain.use(next);
    world.post(chain.change());
    world.clock.advance(60'000'000);
    for (int i = 0; lane().mark != chain.head.position; ++i) {
      REQUIRE(i < 200);
      subscriber.deliver->run_once();
    }
    CHECK(subscriber.ask("SELECT count(*) FROM received") == 22);
  }
  SECTION("the key that vouches is revoked as well before the way is gone") {
    chain.use(next);
    world.post(chain.change());
    for (int i = 0; i < 30; ++i) subscriber.deliver->run_once();
    REQUIRE(lane().mark != chain.head.position);
    KeyRecord also = next.record();
    also.state = KeyState::revoked;
    world.register_keys("commerce-01", {revoked, also});
    // What was proven before is still being written when the directory is fetched.
    Position mark;
    for (int i = 0; i < 60; ++i) {
      if (i == 3) mark = lane().mark;
      world.clock.advance(6'000'000);
      try {
        subscriber.deliver->run_once();
      } catch (const Error& error) {
        REQUIRE(error.kind() == ErrorKind::unavailable);
      }
    }
    CHECK(lane().state_code == "QZ-AGT-057");
    CHECK(lane().mark == mark);
  }
  SECTION("a hub that lies leaves headers out, or shows one of good keys that does not follow") {
    const bool leaves_out = GENERATE(true, false);
    chain.use(next);
    const seal::Sealed good = chain.change();
    world.post(good);
    subscriber.link.on_reply = [&](wire::FetchReply& reply) {
      wire::Page& page = *reply.mutable_pages(0);
      if (page.batches_size() == 0 || !seal::Parsed::from(page.batches(0)).is_bare()) return;
      page.clear_batches();
      if (!leaves_out) page.add_batches(seal::Parsed::from(good.octets).bare());
    };
    const Position mark = lane().mark;
    std::set<std::string> codes;
    for (int i = 0; i < 20; ++i) {
      subscriber.deliver->run_once();
      codes.insert(lane().state_code);
      world.clock.advance(6'000'000);
    }
    CHECK(codes == std::set<std::string>{"", leaves_out ? "QZ-AGT-057" : "QZ-AGT-051"});
    CHECK(lane().mark == mark);
    CHECK(subscriber.ask("SELECT count(*) FROM received") == 1);
  }
}
