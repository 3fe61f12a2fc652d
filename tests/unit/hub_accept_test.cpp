#include <catch2/catch.hpp>

#include "hub_support.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

namespace {

hub::StreamStatus status_of(const HubWorld& world, const std::string& topic = test::firms) {
  for (const hub::StreamStatus& status : world.hub->status())
    if (status.stream.topic == topic) return status;
  return {};
}

}  // namespace

TEST_CASE("R5.1 only the newest session of an agent may post and an older one changes nothing") {
  HubWorld world;
  auto chain = world.chain();
  world.open();
  const Bytes older = world.sessions["commerce-01"];
  world.open();
  wire::PostRequest request;
  request.set_session(older);
  request.add_batches(chain.begin().octets);
  const wire::PostReply reply = world.hub->post("commerce-01", request);
  CHECK(reply.unknown_session());
  CHECK(reply.verdicts_size() == 0);
  CHECK(world.hub->status().empty());
  request.set_session(world.sessions["commerce-01"]);
  CHECK(world.hub->post("commerce-01", request).verdicts(0).outcome() == wire::ACCEPTED);
}

TEST_CASE("R5.1 a restarted hub does not know the session and the heads exchange shows the signed head") {
  HubWorld world;
  auto chain = world.filled();
  world.start();
  CHECK(world.post_all({chain.change()}).unknown_session());
  wire::SessionRequest request;
  request.add_topics(test::firms);
  request.add_topics(test::closed_firms);
  const wire::SessionReply reply = world.open("commerce-01", request);
  CHECK(reply.session().size() == 16);
  CHECK(world.read(reply.heads(0)).head.position == Position{1, 4});
  CHECK(world.read(reply.heads(1)).head.is_none());
  CHECK(world.read(reply.heads(1)).stream.topic == test::closed_firms);
}

TEST_CASE("R6.1.1 A9 P37 an exact repeat gets the same receipt octet for octet and is stored once") {
  HubWorld world;
  auto chain = world.chain();
  const auto first = chain.begin();
  const wire::Verdict accepted = world.post(first);
  world.clock.advance(3'600'000'000);
  const wire::Verdict repeated = world.post(first);
  CHECK(repeated.outcome() == wire::ACCEPTED);
  CHECK(repeated.head().SerializeAsString() == accepted.head().SerializeAsString());
  CHECK(status_of(world).batches == 1);
  // An older batch is answered with the receipt for the head.
  world.post(chain.change());
  CHECK(world.read(world.post(first).head()).head == chain.head);
  CHECK(status_of(world).batches == 2);
}

TEST_CASE("R6.1.2 A8 P37 another digest at the position of the log is kept as evidence and halts the stream") {
  HubWorld world;
  auto chain = world.filled();
  auto twin = chain;
  world.post(chain.change());
  const auto forged = twin.change({"440104"});
  const wire::Verdict verdict = world.post(forged);
  CHECK(verdict.outcome() == wire::EQUIVOCATION);
  CHECK(verdict.code() == "QZ-HUB-016");
  CHECK(world.read(verdict.head()).head == chain.head);
  CHECK(status_of(world).halted);
  CHECK(status_of(world).evidence == 1);
  CHECK(world.post(chain.change()).outcome() == wire::HALTED);
  world.hub.reset();
  hub::Log log(world.options.store, {});
  const auto pairs = log.view().evidence(log.view().streams().at(0));
  REQUIRE(pairs.size() == 1);
  for (const Bytes& octets : {pairs[0].first, pairs[0].second}) {
    const seal::Parsed batch = seal::Parsed::from(octets);
    CHECK(batch.header().position == Position{1, 5});
    CHECK(batch.signed_by(world.key.record()));
  }
  CHECK(seal::Parsed::from(pairs[0].second).digest() == forged.digest);
}

TEST_CASE("R6.1.2 two digests in an epoch that is closed are evidence but halt nothing") {
  HubWorld world;
  auto chain = world.chain();
  auto twin = chain;
  world.post({chain.begin(), chain.change()});
  chain.open_epoch(chain.head, 2);
  world.post(chain.begin());
  twin.begin();
  CHECK(world.post(twin.change()).outcome() == wire::EQUIVOCATION);
  CHECK_FALSE(status_of(world).halted);
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
}

TEST_CASE("R6.1.3 the next of the chain is accepted, several at once, and survives a restart") {
  HubWorld world;
  auto chain = world.chain();
  const wire::Verdict verdict = world.post({chain.begin(), chain.rows({"440103"}), chain.end(), chain.change()});
  CHECK(verdict.outcome() == wire::ACCEPTED);
  CHECK(world.read(verdict.head()).head == chain.head);
  world.start();
  CHECK(status_of(world).head == chain.head);
  world.open();
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
}

TEST_CASE("R6.1.4 any greater epoch that starts from the head with begin(*) closes the old one") {
  HubWorld world;
  auto chain = world.filled();
  auto old = chain;
  chain.open_epoch(chain.head, 7);
  CHECK(world.post(chain.begin()).outcome() == wire::ACCEPTED);
  CHECK(status_of(world).head.position == Position{7, 1});
  CHECK(world.post(old.change()).outcome() == wire::REFUSED);
}

TEST_CASE("R6.1.4 an epoch that does not begin with begin(*) sequence 1 from the head is refused") {
  HubWorld world;
  const auto chain = world.filled();
  auto partial = chain;
  partial.open_epoch(chain.head, 2);
  CHECK(world.post(partial.begin(GroupSet::of({"440103"}))).outcome() == wire::REFUSED);
  auto change = chain;
  change.open_epoch(chain.head, 2);
  CHECK(world.post(change.change()).outcome() == wire::REFUSED);
  auto second = chain;
  second.head.position = {2, 1};
  CHECK(world.post(second.begin()).outcome() == wire::REFUSED);
  auto stray = chain;
  stray.open_epoch({}, 2);
  CHECK(world.post(stray.begin()).outcome() == wire::REFUSED);
}

TEST_CASE("R6.1.5 the first batch of a stream is begin(*) with no previous and is not counted as a new epoch") {
  HubWorld world;
  auto change = world.chain();
  CHECK(world.post(change.change()).outcome() == wire::REFUSED);
  auto chained = world.chain();
  chained.head.digest.octets.fill(7);
  CHECK(world.post(chained.begin()).outcome() == wire::REFUSED);
  auto chain = world.chain();
  chain.head.position.epoch = 5;
  CHECK(world.post(chain.begin()).outcome() == wire::ACCEPTED);
  chain.open_epoch(chain.head, 6);
  CHECK(world.post(chain.begin()).outcome() == wire::ACCEPTED);
}

TEST_CASE("R6.1.6 A10 a gap or another previous digest is refused with the signed head and nothing is held back") {
  HubWorld world;
  auto chain = world.filled();
  auto ahead = chain;
  const auto missing = ahead.change();
  const wire::Verdict gap = world.post(ahead.change());
  CHECK(gap.outcome() == wire::REFUSED);
  CHECK(gap.code() == "QZ-HUB-015");
  CHECK(world.read(gap.head()).head == chain.head);
  CHECK(world.post(missing).outcome() == wire::ACCEPTED);
  CHECK(status_of(world).head == Head{{1, 5}, missing.digest});
  auto stray = ahead;
  stray.head = {{1, 5}, chain.head.digest};
  CHECK(world.post(stray.change()).outcome() == wire::REFUSED);
  auto skipping = chain;
  skipping.head = {{1, 6}, missing.digest};  // linked, but a number is left out
  CHECK(world.post(skipping.change()).outcome() == wire::REFUSED);
}

TEST_CASE("R6.1.6 a position that was trimmed away is refused with the signed head") {
  HubWorld world;
  auto chain = world.chain();
  const auto first = chain.begin();
  world.post({first, chain.change(), chain.begin(), chain.end()});
  world.hub->trim({"commerce-01", test::firms});
  const wire::Verdict verdict = world.post(first);
  CHECK(verdict.outcome() == wire::REFUSED);
  CHECK(world.read(verdict.head()).head == chain.head);
}

TEST_CASE("R6.2 the second new epoch of a day waits for an operator and the next day is free again") {
  HubWorld world;
  auto chain = world.filled();
  const auto next_epoch = [&] {
    auto attempt = chain;
    attempt.open_epoch(chain.head, chain.head.position.epoch + 1);
    const auto batch = attempt.begin();
    const wire::Verdict verdict = world.post(batch);
    if (verdict.outcome() == wire::ACCEPTED) chain = attempt;
    return verdict.outcome();
  };
  CHECK(next_epoch() == wire::ACCEPTED);
  CHECK(next_epoch() == wire::EPOCH_WAITS);
  CHECK(status_of(world).epoch_waits);
  world.start();
  world.open();
  CHECK(next_epoch() == wire::EPOCH_WAITS);  // the count is durable
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
  world.hub->approve_epoch({"commerce-01", test::firms});
  CHECK(next_epoch() == wire::ACCEPTED);
  CHECK_FALSE(status_of(world).epoch_waits);
  CHECK(next_epoch() == wire::EPOCH_WAITS);  // an approval is for one
  world.clock.advance(-2 * test::one_day);
  CHECK(next_epoch() == wire::EPOCH_WAITS);  // a clock that goes back frees nothing
  world.clock.advance(3 * test::one_day);
  CHECK(next_epoch() == wire::ACCEPTED);
}

TEST_CASE("R6.3 a halt outlives a restart and ends by the operator's command only") {
  HubWorld world;
  auto chain = world.filled();
  auto twin = chain;
  world.post(chain.change());
  world.post(twin.change());
  world.start();
  world.open();
  CHECK(world.post(chain.change()).outcome() == wire::HALTED);
  CHECK(world.post({world.chain(test::closed_firms).begin()}).outcome() == wire::ACCEPTED);
  world.hub->resume_stream({"commerce-01", test::firms});
  auto resumed = chain;
  resumed.head = status_of(world).head;
  CHECK(world.post(resumed.change()).outcome() == wire::ACCEPTED);
  CHECK(status_of(world).evidence == 1);
}

TEST_CASE("R6.4 no receipt is made before the durable commit and one commit carries all streams of a request") {
  HubWorld world;
  int commits = 0;
  bool fail = true;
  world.breakpoint = [&](std::string_view point) {
    if (point == "hub.post.before_commit" && fail) throw Error(ErrorKind::unavailable, "QZ-SQL-001", "cut");
    if (point == "hub.post.after_commit") ++commits;
  };
  world.start();
  auto one = world.chain();
  auto two = world.chain(test::closed_firms);
  const std::vector<seal::Sealed> batches = {one.begin(), two.begin(), one.change(), two.change()};
  CHECK_THROWS_AS(world.post_all(batches), Error);
  CHECK(world.hub->status().empty());
  fail = false;
  const wire::PostReply reply = world.post_all(batches);
  REQUIRE(reply.verdicts_size() == 2);
  CHECK(commits == 1);
  for (const wire::Verdict& verdict : reply.verdicts()) {
    const seal::ReceiptContent receipt = world.read(verdict.head());
    CHECK(receipt.stream == StreamId{"commerce-01", verdict.topic()});
    CHECK(receipt.head == (verdict.topic() == test::firms ? one.head : two.head));
    CHECK(receipt.incarnation.counter == 1);
  }
}

TEST_CASE("R6.8 nothing is secured until it is in a backup unless the log itself counts") {
  HubWorld world;
  auto chain = world.filled();
  const auto secured = [&] { return world.read(world.post(chain.change()).head()).secured; };
  CHECK(secured().is_none());
  const test::TempDir backups;
  world.hub->back_up(backups / "a.db", [] { return true; });
  const Head announced = chain.head;
  CHECK(secured() == announced);
  world.options.secured_by_log = true;
  world.start();
  world.open();
  CHECK(secured() == chain.head);
}

TEST_CASE(
    "A9 a batch replayed an hour or a year later gets the head's receipt, once trimmed a refusal, never a place") {
  HubWorld world;
  const Micros later = GENERATE(Micros{3'600'000'000}, 365 * test::one_day);
  test::Chain chain = world.chain();
  const std::vector<seal::Sealed> old = {chain.begin(), chain.change(), chain.begin(), chain.end()};
  REQUIRE(world.post(old).outcome() == wire::ACCEPTED);
  world.change_directory([](Directory& directory) { directory.expires = 0; });
  const auto batches = [&] { return world.hub->status().front().batches; };
  const std::uint64_t held = batches();
  world.clock.advance(later);
  for (const seal::Sealed& batch : old) {
    world.open();
    const wire::Verdict verdict = world.post(batch);
    CHECK(verdict.outcome() == wire::ACCEPTED);
    CHECK(world.read(verdict.head()).head == chain.head);
    CHECK(batches() == held);
  }
  world.hub->trim({"commerce-01", test::firms});
  const std::uint64_t left = batches();
  REQUIRE(left < held);
  for (const seal::Sealed& batch : {old[0], old[1]}) {
    world.open();
    const wire::Verdict verdict = world.post(batch);
    CHECK(verdict.outcome() == wire::REFUSED);
    CHECK(world.read(verdict.head()).head == chain.head);
    CHECK(batches() == left);
  }
}
