// Requests for access and objections at the hub (PROTOCOL 16).
#include <catch2/catch.hpp>

#include "matter_world.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using test::MatterWorld;
using test::officer;
using test::ten_days;

TEST_CASE(
    "S2.6 conditional sharing: request, provider's signed approval, operator, and the grant is in force at once") {
  MatterWorld world;
  const std::uint64_t before = world.hub->changes();
  CHECK(world.say("tax-01", world.request(world.wish())).empty());
  const Bytes matter = world.last;
  CHECK(world.hub->changes() > before);
  CHECK(world.state() == wire::MATTER_WAITS_FOR_PROVIDER);
  // Nobody grants it without the provider, and nobody else sees it.
  test::check_throws("QZ-HUB-066", [&] { world.matters->decide(officer, world.id(), true, ""); });
  CHECK(world.seen_by("quality-01").empty());
  CHECK(world.matters->revision_for("quality-01") == 0);
  REQUIRE(world.seen_by("commerce-01").size() == 1);
  CHECK(world.matters->revision_for("commerce-01") == world.matters->revision_for("tax-01"));
  CHECK(world.say("commerce-01", world.decision(matter, true, world.wish())).empty());
  CHECK(world.state() == wire::MATTER_WAITS_FOR_OPERATOR);
  CHECK(world.items_of_tax().empty());
  const std::uint64_t version = world.hub->current_directory()->version;
  world.matters->decide(officer, world.id(), true, "");
  CHECK(world.state() == wire::MATTER_GRANTED);
  CHECK(world.hub->current_directory()->version == version + 1);
  CHECK(world.items_of_tax() == std::set<std::string>{"area", "number"});
  // What agents open is the same: the approval travels with the grant.
  const Directory opened =
      seal::open_directory(world.sealed.signed_root, world.sealed.parts, world.directory_key.record());
  REQUIRE(opened.grants.size() == 1);
  CHECK(opened.grants[0].approvals.size() == 1);
  CHECK(opened.grants[0].request == world.id());
}

TEST_CASE("S2.6 must-share waits for the operator alone, what is not shared is refused with its basis") {
  MatterWorld world;
  CHECK(world.say("tax-01", world.request(world.wish(test::closed_firms))).empty());
  CHECK(world.state() == wire::MATTER_WAITS_FOR_OPERATOR);
  Grant less = world.wish(test::closed_firms);
  less.items = {"number"};
  world.matters->decide(officer, world.id(), true, "", &less);
  CHECK(world.hub->current_directory()->grants.back().items == less.items);
  Grant more = less;
  more.groups = GroupSet::every();
  CHECK(world.say("tax-01", world.request(world.wish(test::closed_firms))).empty());
  test::check_throws("QZ-HUB-067", [&] { world.matters->decide(officer, world.id(), true, "", &more); });
  world.base.catalogue.topics[test::closed_firms].sharing = Sharing::none;
  world.base.catalogue.topics[test::closed_firms].basis = "secret by law";
  world.publish();
  CHECK(world.say("tax-01", world.request(world.wish(test::closed_firms))) == "QZ-HUB-073");
  // And what was granted before no longer stands.
  CHECK(world.hub->current_directory()->entitlement("tax-01", test::closed_firms, world.clock.now()).is_empty());
  REQUIRE(world.left_out.size() == 1);
  CHECK(world.left_out[0].kind == "grant");
}

TEST_CASE("A25 a request is refused for unknown topics, items, purposes, without basis, for another department") {
  MatterWorld world;
  const auto fault = [&](auto&& change) {
    Grant terms = world.wish();
    change(terms);
    return world.say("tax-01", world.request(terms));
  };
  CHECK(fault([](Grant& g) { g.topic = "no.such"; }) == "QZ-HUB-071");
  CHECK(fault([](Grant& g) { g.items = {"nothing"}; }) == "QZ-HUB-071");
  CHECK(fault([](Grant& g) { g.groups = GroupSet::none(); }) == "QZ-HUB-071");
  CHECK(fault([](Grant& g) { g.purpose = "curiosity"; }) == "QZ-HUB-074");
  CHECK(fault([](Grant& g) { g.purpose = "tax source、curiosity"; }) == "QZ-HUB-074");
  CHECK(fault([](Grant& g) { g.purpose.clear(); }) == "QZ-HUB-072");
  CHECK(fault([](Grant& g) { g.basis.clear(); }) == "QZ-HUB-072");
  CHECK(fault([](Grant& g) { g.department = "quality"; }) == "QZ-HUB-068");
  CHECK(world.say("commerce-01", [&] {
    Grant own = world.wish();
    own.department = "commerce";
    return world.request(own);
  }()) == "QZ-HUB-075");
  CHECK(fault([](Grant& g) { g.purpose = "tax source、market"; }).empty());
  CHECK(world.matters->all().size() == 1);
}

TEST_CASE("A11 A13 only the signer's own words count, once, and only those who are asked may answer") {
  MatterWorld world;
  const wire::Document document = world.sign("tax-01", world.request(world.wish()));
  CHECK(world.send("quality-01", document) == "QZ-HUB-068");
  wire::Document altered = document;
  altered.mutable_body()->back() ^= 1;
  CHECK(world.send("tax-01", altered) == "QZ-SEAL-061");
  CHECK(world.send("tax-01", document).empty());
  CHECK(world.send("tax-01", document).empty());  // its answer was lost
  CHECK(world.matters->all().size() == 1);
  const Bytes matter = world.last;
  CHECK(world.say("quality-01", world.decision(matter, true, world.wish())) == "QZ-HUB-076");
  CHECK(world.say("tax-01", world.decision(matter, true, world.wish())) == "QZ-HUB-076");
  const wire::Document yes = world.sign("commerce-01", world.decision(matter, true, world.wish()));
  CHECK(world.send("tax-01", yes) == "QZ-HUB-068");
  Grant more = world.wish();
  more.items.clear();
  CHECK(world.say("commerce-01", world.decision(matter, true, more)) == "QZ-HUB-067");
  CHECK(world.say("commerce-01", world.decision(Bytes(16, 'x'), true, world.wish())) == "QZ-HUB-070");
  wire::DocumentBody silent = world.decision(matter, false, world.wish());
  silent.mutable_decision()->clear_reason();
  CHECK(world.say("commerce-01", silent) == "QZ-HUB-072");
  // A revoked key says nothing, a disabled agent neither.
  world.base.agents["commerce-01"].signing_keys[0].state = KeyState::revoked;
  world.publish();
  CHECK(world.say("commerce-01", world.decision(matter, true, world.wish())) == "QZ-SEAL-061");
}

TEST_CASE("S2.6 provider and operator narrow what was asked for, and the narrowest counts") {
  MatterWorld world;
  Grant wide = world.wish();
  wide.items.clear();
  wide.groups = GroupSet::every();
  CHECK(world.say("tax-01", world.request(wide)).empty());
  const Bytes matter = world.last;
  Grant approved = wide;
  approved.items = {"area", "number"};
  approved.not_after = world.clock.now() + test::one_day;
  CHECK(world.say("commerce-01", world.decision(matter, true, approved)).empty());
  test::check_throws("QZ-HUB-067", [&] { world.matters->decide(officer, world.id(), true, "", &wide); });
  Grant less = approved;
  less.groups = GroupSet::of({"440103"});
  world.matters->decide(officer, world.id(), true, "", &less);
  const Grant& grant = world.hub->current_directory()->grants.back();
  CHECK(grant.items == approved.items);
  CHECK(grant.groups == less.groups);
  CHECK(grant.not_after == approved.not_after);
  // The provider narrows what is in force.
  Grant number = approved;
  number.items = {"number"};
  CHECK(world.say("commerce-01", world.decision(matter, true, number)).empty());
  CHECK(world.state() == wire::MATTER_GRANTED);
  CHECK(world.items_of_tax() == std::set<std::string>{"number"});
}

TEST_CASE("A25 a grant ends at once by provider, operator, receiver, and by its date") {
  MatterWorld world;
  Bytes matter = world.granted();
  CHECK_FALSE(world.items_of_tax().empty());
  SECTION("provider") {
    CHECK(world.say("commerce-01", world.decision(matter, false, world.wish())).empty());
    CHECK(world.state() == wire::MATTER_ENDED);
  }
  SECTION("operator") { CHECK(world.matters->end_grant(officer, world.matters->all()[0].grant(), "misuse")); }
  SECTION("receiver") {
    wire::DocumentBody body;
    body.set_matter(matter);
    body.mutable_closing()->set_reason("done");
    CHECK(world.say("tax-01", body).empty());
  }
  SECTION("revocation of the key that approved") {
    world.base.agents["commerce-01"].signing_keys[0].state = KeyState::revoked;
    world.publish();
    CHECK(world.left_out.size() == 1);
  }
  CHECK(world.items_of_tax().empty());
  // It needs a new request.
  if (world.state() == wire::MATTER_ENDED)
    CHECK(world.say("commerce-01", world.decision(matter, true, world.wish())) == "QZ-HUB-077");
}

TEST_CASE("A13 a conditional grant that a hub makes up, widens or moves to another receiver opens at nobody") {
  MatterWorld world;
  world.granted();
  const auto opens = [&](auto&& change) {
    Directory forged = *world.hub->current_directory();
    change(forged.grants.at(0));
    const seal::SealedDirectory sealed = seal::seal_directory(forged, world.directory_key);
    try {
      seal::open_directory(sealed.signed_root, sealed.parts, world.directory_key.record());
      return true;
    } catch (const Error& error) {
      CHECK(error.code() == "QZ-SEAL-041");
      return false;
    }
  };
  CHECK(opens([](Grant&) {}));
  CHECK(opens([](Grant& g) { g.items = {"number"}; }));
  CHECK_FALSE(opens([](Grant& g) { g.items.insert("name"); }));
  CHECK_FALSE(opens([](Grant& g) { g.items.clear(); }));
  CHECK_FALSE(opens([](Grant& g) { g.groups = GroupSet::every(); }));
  CHECK_FALSE(opens([](Grant& g) { g.department = "quality"; }));
  CHECK_FALSE(opens([](Grant& g) { g.purpose = "market"; }));
  CHECK_FALSE(opens([](Grant& g) { g.approvals.clear(); }));
  // The receiver's own signed wish is no approval.
  CHECK_FALSE(opens([&](Grant& g) {
    g.approvals = {world.sign("tax-01", world.decision(Bytes(16, 'm'), true, g)).SerializeAsString()};
  }));
}

TEST_CASE("matters survive a restart of the hub, and a caller that asks again gets what is new") {
  MatterWorld world;
  const Bytes matter = world.granted();
  const auto first = world.seen_by("tax-01");
  REQUIRE(first.size() == 1);
  world.restart();
  CHECK(world.state() == wire::MATTER_GRANTED);
  CHECK(world.seen_by("tax-01", first[0].revision()).empty());
  CHECK(world.matters->revision_for("tax-01") == first[0].revision());
  CHECK(world.say("commerce-01", world.decision(matter, false, world.wish())).empty());
  REQUIRE(world.seen_by("tax-01", first[0].revision()).size() == 1);
  CHECK(world.seen_by("tax-01", first[0].revision())[0].state() == wire::MATTER_ENDED);
}

TEST_CASE("an objection goes to the provider of the row, is answered, and ends with the correction") {
  MatterWorld world;
  CHECK(world.say("tax-01", world.objection()) == "QZ-HUB-078");  // nothing is granted yet
  world.granted();
  CHECK(world.say("tax-01", world.objection("name")) == "QZ-HUB-078");
  CHECK(world.say("tax-01", world.objection()).empty());
  const Bytes matter = world.last;
  CHECK(world.state() == wire::MATTER_WAITS_FOR_PROVIDER);
  CHECK(world.matters->all()[0].deadline() == world.clock.now() + ten_days);
  const auto answer = [&](bool accepted) {
    wire::DocumentBody body;
    body.set_matter(matter);
    body.mutable_answer()->set_accepted(accepted);
    body.mutable_answer()->set_reason("looked");
    return body;
  };
  wire::DocumentBody closing;
  closing.set_matter(matter);
  closing.mutable_closing()->set_satisfied(true);
  CHECK(world.say("tax-01", answer(true)) == "QZ-HUB-076");
  CHECK(world.say("quality-01", answer(true)) == "QZ-HUB-076");
  CHECK(world.say("tax-01", closing) == "QZ-HUB-077");
  SECTION("accepted") {
    CHECK(world.say("commerce-01", answer(true)).empty());
    CHECK(world.state() == wire::MATTER_ACCEPTED);
    CHECK(world.say("tax-01", closing).empty());
    CHECK(world.state() == wire::MATTER_CORRECTED);
  }
  SECTION("refused") {
    CHECK(world.say("commerce-01", answer(false)).empty());
    CHECK(world.state() == wire::MATTER_REFUSED);
    CHECK(world.say("tax-01", closing) == "QZ-HUB-077");
  }
  CHECK(world.say("commerce-01", answer(true)) == "QZ-HUB-077");
}
