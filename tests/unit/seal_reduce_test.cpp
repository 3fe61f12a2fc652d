#include "tests/support/seal_forge.h"
#include "tests/support/seal_samples.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

Bytes small_batch() {
  CountingRandom random;
  return seal::seal(change_header(), small_content(), {"1", "2"}, provider_key(), random).octets;
}

const std::set<std::string> all_items = {"reg_no", "name", "capital"};

// What the subscriber holds after the hub reduced it, checked as the subscriber does.
Parsed received(const Entitlement& entitlement) {
  Parsed parsed = Parsed::from(Parsed::from(small_batch()).reduced(entitlement));
  REQUIRE(parsed.signed_by(provider_key().record()));
  REQUIRE_NOTHROW(parsed.check_contents());
  REQUIRE_NOTHROW(parsed.check_entitled(entitlement));
  REQUIRE_FALSE(parsed.source_position().has_value());
  return parsed;
}

}  // namespace

TEST_CASE("The hub leaves out groups and items, what is left is exactly what the provider signed", "[seal]") {
  const Bytes whole = small_batch();
  const Parsed parsed = received(entitled(GroupSet::of({"440103"}), {"reg_no", "capital"}));
  CHECK(parsed.digest() == Parsed::from(whole).digest());
  CHECK_FALSE(parsed.is_complete());
  CHECK_FALSE(parsed.is_bare());
  const BatchContent content = parsed.open();
  const BatchContent full = small_content();
  CHECK(content.items == std::vector<std::string>{"reg_no", "capital"});
  REQUIRE(content.groups.size() == 1);
  CHECK(content.groups[0].group == "440103");
  CHECK(content.groups[0].meta == full.groups[1].meta);
  CHECK(content.groups[0].items[0] == full.groups[1].items[0]);
  CHECK(content.groups[0].items[1] == full.groups[1].items[2]);
  const Bytes reduced = Parsed::from(whole).reduced(entitled(GroupSet::of({"440103"}), {"reg_no", "capital"}));
  CHECK(reduced.find("v1-1") == Bytes::npos);
  CHECK(reduced.find("v2-1") == Bytes::npos);
}

TEST_CASE("Rows of the unknown group reach whole-topic grants only", "[seal]") {
  CHECK(received(entitled(GroupSet::every(), all_items)).open().groups.size() == 3);
  CHECK(received(entitled(GroupSet::every(), all_items)).is_complete());
  const Parsed listed = received(entitled(GroupSet::of({"440103", "440104", "440105"}), all_items));
  REQUIRE(listed.open().groups.size() == 2);
  CHECK(listed.open().groups[0].group == "440103");
}

TEST_CASE("An item granted in one group only is `unchanged` in the other", "[seal]") {
  const Entitlement both({{GroupSet::of({"440103"}), {"reg_no"}}, {GroupSet::of({"440104"}), {"reg_no", "name"}}});
  const BatchContent content = received(both).open();
  CHECK(content.items == std::vector<std::string>{"reg_no", "name"});
  REQUIRE(content.groups.size() == 2);
  for (std::size_t row = 0; row < 3; ++row) CHECK(content.groups[0].items[1].presence(row) == Presence::unchanged);
  CHECK(content.groups[1].items[1] == small_content().groups[2].items[1]);
}

TEST_CASE("Without any entitlement a bare header arrives: signed, chained, empty", "[seal]") {
  const Bytes whole = small_batch();
  const Parsed parsed = received(Entitlement{});
  CHECK(parsed.is_bare());
  CHECK(parsed.open().groups.empty());
  CHECK(Parsed::from(whole).reduced(Entitlement{}) == Parsed::from(whole).bare());
  CHECK(received(entitled(GroupSet::of({"999999"}), all_items)).is_bare());
  CHECK(parsed.head() == Parsed::from(whole).head());
}

TEST_CASE("A missing entitled group or item is found by the subscriber", "[seal]") {
  const Entitlement mine = entitled(GroupSet::of({"440103", "440104"}), {"reg_no", "name"});
  Parsed whole = Parsed::from(small_batch());
  const auto refused = [&](const Entitlement& sent) {
    const Parsed parsed = Parsed::from(whole.reduced(sent));
    REQUIRE_NOTHROW(parsed.check_contents());
    check_throws("QZ-SEAL-013", [&] { parsed.check_entitled(mine); });
  };
  refused(Entitlement{});
  refused(entitled(GroupSet::of({"440103"}), {"reg_no", "name"}));
  refused(entitled(GroupSet::of({"440103", "440104"}), {"reg_no"}));
}

TEST_CASE("A leaked group, item or source position is found by the subscriber", "[seal]") {
  const Entitlement mine = entitled(GroupSet::of({"440103"}), {"reg_no", "name"});
  const Bytes octets = small_batch();
  const Parsed whole = Parsed::from(octets);
  const auto refused = [&](const Bytes& sent) {
    const Parsed parsed = Parsed::from(sent);
    REQUIRE_NOTHROW(parsed.check_contents());
    check_throws("QZ-SEAL-014", [&] { parsed.check_entitled(mine); });
  };
  refused(octets);
  refused(whole.reduced(entitled(GroupSet::every(), {"reg_no", "name"})));
  refused(whole.reduced(entitled(GroupSet::of({"440103"}), all_items)));
  wire::SealedBatch with_position;
  REQUIRE(with_position.ParseFromString(whole.reduced(mine)));
  wire::SealedBatch original;
  REQUIRE(original.ParseFromString(octets));
  with_position.set_position(original.position());
  refused(with_position.SerializeAsString());
}

TEST_CASE("A6: content of one group or item cannot stand in for another", "[seal]") {
  const Bytes octets = small_batch();
  const auto corrupt = [&](const auto& change) {
    Forge forge(octets);
    change(forge.batch());
    check_throws("QZ-SEAL-012", [&] { Parsed::from(forge.batch().SerializeAsString()).check_contents(); });
  };
  corrupt([](wire::SealedBatch& b) { b.mutable_groups(2)->set_rows(b.groups(0).rows()); });
  corrupt([](wire::SealedBatch& b) { b.mutable_groups(2)->set_manifest(b.groups(0).manifest()); });
  corrupt([](wire::SealedBatch& b) { b.mutable_groups(2)->mutable_items(1)->set_block(b.groups(2).items(2).block()); });
  corrupt([](wire::SealedBatch& b) { b.mutable_position()->push_back('x'); });
}

TEST_CASE("A batch reduced twice is the batch reduced once", "[seal]") {
  const Parsed whole = Parsed::from(small_batch());
  const Entitlement mine = entitled(GroupSet::of({"440103"}), {"reg_no"});
  const Bytes once = whole.reduced(mine);
  CHECK(Parsed::from(once).reduced(mine) == once);
  wire::SealedBatch message;  // our writer and the generated one agree on the octets
  REQUIRE(message.ParseFromString(once));
  CHECK(message.SerializeAsString() == once);
}
