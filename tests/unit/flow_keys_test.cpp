// A12 at the provider: what waits in the outbox when its key is retired or revoked. The shipped uplink and stream
// writer on a real store, against the shipped hub.
#include <catch2/catch.hpp>

#include "agent/flow/stream_writer.h"
#include "agent/flow/uplink.h"
#include "hub_calls.h"
#include "hub_support.h"

using namespace qianzhi;

namespace {

struct Provider {
  explicit Provider(test::HubWorld& the_world) : world(the_world), link(*world.hub, "commerce-01") {
    directory.refresh(link);
  }
  // As a start of the agent with this key in its configuration.
  void use(const seal::SigningKey& key) {
    signing = key;
    flow::UplinkParts parts{store, directory, link, world.clock, [this] { ++epoch_requests; }, {}};
    parts.keys = signing.records();
    uplink = std::make_unique<flow::Uplink>("commerce-01", std::map<std::string, config::Schedule>(), std::move(parts));
  }
  void register_keys(const std::vector<KeyRecord>& keys) {
    world.register_keys("commerce-01", keys);
    directory.refresh(link);
  }
  template <typename Seal>
  void seal(Seal&& what) {
    const flow::Sealer sealer{"commerce-01", signing, world.clock, world.random, {}};
    flow::StreamWriter writer(sealer, store, test::firms, 1, store.stream(test::firms).value_or(store::StreamState()));
    what(writer);
    store.update([&](store::StoreTransaction& transaction) { writer.commit(transaction); });
  }
  void begin() {
    seal([](flow::StreamWriter& writer) {
      if (writer.state().last.is_none())
        writer.open_epoch({}, 0, {"1", "i"});
      else
        writer.rebase({"1", "i"});
    });
  }
  // What capture does when the uplink asks for a new epoch.
  void open_epoch() {
    const auto request = store.stream(test::firms)->epoch_request;
    REQUIRE(request.has_value());
    seal([&](flow::StreamWriter& writer) { writer.open_epoch(request->head, request->above, {"2", "i"}); });
  }
  Position receipted() const { return store.stream(test::firms)->receipted; }

  test::HubWorld& world;
  test::HubCalls link;
  store::Store store{{world.dir / "outbox.db", {}, 0}, Bytes(32, 'k'), world.random};
  flow::DirectoryKeeper directory{store, world.clock, world.directory_key.record()};
  seal::SigningKey signing = world.key;
  std::unique_ptr<flow::Uplink> uplink;
  int epoch_requests = 0;
};

}  // namespace

TEST_CASE("A12 an agent with a new key clears what it sealed with the retired one first") {
  test::HubWorld world;
  Provider provider(world);
  provider.use(world.key);
  provider.begin();
  const seal::SigningKey next = seal::SigningKey::generate(seal::Algorithm::ecdsa_p256);
  KeyRecord old = world.key.record();
  old.state = KeyState::retired;
  provider.register_keys({old, next.record()});
  provider.use(next);
  provider.begin();
  provider.uplink->run_once();
  CHECK(provider.receipted() == Position{1, 2});
  CHECK(provider.epoch_requests == 0);
}

TEST_CASE("A12 R5.4 what waits under a key that was revoked is never sent again: a new epoch takes its place") {
  for (const bool in_session : {false, true}) {
    test::HubWorld world;
    Provider provider(world);
    provider.use(world.key);
    provider.begin();
    provider.uplink->run_once();
    REQUIRE(provider.receipted() == Position{1, 1});
    provider.begin();  // waits
    const seal::SigningKey next =
        world.other_key.with_second(seal::SigningKey::generate(seal::Algorithm::sm2, "gz-commerce"));
    KeyRecord old = world.key.record();
    old.state = KeyState::revoked;
    std::vector<KeyRecord> keys = next.records();
    keys.push_back(old);
    if (in_session) {
      // Revoked while the agent runs. Its own key is the revoked one: a new epoch would be refused like the old.
      provider.register_keys(keys);
      provider.uplink->run_once();
      CHECK(provider.epoch_requests == 0);
      CHECK(provider.store.stream(test::firms)->uplink_code == "QZ-HUB-006");
      provider.use(next);
      provider.uplink->run_once();
    } else {
      // The directory changes after the heads were exchanged.
      provider.use(next);
      provider.register_keys({world.key.record()});
      world.register_keys("commerce-01", keys);
      provider.directory.refresh(provider.link);
      provider.uplink->run_once();
    }
    CHECK(provider.epoch_requests == 1);
    provider.open_epoch();
    provider.uplink->run_once();
    CHECK(provider.receipted() == Position{2, 1});
    const wire::FetchReply page = world.fetch_reply({});
    CHECK(page.pages(0).newest().signatures_size() == 2);
  }
}

TEST_CASE("R5.5 R5.3 a refusal makes the agent exchange heads, and what the hub lacks is sent from there") {
  test::HubWorld world;
  Provider provider(world);
  provider.use(world.key);
  provider.begin();
  provider.uplink->run_once();
  const Position first = provider.receipted();
  REQUIRE(first == provider.store.stream(test::firms)->last.position);
  provider.begin();
  provider.begin();
  // Within the session our own place is wrong: the next post leaves a gap.
  provider.store.update([&](store::StoreTransaction& transaction) {
    store::StreamState state = transaction.stream(test::firms).value();
    state.receipted = {first.epoch, first.sequence + 1};
    transaction.put_stream(test::firms, state);
  });
  for (int i = 0; i < 3; ++i) provider.uplink->run_once();
  CHECK(provider.receipted() == provider.store.stream(test::firms)->last.position);
  CHECK(provider.epoch_requests == 0);
}
