// The drills of packaging/RESTORE.md and of a table that is altered, with the shipped programs and the commands that
// stand there.
#include <catch2/catch.hpp>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

std::string epoch_of(const std::string& position) { return position.substr(0, position.find('.')); }

struct Drill {
  Exchange exchange;

  Drill() {
    exchange.make_source();
    exchange.make_target();
    exchange.start_all();
    changes();
    exchange.await_rest();
  }
  void changes() {
    for (int i = 0; i < 15; ++i) exchange.change();
  }
  std::string epoch() { return epoch_of(exchange.page(Who::commerce).publications.at(crash::firms_topic).receipted); }
  bool commerce_says(const std::string& code) {
    const crash::Page page = exchange.page(Who::commerce);
    return page.is_reached && page.body.find(code) != std::string::npos;
  }
};

}  // namespace

TEST_CASE("R6.8 R6.6 drill: the hub's disk is lost, and it comes back from a backup without a refill") {
  Drill drill;
  Exchange& exchange = drill.exchange;
  const crash::Output backup = exchange.ask(Who::hub, {"backup", exchange.file("backups").string()});
  CHECK(backup.exit != 0);  // the directory is not there yet
  CHECK(backup.text.find("QZ-HUB-054") != std::string::npos);
  std::filesystem::create_directory(exchange.file("backups"));
  const crash::Output made = exchange.ask(Who::hub, {"backup", exchange.file("backups").string()});
  REQUIRE(made.exit == 0);
  const std::string file = made.text.substr(0, made.text.find('\n'));
  REQUIRE(std::filesystem::exists(file));
  const std::int64_t first = exchange.last_event() + 1;
  drill.changes();
  exchange.await_rest();

  exchange.kill(Who::hub);
  exchange.replace_store(Who::hub, file);
  drill.changes();
  exchange.start(Who::hub);
  exchange.await("a hub that is stopped", [&] {
    const crash::Output status = exchange.ask(Who::hub, {"status"});
    return status.exit == 0 && status.text.find("STOPPED QZ-HUB-025") != std::string::npos;
  });
  exchange.await("an agent that says so", [&] { return drill.commerce_says("QZ-HUB-025"); });
  CHECK(exchange.ask(Who::hub, {"recover", "--yes"}).exit == 0);
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  CHECK(exchange.wrong_history(first).empty());
  CHECK(drill.epoch() == "1");
}

TEST_CASE("R5.3.3 drill: an agent's disk is lost, and it begins anew with nothing lost or doubled") {
  Drill drill;
  Exchange& exchange = drill.exchange;
  exchange.kill(Who::commerce);
  exchange.replace_store(Who::commerce, {});
  drill.changes();
  exchange.start(Who::commerce);
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  CHECK(drill.epoch() == "2");
  // The receiver's queue holds nothing that its target does not know better.
  exchange.kill(Who::tax);
  exchange.replace_store(Who::tax, {});
  drill.changes();
  exchange.start(Who::tax);
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  CHECK(drill.epoch() == "2");
}

TEST_CASE("R7.1 drill: a target comes back from yesterday's backup and is brought forward") {
  Drill drill;
  Exchange& exchange = drill.exchange;
  const std::filesystem::path yesterday = exchange.file("yesterday.db");
  exchange.rows(Who::tax, "VACUUM INTO '" + yesterday.string() + "'");
  drill.changes();
  exchange.await_rest();
  exchange.stop(Who::tax);
  exchange.replace_database(Who::tax, yesterday);
  CHECK_FALSE(exchange.difference().empty());
  exchange.start(Who::tax);
  exchange.await_rest();
  CHECK(exchange.difference().empty());
  CHECK(exchange.wrong_history(1).empty());
  CHECK(drill.epoch() == "1");
}

TEST_CASE("R2.2.3 R2.3 drill: a source comes back from yesterday's backup, an operator looks at it and confirms") {
  Drill drill;
  Exchange& exchange = drill.exchange;
  const std::filesystem::path yesterday = exchange.file("yesterday.db");
  exchange.rows(Who::commerce, "VACUUM INTO '" + yesterday.string() + "'");
  drill.changes();
  exchange.await_rest();
  exchange.stop(Who::commerce);
  exchange.replace_database(Who::commerce, yesterday);
  exchange.start(Who::commerce);
  exchange.await("a capture that is stopped", [&] { return drill.commerce_says("QZ-AGT-034"); });
  CHECK_FALSE(exchange.difference().empty());  // nothing was taken back without a word
  const crash::Output misspelt = exchange.ask(Who::commerce, {"resync", "--source", "busines", "--confirm"});
  CHECK(misspelt.exit != 0);
  CHECK(misspelt.text.find("QZ-AGT-071") != std::string::npos);
  CHECK(exchange.ask(Who::commerce, {"resync", "--source", "business", "--confirm"}).exit == 0);
  exchange.await_rest();
  CHECK(exchange.difference().empty());
}

TEST_CASE(
    "P28 drill: a column is renamed, the status names file, line, old and new shape, and corrected it is refilled") {
  Drill drill;
  Exchange& exchange = drill.exchange;
  exchange.sql("ALTER TABLE enterprise RENAME COLUMN postal TO zip");
  exchange.sql("INSERT INTO enterprise(reg_no, ent_name, zip, district) VALUES('NEW', 'n', '510000', '440103')");
  exchange.await("a publication that is stopped", [&] { return drill.commerce_says("QZ-AGT-032"); });
  const std::string text = exchange.ask(Who::commerce, {"status"}).text;
  INFO(text);
  CHECK(text.find("commerce.yaml:") != std::string::npos);
  CHECK(text.find("items.postal_code <- postal：原 was TEXT，现 is 不存在 missing") != std::string::npos);
  CHECK(text.find("renamed to zip TEXT") != std::string::npos);
  // The other topic of the source flows.
  const auto before = exchange.rows(Who::tax, "SELECT count(*) FROM events");
  exchange.sql("INSERT INTO ent_change VALUES(900001, 'NEW', 'n', 'item', 'content', '440103')");
  exchange.await("the other topic", [&] { return exchange.rows(Who::tax, "SELECT count(*) FROM events") != before; });
  CHECK(exchange.rows(Who::tax, "SELECT 1 FROM firms WHERE registration_number = 'NEW'").empty());
  // A refill that is asked for meanwhile waits, and says so.
  const crash::Output waits = exchange.ask(Who::commerce, {"resync", crash::firms_topic});
  CHECK(waits.exit == 0);
  CHECK(waits.text.find("QZ-AGT-032") != std::string::npos);
  exchange.stop(Who::commerce);
  exchange.write_commerce("zip");
  exchange.start(Who::commerce);
  exchange.await("the refill", [&] {
    return exchange.rows(Who::tax, "SELECT postal_code FROM firms WHERE registration_number = 'NEW'") ==
           std::vector<std::string>{"510000|"};
  });
  CHECK_FALSE(drill.commerce_says("QZ-AGT-032"));
}

TEST_CASE("R4.1 drill: one district of one topic is refilled by command, whose answer says what it will read") {
  Drill drill;
  Exchange& exchange = drill.exchange;
  exchange.target_sql("UPDATE firms SET enterprise_name = 'spoilt'");
  const crash::Output asked =
      exchange.ask(Who::commerce, {"resync", crash::firms_topic, "--groups", crash::granted_district, "--json"});
  INFO(asked.text);
  REQUIRE(asked.exit == 0);
  CHECK(asked.text.find("\"groups\":\"440103\"") != std::string::npos);
  CHECK(asked.text.find("\"estimated\":\"") != std::string::npos);
  const std::string others = "SELECT count(*) FROM firms WHERE enterprise_name = 'spoilt' AND area_code <> '440103'";
  const auto spoilt = exchange.rows(Who::tax, others);
  exchange.await("the district", [&] {
    return exchange.rows(Who::tax, "SELECT 1 FROM firms WHERE enterprise_name = 'spoilt' AND area_code = '440103'")
        .empty();
  });
  CHECK(exchange.rows(Who::tax, others) == spoilt);
  const crash::Output unknown = exchange.ask(Who::commerce, {"resync", "no.such.topic"});
  CHECK(unknown.exit != 0);
  CHECK(unknown.text.find("QZ-AGT-071") != std::string::npos);
  const crash::Output all = exchange.ask(Who::commerce, {"resync", crash::firms_topic});
  CHECK(all.text.find("约 about") != std::string::npos);
  exchange.await_rest();
  CHECK(exchange.difference().empty());
}
