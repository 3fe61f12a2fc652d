// What a person is told of a running agent, and how soon: the same on the page, at the command line and in the log.
// Other faults of E5 and states of the page are where they come about anyway: a source that is down in look_test.cpp, a
// full disk in disk_full_test.cpp, a row set aside in quarantine_test.cpp, before enrolment in page_test.cpp.
#include "tests/crash/verdict.h"

#include <signal.h>

#include <catch2/catch.hpp>
#include <fstream>

using namespace qianzhi;
using crash::await_headline;
using crash::check_cured;
using crash::check_told;
using crash::Exchange;
using crash::Who;

namespace {

void set_in(const std::filesystem::path& file, const std::string& from, const std::string& to) {
  std::string text = crash::text_of(file);
  std::size_t found = 0;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()), ++found)
    text.replace(at, from.size(), to);
  REQUIRE(found != 0);
  std::ofstream(file, std::ios::trunc) << text;
}

std::string dropped_trigger(Exchange& exchange) {
  const auto triggers = exchange.rows(
      Who::commerce,
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'enterprise' AND name LIKE '%\\_u' ESCAPE "
      "'\\'");
  REQUIRE(triggers.size() == 1);
  return "DROP TRIGGER \"" + triggers[0].substr(0, triggers[0].size() - 1) + "\"";
}

// As who runs the PKI: another key and certificate for commerce, good for so many days; the hub is told.
void certify(Exchange& exchange, const std::string& days) {
  const std::filesystem::path pki = exchange.file("pki");
  const std::filesystem::path next = exchange.file("pki-next");
  std::filesystem::remove_all(next);
  std::filesystem::copy(pki, next);
  for (const char* end : {".crt", ".key"}) std::filesystem::remove(next / (std::string("commerce-01") + end));
  const crash::Output made = crash::run({"/usr/bin/env", "QIANZHI_PKI_DAYS=" + days,
                                         QIANZHI_SOURCE_DIR "/packaging/pki/make-pki", next.string(), "commerce-01"},
                                        exchange.file("pki.log"));
  INFO(made.text);
  REQUIRE(made.exit == 0);
  for (const char* end : {".key", ".crt"}) {
    const std::string name = std::string("commerce-01") + end;
    std::filesystem::rename(next / name, pki / name);
  }
  exchange.change_directory();
}

void check_certificate(Exchange& exchange) {
  const crash::Told told{"failed", "QZ-AGT-125"};
  check_told(exchange, told, [&] { certify(exchange, "0"); });
  CHECK(exchange.ask(Who::commerce, {"doctor"}).text.find("QZ-CLI-027") != std::string::npos);
  check_cured(exchange, told, [&] { certify(exchange, "30"); });
  exchange.change();
  exchange.await_rest();
}

void check_clock(Exchange& exchange) {
  const crash::Told told{"attention", "QZ-AGT-103"};
  const std::filesystem::path ahead = exchange.file("ahead");
  check_told(exchange, told, [&] { std::ofstream(ahead) << "3600"; });
  // The hub answers with its own time, at once when there is a new directory.
  exchange.change_directory();
  exchange.await("the difference to the hub's clock", [&] {
    const crash::Page page = exchange.page(Who::commerce);
    return page.findings == std::vector<std::string>{"QZ-AGT-103", "QZ-AGT-025"};
  });
  check_cured(exchange, told, [&] {
    std::filesystem::remove(ahead);
    exchange.change_directory();
  });
}

// Nothing jumped that the agent could have seen: the hub's time tells, and the step when it is put right.
void check_clock_wrong_from_the_start(Exchange& exchange) {
  const std::filesystem::path ahead = exchange.file("ahead");
  exchange.kill(Who::commerce);
  std::ofstream(ahead) << "3600";
  check_told(exchange, {"attention", "QZ-AGT-025"}, [&] { exchange.start(Who::commerce); });
  CHECK(exchange.page(Who::commerce).findings == std::vector<std::string>{"QZ-AGT-025"});
  std::filesystem::remove(ahead);
  exchange.change_directory();
  exchange.await("the step of the clock, and no difference any more",
                 [&] { return exchange.page(Who::commerce).findings == std::vector<std::string>{"QZ-AGT-103"}; });
  exchange.change();
  exchange.await_rest();
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

  check_told(exchange, {"retrying", "QZ-LINK-"}, [&] { exchange.kill(Who::hub); });
  check_cured(exchange, {"retrying", "QZ-LINK-"}, [&] { exchange.start(Who::hub); });
  check_told(exchange, {"failed", "QZ-AGT-031"}, [&] { exchange.sql(dropped_trigger(exchange)); });

  // Nobody is there to ask: that is said too.
  exchange.kill(Who::commerce);
  const crash::Output gone = exchange.ask(Who::commerce, {"status"});
  INFO(gone.text);
  CHECK(gone.exit != 0);
  CHECK(gone.text.find("QZ-") != std::string::npos);
}

TEST_CASE(
    "E5 an expired certificate and a clock an hour ahead are told within ten seconds, and no longer than they last") {
  Exchange exchange;
  exchange.set_environment(
      Who::commerce, {"LD_PRELOAD=" QIANZHI_FAULT_LIBRARY, "QIANZHI_FAULT_CLOCK=" + exchange.file("ahead").string()});
  exchange.begin(1);
  check_certificate(exchange);
  check_clock(exchange);
  check_clock_wrong_from_the_start(exchange);
}

// Sixty-four MiB, the least that a queue may hold.
TEST_CASE("E5 tables that are sent whole are told as that, and a full queue as a pause", "[.][long]") {
  Exchange exchange;
  set_in(exchange.config(Who::commerce), "max_size: 1GiB", "max_size: 64MiB");
  set_in(exchange.config(Who::commerce), "batch: {rows: 7,", "batch: {rows: 5000,");
  exchange.begin(1);
  // A hub that does not answer: what waits for it is no fault yet.
  exchange.program(Who::hub).signal(SIGSTOP);
  exchange.sql(
      "INSERT INTO ent_change WITH RECURSIVE number(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM number WHERE n < "
      "40000) SELECT n, 'F1', 'n', 'i', hex(randomblob(2000)), '440103' FROM number");
  CHECK(exchange.ask(Who::commerce, {"resync", crash::changes_topic}).exit == 0);
  await_headline(exchange, "snapshot");
  check_told(exchange, {"paused", "QZ-AGT-020"}, [&] { await_headline(exchange, "paused"); });
  exchange.program(Who::hub).signal(SIGCONT);
}
