// Wishes of subscribers as they come from the hub (R4.6, R4.7).
#include "agent/flow/wishes.h"

#include <catch2/catch.hpp>

#include "hub-protocol/seal/batch.h"
#include "hub-protocol/wire/values.h"
#include "tests/support/seal_samples.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

struct Queue {
  test::TempDir dir;
  SystemRandom random;
  store::Store store{{dir / "queue.db", {}, 0}, Bytes(32, 'k'), random};
};

// Of commerce's stream.
wire::Wish& add_wish(wire::FetchReply& reply, const GroupSet& groups) {
  wire::Wish& wish = *reply.add_wishes();
  write_value(StreamId{"commerce-01", "firms"}, *wish.mutable_stream());
  write_value(groups, *wish.mutable_groups());
  return wish;
}

}  // namespace

TEST_CASE("R4.6 A18 a malformed wish is passed over and does not keep the others from being taken") {
  Queue queue;
  store::Store& store = queue.store;
  store::StreamState state;
  state.area = GroupSet::every();
  store.update([&](store::StoreTransaction& transaction) { transaction.put_stream("firms", state); });
  wire::FetchReply reply;
  const auto ask = [&](const GroupSet& groups) { return &add_wish(reply, groups); };
  ask(GroupSet::of({"440103"}))->mutable_evidence()->set_header("\x01\x02\x03");
  ask(GroupSet::every())->mutable_groups()->add_groups("440104");
  ask(GroupSet::of({"440105"}));
  bool restored = false;
  CHECK(flow::take_wishes(store, "commerce-01", nullptr, reply.wishes(), restored));
  CHECK(store.stream("firms")->wanted == GroupSet::of({"440105"}));
  CHECK_FALSE(restored);
}

namespace {

// A batch of commerce's stream at this place, as a subscriber shows it.
wire::FetchReply shown_by_subscriber(const seal::SigningKey& key, const Position& position, Micros time) {
  seal::Header header;
  header.stream = {"commerce-01", "firms"};
  header.catalogue_version = 1;
  header.position = position;
  header.previous = Digest::from_bytes(std::string(32, 'p'));
  header.time = time;
  test::CountingRandom random;
  const seal::Sealed sealed = seal::seal(std::move(header), test::small_content(), {}, key, random);
  wire::FetchReply reply;
  wire::Wish& wish = add_wish(reply, GroupSet::of({"440103"}));
  REQUIRE(wish.mutable_evidence()->ParseFromString(seal::Parsed::from(sealed.octets).bare()));
  return reply;
}

}  // namespace

TEST_CASE("R4.7 a batch of ours that this store does not know proves that it was restored, nothing else does") {
  Queue queue;
  store::Store& store = queue.store;
  const seal::SigningKey key = seal::SigningKey::generate();
  const seal::SigningKey stranger = seal::SigningKey::generate();
  Directory directory;
  directory.departments["commerce"] = {"commerce", "", ""};
  directory.agents["commerce-01"] = {"commerce-01", "commerce", {}, {key.record()}, true};
  const wire::FetchReply own = shown_by_subscriber(key, {2, 3}, 1);
  store::StreamState state;
  state.area = GroupSet::every();
  state.max_epoch = 2;
  state.last = seal::Parsed::from(own.wishes(0).evidence().SerializeAsString()).head();
  const auto is_restored = [&](const wire::FetchReply& reply) {
    store.update([&](store::StoreTransaction& transaction) { transaction.put_stream("firms", state); });
    bool restored = false;
    flow::take_wishes(store, "commerce-01", &directory, reply.wishes(), restored);
    const std::uint64_t epoch = reply.wishes(0).evidence().header().empty() ? 0 : store.stream("firms")->shown_above;
    CHECK((epoch != 0) == restored);
    return restored;
  };
  CHECK(is_restored(shown_by_subscriber(key, {2, 4}, 1)));
  CHECK(is_restored(shown_by_subscriber(key, {3, 1}, 1)));
  CHECK(is_restored(shown_by_subscriber(key, {2, 3}, 2)));  // the same place, another batch
  CHECK_FALSE(is_restored(own));
  CHECK_FALSE(is_restored(shown_by_subscriber(key, {2, 2}, 2)));  // older: it may be pruned
  CHECK_FALSE(is_restored(shown_by_subscriber(stranger, {3, 1}, 1)));
}

TEST_CASE("R4.6 a wish that a refill begun after its mark answers already is no new one") {
  Queue queue;
  store::Store& store = queue.store;
  store::StreamState state;
  state.area = GroupSet::every();
  state.note_begin(GroupSet::of({"440103"}), {1, 5});
  store.update([&](store::StoreTransaction& transaction) { transaction.put_stream("firms", state); });
  const auto asks = [&](const Position& mark, const std::set<Group>& groups) {
    wire::FetchReply reply;
    wire::Wish& wish = add_wish(reply, GroupSet::of(groups));
    write_value(Head{mark, Digest::from_bytes(std::string(32, 'd'))}, *wish.mutable_mark());
    bool restored = false;
    return flow::take_wishes(store, "commerce-01", nullptr, reply.wishes(), restored);
  };
  CHECK_FALSE(asks({1, 4}, {"440103"}));
  CHECK(store.stream("firms")->wanted.is_empty());
  // Of two groups, the one that is not answered.
  CHECK(asks({1, 4}, {"440103", "440104"}));
  CHECK(store.stream("firms")->wanted == GroupSet::of({"440104"}));
  // What began before the mark did not give it what it lacks.
  CHECK(asks({1, 5}, {"440103"}));
  CHECK(store.stream("firms")->wanted == GroupSet::of({"440103", "440104"}));
}
