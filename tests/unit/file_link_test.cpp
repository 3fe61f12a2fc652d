// The agent's end of the way by files.
#include <catch2/catch.hpp>

#include "file_world.h"
#include "tests/support/errors.h"

namespace qianzhi::test {

TEST_CASE("five calls go as files and come back as files", "[filelink]") {
  FileWorld world;
  const auto link = world.link();
  CHECK(link->session({}).session() == "a");
  world.post(*link, "p");
  world.exchange.give_batch("octets");
  CHECK(link->fetch({}).pages(0).batches(0) == "octets");
  link->directory({});
  link->applied({});
  CHECK(world.exchange.callers() == std::vector<std::string>{"a"});
  CHECK(world.reports.empty());
  CHECK(world.gateway.files() == 10);
  for (const char* folder : {"agent-out", "agent-in", "hub-in", "hub-out"}) CHECK(names_in(world.dir / folder).empty());
  CHECK(link->waiting().since == 0);
  CHECK(link->waiting().answered != 0);
}

TEST_CASE("nothing of a call is readable in the files: no body, no certificate", "[filelink]") {
  FileWorld world;
  world.exchange.give_batch("广州市某某有限公司 440103");
  world.gateway.seek({"广州市", "440103", "urn:qianzhi", "a secret session", "qianzhi file"});
  const auto link = world.link();
  wire::PostRequest request;
  request.set_session("a secret session");
  link->post(request);
  CHECK(link->fetch({}).pages_size() == 1);
  CHECK(world.gateway.found().empty());
  CHECK(world.gateway.files() == 4);
}

TEST_CASE("each call is carried out once and answered, whatever the gateway does A22 P37", "[filelink]") {
  const int seed = GENERATE(1, 2, 3, 4);
  FileWorld world;
  world.gateway =
      Gateway({{world.dir / "agent-out", world.dir / "hub-in"}, {world.dir / "hub-out", world.dir / "agent-in"}},
              static_cast<std::uint64_t>(seed), {15, 30, 40, 5, 5, 3 * minute});
  const auto first = world.link("a");
  const auto second = world.link("b");
  std::vector<std::string> sent;
  for (int i = 0; i < 25; ++i) {
    sent.push_back(std::to_string(i));
    world.post(i % 2 == 0 ? *first : *second, sent.back());
  }
  CHECK(world.carried_out == sent);
  CHECK(world.gateway.damaged() > 5);
  CHECK(world.fatal == 0);
}

TEST_CASE("a request that the gateway lost is sent again, the same octets, after a while", "[filelink]") {
  FileWorld world;
  world.gateway.keep_all();
  world.gateway.set_faults({100});
  int turns = 0;
  const auto link = world.link();
  FileWait seen;
  world.hook = [&] {
    if (++turns == 700) seen = link->waiting();
    if (turns == 1000) world.gateway.set_faults({});
  };
  world.post(*link, "one");
  CHECK(seen.since != 0);
  CHECK(seen.is_collected);
  CHECK(seen.repeats == 1);
  CHECK(turns > 1199);
  REQUIRE(world.gateway.carried().size() == 4);
  CHECK(world.gateway.carried()[0].octets == world.gateway.carried()[1].octets);
  CHECK(world.gateway.carried()[0].octets == world.gateway.carried()[2].octets);
}

TEST_CASE("a file that is not collected is not written again, and a call without an answer fails in time",
          "[filelink]") {
  FileWorld world;
  world.port.reset();
  const auto link = world.link();
  // The gateway stands still.
  world.gateway = Gateway({}, 1);
  const Micros begun = world.clock.steady();
  CHECK(thrown_by([&] { world.post(*link, "one"); }) == "unavailable QZ-LINK-016");
  CHECK(world.clock.steady() - begun >= 120 * minute);
  CHECK(link->waiting().repeats == 0);
  CHECK(names_in(world.dir / "agent-out").empty());
  // The next call is another conversation: what comes late of the first one answers nothing.
  world.gateway =
      Gateway({{world.dir / "agent-out", world.dir / "hub-in"}, {world.dir / "hub-out", world.dir / "agent-in"}}, 1);
  world.start_port();
  world.post(*link, "two");
  CHECK(world.carried_out == std::vector<std::string>{"two"});
}

TEST_CASE("a reply that was changed, forged, or answers something else is not taken", "[filelink]") {
  FileWorld world;
  const auto link = world.link();
  world.ca.issue({"other", "DNS:localhost", "serverAuth"});
  Bytes first;
  int replies = 0;
  world.gateway = Gateway({{world.dir / "agent-out", world.dir / "hub-in"}}, 1);
  // Of five replies each under the awaited name only the last is the hub's own.
  world.hook = [&] {
    const auto names = names_in(world.dir / "hub-out");
    if (names.empty()) return;
    const std::string& name = names[0];
    Bytes octets = octets_in(world.dir / "hub-out" / name);
    std::filesystem::remove(world.dir / "hub-out" / name);
    if (first.empty()) first = octets;
    ++replies;
    if (replies == 2) octets = framed(std::string(unframed(octets)->substr(1)));
    if (replies == 3) octets = first;  // of the call before
    if (replies == 4) {
      const Party other(world.files("other"), PartyRole::hub);
      octets = framed(other.seal("qianzhi file 1\n", certificates_of(world.dir / "a.crt")));
    }
    write_octets(world.dir / "agent-in" / name, octets);
  };
  world.post(*link, "one");
  world.post(*link, "two");
  CHECK(replies == 5);
  CHECK(world.carried_out == std::vector<std::string>{"one", "two"});
  CHECK(names_in(world.dir / "agent-in/reject").size() == 2);  // one name, and its text
}

TEST_CASE("an agent's folder that vanishes is told and waited for", "[filelink]") {
  FileWorld world;
  const auto link = world.link();
  std::filesystem::rename(world.dir / "agent-out", world.dir / "away");
  CHECK(thrown_by([&] { world.post(*link, "one"); }) == "unavailable QZ-LINK-019");
  std::filesystem::rename(world.dir / "away", world.dir / "agent-out");
  world.post(*link, "two");
  CHECK(world.carried_out == std::vector<std::string>{"two"});
}

TEST_CASE("what a hub refuses comes to the caller with its code, and polls keep their distance", "[filelink]") {
  FileWorld world;
  const auto link = world.link();
  world.exchange.fail_posts_with(Error(ErrorKind::full, "QZ-HUB-030", "no room"));
  CHECK(thrown_by([&] { world.post(*link, "one"); }) == "unavailable QZ-HUB-030");
  Micros at = world.clock.steady();
  wire::FetchRequest request;
  request.set_wait_ms(25'000);
  request.mutable_directory()->set_version(1);
  link->fetch(request);
  CHECK(world.clock.steady() - at >= minute / 2 - 2'000'000);  // after a refusal
  at = world.clock.steady();
  link->fetch(request);
  CHECK(world.clock.steady() - at >= minute / 2 - 2'000'000);  // nothing new came
  world.exchange.give_batch("octets");
  link->fetch(request);
  at = world.clock.steady();
  link->fetch(request);
  CHECK(world.clock.steady() - at < 5'000'000);  // there may be more
}

TEST_CASE("a call that is interrupted ends at once, and so does every later one", "[filelink]") {
  FileWorld world;
  world.port.reset();
  const auto link = world.link();
  world.hook = [&] { link->interrupt(); };
  CHECK(thrown_by([&] { world.post(*link, "one"); }) == "unavailable QZ-LINK-008");
  CHECK(thrown_by([&] { world.post(*link, "one"); }) == "unavailable QZ-LINK-008");
}

TEST_CASE("a hub certificate that is none, or has ended, is told before anything is written", "[filelink]") {
  FileWorld world;
  std::filesystem::copy_file(world.dir / "a.crt", world.dir / "hub.crt",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(thrown_by([&] { world.post(*world.link(), "one"); }) == "misuse QZ-LINK-018");
  std::filesystem::remove(world.dir / "hub.crt");
  CHECK(thrown_by([&] { world.post(*world.link(), "one"); }) == "misuse QZ-LINK-009");
  CHECK(names_in(world.dir / "agent-out").empty());
}

TEST_CASE("what came twice or too late is cleared away by its agent", "[filelink]") {
  FileWorld world;
  const std::string stale = "qz1-a-" + std::string(32, '0') + "-000000000001-reply.qz";
  const std::string foreign = "qz1-b-" + std::string(32, '0') + "-000000000001-reply.qz";
  write_octets(world.dir / "agent-in" / stale, "x");
  write_octets(world.dir / "agent-in" / foreign, "x");
  const auto link = world.link();
  world.post(*link, "one");
  CHECK(names_in(world.dir / "agent-in") == std::vector<std::string>{stale, foreign});
  world.clock.advance(200 * minute);
  world.post(*link, "two");
  CHECK(names_in(world.dir / "agent-in") == std::vector<std::string>{foreign});
}

}  // namespace qianzhi::test
