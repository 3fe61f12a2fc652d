// A12: what a subscriber does with a page that only a key revoked since has signed.
#include <catch2/catch.hpp>

#include "flow_subscriber.h"

using namespace qianzhi;
using test::Subscriber;

namespace {

// Twenty batches wait for the subscriber when their key is revoked.
struct FarBehind {
  FarBehind() {
    world.post({chain.begin(), chain.rows({"440103"}), chain.end()});
    subscriber.run_to(chain.head);
    for (int i = 0; i < 20; ++i) world.post(chain.change());
    revoked.state = KeyState::revoked;
    world.register_keys("commerce-01", {revoked, next.record()});
  }
  flow::LaneStatus lane() const { return subscriber.deliver->lanes()[0]; }

  test::HubWorld world;
  test::Chain chain = world.chain();
  Subscriber subscriber{world, [] { return false; }};
  seal::SigningKey next = seal::SigningKey::generate();
  KeyRecord revoked = world.key.record();
};

}  // namespace

TEST_CASE_METHOD(FarBehind,
                 "A12 a subscriber far behind walks by headers to the batch that vouches for a key revoked since") {
  chain.use(next);
  world.post({chain.change(), chain.change()});
  std::size_t headers = 0;
  subscriber.link.on_reply = [&](wire::FetchReply& reply) {
    for (const wire::Page& page : reply.pages())
      for (const std::string& batch : page.batches())
        if (seal::Parsed::from(batch).is_bare()) ++headers;
  };
  subscriber.run_to(chain.head);
  CHECK(subscriber.ask("SELECT count(*) FROM received") == 23);
  CHECK(subscriber.ask("SELECT count(*) FROM times") == 23);
  CHECK(headers == 21);  // each is walked once, and not those after the one that vouches
}

TEST_CASE_METHOD(FarBehind,
                 "A12 without a batch that vouches nothing is applied, and it goes on by itself when there is one") {
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

TEST_CASE_METHOD(FarBehind, "A12 what was vouched for by a key that is revoked as well counts no more") {
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

TEST_CASE_METHOD(
    FarBehind, "A12 a hub that lies about the headers that vouch: leaves them out, or shows one that does not follow") {
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
