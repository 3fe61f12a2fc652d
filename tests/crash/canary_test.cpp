// A whole agent on PostgreSQL whose source is quiet: a beat goes the way of every change, and the receiver knows.
#include <catch2/catch.hpp>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

TEST_CASE(
    "P39 S1.2 a quiet PostgreSQL source is proven alive as far as the receiver, and it is told when it can not be") {
  crash::Choice choice;
  choice.capture = GENERATE("journal", "log") + std::string(", canary: {every: 1m, within: 5s}");
  choice.postgresql = true;
  Exchange exchange(choice);
  exchange.begin(4);
  const auto proven = [&](std::uint64_t after) {
    const auto publications = exchange.page(Who::commerce).publications;
    const auto lanes = exchange.page(Who::tax).lanes;
    const auto published = publications.find(crash::firms_topic);
    const auto received = lanes.find(crash::firms_topic);
    return published != publications.end() && published->second.alive_by == "canary" &&
           published->second.alive > after && received != lanes.end() && received->second.alive > after;
  };
  // A beat is due when the agent starts; nothing else changes meanwhile.
  const auto rows = exchange.rows(Who::tax, "SELECT * FROM firms ORDER BY 1");
  const std::uint64_t first = exchange.page(Who::tax).lanes.at(crash::firms_topic).alive;
  exchange.stop(Who::commerce);
  exchange.start(Who::commerce);
  exchange.await("the next beat at the receiver", [&] { return proven(first); });
  CHECK(exchange.rows(Who::tax, "SELECT * FROM firms ORDER BY 1") == rows);

  // The beat's table is gone: it is said, and rows go on.
  exchange.stop(Who::commerce);
  exchange.sql("DROP TABLE qianzhi.commerce_01_business_canary");
  exchange.start(Who::commerce);
  exchange.await("an agent that says so", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    return page.is_reached && page.body.find("QZ-AGT-101") != std::string::npos;
  });
  exchange.change();
  exchange.await_rest();
  CHECK(exchange.difference().empty());

  // What `plan` prints makes it again.
  const std::uint64_t last = exchange.page(Who::tax).lanes.at(crash::firms_topic).alive;
  exchange.stop(Who::commerce);
  exchange.install(Who::commerce);
  exchange.start(Who::commerce);
  exchange.await("a beat again", [&] { return proven(last); });
  CHECK(exchange.page(Who::commerce).body.find("QZ-AGT-101") == std::string::npos);
}
