// SIGKILL of any process at any time while changes are committed. QIANZHI_SEEDS: how many seeds of twenty kills each;
// QIANZHI_SEED: only this one.
#include <catch2/catch.hpp>

#include <signal.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

constexpr int rounds = 20;

using Random = std::mt19937_64;
using Killed = std::map<std::string, int>;  // how often, by what was killed

// An adapter dies alone and its agent starts another; nobody else notices.
void kill_adapter(Exchange& exchange, Who who, Killed& killed) {
  const std::vector<pid_t> adapters = crash::children_of(exchange.program(who).id());
  for (const pid_t adapter : adapters) kill(adapter, SIGKILL);
  if (!adapters.empty()) ++killed["adapter of " + crash::name_of(who)];
}

void kill_agent(Exchange& exchange, Who who, Killed& killed) {
  const std::vector<pid_t> adapters = crash::children_of(exchange.program(who).id());
  exchange.kill(who);
  for (const pid_t adapter : adapters)
    exchange.await("the end of an adapter whose agent is gone", [&] { return crash::is_gone(adapter); });
  exchange.start(who);
  ++killed[crash::name_of(who)];
}

void kill_hub(Exchange& exchange, Killed& killed) {
  exchange.kill(Who::hub);
  exchange.start(Who::hub);
  ++killed["hub"];
}

// One process of the server: SIGTERM ends one connection, SIGKILL makes the server end all and recover.
void kill_backend(Exchange& exchange, Who who, int signal, Random& random, Killed& killed) {
  const std::vector<pid_t> backends = exchange.server(who).backends();
  if (backends.empty()) return;
  kill(backends[random() % backends.size()], signal);
  ++killed[std::string(signal == SIGKILL ? "SIGKILL" : "SIGTERM") + " in server of " + crash::name_of(who)];
}

void kill_server(Exchange& exchange, Who who, Killed& killed) {
  exchange.crash_server(who);
  ++killed["server of " + crash::name_of(who)];
}

void kill_one(Exchange& exchange, Random& random, Killed& killed) {
  switch (random() % 5) {
    case 0: return kill_agent(exchange, Who::commerce, killed);
    case 1: return kill_agent(exchange, Who::tax, killed);
    case 2: return kill_adapter(exchange, Who::commerce, killed);
    case 3: return kill_adapter(exchange, Who::tax, killed);
    default: return kill_hub(exchange, killed);
  }
}

void kill_one_of_all(Exchange& exchange, Random& random, Killed& killed) {
  switch (random() % 10) {
    case 0: return kill_server(exchange, Who::commerce, killed);
    case 1: return kill_server(exchange, Who::tax, killed);
    case 2: return kill_backend(exchange, Who::commerce, SIGKILL, random, killed);
    case 3: return kill_backend(exchange, Who::tax, SIGKILL, random, killed);
    case 4: return kill_backend(exchange, random() % 2 == 0 ? Who::commerce : Who::tax, SIGTERM, random, killed);
    case 5: return kill_agent(exchange, Who::quality, killed);
    default: return kill_one(exchange, random, killed);
  }
}

void run_rounds(Exchange& exchange, Random& random, Killed& killed, void (*kill_some)(Exchange&, Random&, Killed&)) {
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t changes = 1 + random() % 8;
    for (std::uint64_t i = 0; i < changes; ++i) {
      exchange.change();
      exchange.pause(static_cast<int>(random() % 60));
    }
    kill_some(exchange, random, killed);
  }
}

void run_seed(std::uint64_t seed, const crash::Choice& choice, Killed& killed) {
  INFO("seed " << seed << ", " << choice.capture);
  Random random(seed);
  Exchange exchange(choice);
  exchange.begin(10);
  const std::int64_t first = exchange.last_event() + 1;
  run_rounds(exchange, random, killed, choice.postgresql ? kill_one_of_all : kill_one);
  exchange.await_rest();
  CHECK(exchange.wrong_history(first).empty());
  if (choice.restricted) CHECK(exchange.ungranted().empty());
  CHECK(exchange.ask(Who::tax, {"quarantine", "list"}).text.find("QZ-") == std::string::npos);
  for (const Who who : {Who::commerce, Who::tax}) {
    const crash::Output queue = exchange.ask(who, {"queue", "verify"});
    INFO(queue.text);
    CHECK(queue.exit == 0);
  }
}

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), otherwise);
  return otherwise;
}

void run_seeds(const crash::Choice& choice, std::uint64_t seeds) {
  const std::uint64_t only = setting("QIANZHI_SEED", 0);
  const std::uint64_t last = only != 0 ? only : setting("QIANZHI_SEEDS", seeds);
  Killed killed;
  for (std::uint64_t seed = std::max<std::uint64_t>(1, only); seed <= last; ++seed) run_seed(seed, choice, killed);
  std::printf("%s, %s: seeds %llu to %llu, %d kills each:", choice.postgresql ? "PostgreSQL" : "SQLite",
              choice.capture.c_str(), static_cast<unsigned long long>(std::max<std::uint64_t>(1, only)),
              static_cast<unsigned long long>(last), rounds);
  for (const auto& [what, times] : killed) std::printf(" %s %d;", what.c_str(), times);
  std::printf("\n");
  const bool any_adapter =
      std::any_of(killed.begin(), killed.end(), [](const auto& entry) { return entry.first.find("adapter") == 0; });
  CHECK(any_adapter);
}

}  // namespace

TEST_CASE("A1 A2 E4 SIGKILL of agents, adapters and hub at any time: each row arrives exactly once", "[seeds]") {
  run_seeds(crash::choice_of("journal"), 2);
}

TEST_CASE("A1 A2 R3.3 SIGKILL at any time where the table is compared: each row arrives exactly once", "[seeds]") {
  run_seeds(crash::choice_of("diff"), 2);
}

TEST_CASE("A1 A2 R7.5 SIGKILL of agents, adapters, hub and PostgreSQL at any time: each row arrives exactly once",
          "[seeds]") {
  crash::Choice choice = crash::choice_of("log");
  choice.postgresql = true;
  choice.restricted = true;
  run_seeds(choice, 1);
}
