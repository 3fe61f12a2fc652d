// What a person is told of a running agent, and how soon: the same on the page, at the command line and in the log.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

using Stopwatch = std::chrono::steady_clock;
constexpr auto longest = std::chrono::seconds(10);

void await_headline(Exchange& exchange, const std::string& headline) {
  exchange.await("headline " + headline, [&] { return exchange.page(Who::commerce).headline == headline; });
}

// Once that has happened the page must say so within ten seconds, and the command line and the log the same code.
void soon(Exchange& exchange, const std::string& headline, const std::string& code,
          const std::function<void()>& happen) {
  const std::string log = exchange.file("commerce.log");
  const std::size_t logged = crash::text_of(log).size();
  INFO(headline << " " << code);
  happen();
  const auto begun = Stopwatch::now();
  exchange.await(headline + " with " + code, [&] {
    const crash::Page page = exchange.page(Who::commerce);
    return page.headline == headline && page.body.find(code) != std::string::npos &&
           crash::text_of(log).find(code, logged) != std::string::npos;
  });
  CHECK(Stopwatch::now() - begun < longest);
  CHECK(exchange.ask(Who::commerce, {"status"}).text.find(code) != std::string::npos);
  CHECK(exchange.ask(Who::commerce, {"status", "--json"}).text.find("\"headline\":\"" + headline + "\"") !=
        std::string::npos);
}

}  // namespace

TEST_CASE(
    "E5 a hub that is away is told within ten seconds on page, command line and log, and real states have real words") {
  Exchange exchange;
  exchange.begin(3);
  await_headline(exchange, "idle");  // the table was sent whole, and no change came since

  // A hub that does not answer yet: what is under way is under way.
  exchange.program(Who::hub).signal(SIGSTOP);
  exchange.change();
  await_headline(exchange, "catching_up");
  exchange.program(Who::hub).signal(SIGCONT);
  await_headline(exchange, "in_sync");

  soon(exchange, "retrying", "QZ-LINK-", [&] { exchange.kill(Who::hub); });
  exchange.start(Who::hub);
  await_headline(exchange, "in_sync");

  const auto triggers = exchange.rows(
      Who::commerce,
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'enterprise' AND name LIKE '%\\_u' ESCAPE "
      "'\\'");
  REQUIRE(triggers.size() == 1);
  const std::string drop = "DROP TRIGGER \"" + triggers[0].substr(0, triggers[0].size() - 1) + "\"";
  soon(exchange, "failed", "QZ-AGT-031", [&] { exchange.sql(drop); });
}
