// A21: the connection between an agent and its hub is cut after every octet of what goes to and fro, handshake
// included. Whatever was lost, the agent's ordinary repetition leads to each batch once in the hub's log and once in
// the target.
#include <catch2/catch.hpp>
#include <random>

#include "cut_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

// Offsets of a stream of so many octets: all of them, or the first, the last and `count` of the others.
std::vector<std::uint64_t> offsets_in(std::uint64_t total, std::size_t count, std::uint64_t seed) {
  std::vector<std::uint64_t> offsets;
  if (count == 0) {
    for (std::uint64_t offset = 0; offset <= total; ++offset) offsets.push_back(offset);
    return offsets;
  }
  std::mt19937_64 random(seed);
  offsets = {0, 1, total - 1, total};
  while (offsets.size() < count) offsets.push_back(random() % total);
  return offsets;
}

struct Sweep {
  CutWorld& world;
  bool kept;          // on a connection that has served before; else on a new one, from its first octet on
  std::size_t count;  // 0: every offset
  std::uint64_t cuts = 0;

  void send(Way way) {
    run(
        way,
        [&] {
          world.seal_one();
          world.uplink->forget_session();
        },
        [&] { return world.send_all(); });
  }
  void take(Way way) {
    run(
        way,
        [&] {
          world.seal_one();
          world.proxy->pass_all();
          REQUIRE(world.send_all() != 0);
        },
        [&] { return world.take_all(); });
  }

 private:
  template <class Prepare, class Run>
  void run(Way way, const Prepare& prepare, const Run& run) {
    const auto begin = [&] {
      prepare();
      if (!kept) world.renew_links();
    };
    // After the first there is a connection that serves.
    begin();
    REQUIRE(run() != 0);
    begin();
    world.proxy->pass_all();
    REQUIRE(run() == 1);
    const std::uint64_t total = world.proxy->passed(way);
    REQUIRE(total > 200);
    for (const std::uint64_t offset : offsets_in(total, count, total)) {
      INFO("cut after " << offset << " of " << total);
      begin();
      // The link repeats by itself what a dead connection swallowed; refused then, the stage has to.
      world.proxy->cut_after(way, offset, offset % 2 == 1, offset / 2 % 2 == 1 ? 1 : 0);
      REQUIRE(run() != 0);
      // A message may be some octets shorter than the first one was: signatures, numbers, and what it repeats.
      CHECK((world.proxy->has_cut() || offset + 64 >= total));
      cuts += world.proxy->has_cut() ? 1 : 0;
      REQUIRE(world.log_difference().empty());
    }
    REQUIRE(world.take_all() != 0);
    REQUIRE(world.target_difference().empty());
    CHECK(world.newest_applied().upserted() == world.granted_rows);
  }
};

void sweep_all(std::size_t count) {
  CutWorld world;
  REQUIRE(world.send_all() != 0);
  REQUIRE(world.take_all() != 0);
  std::uint64_t cuts = 0;
  for (const bool kept : {false, true})
    for (const Way way : {Way::to_server, Way::to_client}) {
      INFO((kept ? "kept " : "new ") << (way == Way::to_server ? "request" : "reply"));
      Sweep sweep{world, kept, count};
      sweep.send(way);
      sweep.take(way);
      cuts += sweep.cuts;
    }
  CHECK(cuts > 8 * (count == 0 ? 200 : count / 2));
  WARN(cuts << " cuts, " << world.chain.size() << " batches, " << world.granted_rows << " rows");
}

}  // namespace

TEST_CASE("A21 R5.5 session, post, fetch and applied cut at chosen octets both ways end in each batch once") {
  sweep_all(30);
}

TEST_CASE("A21 the same at every octet", "[.][every]") { sweep_all(0); }
