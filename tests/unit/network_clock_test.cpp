// A19: an agent's clock that is a day off or steps back.
#include <catch2/catch.hpp>

#include "agent/flow/courier.h"
#include "cut_world.h"
#include "https_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

constexpr Micros one_hour = 3'600'000'000;

// What the call throws, as people see it.
std::string said_by(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

// Now, to the hour.
std::string this_hour() { return to_text(SystemClock().now()).substr(0, 13); }

std::vector<std::string> codes_of(const flow::Stage& stage) {
  std::vector<std::string> codes;
  for (const flow::Notice& notice : stage.notices()) codes.push_back(notice.code);
  return codes;
}

}  // namespace

TEST_CASE(
    "A19 a hub's certificate that is out of date by our clock names the clock, as does our own refused by the hub") {
  World world;
  const std::string kind = GENERATE("we are a day behind", "we are a day ahead", "the hub is a day ahead of us");
  if (kind == "we are a day behind") world.ca.issue({"hub", "DNS:localhost", "serverAuth", 23 * 3600, 48 * 3600});
  if (kind == "we are a day ahead") world.ca.issue({"hub", "DNS:localhost", "serverAuth", -48 * 3600, -23 * 3600});
  const bool by_hub = kind == "the hub is a day ahead of us";
  if (by_hub) world.exchange.admit("a", {world.ca.issue({"a", agent_uri("a"), "clientAuth", -48 * 3600, -23 * 3600})});
  world.start();
  INFO(kind);
  const std::string before = this_hour();
  const std::string said = said_by([&] { world.link("a")->post({}); });
  INFO(said);
  CHECK(said.find(by_hub ? "QZ-LINK-010" : "QZ-LINK-004") != std::string::npos);
  const std::size_t clock = said.find("by this machine's clock it is ");
  REQUIRE(clock != std::string::npos);
  CHECK((said.find(before, clock) != std::string::npos || said.find(this_hour(), clock) != std::string::npos));
  CHECK(world.exchange.posts() == 0);
}

TEST_CASE("A19 a certificate that is refused for another reason does not blame the clock") {
  World world;
  TestCa foreign(world.dir.path(), "foreign");
  foreign.issue({"hub", "DNS:localhost", "serverAuth"});
  world.start();
  CHECK(said_by([&] { world.link("a")->post({}); }).find("clock") == std::string::npos);
}

TEST_CASE("A19 a clock that differs from the hub's is reported with both times for as long as it does") {
  CutWorld world;
  ManualClock here;
  flow::CourierParts parts{*world.provider_store, *world.provider_directory, world.provider_link, {}, {}, {}, 0};
  parts.clock = &here;
  flow::Courier courier("commerce-01", parts);
  const auto ahead = [&](Micros by) {
    here.advance(world.hub.clock.now() + by - here.now());
    courier.run_once();
    return codes_of(courier);
  };
  CHECK(ahead(0).empty());
  REQUIRE(ahead(one_day) == std::vector<std::string>{"QZ-AGT-025"});
  CHECK(courier.notices()[0].detail == "here " + to_text(here.now()) + ", hub " + to_text(world.hub.clock.now()));
  CHECK(ahead(-one_day) == std::vector<std::string>{"QZ-AGT-025"});
  CHECK(ahead(-one_hour) == std::vector<std::string>{"QZ-AGT-025"});
  CHECK(ahead(119'000'000).empty());
  CHECK(ahead(-119'000'000).empty());
}

TEST_CASE("A19 order and receipts do not depend on a provider's clock that is a day off or steps back an hour") {
  CutWorld world;
  REQUIRE(world.send_all() == 1);
  Micros newest = 0;
  for (const Micros ahead : {Micros{0}, one_day, one_day - one_hour, -one_day, -one_day - one_hour, Micros{0}}) {
    world.seal_one(ahead);
    const Micros accepted = world.hub.clock.now();
    REQUIRE(world.send_all() == 1);
    REQUIRE(world.log_difference().empty());
    wire::Receipt receipt;
    REQUIRE(receipt.ParseFromString(world.provider_store->stream(firms)->receipt));
    const seal::ReceiptContent content = world.hub.read(receipt);
    CHECK(content.head == world.chain.back());
    // By the hub's clock alone, and never before it had the batch.
    CHECK(content.time >= accepted);
    CHECK(content.time <= world.hub.clock.now());
    CHECK(content.time > newest);
    newest = content.time;
  }
  REQUIRE(world.take_all() != 0);
  CHECK(world.target_difference().empty());
}

TEST_CASE("A19 when the hub's clock steps back an hour no receipt is dated before an earlier one") {
  CutWorld world;
  world.seal_one();
  REQUIRE(world.send_all() == 1);
  const auto receipted = [&] {
    wire::Receipt receipt;
    receipt.ParseFromString(world.provider_store->stream(firms)->receipt);
    return world.hub.read(receipt);
  };
  const Micros before = receipted().time;
  world.seal_one();
  world.hub.clock.step(-one_hour);
  REQUIRE(world.send_all() == 1);
  CHECK(receipted().head == world.chain.back());
  CHECK(receipted().time >= before);
}
