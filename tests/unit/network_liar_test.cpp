// A hub that signs receipts which are not true.
#include <catch2/catch.hpp>

#include "cut_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

TEST_CASE("R5.6 R5.7 a signed receipt with our digest and another number is not taken and nothing is pruned by it") {
  CutWorld world;
  REQUIRE(world.send_all() == 1);
  world.seal_one();
  world.seal_one();
  const auto far_ahead = [&](wire::Receipt& receipt) {
    seal::ReceiptContent content = world.hub.read(receipt);
    content.head.position = content.secured.position = {1, 900};
    content.secured.digest = content.head.digest;
    seal::sign_receipt(content, world.hub.hub_key, receipt);
  };
  const Position before = world.provider_store->stream(firms)->receipted;
  REQUIRE(before == Position{1, 2});
  world.provider_link.tamper = far_ahead;
  if (GENERATE(false, true)) world.uplink->forget_session();
  std::string last;
  for (int run = 0; run < 3; ++run) {
    try {
      world.uplink->run_once();
    } catch (const Error& error) {
      last = error.code();
    }
    CHECK(world.provider_store->stream(firms)->receipted == before);
    for (std::size_t i = 2; i < world.chain.size(); ++i) CHECK(world.provider_store->keeps(firms, world.chain[i]));
  }
  CHECK(last == "QZ-AGT-041");
  world.provider_link.tamper = {};
  CHECK(world.send_all() != 0);
  CHECK(world.log_difference().empty());
}
