// Wishes of subscribers as they come from the hub (R4.6, R4.7).
#include "agent/flow/wishes.h"

#include <catch2/catch.hpp>

#include "hub-protocol/wire/values.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

TEST_CASE("R4.6 A18 a malformed wish is passed over and does not keep the others from being taken") {
  const test::TempDir dir;
  SystemRandom random;
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  store::StreamState state;
  state.area = GroupSet::every();
  store.update([&](store::StoreTransaction& transaction) { transaction.put_stream("firms", state); });
  wire::FetchReply reply;
  const auto ask = [&](const GroupSet& groups) {
    wire::Wish& wish = *reply.add_wishes();
    write_value(StreamId{"commerce-01", "firms"}, *wish.mutable_stream());
    write_value(groups, *wish.mutable_groups());
    return &wish;
  };
  ask(GroupSet::of({"440103"}))->mutable_evidence()->set_header("\x01\x02\x03");
  ask(GroupSet::every())->mutable_groups()->add_groups("440104");
  ask(GroupSet::of({"440105"}));
  bool restored = false;
  CHECK(flow::take_wishes(store, "commerce-01", nullptr, reply.wishes(), restored));
  CHECK(store.stream("firms")->wanted == GroupSet::of({"440105"}));
  CHECK_FALSE(restored);
}
