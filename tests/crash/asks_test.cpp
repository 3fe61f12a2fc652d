// A table of requests in the department's own PostgreSQL, by the shipped programs, which are killed, and so is the
// server.
#include <signal.h>

#include <catch2/catch.hpp>
#include <random>

#include "tests/crash/bureaus.h"
#include "tests/support/postgres_server.h"

using namespace qianzhi;

namespace {

using crash::asking_agent;
using crash::Bureaus;
using crash::Database;
using crash::NewExchange;
using Lines = std::vector<std::string>;

struct RequestTable {
  RequestTable() : city(2, configuration(), [this](NewExchange& exchange) { install(exchange); }) {}

  std::string configuration() const {
    const std::string database = "{type: postgresql, dsn: \"" + server.dsn() + "\"";
    return "sources:\n  own: " + database + ", capture: diff}\ntargets:\n  own-answers: " + database +
           "}\nasks:\n  - name: lottery\n    source: own\n    target: own-answers\n    requests:\n"
           "      table: check_request\n      key: {column: id, type: text, length: 20}\n      where: {state: [new]}\n"
           "    service: check.person_standing\n    items: {citizen_number: id_no, person_name: name}\n"
           "    purpose: " +
           crash::stated_purpose + "\n    basis: " + crash::stated_basis +
           "\n    case: {column: case_no}\n    person: {column: clerk}\n    within: 1h\n"
           "    answers: {table: check_answer, rename: {reason: why}}\n    poll_interval: 200ms\n    rows: 7\n";
  }
  void install(NewExchange& exchange) {
    const std::string catalogue = (city.catalogue.dir / "catalogue").string();
    const Lines looked = {"check", "--live", "--catalogue", catalogue};
    run("CREATE TABLE check_request(id varchar(20) PRIMARY KEY, id_no varchar(18), name text, case_no text, clerk "
        "text, "
        "state varchar(10) NOT NULL DEFAULT 'new')");
    // Before the tables are there its DBA is told what is missing, and afterwards that nothing is.
    const crash::Output before = exchange.on(asking_agent, looked);
    CHECK(before.exit != 0);
    CHECK(before.text.find("check_answer") != std::string::npos);
    run(exchange.says(asking_agent, {"plan", "--catalogue", catalogue, "install"}));
    const crash::Output after = exchange.on(asking_agent, looked);
    INFO(after.text);
    CHECK(after.exit == 0);
    CHECK(after.text.find("requests lottery") != std::string::npos);
    const std::string grants = exchange.says(asking_agent, {"plan", "--catalogue", catalogue, "grants"});
    CHECK(grants.find("\"check_request\"") != std::string::npos);
    CHECK(exchange.says(asking_agent, {"plan", "--catalogue", catalogue, "uninstall"}).find("\"check_answer\"") !=
          std::string::npos);
  }
  // With a new connection wherever the server ended the one before.
  void run(const std::string& text) {
    for (;;) try {
        return crash::open_postgresql(server.dsn())->run(text);
      } catch (const crash::Lost&) {
      }
  }
  Lines rows(const std::string& query) const { return crash::open_postgresql(server.dsn())->rows(query); }
  void request(int number) {
    const std::string id = std::to_string(number);
    // Every tenth is no question; every third person is known.
    run("INSERT INTO check_request(id, id_no, name, case_no, clerk) VALUES('r" + id + "', " +
        (number % 10 == 0  ? "NULL"
         : number % 3 == 0 ? "'11010519491231002X'"
                           : "'110105194912310011'") +
        ", '张三', 'case-" + std::to_string(number % 4) + "', 'clerk') ON CONFLICT DO NOTHING");
  }

  test::PostgresServer server;
  Bureaus city;
};

std::size_t times(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

void kill_some(RequestTable& table, std::mt19937& random) {
  NewExchange& exchange = table.city.exchange;
  switch (random() % 5) {
    case 0:
      exchange.program(asking_agent).signal(SIGKILL);
      exchange.program(asking_agent).wait(60);
      return exchange.start(asking_agent);
    case 1:
      for (const pid_t adapter : crash::children_of(exchange.program(asking_agent).id())) kill(adapter, SIGKILL);
      return;
    case 2: return table.server.crash(), table.server.start();
    case 3: exchange.kill_hub(); return exchange.start_hub();
    default:
      exchange.program("bureau-01").signal(SIGKILL);
      exchange.program("bureau-01").wait(60);
      return exchange.start("bureau-01");
  }
}

}  // namespace

TEST_CASE(
    "S4.3 S2.8 a request table by the shipped programs: whatever is killed, each row is asked and answered once") {
  RequestTable table;
  NewExchange& exchange = table.city.exchange;
  std::mt19937 random(7);
  constexpr int count = 60;
  for (int number = 1; number <= count; ++number) {
    table.request(number);
    if (number % 6 == 0) kill_some(table, random);
  }
  table.run("INSERT INTO check_request(id, id_no, name, state) VALUES('draft', '110105194912310011', 'x', 'draft')");
  exchange.await("all answers", [&] {
    return table.rows("SELECT count(*) FROM check_answer WHERE qz_line = 0 AND qz_state IN ('over', 'refused')")[0] ==
           std::to_string(count) + "|";
  });
  CHECK(table.rows("SELECT count(*) FROM check_answer WHERE qz_line = 0")[0] == std::to_string(count) + "|");
  CHECK(table.rows("SELECT count(*), min(qz_code) FROM check_answer WHERE qz_state = 'refused'")[0] == "6|QZ-AGT-166|");
  CHECK(table.rows("SELECT count(*), count(DISTINCT qz_provider), count(has_standing) FROM check_answer WHERE "
                   "qz_line = 1 AND qz_state = 'answered' AND qz_verdict = 'found'")[0] == "36|2|36|");
  CHECK(table.rows("SELECT count(*) FROM check_answer WHERE qz_line = 1 AND qz_verdict = 'not_found'")[0] == "72|");
  // Asked once: what went through the hub is what the table tells of.
  const std::string asked = table.rows("SELECT 2 * count(DISTINCT qz_inquiry) FROM check_answer WHERE qz_line = 0")[0];
  CHECK(std::to_string(times(exchange.hub_says({"audit"}), "request.ask")) + "|" == asked);
}
