// From an empty hub to an enrolled agent, renewed, with another signing key, under another directory key, and revoked:
// the shipped programs and nothing but their public commands.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/crash/new_exchange.h"

using namespace qianzhi;
using crash::NewExchange;
using crash::Output;

namespace {

constexpr char topic[] = "commerce.opening_registration";
constexpr char publication[] = R"(sources:
  business: {type: sqlite, file: lab-01.db, capture: journal, poll_interval: 50ms}
publications:
  - topic: commerce.opening_registration
    source: business
    table: enterprise
    items: {registration_number: reg_no, enterprise_name: ent_name, area_code: {area: {column: district}}}
)";
constexpr char agent[] = "lab-01";
constexpr int patience_s = 60;

// On command; then killed at each step of it and started again.
void renew_with_kills(NewExchange& city) {
  std::string before = city.certificate(agent);
  city.says(agent, {"renew"});
  city.await("another certificate", [&] { return city.certificate(agent) != before; });
  city.await_connected(agent);
  for (const char* point : {"renewal.key_made", "renewal.issued"}) {
    INFO(point);
    city.stop(agent);
    city.start(agent, point);
    before = city.certificate(agent);
    // It may be killed before it can answer that it begins.
    city.await("the agent", [&] { return city.on(agent, {"renew"}).exit == 0 || city.program(agent).ended(); });
    CHECK(city.program(agent).wait(patience_s).signal == SIGKILL);
    // What was begun is brought to its end without being asked for again: the hub bears few keys of an agent at a time.
    city.start(agent);
    city.await("another certificate", [&] { return city.certificate(agent) != before; });
    city.await_connected(agent);
  }
}

// The agent's signing key, then the directory's; a hub killed and started again is the same exchange.
void rotate(NewExchange& city) {
  CHECK(city.says(agent, {"rotate-key"}).find("the running agent goes on with it") != std::string::npos);
  CHECK(city.hub_says({"agent", "list"}).find("retired") != std::string::npos);
  city.hub_says({"directory-key", "announce"});
  city.await_connected(agent);
  city.hub_says({"directory-key", "rotate", "--yes"});
  city.await_connected(agent);
  city.kill_hub();
  city.start_hub();
  city.await_connected(agent);
}

}  // namespace

TEST_CASE("A15 A16 A24 from an empty hub by public commands: enrolled, renewed, rotated, revoked, also with kills") {
  NewExchange city;
  const std::string token = city.enrol(agent, "lab", publication);
  CHECK(city.qianzhi({"enrol", token, "--out", city.file("other")}).text.find("QZ-HUB-225") != std::string::npos);
  city.hub_says({"provision", "add", topic, agent});
  crash::Database& source = city.database(agent);
  source.run("CREATE TABLE enterprise(reg_no TEXT PRIMARY KEY NOT NULL, ent_name TEXT, district TEXT)");
  city.install(agent);
  city.start(agent);
  city.await_connected(agent);
  source.run("INSERT INTO enterprise VALUES('440103000000017', 'first', '440103')");
  city.await("the first row", [&] { return city.batches(topic) > 0; });
  renew_with_kills(city);
  rotate(city);

  // It seals with the new key, without a restart, and the hub takes that in the same stream.
  const int sent = city.batches(topic);
  source.run("INSERT INTO enterprise VALUES('440103000000025', 'second', '440103')");
  city.await("the second row", [&] { return city.batches(topic) > sent; });

  city.hub_says({"agent", "revoke", agent, "--reason", "test", "--yes"});
  city.await("the refusal", [&] { return city.on(agent, {"status"}).text.find("QZ-LINK-010") != std::string::npos; });
}
