// A17: many slow connections of every kind at once, from agents that are registered and from strangers.
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <list>

#include "https_world.h"
#include "hub-protocol/base/error.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

constexpr int hostile_agents = 40;  // four connections each, the most that an agent may hold
constexpr int unread_replies = 10;  // each must be larger than what the kernel takes off the hub's hands
constexpr int deadline_ms = 4'000;

struct Attacker {
  RawClient client;
  std::string drip;  // sent again and again, a little at a time; empty: nothing is ever sent or read
  Micros cut = 0;    // when its end was seen

  Attacker(const World& world, const std::string& from) : client(world, from) {}
};

class Attack {
 public:
  explicit Attack(World& world) : world_(world) {
    for (int i = 0; i < hostile_agents; ++i) {
      const std::string agent = "x" + std::to_string(i);
      world.exchange.admit(agent, {world.ca.issue({agent, agent_uri(agent)})});
    }
  }

  // Strangers say nothing at all; agents have shaken hands and are quiet still.
  void connect() {
    for (int i = 0; i < hostile_agents; ++i) {
      for (int kind = 0; kind < 4; ++kind) {
        Attacker& one = dripping_.emplace_back(world_, "127.0.0.2");
        REQUIRE(one.client.tls(world_, "x" + std::to_string(i)) == TlsResult::ok);
        if (kind == 3 && i < unread_replies) unread_.splice(unread_.end(), dripping_, std::prev(dripping_.end()));
      }
    }
    for (int i = 0; i < hostile_agents; ++i) strangers_.emplace_back(world_, "127.0.0." + std::to_string(3 + i % 2));
  }

  // From here on the clocks of all deadlines run.
  void begin() {
    int kind = 0;
    for (Attacker& one : dripping_) {
      const bool body = kind % 3 == 2;
      one.drip = kind % 3 == 1 ? "junk\n" : "x";
      REQUIRE(one.client.send(body ? post_head("/v1/batches", "Content-Length: 1000\r\n") : "POST /v1/batches"));
      ++kind;
    }
    const int small = 4096;
    for (Attacker& one : unread_) {
      setsockopt(one.client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
      REQUIRE(one.client.send(post_head("/v1/fetch", "Content-Length: 0\r\n")));
    }
  }

  // Everybody who still can sends a little. Returns how many were not cut yet.
  int drip() {
    int left = 0;
    for (std::list<Attacker>* all : {&dripping_, &strangers_})
      for (Attacker& one : *all) {
        if (one.cut != 0) continue;
        const bool gone =
            one.client.cut_within(left == 0 ? 10 : 0) || (!one.drip.empty() && !one.client.send(one.drip));
        if (gone) one.cut = world_.clock.steady();
        left += gone ? 0 : 1;
      }
    return left;
  }

  Micros first_cut() const {
    Micros first = world_.clock.steady();
    for (const std::list<Attacker>* all : {&dripping_, &strangers_})
      for (const Attacker& one : *all)
        if (one.cut != 0) first = std::min(first, one.cut);
    return first;
  }
  std::size_t size() const { return dripping_.size() + strangers_.size() + unread_.size(); }

 private:
  World& world_;
  std::list<Attacker> dripping_;   // head, junk lines, body, in turn
  std::list<Attacker> unread_;     // never read their reply
  std::list<Attacker> strangers_;  // never shake hands
};

}  // namespace

TEST_CASE("A17 P40 200 slow connections of five kinds at once keep nobody waiting, and each is cut at its deadline") {
  World world;
  hub::ServerLimits& limits = world.options.limits;
  limits.handshake_ms = limits.head_ms = limits.body_ms = limits.reply_ms = deadline_ms;
  limits.octets_a_second = 1U << 30U;
  world.exchange.give_batch(std::string(8U << 20U, 'x'));
  world.start();
  const auto kept = world.link("b");
  Attack attack(world);
  REQUIRE(attack.size() == 0);
  attack.connect();
  REQUIRE(attack.size() == 200);
  const Micros begun = world.clock.steady();
  attack.begin();
  // The server comes to accept them all while it answers others.
  while (world.server->connections() < 200 && world.clock.steady() < begun + Micros{deadline_ms} * 500) kept->post({});
  CHECK(world.server->connections() >= 200);

  int answered = 0;
  Micros slowest = 0;
  for (int round = 0; round < 10; ++round) {
    const Micros asked = world.clock.steady();
    answered += code_of([&] { world.link("a")->post({}); }).empty() ? 1 : 0;
    answered += code_of([&] { kept->post({}); }).empty() ? 1 : 0;
    slowest = std::max(slowest, world.clock.steady() - asked);
    attack.drip();
  }
  // All of it while every attacker was still at it.
  CHECK(answered == 20);
  CHECK(world.clock.steady() < begun + Micros{deadline_ms} * 1000);
  CHECK(attack.drip() == 200 - unread_replies);

  const Micros patience = begun + Micros{deadline_ms + 10'000} * 1000;
  while (attack.drip() > 0 && world.clock.steady() < patience) kept->post({});
  const Micros ended = world.clock.steady();
  CHECK(attack.drip() == 0);
  CHECK(attack.first_cut() >= begun + Micros{deadline_ms - 500} * 1000);
  // Those who never read do not see their end: the hub has none of them any more.
  while (world.server->connections() > 1 && world.clock.steady() < patience) kept->post({});
  CHECK(world.server->connections() == 1);
  CHECK(world.fatal == 0);
  WARN("two requests, one with its handshake: at most " << slowest / 1000 << " ms; all cut after "
                                                        << (ended - begun) / 1000 << " ms");
}
