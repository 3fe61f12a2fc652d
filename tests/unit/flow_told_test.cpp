// What a receiver is told when the hub withholds something, sends it back, or when its grant became less.
#include <catch2/catch.hpp>

#include "lying_hub.h"

using namespace qianzhi;
using test::edit;
using test::LyingHub;
using test::past_retry;

TEST_CASE("S3.5 A6 the batch at fault is kept as evidence, octet by octet") {
  LyingHub hub;
  hub.seal_three();
  Bytes spoilt;
  hub.answer([&](wire::Page& page) {
    edit(page, 1, [](wire::SealedBatch& batch) { batch.mutable_groups(0)->mutable_rows()->back() ^= 1; });
    spoilt = page.batches(1);
  });
  CHECK(hub.reader.store.value("evidence/commerce-01/commerce.firms") == spoilt);
}

TEST_CASE("S3.5 R7.3 a hub that sends a subscriber back touches no row, and all comes again") {
  LyingHub hub;
  hub.seal_three();
  const std::string before = hub.held();
  hub.answer([](wire::Page& page) {
    page.clear_batches();
    page.set_state(wire::RESTART);
    page.clear_restart();
  });
  CHECK(hub.held().find(before.substr(0, before.find(','))) != std::string::npos);
  CHECK(hub.reader.ask("SELECT count(*) FROM received") >= 2);
  hub.reader.link.on_reply = {};
  hub.world.clock.advance(past_retry);
  hub.reader.run_to(hub.chain.head);
  CHECK(hub.reader.ask("SELECT count(*) FROM received") == 2 * hub.rows);
}

TEST_CASE("S3.5 A6 the end of a stream that the hub shows and never delivers is told after a minute, until it comes") {
  LyingHub hub;
  const auto told = [&] {
    for (const flow::Notice& notice : hub.reader.deliver->notices())
      if (notice.code == "QZ-SEAL-071") return notice.detail;
    return std::string();
  };
  hub.seal_three();
  const Position last_given = seal::Parsed::from(hub.sealed[1].octets).head().position;
  hub.reader.link.on_reply = [&](wire::FetchReply& reply) {
    wire::Page& page = *reply.mutable_pages(0);
    while (page.batches_size() != 0 &&
           seal::Parsed::from(page.batches(page.batches_size() - 1)).head() == hub.chain.head)
      page.mutable_batches()->RemoveLast();
  };
  for (int second = 0; second <= 60; second += 10) {
    CHECK(told().empty());
    hub.reader.deliver->run_once();
    // What the first look fetched is written beside the second one.
    if (second != 0) CHECK(hub.reader.deliver->lanes()[0].mark == last_given);
    hub.world.clock.advance(10'000'000);
  }
  hub.reader.deliver->run_once();
  hub.reader.deliver->run_once();
  CHECK(told() ==
        "the provider signed " + to_text(hub.chain.head.position) + ", nothing came after " + to_text(last_given));
  hub.heal();
  hub.reader.deliver->run_once();
  CHECK(told().empty());
}

TEST_CASE("S2.6 R7.4 a grant that became narrower is told to the receiver with what went, until it is granted again") {
  LyingHub hub;
  const auto told = [&] {
    for (const flow::Notice& notice : hub.reader.deliver->notices())
      if (notice.code == "QZ-SEAL-070") return notice.detail.substr(notice.detail.find(": ") + 2);
    return std::string();
  };
  const auto looks = [&] {
    for (int look = 0; look < 3; ++look) hub.reader.deliver->run_once();
    return told();
  };
  CHECK(looks().empty());
  const std::vector<Grant> all = hub.world.directory.grants;
  hub.world.change_directory([](Directory& directory) { directory.grants.pop_back(); });
  CHECK(looks() == "items name in groups 440105");
  hub.world.change_directory([](Directory& directory) { directory.grants[0].groups = GroupSet::of({"440103"}); });
  CHECK(looks() == "groups 440105");
  CHECK(hub.reader.ask("SELECT count(*) FROM received WHERE area = '440105'") == 0);
  // A stage that knows only what the mark says.
  hub.reader.deliver = hub.reader.under(hub.reader.directory);
  CHECK(looks() == "groups 440105");
  hub.world.clock.advance(31 * test::one_day);
  hub.world.change_directory([&](Directory& directory) { directory.expires = hub.world.clock.now() + test::one_day; });
  hub.reader.directory.refresh(hub.reader.link);
  CHECK(looks().empty());
  hub.world.change_directory([&](Directory& directory) { directory.grants = all; });
  CHECK(looks().empty());
  hub.world.change_directory([](Directory& directory) { directory.grants[0].groups = GroupSet::of({"440105"}); });
  CHECK(looks() == "groups 440103");
}

TEST_CASE(
    "A6 R6.7 a batch that was damaged in the hub's log reaches no target, and after a refill and a trim all goes on") {
  LyingHub hub;
  hub.seal_three();
  wire::SealedBatch damaged;
  REQUIRE(damaged.ParseFromString(hub.sealed[1].octets));
  const bool in_header = GENERATE(true, false);
  INFO((in_header ? "header" : "rows"));
  (in_header ? damaged.mutable_header() : damaged.mutable_groups(0)->mutable_rows())->back() ^= 1;
  {
    sqlite::Database log(hub.world.options.store, {sqlite::Access::read_write, false, {}, 5000});
    auto update = log.prepare("UPDATE batch SET octets = ? WHERE digest = ?");
    update.bind_blob(1, damaged.SerializeAsString()).bind_blob(2, hub.sealed[1].digest.bytes()).step();
  }
  hub.reader.link.on_reply = {};
  std::set<std::string> told;
  for (int look = 0; look < 15; ++look) {
    hub.world.clock.advance(past_retry);
    hub.reader.deliver->run_once();
    for (const flow::Notice& notice : hub.reader.deliver->notices()) told.insert(notice.code);
  }
  CHECK(told.count(in_header ? "QZ-SEAL-071" : "QZ-SEAL-012") == 1);
  CHECK(hub.reader.deliver->lanes()[0].mark < seal::Parsed::from(hub.sealed[1].octets).head().position);
  CHECK(hub.reader.ask("SELECT count(*) FROM received WHERE number = 'n7'") == 0);
  // The provider states all rows again, and nobody needs what lies before that.
  hub.world.post({hub.chain.begin(), hub.chain.rows({"440103", "440104", "440105"}), hub.chain.end()});
  hub.world.hub->trim({"commerce-01", test::firms});
  hub.world.clock.advance(past_retry);
  hub.reader.run_to(hub.chain.head);
  CHECK(hub.reader.ask("SELECT count(*) FROM received") == 2);
}
