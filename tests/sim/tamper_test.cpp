// A hub that does not deliver what the provider sealed: refused with a code, kept as evidence, and that stream alone
// stands still until the page is honest again (R7.6).
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/sim/world.h"

using namespace qianzhi;
using sim::World;

namespace {

void drop_second(wire::Page& page) {
  if (page.batches_size() > 2) page.mutable_batches()->DeleteSubrange(1, 1);
}
void drop_first(wire::Page& page) {
  if (page.batches_size() > 1) page.mutable_batches()->DeleteSubrange(0, 1);
}
void swap_two(wire::Page& page) {
  if (page.batches_size() > 1) page.mutable_batches()->SwapElements(0, 1);
}
void change_an_octet(wire::Page& page) {
  for (std::string& batch : *page.mutable_batches()) batch[batch.size() / 2] ^= 1;
}
void cut(wire::Page& page) {
  for (std::string& batch : *page.mutable_batches()) batch.resize(batch.size() / 2);
}
void strip_a_row_group(wire::Page& page) {
  for (std::string& octets : *page.mutable_batches()) {
    wire::SealedBatch batch;
    batch.ParseFromString(octets);
    batch.clear_groups();
    octets = batch.SerializeAsString();
  }
}

struct Case {
  const char* name;
  void (*tamper)(wire::Page&);
};

}  // namespace

TEST_CASE("R7.6 A6 A10 batches dropped, swapped, altered, cut or emptied by the hub halt their stream alone") {
  for (const Case& one :
       {Case{"second dropped", drop_second}, Case{"first dropped", drop_first}, Case{"swapped", swap_two},
        Case{"altered", change_an_octet}, Case{"cut", cut}, Case{"emptied", strip_a_row_group}}) {
    INFO(one.name);
    World world(1);
    auto& commerce = world.add("commerce", true, false);
    auto& quality = world.add("quality", true, false);
    auto& tax = world.add("tax", false, true);
    for (int i = 0; i < 30; ++i)
      commerce.sql("INSERT INTO firm VALUES('c" + std::to_string(i) + "', 'n', NULL, '440103')");
    quality.sql("INSERT INTO firm VALUES('q1', 'n', NULL, '440103')");
    world.grant("tax", GroupSet::every());
    // Nothing is delivered until all is in the hub's log, so that the pages are long.
    world.tamper = [](wire::FetchReply& reply) { reply.clear_pages(); };
    world.publish();
    CHECK_FALSE(world.settle(15));
    world.tamper = [&](wire::FetchReply& reply) {
      for (wire::Page& page : *reply.mutable_pages())
        if (page.stream().agent() == "commerce-01") one.tamper(page);
    };
    CHECK_FALSE(world.settle(20));
    CHECK(tax.target_rows() == std::vector<std::string>{"q1|n|440103"});
    const auto notices = tax.notices();
    CHECK(std::any_of(notices.begin(), notices.end(), [](const flow::Notice& notice) {
      return notice.level == flow::NoticeLevel::error && notice.subject.find("commerce-01") != std::string::npos &&
             !notice.code.empty();
    }));
    CHECK(tax.store().value("evidence/commerce-01/test.enterprise").has_value());
    world.tamper = nullptr;
    REQUIRE(world.settle());
    CHECK(tax.target_rows().size() == 31);
  }
}
