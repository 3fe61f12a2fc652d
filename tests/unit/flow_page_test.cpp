// From a page to what is applied: the chain (R7.6) and the tracking of refills (R7.7).
#include <algorithm>
#include <catch2/catch.hpp>

#include "agent/flow/apply_builder.h"
#include "agent/flow/page.h"
#include "hub-protocol/base/error.h"
#include "tests/support/errors.h"
#include "tests/support/seal_samples.h"

using namespace qianzhi;

namespace {

const StreamId stream{"commerce-01", "commerce.opening_registration"};

Topic enterprise() {
  Topic topic;
  topic.id = stream.topic;
  topic.items = {{"reg_no", "", ""}, {"name", "", ""}, {"capital", "", ""}};
  topic.key = {"reg_no"};
  return topic;
}

// A provider that seals whatever it is told, each batch after the one before.
struct Sealer {
  seal::Sealed seal(BatchKind kind, Position position, GroupSet scope = {}, Digest begin = {}) {
    seal::Header header = test::change_header(position);
    header.kind = kind;
    header.previous = last;
    header.scope = std::move(scope);
    header.begin = begin;
    const bool has_rows = kind == BatchKind::change || kind == BatchKind::rows;
    const auto content = has_rows ? test::small_content() : seal::BatchContent{};
    seal::Sealed sealed = seal::seal(header, content, {"p", "i"}, key, random);
    last = sealed.digest;
    return sealed;
  }
  Directory directory() const {
    Directory directory;
    directory.agents[stream.agent] = {stream.agent, "commerce", {}, key.records(), true};
    return directory;
  }

  seal::SigningKey key = seal::SigningKey::generate();
  test::CountingRandom random;
  Digest last;
};

wire::Page page_of(const std::vector<seal::Sealed>& batches) {
  wire::Page page;
  for (const seal::Sealed& batch : batches) page.add_batches(batch.octets);
  return page;
}

std::vector<seal::Parsed> proven(const wire::Page& page, const Directory& directory, int& at, KeyTrail trail = {}) {
  std::vector<seal::Parsed> batches = flow::chain_of(page, stream, trail, at);
  if (!batches.empty()) flow::require_signed(batches.back(), directory);
  return batches;
}

std::string refusal(const wire::Page& page, const Directory& directory, int& at) {
  return test::thrown_by([&] { proven(page, directory, at); });
}

const Entitlement all = test::entitled(GroupSet::every(), {"reg_no", "name", "capital"});

}  // namespace

TEST_CASE("R7.6 a page is proven by the signature of its last batch and the digests before it") {
  Sealer provider;
  const std::vector<seal::Sealed> batches = {provider.seal(BatchKind::begin, {1, 1}, GroupSet::every()),
                                             provider.seal(BatchKind::change, {1, 2}),
                                             provider.seal(BatchKind::change, {1, 3})};
  const Directory directory = provider.directory();
  int at = 0;
  CHECK(proven(page_of(batches), directory, at).size() == 3);
  CHECK(proven({}, directory, at).empty());

  CHECK(refusal(page_of({batches[0], batches[2]}), directory, at) == "corrupt QZ-AGT-051");
  CHECK(at == 1);
  CHECK(refusal(page_of({batches[1], batches[0]}), directory, at) == "corrupt QZ-AGT-051");

  Sealer other;
  other.last = batches[1].digest;
  CHECK(refusal(page_of({batches[0], batches[1], other.seal(BatchKind::change, {1, 3})}), directory, at) ==
        "corrupt QZ-AGT-057");
  CHECK(at == 2);
  other.last = batches[0].digest;
  CHECK(refusal(page_of({batches[0], other.seal(BatchKind::change, {1, 2}), batches[2]}), directory, at) ==
        "corrupt QZ-AGT-051");
  wire::SealedBatch forged;
  REQUIRE(forged.ParseFromString(batches[2].octets));
  forged.mutable_signatures(0)->mutable_value()->front() ^= 1;
  CHECK(refusal(page_of({batches[0], batches[1], {forged.SerializeAsString(), batches[2].digest}}), directory, at) ==
        "corrupt QZ-AGT-057");
  forged.clear_signatures();
  CHECK(refusal(page_of({batches[0], batches[1], {forged.SerializeAsString(), batches[2].digest}}), directory, at) ==
        "corrupt QZ-AGT-057");
  Directory without = directory;
  without.agents.clear();
  CHECK(refusal(page_of(batches), without, at) == "corrupt QZ-AGT-057");
  CHECK(test::thrown_by([&] {
          KeyTrail trail;
          flow::chain_of(page_of(batches), {"tax-01", stream.topic}, trail, at);
        }) == "corrupt QZ-AGT-057");
}

TEST_CASE("A13 a subscriber refuses a page whose last batch lacks a signature that the directory asks for") {
  Sealer provider;
  provider.key = provider.key.with_second(seal::SigningKey::generate(seal::Algorithm::sm2));
  const seal::Sealed first = provider.seal(BatchKind::begin, {1, 1}, GroupSet::every());
  const seal::Sealed second = provider.seal(BatchKind::change, {1, 2});
  const Directory directory = provider.directory();
  int at = 0;
  CHECK(proven(page_of({first, second}), directory, at).size() == 2);
  const auto refused = [&](auto&& change) {
    wire::SealedBatch bad;
    REQUIRE(bad.ParseFromString(second.octets));
    change(bad);
    CHECK(refusal(page_of({first, {bad.SerializeAsString(), second.digest}}), directory, at) == "corrupt QZ-AGT-057");
  };
  refused([](wire::SealedBatch& bad) { bad.mutable_signatures()->RemoveLast(); });
  refused([](wire::SealedBatch& bad) { bad.mutable_signatures()->DeleteSubrange(0, 1); });
  refused([](wire::SealedBatch& bad) { bad.mutable_signatures()->SwapElements(0, 1); });
  refused([](wire::SealedBatch& bad) { *bad.mutable_signatures(1) = bad.signatures(0); });
  refused([](wire::SealedBatch& bad) { *bad.mutable_signatures(0) = bad.signatures(1); });
  refused([](wire::SealedBatch& bad) { *bad.add_signatures() = bad.signatures(0); });
  Directory with_one = directory;
  with_one.agents[stream.agent].signing_keys.pop_back();
  CHECK(refusal(page_of({first, second}), with_one, at) == "corrupt QZ-AGT-057");
}

TEST_CASE("A12 a subscriber takes no page that only a revoked key proves, but one that a later key does") {
  Sealer provider;
  const seal::Sealed first = provider.seal(BatchKind::begin, {1, 1}, GroupSet::every());
  const seal::Sealed second = provider.seal(BatchKind::change, {1, 2});
  Directory directory = provider.directory();
  directory.agents[stream.agent].signing_keys[0].state = KeyState::revoked;
  provider.key = seal::SigningKey::generate(seal::Algorithm::ecdsa_p256);
  directory.agents[stream.agent].signing_keys.push_back(provider.key.record());
  const seal::Sealed third = provider.seal(BatchKind::begin, {2, 1}, GroupSet::every());
  int at = 0;
  CHECK(refusal(page_of({first, second}), directory, at) == "corrupt QZ-AGT-057");
  CHECK(proven(page_of({first, second, third}), directory, at).size() == 3);
  CHECK(flow::is_signed(seal::Parsed::from(third.octets), directory));
  CHECK_FALSE(flow::is_signed(seal::Parsed::from(second.octets), directory));
  wire::SealedBatch forged;
  REQUIRE(forged.ParseFromString(second.octets));
  forged.mutable_signatures(0)->mutable_value()->front() ^= 1;
  CHECK(test::thrown_by([&] { flow::is_signed(seal::Parsed::from(forged.SerializeAsString()), directory); }) ==
        "corrupt QZ-AGT-057");
}

TEST_CASE("A12 at a subscriber too an old key ends where a new one began, one of two required keys as well") {
  const seal::SigningKey ed25519 = seal::SigningKey::generate();
  const seal::SigningKey p256 = seal::SigningKey::generate(seal::Algorithm::ecdsa_p256);
  const seal::SigningKey sm2 = seal::SigningKey::generate(seal::Algorithm::sm2);
  const seal::SigningKey sm2_next = seal::SigningKey::generate(seal::Algorithm::sm2);
  struct Change {
    seal::SigningKey before, after;
  };
  for (const Change& change : {Change{ed25519, p256}, Change{p256, sm2}, Change{sm2, ed25519},
                               Change{ed25519.with_second(sm2), ed25519.with_second(sm2_next)},
                               Change{ed25519.with_second(sm2), p256.with_second(sm2)}}) {
    Sealer provider;
    Directory directory = provider.directory();
    std::vector<KeyRecord>& keys = directory.agents[stream.agent].signing_keys;
    keys = change.before.records();
    for (const KeyRecord& key : change.after.records())
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    std::vector<seal::Sealed> batches;
    for (const seal::SigningKey* key : {&change.before, &change.after, &change.after, &change.before}) {
      provider.key = *key;
      batches.push_back(provider.seal(BatchKind::change, {1, batches.size() + 2}));
    }
    int at = 0;
    KeyTrail trail;
    flow::chain_of(page_of({batches[0], batches[1]}), stream, trail, at);
    CHECK(trail.present.size() == change.after.records().size());
    CHECK(trail.ended.size() == 1);
    CHECK(proven(page_of({batches[2]}), directory, at, trail).size() == 1);
    // In one page, and after what the mark remembers.
    CHECK(refusal(page_of(batches), directory, at) == "corrupt QZ-AGT-057");
    CHECK(at == 3);
    CHECK(test::thrown_by([&] {
            proven(page_of({batches[2], batches[3]}), directory, at, trail);
          }) == "corrupt QZ-AGT-057");
  }
}

TEST_CASE("R7.6 a batch is applied only if it names the mark's digest and follows in number") {
  const Topic topic = enterprise();
  const auto refused = [&](Position mark, Digest mark_digest, BatchKind kind, Position next, GroupSet scope = {}) {
    Sealer provider;
    provider.last = mark_digest;
    const seal::Sealed sealed = provider.seal(kind, next, std::move(scope));
    Digest held;
    held.octets.fill(0x22);
    flow::ApplyBuilder builder(topic, all, {}, {mark, held});
    return test::thrown_by([&] { builder.add(seal::Parsed::from(sealed.octets)); });
  };
  Digest good;
  good.octets.fill(0x22);
  Digest bad;
  bad.octets.fill(0x23);
  CHECK(refused({1, 5}, good, BatchKind::change, {1, 6}) == "nothing");
  CHECK(refused({1, 5}, good, BatchKind::begin, {2, 1}, GroupSet::every()) == "nothing");
  CHECK(refused({1, 5}, bad, BatchKind::change, {1, 6}) == "corrupt QZ-AGT-051");
  CHECK(refused({1, 5}, good, BatchKind::change, {1, 7}) == "corrupt QZ-AGT-051");
  CHECK(refused({1, 5}, good, BatchKind::change, {1, 5}) == "corrupt QZ-AGT-051");
  CHECK(refused({1, 5}, good, BatchKind::change, {2, 1}) == "corrupt QZ-AGT-051");
  CHECK(refused({1, 5}, good, BatchKind::begin, {2, 1}, GroupSet::of({"440103"})) == "corrupt QZ-AGT-051");
  CHECK(refused({2, 5}, good, BatchKind::begin, {1, 1}, GroupSet::every()) == "corrupt QZ-AGT-051");
}

TEST_CASE("R7.7 only the end of the begin that is tracked removes rows and makes groups complete") {
  const Topic topic = enterprise();
  Sealer provider;
  const auto add = [&](flow::ApplyBuilder& builder, const seal::Sealed& sealed) {
    builder.add(seal::Parsed::from(sealed.octets));
  };
  flow::ApplyBuilder builder(topic, all, {}, {});
  const seal::Sealed first = provider.seal(BatchKind::begin, {1, 1}, GroupSet::every());
  add(builder, first);
  CHECK(builder.state().tracked_begin == first.digest);
  add(builder, provider.seal(BatchKind::change, {1, 2}));
  REQUIRE(builder.steps().size() == 1);
  CHECK(builder.steps()[0].rows.seen == first.digest.hex());

  const seal::Sealed second = provider.seal(BatchKind::begin, {1, 3}, GroupSet::of({"440103"}));
  add(builder, second);
  CHECK(builder.state().tracked_begin == second.digest);
  add(builder, provider.seal(BatchKind::end, {1, 4}, GroupSet::every(), first.digest));
  CHECK(builder.steps().size() == 1);
  CHECK(builder.state().complete.is_empty());
  CHECK(builder.state().is_tracking());
  CHECK(builder.head().position == Position{1, 4});

  add(builder, provider.seal(BatchKind::end, {1, 5}, GroupSet::of({"440103"}), second.digest));
  REQUIRE(builder.steps().size() == 2);
  CHECK(builder.steps()[1].kind == adapter::Step::Kind::sweep);
  CHECK(builder.steps()[1].seen == second.digest.hex());
  CHECK(builder.steps()[1].groups == GroupSet::of({"440103"}));
  CHECK(builder.state().complete == GroupSet::of({"440103"}));
  CHECK_FALSE(builder.state().is_tracking());

  add(builder, provider.seal(BatchKind::end, {1, 6}, GroupSet::of({"440103"}), second.digest));
  CHECK(builder.steps().size() == 2);
  add(builder, provider.seal(BatchKind::change, {1, 7}));
  CHECK(builder.steps().back().rows.seen.empty());
}
