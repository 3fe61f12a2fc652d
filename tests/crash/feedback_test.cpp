// Submit and feedback (S4.6): a row that is sent out gets the result of whoever works on it, as ordinary topics both
// ways.
#include <catch2/catch.hpp>

#include "tests/crash/new_exchange.h"

using namespace qianzhi;
using crash::NewExchange;

namespace {

constexpr char tax_parts[] = R"(sources:
  own: {type: sqlite, file: tax-01.db, capture: journal, poll_interval: 50ms}
targets:
  received: {type: sqlite, file: tax-01.db}
publications:
  - topic: national_tax.revocation_request
    source: own
    table: request
    items:
      registration_number: reg_no
      enterprise_name: name
      revocation_request_reason: reason
      revocation_request_date: day
      area_code: {area: {column: district}}
subscriptions:
  - {topic: commerce.licence_revocation, target: received, table: revocation}
)";
constexpr char commerce_parts[] = R"(sources:
  own: {type: sqlite, file: commerce-01.db, capture: journal, poll_interval: 50ms}
targets:
  received: {type: sqlite, file: commerce-01.db}
publications:
  - topic: commerce.licence_revocation
    source: own
    table: licence
    where: {status: [revoked]}
    items:
      registration_number: reg_no
      enterprise_name: name
      revocation_reason: reason
      revocation_date: day
      area_code: {area: {column: district}}
subscriptions:
  - {topic: national_tax.revocation_request, target: received, table: request}
)";

}  // namespace

TEST_CASE(
    "S4.6 S1.7 a request to revoke a licence is worked on by commerce, and the result comes back to who sent it") {
  NewExchange exchange;
  exchange.enrol("tax-01", "national_tax", tax_parts);
  exchange.enrol("commerce-01", "commerce", commerce_parts);
  crash::Database& tax = exchange.database("tax-01");
  crash::Database& commerce = exchange.database("commerce-01");
  tax.run(
      "CREATE TABLE request(reg_no TEXT, name TEXT, reason TEXT, day TEXT, district TEXT, PRIMARY KEY(reg_no, day))");
  commerce.run(
      "CREATE TABLE licence(reg_no TEXT PRIMARY KEY NOT NULL, name TEXT, reason TEXT, day TEXT, district TEXT, status "
      "TEXT)");
  commerce.run(
      "INSERT INTO licence VALUES('F1', '甲公司', NULL, NULL, '440103', 'open'), ('F2', '乙公司', NULL, NULL,"
      " '440103', 'open')");
  for (const char* agent : {"tax-01", "commerce-01"}) exchange.install(agent);
  exchange.hub_says({"provision", "add", "national_tax.revocation_request", "tax-01"});
  exchange.hub_says({"provision", "add", "commerce.licence_revocation", "commerce-01"});
  const std::vector<std::string> why = {"--purpose", "市场监管", "--basis", "企业基础信息共享办法"};
  const auto grant = [&](const char* topic, const char* department) {
    std::vector<std::string> words = {"grant", "add", topic, department};
    words.insert(words.end(), why.begin(), why.end());
    exchange.hub_says(words);
  };
  grant("national_tax.revocation_request", "commerce");
  grant("commerce.licence_revocation", "national_tax");
  for (const char* agent : {"tax-01", "commerce-01"}) exchange.start(agent);
  for (const char* agent : {"tax-01", "commerce-01"}) exchange.await_connected(agent);

  tax.run("INSERT INTO request VALUES('F1', '甲公司', '连续六个月未申报', '2006-03-01', '440103')");
  exchange.await("the request at commerce", [&] {
    return commerce.rows("SELECT registration_number, revocation_request_reason FROM request") ==
           std::vector<std::string>{"F1|连续六个月未申报|"};
  });
  // Commerce's own system does what was asked, from the table that its agent filled.
  commerce.run(
      "UPDATE licence SET status = 'revoked', reason = '逾期未年检', day = '2006-04-01' WHERE reg_no IN (SELECT "
      "registration_number FROM request)");
  exchange.await("the result at the tax bureau", [&] {
    return tax.rows(
               "SELECT q.reg_no, r.revocation_date, r.revocation_reason FROM request q JOIN revocation r ON "
               "r.registration_number = q.reg_no") == std::vector<std::string>{"F1|2006-04-01|逾期未年检|"};
  });
  // What nobody asked for, and what was not done, does not come.
  CHECK(tax.rows("SELECT count(*) FROM revocation") == std::vector<std::string>{"1|"});
  // The result is taken back: so is the row.
  commerce.run("UPDATE licence SET status = 'open' WHERE reg_no = 'F1'");
  exchange.await("the end of the result",
                 [&] { return tax.rows("SELECT count(*) FROM revocation") == std::vector<std::string>{"0|"}; });
}
