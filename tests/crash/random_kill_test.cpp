// SIGKILL of any process at any time while changes are committed.
#include <catch2/catch.hpp>

#include <signal.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <random>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

constexpr int rounds = 20;

// An adapter dies alone and its agent starts another; nobody else notices.
bool kill_adapter(Exchange& exchange, Who who) {
  const std::vector<pid_t> adapters = crash::children_of(exchange.program(who).id());
  for (const pid_t adapter : adapters) kill(adapter, SIGKILL);
  return !adapters.empty();
}

void kill_agent(Exchange& exchange, Who who) {
  const std::vector<pid_t> adapters = crash::children_of(exchange.program(who).id());
  exchange.kill(who);
  for (const pid_t adapter : adapters)
    exchange.await("the end of an adapter whose agent is gone", [&] { return crash::is_gone(adapter); });
  exchange.start(who);
}

void run_seed(std::uint64_t seed, const std::string& capture) {
  INFO("seed " << seed << ", " << capture);
  std::mt19937_64 random(seed);
  Exchange exchange(capture);
  exchange.make_source();
  exchange.make_target();
  exchange.start_all();
  for (int i = 0; i < 10; ++i) exchange.change();
  exchange.await_rest();
  const std::int64_t first = exchange.last_event() + 1;
  int adapters_killed = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t changes = 1 + random() % 8;
    for (std::uint64_t i = 0; i < changes; ++i) {
      exchange.change();
      exchange.pause(static_cast<int>(random() % 60));
    }
    switch (random() % 5) {
      case 0: kill_agent(exchange, Who::commerce); break;
      case 1: kill_agent(exchange, Who::tax); break;
      case 2: adapters_killed += kill_adapter(exchange, Who::commerce) ? 1 : 0; break;
      case 3: adapters_killed += kill_adapter(exchange, Who::tax) ? 1 : 0; break;
      default: exchange.kill(Who::hub); exchange.start(Who::hub);
    }
  }
  exchange.await_rest();
  CHECK(adapters_killed > 0);
  CHECK(exchange.wrong_history(first).empty());
  CHECK(exchange.ask(Who::tax, {"quarantine", "list"}).text.find("QZ-") == std::string::npos);
}

// QIANZHI_KILL_SEEDS: how many seeds of twenty kills each.
void run_seeds(const std::string& capture) {
  const char* text = std::getenv("QIANZHI_KILL_SEEDS");
  std::uint64_t seeds = 2;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), seeds);
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) run_seed(seed, capture);
}

}  // namespace

TEST_CASE("A1 A2 E4 SIGKILL of agents, adapters and hub at any time: each row arrives exactly once", "[seeds]") {
  run_seeds("journal");
}

TEST_CASE("A1 A2 R3.3 SIGKILL at any time where the table is compared: each row arrives exactly once", "[seeds]") {
  run_seeds("diff");
}
