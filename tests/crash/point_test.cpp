// SIGKILL at each named point of the shipped programs: once on the way from nothing, once in the middle of the flow.
// QIANZHI_CRASH_AT makes the program kill itself there.
#include <catch2/catch.hpp>

#include <signal.h>

#include <algorithm>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

// A row that the target refuses until heal(): only then is deliver.after_quarantine reached.
void refuse(Exchange& exchange) {
  exchange.target_sql(
      "CREATE TRIGGER refuse BEFORE INSERT ON firms WHEN NEW.registration_number = 'REFUSED' "
      "BEGIN SELECT raise(ABORT, 'no'); END");
  // A name of its own each time: what the target took after the last refusal never equals what it refuses now.
  const std::string name = "'n" + std::to_string(exchange.last_event()) + "-'";
  exchange.sql("INSERT OR REPLACE INTO enterprise VALUES('REFUSED', " + name + ", NULL, '440103')");
}

void heal(Exchange& exchange) {
  // A later version of the row that the target takes would release it.
  exchange.await("the refused row, and only that, not in the target",
                 [&] { return exchange.difference().find("REFUSED") != std::string::npos && exchange.is_quiet(); });
  const std::string list = exchange.ask(Who::tax, {"quarantine", "list"}).text;
  REQUIRE(list.find("QZ-ADP-033") != std::string::npos);
  // One entry, however often the target refused the row.
  REQUIRE(std::count(list.begin(), list.end(), '\n') == 1);
  exchange.target_sql("DROP TRIGGER refuse");
  REQUIRE(exchange.ask(Who::tax, {"quarantine", "retry", list.substr(0, list.find('\t'))}).exit == 0);
}

// What makes the program reach its point again and again.
void drive(Exchange& exchange, Who who, const std::string& point) {
  exchange.change();
  if (point == "deliver.after_quarantine")
    exchange.sql("UPDATE enterprise SET ent_name = ent_name || 'x' WHERE reg_no = 'REFUSED'");
  // A receiving agent stores little else than directories.
  if (point == "hub.directory.after_commit" || (who == Who::tax && point.find("store.") == 0))
    exchange.change_directory();
}

void kill_from_nothing(Exchange& exchange, Who who, const std::string& point) {
  const bool quarantine = point == "deliver.after_quarantine";
  if (quarantine) refuse(exchange);
  for (int i = 0; i < 10; ++i) exchange.change();
  for (const Who other : {Who::hub, Who::commerce, Who::tax}) exchange.start(other, other == who ? point : "");
  REQUIRE(exchange.await_killed(who, [&] { drive(exchange, who, point); }) == SIGKILL);
  exchange.start(who);
  exchange.change();
  if (quarantine) heal(exchange);
  exchange.await_rest();
}

void kill_in_the_flow(Exchange& exchange, Who who, const std::string& point) {
  const bool quarantine = point == "deliver.after_quarantine";
  const std::int64_t first = exchange.last_event() + 1;
  exchange.stop(who);
  if (quarantine) refuse(exchange);
  exchange.start(who, point + "#2");
  REQUIRE(exchange.await_killed(who, [&] { drive(exchange, who, point); }) == SIGKILL);
  exchange.start(who);
  exchange.change();
  if (quarantine) heal(exchange);
  exchange.await_rest();
  CHECK(exchange.wrong_history(first).empty());
}

void kill_at(Who who, const std::vector<std::string>& points, const std::string& capture = "journal") {
  for (const std::string& point : points) {
    INFO(crash::name_of(who) << " at " << point << ", " << capture);
    Exchange exchange(capture);
    exchange.make_source();
    exchange.make_target();
    kill_from_nothing(exchange, who, point);
    kill_in_the_flow(exchange, who, point);
  }
}

// Stopped as after a restore, the hub is killed while it recovers and while it trims.
void kill_operator(Exchange& exchange, const std::string& point, const std::vector<std::string>& words) {
  const std::vector<std::string> more =
      words[0] == "recover" ? std::vector<std::string>{"--stopped"} : std::vector<std::string>{};
  exchange.stop(Who::hub);
  exchange.start(Who::hub, point, more);
  REQUIRE(exchange.await_killed(Who::hub, [&] { exchange.ask(Who::hub, words); }) == SIGKILL);
  exchange.start(Who::hub);
  exchange.change();
}

}  // namespace

TEST_CASE("A1 A2 SIGKILL of the providing agent around each commit of its store") {
  kill_at(Who::commerce, {"store.before_commit", "store.after_commit"});
}

TEST_CASE("A1 A2 SIGKILL of the providing agent around capture") {
  kill_at(Who::commerce, {"capture.before_store", "capture.after_store"});
}

TEST_CASE("A1 A2 SIGKILL of the providing agent around a post") {
  kill_at(Who::commerce, {"uplink.before_post", "uplink.after_post"});
}

TEST_CASE("A1 A2 R3.3 SIGKILL of an agent that compares its table, around each commit, capture and post") {
  kill_at(Who::commerce,
          {"store.before_commit", "store.after_commit", "capture.before_store", "capture.after_store",
           "uplink.before_post", "uplink.after_post"},
          "diff");
}

TEST_CASE("A1 A2 SIGKILL of the receiving agent around each commit of its store") {
  kill_at(Who::tax, {"store.before_commit", "store.after_commit"});
}

TEST_CASE("A1 A2 SIGKILL of the receiving agent around apply and between quarantine and apply") {
  kill_at(Who::tax, {"deliver.before_apply", "deliver.after_apply", "deliver.after_quarantine"});
}

TEST_CASE("A1 A2 SIGKILL of the hub around the commit of a post and before its reply") {
  kill_at(Who::hub, {"hub.post.before_commit", "hub.post.after_commit", "hub.post.before_reply"});
}

TEST_CASE("A1 A2 SIGKILL of the hub after it stored a directory") { kill_at(Who::hub, {"hub.directory.after_commit"}); }

TEST_CASE("A1 A2 R6.6 SIGKILL of the hub while an operator recovers it or trims its log") {
  Exchange exchange;
  exchange.begin(10);
  const std::int64_t first = exchange.last_event() + 1;
  kill_operator(exchange, "hub.trim.after_commit", {"trim", "commerce-01", crash::firms_topic});
  exchange.await_rest();
  kill_operator(exchange, "hub.recover.before_commit", {"recover", "--yes"});
  // Nothing of it was committed: it is still stopped, and says so to everybody.
  exchange.await("agents that say the hub is stopped",
                 [&] { return exchange.ask(Who::commerce, {"status"}).text.find("QZ-AGT-040") != std::string::npos; });
  exchange.await("a hub that came back stopped",
                 [&] { return exchange.ask(Who::hub, {"status"}).text.find("QZ-HUB-025") != std::string::npos; });
  REQUIRE(exchange.ask(Who::hub, {"recover", "--yes"}).exit == 0);
  exchange.await_rest();
  CHECK(exchange.wrong_history(first).empty());
}
