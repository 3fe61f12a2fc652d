// Requests for access and objections from agent to agent, through the hub of this process (PROTOCOL 16).
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "agent/flow/courier.h"
#include "agent/flow/matters.h"
#include "agent/store/store.h"
#include "hub-protocol/base/log.h"
#include "matter_world.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using test::MatterWorld;
using test::officer;

namespace {

// As one agent calls it; `away`: nobody answers.
class MatterLink final : public HubLink {
 public:
  MatterLink(MatterWorld& world, std::string caller) : world_(world), caller_(std::move(caller)) {}
  wire::SessionReply session(const wire::SessionRequest&) override { return {}; }
  wire::PostReply post(const wire::PostRequest&) override { return {}; }
  wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
  wire::FetchReply fetch(const wire::FetchRequest& request) override { return world_.hub->fetch(caller_, request); }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    return world_.hub->directory(caller_, request);
  }
  wire::MattersReply matters(const wire::MattersRequest& request) override {
    ++calls;
    if (away) throw Error(ErrorKind::unavailable, "QZ-LINK-004", "nobody");
    wire::MattersReply reply = world_.matters->exchange(caller_, request);
    if (lose) throw Error(ErrorKind::unavailable, "QZ-LINK-006", "the answer was lost");
    return reply;
  }

  bool away = false;
  bool lose = false;
  int calls = 0;

 private:
  MatterWorld& world_;
  std::string caller_;
};

struct Office {
  Office(MatterWorld& the_world, const std::string& the_agent)
      : world(the_world), agent(the_agent), link(the_world, the_agent) {
    set_log_level(LogLevel::error);
    open();
  }
  void open() {
    courier.reset();
    matters.reset();
    keeper.reset();
    store.reset();
    store::StoreOptions options;
    options.file = world.dir / (agent + ".queue");
    store = std::make_unique<store::Store>(options, Bytes(32, 'k'), world.random);
    keeper = std::make_unique<flow::DirectoryKeeper>(*store, world.clock, world.directory_key.record());
    matters = std::make_unique<flow::Matters>(
        flow::MatterContext{agent, *store, world.clock, world.random, world.key_of(agent)});
    flow::CourierParts parts{*store, *keeper, link, {}, {}, {}};
    parts.matters = matters.get();
    courier = std::make_unique<flow::Courier>(agent, std::move(parts));
  }
  std::vector<std::string> codes() const {
    std::vector<std::string> codes;
    for (const flow::Notice& notice : matters->notices(keeper->current().get())) codes.push_back(notice.code);
    return codes;
  }

  MatterWorld& world;
  std::string agent;
  MatterLink link;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<flow::DirectoryKeeper> keeper;
  std::unique_ptr<flow::Matters> matters;
  std::unique_ptr<flow::Courier> courier;
};

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE(
    "a request is taken at once, the provider is told by his next poll, answers, and both know what became of it") {
  MatterWorld world;
  world.hub->tell_matters([&](const std::string& caller) { return world.matters->revision_for(caller); });
  Office tax(world, "tax-01");
  Office commerce(world, "commerce-01");
  const flow::DocumentFate fate = tax.matters->say(world.request(world.wish()), &tax.link);
  CHECK(fate.is_sent);
  CHECK(fate.code.empty());
  commerce.courier->run_once();
  CHECK(commerce.codes() == Codes{"QZ-AGT-141"});
  world.clock.advance(test::ten_days + 1);
  CHECK(commerce.codes() == Codes{"QZ-AGT-142"});
  const std::string id = to_hex(fate.id).substr(0, 8);
  CHECK(commerce.matters->find(id).department() == "tax");
  commerce.matters->say(world.decision(fate.id, false, world.wish()), &commerce.link);
  CHECK(commerce.codes().empty());
  tax.courier->run_once();
  CHECK(tax.codes() == Codes{"QZ-AGT-143"});
  CHECK(tax.matters->find(id).state() == wire::MATTER_REFUSED);
  // Nothing is new: nothing is asked for.
  const int calls = tax.link.calls;
  tax.courier->run_once();
  CHECK(tax.link.calls == calls);
  test::check_throws("QZ-AGT-140", [&] { tax.matters->find("1234567"); });
}

TEST_CASE("what could not be sent is kept, survives a restart, is sent by the next poll, and never counts twice") {
  MatterWorld world;
  world.hub->tell_matters([&](const std::string& caller) { return world.matters->revision_for(caller); });
  Office tax(world, "tax-01");
  tax.link.away = true;
  CHECK_FALSE(tax.matters->say(world.request(world.wish()), &tax.link).is_sent);
  CHECK_FALSE(tax.matters->say(world.request(world.wish("no.topic")), nullptr).is_sent);
  tax.open();
  tax.link.away = false;
  tax.link.lose = true;
  CHECK_THROWS_AS(tax.courier->run_once(), Error);
  tax.open();
  tax.link.lose = false;
  tax.courier->run_once();
  CHECK(world.matters->all().size() == 1);
  // The other one is refused, which nobody waits for any more: it is told.
  CHECK(tax.codes() == Codes{"QZ-AGT-144"});
  CHECK(tax.matters->all().size() == 1);
  tax.open();
  CHECK(tax.matters->all().size() == 1);
  CHECK(tax.matters->revision() == world.matters->revision_for("tax-01"));
}

TEST_CASE("S3.5 what matters say of rows is not readable in the queue's file") {
  MatterWorld world;
  world.granted();
  Office tax(world, "tax-01");
  wire::DocumentBody body = world.objection();
  body.mutable_objection()->set_claimed("unmistakable-claim");
  tax.matters->say(body, &tax.link);
  tax.link.away = true;
  tax.matters->say(body, &tax.link);
  tax.store.reset();
  for (const char* ending : {"", "-wal"}) {
    std::ifstream file(world.dir / ("tax-01.queue" + std::string(ending)), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    CHECK(text.str().find("unmistakable-claim") == std::string::npos);
  }
}

TEST_CASE("a hub that comes back from an older copy is asked for everything it has") {
  MatterWorld world;
  Office tax(world, "tax-01");
  tax.matters->say(world.request(world.wish()), &tax.link);
  std::filesystem::copy_file(world.dir / "registry", world.dir / "older");
  tax.matters->say(world.request(world.wish(test::closed_firms)), &tax.link);
  CHECK(tax.matters->all().size() == 2);
  registry::Registry older(world.dir / "older", DigestSuite::sha256, world.clock);
  world.matters =
      std::make_unique<hub::Matters>(hub::MatterParts{older, *world.hub, world.clock, test::ten_days, [] {}});
  tax.matters->sync(tax.link);
  CHECK(tax.matters->all().size() == world.matters->all().size());
  CHECK(tax.matters->revision() == world.matters->revision_for("tax-01"));
}
