#include <algorithm>
#include <catch2/catch.hpp>

#include "hub-protocol/wire/batch.pb.h"
#include "hub_support.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

TEST_CASE("A11 a batch of another origin is refused, stored nowhere and does not stop the caller's own streams") {
  HubWorld world;
  auto foreign = world.chain();
  auto own = world.chain(test::closed_firms, "commerce-02");
  own.use(world.other_key);
  world.change_directory([](Directory& d) {
    d.provisions.push_back({test::closed_firms, "commerce-02", GroupSet::every()});
  });
  const wire::PostReply reply = world.post_all({foreign.begin(), own.begin()}, "commerce-02");
  REQUIRE(reply.verdicts_size() == 2);
  CHECK(reply.verdicts(0).outcome() == wire::ACCEPTED);
  CHECK(reply.verdicts(1).outcome() == wire::INVALID);
  CHECK(reply.verdicts(1).code() == "QZ-HUB-003");
  CHECK(world.hub->status().size() == 1);
}

TEST_CASE("a caller that the directory does not know or has disabled is refused at every call") {
  HubWorld world;
  CHECK_THROWS_WITH(world.open("nobody-01"), Catch::Contains("QZ-HUB-001"));
  world.open();
  world.change_directory([](Directory& d) { d.agents["commerce-01"].enabled = false; });
  auto chain = world.chain();
  CHECK_THROWS_WITH(world.post(chain.begin()), Catch::Contains("QZ-HUB-001"));
  CHECK_THROWS_WITH(world.fetch({}, "commerce-01"), Catch::Contains("QZ-HUB-001"));
}

TEST_CASE("A25 a topic that the agent does not provide and a group outside its area are refused") {
  HubWorld world;
  world.change_directory([](Directory& d) { d.provisions = {{test::firms, "commerce-01", GroupSet::of({"440103"})}}; });
  auto withdrawn = world.chain(test::closed_firms);
  CHECK(world.post(withdrawn.begin()).code() == "QZ-HUB-004");
  auto chain = world.chain();
  CHECK(world.post({chain.begin(), chain.rows({"440103"})}).outcome() == wire::ACCEPTED);
  auto outside = chain;
  const wire::Verdict verdict = world.post(outside.change({"440103", "440104"}));
  CHECK(verdict.outcome() == wire::INVALID);
  CHECK(verdict.code() == "QZ-HUB-005");
  auto unknown = chain;
  CHECK(world.post(unknown.change({""})).code() == "QZ-HUB-005");
  // R3.5: a group that left the area is emptied by a refill without rows.
  CHECK(world.post({chain.begin(GroupSet::of({"440104"})), chain.end(GroupSet::of({"440104"}))}).outcome() ==
        wire::ACCEPTED);
}

TEST_CASE("A12 a retired key may clear its outbox and a revoked one never") {
  HubWorld world;
  auto chain = world.filled();
  const auto set_state = [&](KeyState state) {
    world.change_directory([&](Directory& d) { d.agents["commerce-01"].signing_keys[0].state = state; });
  };
  set_state(KeyState::retired);
  const auto last = chain.change();
  CHECK(world.post(last).outcome() == wire::ACCEPTED);
  set_state(KeyState::revoked);
  const wire::Verdict verdict = world.post(chain.change());
  CHECK(verdict.outcome() == wire::INVALID);
  CHECK(verdict.code() == "QZ-HUB-006");
  CHECK(world.post(last).outcome() == wire::ACCEPTED);  // a repeat of what was accepted in time
}

TEST_CASE("A12 once a stream used a new key the old one ends there, but not in other streams") {
  HubWorld world;
  auto chain = world.filled();
  auto other = world.chain(test::closed_firms);
  world.change_directory([&](Directory& d) {
    d.agents["commerce-01"].signing_keys[0].state = KeyState::retired;
    d.agents["commerce-01"].signing_keys.push_back(world.other_key.record());
  });
  chain.use(world.other_key);
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
  auto back = chain;
  back.use(world.key);
  world.start();
  world.open();
  const wire::Verdict verdict = world.post(back.change());
  CHECK(verdict.outcome() == wire::INVALID);
  CHECK(verdict.code() == "QZ-HUB-007");
  CHECK(world.post(other.begin()).outcome() == wire::ACCEPTED);
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
}

TEST_CASE("A12 keys of other algorithms and one of two required keys rotate, and the hub remembers what ended") {
  const seal::SigningKey ed25519 = seal::SigningKey::generate();
  const seal::SigningKey p256 = seal::SigningKey::generate(seal::Algorithm::ecdsa_p256);
  const seal::SigningKey sm2 = seal::SigningKey::generate(seal::Algorithm::sm2);
  const seal::SigningKey sm2_next = seal::SigningKey::generate(seal::Algorithm::sm2);
  struct Change {
    seal::SigningKey before, after;
  };
  for (const Change& change :
       {Change{ed25519, p256}, Change{p256, sm2}, Change{ed25519.with_second(sm2), ed25519.with_second(sm2_next)},
        Change{ed25519.with_second(sm2), p256.with_second(sm2)}}) {
    HubWorld world;
    std::vector<KeyRecord> keys = change.before.records();
    for (const KeyRecord& key : change.after.records()) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    world.register_keys("commerce-01", keys);
    auto chain = world.chain();
    chain.use(change.before);
    CHECK(world.post({chain.begin(), chain.change()}).outcome() == wire::ACCEPTED);
    chain.use(change.after);
    CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
    auto back = chain;
    back.use(change.before);
    const auto old = back.change();
    CHECK(world.post(old).code() == "QZ-HUB-007");
    world.start();
    world.open();
    CHECK(world.post(old).code() == "QZ-HUB-007");
    CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
  }
}

TEST_CASE("A13 a signature by a key that is not registered or over other octets is refused") {
  HubWorld world;
  auto chain = world.filled();
  auto forged = chain;
  forged.use(world.other_key);
  CHECK(world.post(forged.change()).code() == "QZ-HUB-006");
  wire::SealedBatch message;
  auto damaged = chain;
  REQUIRE(message.ParseFromString(damaged.change().octets));
  (*message.mutable_signatures(0)->mutable_value())[5] ^= 1;
  CHECK(world.post(seal::Sealed{message.SerializeAsString(), {}}).code() == "QZ-HUB-008");
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
}

TEST_CASE("A13 a batch by a key of each algorithm is taken, and none under the record of another") {
  for (const seal::Algorithm algorithm :
       {seal::Algorithm::ed25519, seal::Algorithm::ecdsa_p256, seal::Algorithm::sm2}) {
    HubWorld world;
    auto chain = world.chain();
    chain.use(seal::SigningKey::generate(algorithm));
    world.register_keys("commerce-01", {chain.key().record()});
    CHECK(world.post(chain.begin()).outcome() == wire::ACCEPTED);
    KeyRecord record = chain.key().record();
    record.algorithm = record.algorithm == "sm2" ? "ecdsa-p256" : "sm2";
    record.signer_id = record.algorithm == "sm2" ? default_signer_id : std::string_view();
    world.register_keys("commerce-01", {record});
    CHECK(world.post(chain.change()).code() == "QZ-HUB-008");
  }
}

TEST_CASE("A13 of an agent with two keys the hub takes batches with both signatures only and delivers both") {
  HubWorld world;
  const seal::SigningKey second = seal::SigningKey::generate(seal::Algorithm::sm2);
  const seal::SigningKey pair = world.key.with_second(second);
  world.register_keys("commerce-01", pair.records());
  auto chain = world.chain();
  chain.use(pair);
  const auto good = chain.begin();
  wire::SealedBatch message;
  REQUIRE(message.ParseFromString(good.octets));
  const auto refused = [&](const char* code, auto&& change) {
    wire::SealedBatch bad = message;
    change(bad);
    const wire::Verdict verdict = world.post(seal::Sealed{bad.SerializeAsString(), {}});
    CHECK(verdict.outcome() == wire::INVALID);
    CHECK(verdict.code() == code);
  };
  refused("QZ-HUB-008", [](wire::SealedBatch& bad) { bad.mutable_signatures()->RemoveLast(); });
  refused("QZ-HUB-008", [](wire::SealedBatch& bad) { bad.mutable_signatures()->DeleteSubrange(0, 1); });
  refused("QZ-HUB-008", [](wire::SealedBatch& bad) { bad.mutable_signatures()->SwapElements(0, 1); });
  refused("QZ-HUB-008", [](wire::SealedBatch& bad) { *bad.mutable_signatures(1) = bad.signatures(0); });
  refused("QZ-HUB-008", [](wire::SealedBatch& bad) { *bad.add_signatures() = bad.signatures(1); });
  // Whoever holds only one of the two keys.
  auto alone = world.chain();
  alone.use(world.key);
  CHECK(world.post(alone.begin()).code() == "QZ-HUB-008");
  alone = world.chain();
  alone.use(second);
  CHECK(world.post(alone.begin()).code() == "QZ-HUB-006");
  alone = world.chain();
  alone.use(world.key.with_second(world.other_key));
  CHECK(world.post(alone.begin()).code() == "QZ-HUB-006");
  alone = world.chain();
  alone.use(second.with_second(world.key));
  CHECK(world.post(alone.begin()).code() == "QZ-HUB-006");

  CHECK(world.post({good, chain.rows({"440103"}), chain.end()}).outcome() == wire::ACCEPTED);
  const wire::Page page = world.fetch({});
  REQUIRE(page.has_newest());
  CHECK(page.newest().signatures_size() == 2);
  CHECK(seal::Parsed::from(page.newest().SerializeAsString()).judge_signatures(pair.records()).holds());
}

TEST_CASE("A13 two signatures where the directory asks for one are refused, and a revoked second key as well") {
  HubWorld world;
  const seal::SigningKey pair = world.key.with_second(seal::SigningKey::generate(seal::Algorithm::ecdsa_p256));
  auto chain = world.chain();
  chain.use(pair);
  const auto batch = chain.begin();
  CHECK(world.post(batch).code() == "QZ-HUB-006");
  std::vector<KeyRecord> keys = pair.records();
  keys[1].state = KeyState::revoked;
  world.register_keys("commerce-01", keys);
  CHECK(world.post(batch).code() == "QZ-HUB-006");
  keys[1].state = KeyState::retired;
  world.register_keys("commerce-01", keys);
  CHECK(world.post(batch).outcome() == wire::ACCEPTED);
}

TEST_CASE("A14 the hub names the registered signer id when an SM2 signature was made with another") {
  HubWorld world;
  auto chain = world.chain();
  const seal::SigningKey key = seal::SigningKey::generate(seal::Algorithm::sm2, "gz-commerce");
  world.register_keys("commerce-01", {seal::SigningKey::from_pem(key.to_pem()).record()});
  chain.use(key);
  const auto batch = chain.begin();
  const wire::Verdict verdict = world.post(batch);
  CHECK(verdict.code() == "QZ-HUB-008");
  CHECK_THAT(verdict.detail(), Catch::Contains("signer id '1234567812345678'"));
  world.register_keys("commerce-01", {key.record()});
  CHECK(world.post(batch).outcome() == wire::ACCEPTED);
}

TEST_CASE("a batch that lacks a block, has a changed one or breaks the rules of its kind is refused") {
  HubWorld world;
  const auto chain = world.filled();
  auto next = chain;
  wire::SealedBatch message;
  REQUIRE(message.ParseFromString(next.change().octets));
  wire::SealedBatch bare = message;
  bare.clear_groups();
  CHECK(world.post(seal::Sealed{bare.SerializeAsString(), {}}).code() == "QZ-HUB-009");
  wire::SealedBatch changed = message;
  (*changed.mutable_groups(0)->mutable_rows())[3] ^= 1;
  CHECK(world.post(seal::Sealed{changed.SerializeAsString(), {}}).code() == "QZ-SEAL-012");
  const auto with_header = [&](auto&& change) {
    wire::SealedBatch other = message;
    wire::Header header;
    REQUIRE(header.ParseFromString(other.header()));
    change(header);
    other.set_header(header.SerializeAsString());
    other.mutable_signatures(0)->set_value(world.key.sign(seal::Purpose::batch, other.header()));
    return world.post(seal::Sealed{other.SerializeAsString(), {}}).outcome();
  };
  CHECK(with_header([](wire::Header& header) { header.mutable_scope()->set_every(true); }) == wire::INVALID);
  CHECK(with_header([](wire::Header& header) { header.set_begin(std::string(32, 'b')); }) == wire::INVALID);
  CHECK(with_header([](wire::Header& header) { header.set_kind(1); }) == wire::INVALID);
  CHECK(with_header([](wire::Header& header) { header.set_kind(2); }) == wire::INVALID);
  CHECK(with_header([](wire::Header& header) { header.set_epoch(0); }) == wire::INVALID);
  CHECK(world.post(seal::Sealed{message.SerializeAsString(), {}}).outcome() == wire::ACCEPTED);
}

TEST_CASE("octets that are no batch are answered without stopping the streams beside them") {
  HubWorld world;
  auto chain = world.chain();
  const wire::PostReply reply = world.post_all({seal::Sealed{"no batch", {}}, chain.begin()});
  REQUIRE(reply.verdicts_size() == 2);
  CHECK(reply.verdicts(0).topic().empty());
  CHECK(reply.verdicts(0).outcome() == wire::INVALID);
  CHECK(reply.verdicts(1).outcome() == wire::ACCEPTED);
}

TEST_CASE("after the first batch that is not accepted the rest of its stream is not looked at in this request") {
  HubWorld world;
  auto chain = world.filled();
  auto broken = chain;
  broken.use(world.other_key);
  const auto bad = broken.change();
  const auto good = chain.change();
  const wire::PostReply reply = world.post_all({bad, good});
  REQUIRE(reply.verdicts_size() == 1);
  CHECK(reply.verdicts(0).outcome() == wire::INVALID);
  CHECK(world.read(reply.verdicts(0).head()).head.position == Position{1, 4});
  CHECK(world.post(good).outcome() == wire::ACCEPTED);
}

TEST_CASE("a request beyond the limits is refused whole") {
  HubWorld world;
  world.open();
  wire::PostRequest request;
  request.set_session(world.sessions["commerce-01"]);
  for (int i = 0; i < 5000; ++i) request.add_batches("x");
  CHECK_THROWS_WITH(world.hub->post("commerce-01", request), Catch::Contains("QZ-HUB-011"));
}
