#include <catch2/catch.hpp>

#include "agent/identity/alarm.h"
#include "agent/identity/renewal.h"
#include "enrol_support.h"
#include "hub_support.h"

using namespace qianzhi;

namespace {

// The stage on a certificate of sixty days, with a hub that cannot be reached.
struct Watched {
  struct Away final : HubLink {
    wire::SessionReply session(const wire::SessionRequest&) override { return {}; }
    wire::PostReply post(const wire::PostRequest&) override { return {}; }
    wire::FetchReply fetch(const wire::FetchRequest&) override { return {}; }
    wire::DirectoryReply directory(const wire::DirectoryRequest&) override { return {}; }
    wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
    wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }
    wire::RenewReply renew(const wire::RenewRequest&) override {
      ++tries;
      throw Error(ErrorKind::unavailable, "QZ-LINK-002", "away");
    }
    int tries = 0;
  };

  Watched() {
    const ca::Authority authority(ca::make_authority("test", clock.now()).issuing);
    const std::string key = ca::make_tls_key();
    const Bytes spki = ca::key_of_request(ca::make_request(key));
    test::write_file(file, key + authority.issue(spki, "commerce-01", clock.now(), 60 * ca::day).chain);
  }
  std::vector<std::string> codes() {
    stage.run_once();
    std::vector<std::string> all;
    for (const flow::Notice& notice : stage.notices()) all.push_back(notice.code);
    return all;
  }

  test::TempDir dir;
  test::ManualClock clock;
  Away hub;
  std::filesystem::path file = dir / "tls.pem";
  identity::Renewal stage{{"commerce-01", {file, file}, &hub, {}, clock, {}, {}}};
};

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("a certificate's alarms: nothing, a third, a tenth, three days, the end") {
  Watched agent;
  CHECK(agent.codes().empty());
  agent.clock.advance(37 * ca::day);
  CHECK(agent.codes().empty());
  CHECK(agent.hub.tries == 0);
  agent.clock.advance(6 * ca::day);  // past two thirds, whatever the jitter
  CHECK(agent.codes() == Codes{"QZ-AGT-122", "QZ-AGT-127"});
  CHECK(agent.hub.tries == 1);
  CHECK(agent.codes() == Codes{"QZ-AGT-122", "QZ-AGT-127"});
  CHECK(agent.hub.tries == 1);  // not before ten minutes
  agent.clock.advance(12 * ca::day);
  CHECK(agent.codes() == Codes{"QZ-AGT-123", "QZ-AGT-127"});
  CHECK(agent.hub.tries == 2);
  agent.clock.advance(3 * ca::day);
  CHECK(agent.codes() == Codes{"QZ-AGT-124", "QZ-AGT-127"});
  agent.clock.advance(3 * ca::day);
  CHECK(agent.codes() == Codes{"QZ-AGT-125", "QZ-AGT-127"});
  CHECK(agent.hub.tries == 3);  // an expired certificate asks for nothing
}

TEST_CASE("agents of one day renew at different times around two thirds of the life") {
  const Micros life = 60 * ca::day;
  std::set<Micros> times;
  for (int i = 0; i < 100; ++i) {
    const Micros due = identity::Renewal::due("agent-" + std::to_string(i), 0, life);
    CHECK(due >= life / 3 * 2 - life / 30);
    CHECK(due <= life / 3 * 2 + life / 30);
    times.insert(due);
  }
  CHECK(times.size() > 50);
}
