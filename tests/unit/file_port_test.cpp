// The hub's end of the way by files.
#include <catch2/catch.hpp>

#include "file_world.h"
#include "tests/support/errors.h"

namespace qianzhi::test {

TEST_CASE("a repeat has the very same reply, octet by octet, and no second effect, also after a restart A2",
          "[filelink]") {
  FileWorld world;
  world.gateway.keep_all();
  const auto link = world.link();
  world.post(*link, "one");
  REQUIRE(world.gateway.carried().size() == 2);
  const Gateway::Carried request = world.gateway.carried()[0];
  const Bytes reply = world.gateway.carried()[1].octets;
  const bool restarts = GENERATE(false, true);
  if (restarts) world.start_port();
  write_octets(request.to, request.octets);
  CHECK(world.port->turn() == 1);
  const auto names = names_in(world.dir / "hub-out");
  REQUIRE(names.size() == 1);
  CHECK(octets_in(world.dir / "hub-out" / names[0]) == reply);
  CHECK(world.carried_out == std::vector<std::string>{"one"});
  // It was answered long ago: the agent takes no notice, and goes on.
  world.post(*link, "two");
  // An older number has no answer at all.
  write_octets(request.to, request.octets);
  CHECK(world.port->turn() == 1);
  CHECK(names_in(world.dir / "hub-out").empty());
  CHECK(names_in(world.dir / "hub-in").empty());
  CHECK(world.carried_out == std::vector<std::string>{"one", "two"});
}

TEST_CASE("a gap in the numbers is noticed, told, and begun anew", "[filelink]") {
  FileWorld world;
  const auto link = world.link();
  world.post(*link, "one");
  // The hub comes back without its memory: number 2 is the first that it sees.
  world.port.reset();
  std::filesystem::remove_all(world.dir / "kept");
  world.start_port();
  world.post(*link, "two");
  CHECK(world.reports == std::vector<std::string>{"QZ-LINK-126"});
  CHECK(world.carried_out == std::vector<std::string>{"one", "two"});
  world.post(*link, "three");
  CHECK(world.reports.size() == 1);
}

TEST_CASE("a conversation that was forgotten does not begin again by an old file A9", "[filelink]") {
  FileWorld world;
  world.gateway.keep_all();
  {
    const auto first = world.link();
    world.post(*first, "old");
  }
  const Gateway::Carried old = world.gateway.carried()[0];
  for (std::size_t i = 0; i < hub::conversations_per_agent; ++i) {
    world.clock.advance(minute);
    const auto link = world.link();
    world.post(*link, "x");
  }
  const std::size_t done = world.carried_out.size();
  for (const bool restarts : {false, true}) {
    if (restarts) world.start_port();
    write_octets(old.to, old.octets);
    CHECK(world.port->turn() == 1);
    CHECK(world.carried_out.size() == done);
  }
  CHECK(world.times_reported("QZ-LINK-127") == 2);
  CHECK(names_in(world.dir / "kept").size() == hub::conversations_per_agent);
}

TEST_CASE("an agent whose clock went back begins late enough by itself A19", "[filelink]") {
  FileWorld world;
  for (std::size_t i = 0; i < hub::conversations_per_agent; ++i) {
    const auto link = world.link();
    world.clock.advance(minute);
    world.post(*link, "x");
  }
  world.clock.advance(-10 * 60 * minute);
  const auto link = world.link();
  world.post(*link, "late");
  CHECK(world.carried_out.back() == "late");
  CHECK(world.times_reported("QZ-LINK-127") == 1);
}

TEST_CASE("who is disabled or revoked is refused at the next file, also for a repeat A16", "[filelink]") {
  FileWorld world;
  world.gateway.keep_all();
  const auto link = world.link();
  world.post(*link, "one");
  Directory directory = world.exchange.directory();
  directory.agents["a"].enabled = false;
  world.exchange.set_directory(directory);
  CHECK(thrown_by([&] { world.post(*link, "two"); }) == "misuse QZ-LINK-010");
  write_octets(world.gateway.carried()[0].to, world.gateway.carried()[0].octets);
  CHECK(world.port->turn() == 1);
  CHECK(world.times_reported("QZ-LINK-102") == 2);
  CHECK(world.carried_out == std::vector<std::string>{"one"});
  // A key that is not registered.
  directory.agents["a"].enabled = true;
  directory.agents["a"].tls_keys.clear();
  world.exchange.set_directory(directory);
  CHECK(thrown_by([&] { world.post(*link, "three"); }) == "misuse QZ-LINK-010");
  CHECK(world.times_reported("QZ-LINK-103") == 1);
}

TEST_CASE("a list of revocations that came is in force at the next file", "[filelink]") {
  FileWorld world;
  world.ca.write_revocations("list.pem", {});
  world.has_crl = true;
  world.start_port();
  const auto link = world.link();
  world.post(*link, "one");
  world.ca.write_revocations("list.pem", {"a"});
  world.port->reload();
  CHECK(thrown_by([&] { world.post(*link, "two"); }) == "unavailable QZ-LINK-016");
  CHECK(world.times_reported("QZ-LINK-123") > 0);
  CHECK(world.carried_out == std::vector<std::string>{"one"});
}

TEST_CASE("files of somebody else, under another name, or that are no files are set aside and stop nobody",
          "[filelink]") {
  FileWorld world;
  world.gateway.keep_all();
  const auto link = world.link();
  world.post(*link, "one");
  const Bytes good = world.gateway.carried()[0].octets;
  const std::string stem = std::string(32, '0') + "-000000000001-request.qz";
  const auto in = world.dir / "hub-in";
  write_octets(in / ("qz1-b-" + stem), good);                   // renamed to another agent
  write_octets(in / ("qz1-a-" + stem), good);                   // to another conversation
  write_octets(in / ("qz1-c-" + stem), framed("no envelope"));  // whole, but nothing of ours
  write_octets(in / ("qz1-d-" + stem), framed(""));
  std::filesystem::create_symlink(world.dir / "hub.key", in / ("qz1-e-" + stem));
  write_octets(in / "readme.txt", "not ours");
  world.post(*link, "two");
  CHECK(world.carried_out == std::vector<std::string>{"one", "two"});
  CHECK(names_in(in) == std::vector<std::string>{"readme.txt", "reject"});
  CHECK(names_in(in / "reject").size() == 9);  // four files, and a text for each and for the link
  CHECK(world.times_reported("QZ-LINK-124") == 2);
  CHECK(world.times_reported("QZ-LINK-121") == 3);
}

TEST_CASE("an agent that signs for another one, and a folder of another agent, are refused A11", "[filelink]") {
  FileWorld world;
  const auto thief = world.link("a", "b");  // b's key under a's name
  CHECK(thrown_by([&] { world.post(*thief, "x"); }) == "unavailable QZ-LINK-016");
  CHECK(world.times_reported("QZ-LINK-124") > 0);
  world.start_port({}, "b");
  CHECK(thrown_by([&] { world.post(*world.link("a"), "x"); }) == "unavailable QZ-LINK-016");
  CHECK(world.times_reported("QZ-LINK-131") > 0);
  CHECK(world.carried_out.empty());
}

TEST_CASE("a file that never becomes whole is set aside in time, one that grows is waited for", "[filelink]") {
  FileWorld world;
  world.gateway.keep_all();
  const auto link = world.link();
  world.post(*link, "one");
  const Bytes good = world.gateway.carried()[0].octets;
  const std::string name = "qz1-a-" + std::string(32, '0') + "-000000000001-request.qz";
  const auto file = world.dir / "hub-in" / name;
  for (std::size_t size : {std::size_t{0}, std::size_t{20}, good.size() - 1}) {
    write_octets(file, std::string_view(good).substr(0, size));
    CHECK(world.port->turn() == 0);
    world.clock.advance(9 * minute);
  }
  CHECK(world.times_reported("QZ-LINK-130") == 0);
  CHECK(world.port->turn() == 0);
  world.clock.advance(10 * minute);
  CHECK(world.port->turn() == 1);
  CHECK(world.times_reported("QZ-LINK-130") == 1);
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("a hub that cannot write keeps the request, and answers once it can", "[filelink]") {
  FileWorld world;
  const auto link = world.link();
  std::filesystem::rename(world.dir / "hub-out", world.dir / "away");
  world.gateway = Gateway({{world.dir / "agent-out", world.dir / "hub-in"}}, 1);
  int turns = 0;
  world.hook = [&] {
    if (++turns != 20) return;
    CHECK(names_in(world.dir / "hub-in").size() == 1);
    CHECK(world.port->status_text().find("QZ-LINK-128") != std::string::npos);
    std::filesystem::rename(world.dir / "away", world.dir / "hub-out");
    world.gateway =
        Gateway({{world.dir / "agent-out", world.dir / "hub-in"}, {world.dir / "hub-out", world.dir / "agent-in"}}, 1);
  };
  world.post(*link, "one");
  CHECK(turns < 30);
  CHECK(world.times_reported("QZ-LINK-128") == 1);  // told once
  CHECK(world.carried_out == std::vector<std::string>{"one"});
}

TEST_CASE("replies that nobody collects stop their own agent only", "[filelink]") {
  FileWorld world;
  hub::FilePortLimits limits;
  limits.replies = 3;
  world.start_port(limits);
  for (int i = 1; i <= 3; ++i)
    write_octets(
        world.dir / "hub-out" / ("qz1-a-" + std::string(32, '0') + "-00000000000" + std::to_string(i) + "-reply.qz"),
        "x");
  world.gateway = Gateway({{world.dir / "agent-out", world.dir / "hub-in"}}, 1);
  CHECK(thrown_by([&] { world.post(*world.link("a"), "one"); }) == "unavailable QZ-LINK-016");
  CHECK(world.carried_out.empty());
  CHECK(world.times_reported("QZ-LINK-129") == 1);
  CHECK(thrown_by([&] { world.post(*world.link("b"), "two"); }) == "unavailable QZ-LINK-016");
  CHECK(world.carried_out == std::vector<std::string>{"two"});
}

TEST_CASE("a hub that dies at any step answers once it is back, and nothing is done twice but what may be",
          "[filelink]") {
  struct Death {};
  const std::string point = GENERATE("file.before_keep", "file.after_keep", "file.after_publish");
  INFO(point);
  FileWorld world;
  world.breakpoint = [&](std::string_view at) {
    if (at == point) throw Death();
  };
  world.start_port();
  int deaths = 0;
  const auto link = world.link();
  // The gateway and the agent go on; the hub comes back without the fault.
  const auto turn = [&] {
    try {
      world.port->turn();
    } catch (const Death&) {
      ++deaths;
      world.breakpoint = {};
      world.start_port();
    }
  };
  world.hook = turn;
  world.post(*link, "one");
  CHECK(deaths == 1);
  CHECK(world.carried_out.size() == (point == "file.before_keep" ? 2 : 1));
  world.post(*link, "two");
}

namespace {

// A machine that was cloned, randomness and all.
class ClonedRandom final : public Random {
 public:
  Bytes bytes(std::size_t size) override { return Bytes(size, '\x22'); }
};

}  // namespace

TEST_CASE("two requests under one number prove a clone, and only the first one is carried out A8", "[filelink]") {
  FileWorld world;
  ClonedRandom random;
  const auto clone = [&](const std::string& mark) {
    FileLinkOptions options = world.options("a");
    options.timeout = 20 * minute;
    FileLink link(options, world.clock, random, [&](Micros time) { world.turn(time); });
    return thrown_by([&] { world.post(link, mark); });
  };
  CHECK(clone("one") == "nothing");
  CHECK(clone("two") == "unavailable QZ-LINK-016");
  CHECK(world.times_reported("QZ-LINK-125") > 0);
  CHECK(world.carried_out == std::vector<std::string>{"one"});
}

TEST_CASE("a flood in the name of one agent does not keep another one waiting", "[filelink]") {
  FileWorld world;
  for (int i = 100; i < 900; ++i)
    write_octets(
        world.dir / "hub-in" / ("qz1-a-" + std::string(32, '0') + "-000000000" + std::to_string(i) + "-request.qz"),
        framed("flood"));
  const Micros begun = world.clock.steady();
  const auto link = world.link("b");
  world.post(*link, "one");
  CHECK(world.clock.steady() - begun <= 5'000'000);
  CHECK(world.times_reported("QZ-LINK-121") <= 40);
}

}  // namespace qianzhi::test
