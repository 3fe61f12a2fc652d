// Delivery that fetches and builds while the adapter writes on a thread of its own: the shipped stage, hub and adapter
// on real files.
#include <catch2/catch.hpp>

#include "flow_subscriber.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using test::Subscriber;

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
