// A row that breaks its topic's rules: set aside, told of without its values, cured, retried or given up.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/crash/verdict.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

std::string list(Exchange& exchange) { return exchange.ask(Who::commerce, {"quarantine", "list"}).text; }

void await_entries(Exchange& exchange, std::ptrdiff_t number) {
  exchange.await(std::to_string(number) + " entries in quarantine", [&] {
    const std::string text = list(exchange);
    const bool none = text.find("QZ-") == std::string::npos;
    return (none ? 0 : std::count(text.begin(), text.end(), '\n')) == number;
  });
}

std::string first_id(Exchange& exchange) {
  const std::string text = list(exchange);
  return text.substr(0, text.find('\t'));
}

void start(Exchange& exchange) { exchange.begin(5); }

std::string target_row(Exchange& exchange, const std::string& key) {
  const auto rows = exchange.rows(Who::tax, "SELECT postal_code FROM firms WHERE registration_number = '" + key + "'");
  return rows.empty() ? "" : rows[0];
}

}  // namespace

TEST_CASE("E5 a bad row is set aside, everything else flows, and curing it at the source releases it") {
  Exchange exchange;
  start(exchange);
  const crash::Told told{"quarantine", "QZ-MAP-"};
  crash::check_told(exchange, told, [&] {
    exchange.sql("INSERT INTO enterprise VALUES('BAD', '秘密企业', 'SECRET', '440103')");
    exchange.change();
  });
  await_entries(exchange, 1);
  const std::string text = list(exchange);
  CHECK(text.find(crash::firms_topic) != std::string::npos);
  CHECK(text.find("QZ-MAP-") != std::string::npos);
  CHECK(text.find("postal_code") != std::string::npos);
  for (const char* value : {"SECRET", "秘密企业", "BAD"}) CHECK(text.find(value) == std::string::npos);
  CHECK(exchange.page(Who::commerce).body.find("SECRET") == std::string::npos);
  CHECK(crash::text_of(exchange.file("commerce.log")).find("SECRET") == std::string::npos);
  CHECK(exchange.ask(Who::commerce, {"quarantine", "show", first_id(exchange)}).text.find("SECRET") !=
        std::string::npos);
  const std::string last = "F" + std::to_string(exchange.last_event());
  exchange.await("the row behind the bad one", [&] { return target_row(exchange, last) == "510000|"; });
  CHECK(target_row(exchange, "BAD").empty());

  crash::check_cured(exchange, told,
                     [&] { exchange.sql("UPDATE enterprise SET postal = '510001' WHERE reg_no = 'BAD'"); });
  CHECK(list(exchange).find("QZ-") == std::string::npos);
  exchange.await_rest();
  CHECK(target_row(exchange, "BAD") == "510001|");
}

TEST_CASE("E5 a row that was good and becomes bad leaves the target, and survives a kill in quarantine") {
  Exchange exchange;
  start(exchange);
  exchange.sql("INSERT INTO enterprise VALUES('TURNS', 'n', '510000', '440103')");
  exchange.await_rest();
  exchange.sql("UPDATE enterprise SET postal = 'X' WHERE reg_no = 'TURNS'");
  await_entries(exchange, 1);
  exchange.kill(Who::commerce);
  exchange.start(Who::commerce);
  await_entries(exchange, 1);
  exchange.sql("DELETE FROM enterprise WHERE reg_no = 'TURNS'");
  exchange.await_rest();
  await_entries(exchange, 0);
}

TEST_CASE("E5 one bad row is cured by the mapping, another retried and given up with a reason") {
  Exchange exchange;
  start(exchange);
  exchange.sql("INSERT INTO enterprise VALUES('WIDE', 'n', '５１００００', '440103')");
  await_entries(exchange, 1);
  exchange.stop(Who::commerce);
  exchange.write_commerce("{column: postal, normalise: [trim, width]}");
  exchange.start(Who::commerce);
  // What was sent by another mapping is sent again, and what it set aside with it.
  await_entries(exchange, 0);
  exchange.await("the cured row", [&] { return target_row(exchange, "WIDE") == "510000|"; });

  exchange.sql("INSERT INTO enterprise VALUES('BAD', 'n', 'X', '440103')");
  await_entries(exchange, 1);
  const std::string bad = first_id(exchange);
  CHECK(exchange.ask(Who::commerce, {"quarantine", "skip", bad}).exit != 0);
  await_entries(exchange, 1);
  CHECK(exchange.ask(Who::commerce, {"quarantine", "retry", bad}).exit == 0);
  exchange.await("a retry that failed again",
                 [&] { return exchange.page(Who::commerce).body.find("\"tries\":\"1\"") != std::string::npos; });
  CHECK(exchange.ask(Who::commerce, {"quarantine", "skip", bad, "--reason", "已注销", "--yes"}).exit == 0);
  await_entries(exchange, 0);
  CHECK(exchange.ask(Who::commerce, {"quarantine", "skip", bad, "--reason", "x", "--yes"}).exit != 0);
  CHECK(target_row(exchange, "BAD").empty());
}
