// The whole way with the shipped programs: SQLite to SQLite through the hub, and what happens when a part is away.
#include <catch2/catch.hpp>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

bool names(const crash::Page& page, const std::string& text) {
  for (const std::string& error : page.errors)
    if (error.find(text) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("S1.1 rows committed in one SQLite file arrive in the other, with receipt and mark") {
  Exchange exchange;
  exchange.make_source();
  exchange.make_target();
  for (int i = 0; i < 30; ++i) exchange.change();
  exchange.start_all();
  exchange.await_rest();
  const std::int64_t first = exchange.last_event() + 1;
  for (int i = 0; i < 30; ++i) exchange.change();
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  CHECK(exchange.wrong_history(first).empty());
  CHECK(exchange.rows(Who::tax, "SELECT count(*) FROM firms")[0] != "0|");

  // What the page tells is at most a look old.
  exchange.await("a page that tells the end", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    return page.is_reached && page.publications.at(crash::firms_topic).receipted + "|" ==
                                  exchange.rows(Who::tax,
                                                "SELECT epoch || '.' || sequence FROM qianzhi_mark WHERE subscription "
                                                "= 'commerce.opening_registration'")[0];
  });
  const crash::Page sent = exchange.page(Who::commerce);
  INFO(sent.body);
  CHECK(sent.verdict == "well");
  CHECK(sent.headline == "in_sync");
  const auto marks = exchange.rows(Who::tax,
                                   "SELECT epoch || '.' || sequence, length(digest) > 0, length(state) > 0 FROM "
                                   "qianzhi_mark WHERE subscription = 'commerce.opening_registration'");
  REQUIRE(marks.size() == 1);
  CHECK(marks[0] == sent.publications.at(crash::firms_topic).receipted + "|1|1|");
}

TEST_CASE("S1.1 while the hub is away the queue grows and says so, and drains in order afterwards") {
  Exchange exchange;
  exchange.begin(1);
  exchange.kill(Who::hub);
  const std::int64_t first = exchange.last_event() + 1;
  for (int i = 0; i < 50; ++i) exchange.change();
  exchange.await("a queue of 50 events", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    return page.is_reached && page.publications.at(crash::changes_topic).waiting_rows == 50 && names(page, "uplink");
  });
  const crash::Output status = exchange.ask(Who::commerce, {"status"});
  CHECK(status.exit == 0);
  CHECK(status.text.find("[attention]") != std::string::npos);
  CHECK(status.text.find("waiting 50") != std::string::npos);
  CHECK(status.text.find("! uplink: QZ-LINK-") != std::string::npos);
  exchange.start(Who::hub);
  exchange.await_rest();
  CHECK(exchange.wrong_history(first).empty());
  CHECK(exchange.page(Who::commerce).publications.at(crash::changes_topic).waiting_rows == 0);
}

TEST_CASE("S1.1 programs end in order on SIGTERM, and agents start before the hub does") {
  Exchange exchange;
  exchange.make_source();
  exchange.make_target();
  exchange.start(Who::commerce);
  exchange.start(Who::tax);
  for (const Who who : {Who::commerce, Who::tax})
    exchange.await("a page that names the hub", [&] {
      const crash::Page page = exchange.page(who);
      return page.is_reached && names(page, "QZ-LINK-") && page.directory_version == 0;
    });
  for (int i = 0; i < 10; ++i) exchange.change();
  exchange.start(Who::hub);
  exchange.await_rest();
  // While polls are parked and while much is under way.
  for (int i = 0; i < 40; ++i) exchange.change();
  for (const Who who : {Who::commerce, Who::tax, Who::hub}) CHECK_NOTHROW(exchange.stop(who));
  CHECK_FALSE(std::filesystem::exists(exchange.file("commerce-queue.db.sock")));
  exchange.start_all();
  exchange.await_rest();
  // The hub first: agents wait on it.
  for (const Who who : {Who::hub, Who::tax, Who::commerce}) CHECK_NOTHROW(exchange.stop(who));
}

TEST_CASE("E5 an agent whose source is missing starts, serves its page and names what is missing") {
  Exchange exchange;
  exchange.make_target();
  exchange.start_all();
  exchange.await("a page that names the source", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    return page.is_reached && names(page, "business") && names(page, "QZ-ADP-");
  });
  const crash::Output status = exchange.ask(Who::commerce, {"status"});
  CHECK(status.exit == 0);
  CHECK(status.text.find("business") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(exchange.file("commerce.db")));
  exchange.make_source();
  for (int i = 0; i < 5; ++i) exchange.change();
  exchange.await_rest();
}

TEST_CASE("E5 an agent whose target is missing starts, names what is missing, and goes on once it is there") {
  Exchange exchange;
  exchange.make_source();
  for (int i = 0; i < 5; ++i) exchange.change();
  exchange.start_all();
  exchange.await("a page that names the target", [&] {
    const crash::Page page = exchange.page(Who::tax);
    return page.is_reached && names(page, "received: QZ-ADP-");
  });
  exchange.make_target();
  exchange.await_rest();
  CHECK(exchange.difference().empty());
}

TEST_CASE("E5 a second agent on the same queue refuses to start and does no harm") {
  Exchange exchange;
  exchange.begin(1);
  const crash::Output second = exchange.ask(Who::commerce, {"run"});
  CHECK(second.exit == 78);
  exchange.change();
  exchange.await_rest();
}

TEST_CASE("A16 an agent that the operator disables is refused on the connections it has open, others go on") {
  Exchange exchange;
  exchange.begin(5);
  const auto says = [&](Who who) {
    const crash::Page page = exchange.page(who);
    return page.is_reached && names(page, "QZ-LINK-010");
  };
  exchange.disable(Who::tax, true);
  exchange.await(
      "a refusal within a minute", [&] { return says(Who::tax); }, 60);
  CHECK_FALSE(says(Who::commerce));
  const auto before = exchange.rows(Who::tax, "SELECT count(*) FROM events");
  const std::string last = exchange.page(Who::commerce).publications.at(crash::changes_topic).last;
  for (int i = 0; i < 5; ++i) exchange.change();
  // The hub has it meanwhile, and nothing of it arrives.
  exchange.await("what is sealed", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    const auto sent = page.publications.find(crash::changes_topic);
    return page.is_reached && sent != page.publications.end() && sent->second.last != last &&
           sent->second.last == sent->second.receipted;
  });
  CHECK(exchange.rows(Who::tax, "SELECT count(*) FROM events") == before);
  exchange.disable(Who::tax, false);
  exchange.await_rest();
}
