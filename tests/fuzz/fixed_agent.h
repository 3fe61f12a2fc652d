// A provider and a subscriber of the fixed hub: shipped stages on real stores and a real SQLite target, and a link
// that gives one reply of our choice.
#pragma once

#include "adapters/sqlite/sqlite_adapter.h"
#include "agent/flow/courier.h"
#include "agent/flow/deliver.h"
#include "agent/flow/uplink.h"
#include "hub-protocol/client/hub_link.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/fuzz/fixed_hub.h"

namespace qianzhi::test {

enum class Call : std::uint8_t { session, post, fetch, directory, applied };

// Everything is answered by the hub but the call that is chosen, whose reply is these octets.
class ScriptedLink final : public HubLink {
 public:
  ScriptedLink(FixedHub& hub, std::string caller) : hub_(hub), caller_(std::move(caller)) {}
  void answer(std::optional<Call> chosen, std::string_view octets) {
    chosen_ = chosen;
    octets_ = octets;
  }

  wire::SessionReply session(const wire::SessionRequest& request) override {
    return reply<wire::SessionReply>(Call::session, [&] { return hub_.world.hub->session(caller_, request); });
  }
  wire::PostReply post(const wire::PostRequest& request) override {
    return reply<wire::PostReply>(Call::post, [&] { return hub_.world.hub->post(caller_, request); });
  }
  wire::FetchReply fetch(const wire::FetchRequest& request) override {
    return reply<wire::FetchReply>(Call::fetch, [&] { return hub_.world.hub->fetch(caller_, request); });
  }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    return reply<wire::DirectoryReply>(Call::directory, [&] { return hub_.world.hub->directory(caller_, request); });
  }
  wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
  wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }

 private:
  template <class Reply, class Ask>
  Reply reply(Call call, const Ask& ask) {
    if (chosen_ != call) return ask();
    Reply given;
    if (!given.ParseFromArray(octets_.data(), static_cast<int>(octets_.size())))
      throw Error(ErrorKind::unavailable, "QZ-LINK-007", "the body is not the expected message");
    return given;
  }

  FixedHub& hub_;
  std::string caller_;
  std::optional<Call> chosen_;
  std::string_view octets_;
};

class FixedAgent {
 public:
  FixedAgent(FixedHub& hub, const std::string& agent, const seal::SigningKey& key)
      : hub_(hub),
        link(hub, agent),
        store({files / "queue.db", {}, 0}, Bytes(32, 'k'), random_),
        directory(store, hub.world.clock, hub.world.directory_key.record()),
        adapter(adapter::make_sqlite_adapter(hub.world.clock)),
        courier(agent, {store, directory, link, {}, {}, {}, 0}),
        uplink(agent, {}, {store, directory, link, hub.world.clock, {}, {}}),
        deliver(agent, config::DatabaseConfig{"target", "sqlite", {}, {}}, {subscription()},
                flow::DeliverParts{*adapter, store, directory, link, hub.world.clock, key, {}, {}, {}, 0},
                adapter::Connection{{{"file", target()}}, {}}) {
    directory.refresh(link);
    make_target();
    fill_outbox(agent);
  }

  // Progress of the provider's stream, and of the subscriber's.
  Bytes progress() const {
    const auto state = store.stream(firms);
    Bytes text = state ? encode(*state) : Bytes();
    for (const flow::LaneStatus& lane : deliver.lanes()) text += to_text(lane.mark);
    return text;
  }

  // Rows in the target that the provider never sealed.
  std::int64_t foreign_rows() const {
    sqlite::Database database(target(), {sqlite::Access::read_write, false, {}, 5000});
    auto count = database.prepare(
        "SELECT count(*) FROM received WHERE number NOT IN ('n1', 'n2', 'n3', 'n4') OR name IS NOT NULL OR "
        "area <> '440103' OR qz_origin <> 'commerce-01'");
    QZ_ASSERT(count.step());
    return count.number(0);
  }

 private:
  static config::SubscriptionConfig subscription() {
    config::SubscriptionConfig subscription;
    subscription.topic = firms;
    subscription.target = "target";
    subscription.table = "received";
    return subscription;
  }

  std::string target() const { return files / "target.db"; }

  void make_target() {
    sqlite::Database database(target(), {sqlite::Access::read_write_create, false, {}, 5000});
    database.execute(adapter
                         ->plan_target(flow::Deliver::spec_of({"target", "sqlite", {}, {}}, {subscription()},
                                                              hub_.world.directory.catalogue, {}))
                         .install);
  }

  // The hub's batches, receipted but for the last, and one more.
  void fill_outbox(const std::string& agent) {
    if (agent != "commerce-01") return;
    std::vector<seal::Sealed> all = hub_.batches;
    all.push_back(hub_.next);
    std::vector<store::LockedBatch> locked;
    store::StreamState state;
    state.source = "s";
    state.area = GroupSet::every();
    for (const seal::Sealed& sealed : all) {
      const seal::Parsed batch = seal::Parsed::from(sealed.octets);
      locked.push_back(store.lock(
          {firms, batch.head(), batch.header().previous, batch.header().kind, 1, batch.header().time, sealed.octets}));
      if (batch.header().kind == BatchKind::begin) state.note_begin(GroupSet::every(), batch.header().position);
      state.last = batch.head();
    }
    state.max_epoch = 1;
    state.receipted = {1, 3};
    store.update([&](store::StoreTransaction& transaction) {
      for (const store::LockedBatch& batch : locked) transaction.append(batch);
      transaction.put_stream(firms, state);
    });
  }

  FixedHub& hub_;
  SystemRandom random_;

 public:
  TempDir files;
  ScriptedLink link;
  store::Store store;
  flow::DirectoryKeeper directory;
  std::unique_ptr<adapter::Adapter> adapter;
  flow::Courier courier;
  flow::Uplink uplink;
  flow::Deliver deliver;
};

}  // namespace qianzhi::test
