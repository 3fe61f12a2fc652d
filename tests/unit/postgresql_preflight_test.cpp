// What preflight and plan say, and that damaged replication messages are refused.
#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

#include "adapters/postgresql/names.h"
#include "adapters/postgresql/pgoutput.h"
#include "adapters/postgresql/session.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "tests/unit/postgresql_support.h"

using namespace qianzhi;
using namespace qianzhi::test;
using adapter::Finding;
using adapter::Severity;

namespace {

bool has(const std::vector<Finding>& findings, const std::string& code, const std::string& cure = "") {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.code == code && finding.cure.find(cure) != std::string::npos;
  });
}

std::string errors_of(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    if (finding.severity == Severity::error) text += finding.code + " " + finding.detail + "\n";
  return text;
}

}  // namespace

TEST_CASE("No session of ours lets the server compile what it is asked") {
  const PostgresDatabase database;
  for (const auto purpose : {postgresql::Purpose::read, postgresql::Purpose::write, postgresql::Purpose::replicate}) {
    postgresql::Session session(database.connection(), purpose);
    CHECK(session.run("SHOW jit", "asking for a setting").view(0, 0) == "off");
  }
}

TEST_CASE("P14 The role that the plan makes can do its work and nothing more") {
  PostgresDatabase database;
  FirmSource firm(database);
  const std::string role = "agent_" + database.name();
  database.sql().run("CREATE TABLE secret (id int PRIMARY KEY)");
  firm.spec.connection.options["dsn"] = shared_server().dsn(database.name(), role);
  firm.spec.canary = "qianzhi.beats";
  firm.spec.tables.push_back({"qianzhi.beats", {adapter::canary_id, adapter::canary_beat}, {adapter::canary_id}, {}});
  database.sql().run(firm.adapter->plan_source(firm.spec).install);
  database.sql().run(firm.adapter->plan_source(firm.spec).grants);
  const auto findings = firm.open()->preflight();
  CHECK(errors_of(findings).empty());
  CHECK_FALSE(has(findings, "QZ-PG-030"));
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  CHECK(reader.take(1).size() == 1);
  CHECK(snapshot_of(reader.source(), 0).size() == 1);
  Sql agent(shared_server().dsn(database.name(), role));
  CHECK_THROWS(agent.run("SELECT * FROM secret"));
  CHECK_THROWS(agent.run("DELETE FROM firm"));
  reader.source().beat("x");
  CHECK(reader.take(1).size() == 1);
  CHECK(database.sql().run("SELECT beat FROM qianzhi.beats") == "x");
  for (const char* more : {"DELETE FROM qianzhi.beats", "INSERT INTO qianzhi.beats VALUES (2, 'y')",
                           "UPDATE qianzhi.beats SET id = 2", "TRUNCATE qianzhi.beats"})
    CHECK_THROWS(agent.run(more));
  agent.run("SELECT 1");
  reader = Reader(nullptr, {});
  const auto undo = [&] { database.sql().run(firm.adapter->plan_source(firm.spec).uninstall); };
  const SystemClock clock;
  const Micros deadline = clock.steady() + patience;
  for (bool done = false; !done && clock.steady() < deadline;) {
    try {
      undo();
      done = true;
    } catch (const std::runtime_error&) {
      done = false;  // the walsender has not yet noticed that we are gone
    }
  }
  CHECK(database.sql().run("SELECT count(*) FROM pg_roles WHERE rolname = '" + role + "'") == "0");
}

TEST_CASE("P8 P14 Preflight finds what a publication lacks, hides or breaks, each with its cure") {
  PostgresDatabase database;
  FirmSource firm(database);
  const std::string name = firm.own_name();
  const auto preflight = [&] { return firm.open()->preflight(); };
  CHECK(errors_of(preflight()).empty());
  SECTION("no publication") {
    database.sql().run("DROP PUBLICATION " + name);
    CHECK(has(preflight(), "QZ-PG-023", "CREATE PUBLICATION"));
  }
  SECTION("a column is not published") {
    database.sql().run("ALTER PUBLICATION " + name + " SET TABLE firm (id, name)");
    const auto findings = preflight();
    REQUIRE(has(findings, "QZ-PG-024", "ALTER PUBLICATION"));
    for (const auto& finding : findings)
      if (finding.code == "QZ-PG-024") database.sql().run(finding.cure);
    CHECK(errors_of(preflight()).empty());
  }
  SECTION("more is published than is used") {
    firm.spec.tables[0].columns = {"id", "name"};
    CHECK(has(preflight(), "QZ-PG-025"));
  }
  SECTION("rows are filtered") {
    database.sql().run("ALTER PUBLICATION " + name + " SET TABLE firm (id, name, area, amount) WHERE (id > 5)");
    CHECK(has(preflight(), "QZ-PG-032"));
  }
  SECTION("no identity") {
    database.sql().run("ALTER TABLE firm REPLICA IDENTITY NOTHING");
    CHECK(has(preflight(), "QZ-PG-027"));
  }
  SECTION("full identity with a list of columns breaks the department's updates") {
    database.sql().run("ALTER PUBLICATION " + name + " SET TABLE firm (id, name, area)");
    database.sql().run("ALTER TABLE firm REPLICA IDENTITY FULL");
    firm.spec.tables[0].columns = {"id", "name", "area"};
    CHECK_THROWS(database.sql().run("INSERT INTO firm VALUES (1); UPDATE firm SET name = 'x'"));
    CHECK(has(preflight(), "QZ-PG-027"));
  }
  SECTION("the old partition value is not logged") {
    firm.spec.tables[0].old_columns = {"area"};
    CHECK(has(preflight(), "QZ-PG-026", "REPLICA IDENTITY"));
  }
  SECTION("unlogged") {
    database.sql().run("DROP PUBLICATION " + name + "; ALTER TABLE firm SET UNLOGGED");
    CHECK(has(preflight(), "QZ-PG-031", "SET LOGGED"));
  }
  SECTION("a key that may be null or is not unique") {
    firm.spec.tables[0].key = {"name"};
    CHECK(has(preflight(), "QZ-ADP-016", "ADD PRIMARY KEY"));
  }
  SECTION("a generated column") {
    database.sql().run("ALTER TABLE firm ADD twice bigint GENERATED ALWAYS AS (id * 2) STORED");
    firm.spec.tables[0].columns.push_back("twice");
    CHECK(has(preflight(), "QZ-PG-034"));
  }
}

TEST_CASE("Preflight of a target finds an unlogged table, whose rows a crash would take while the mark stays") {
  PostgresDatabase database;
  const SystemClock clock;
  const auto adapter = adapter::make_postgresql_adapter(clock);
  adapter::TargetSpec spec;
  spec.connection = database.connection();
  spec.name = "t";
  spec.tables.push_back({"firm", {{"id", "", "", ItemType::integer}}, {"id"}, adapter::ApplyMode::upsert, ""});
  CHECK(has(adapter->open_target(spec)->preflight(), "QZ-ADP-019", "CREATE TABLE"));
  database.sql().run(adapter->plan_target(spec).install);
  CHECK(errors_of(adapter->open_target(spec)->preflight()).empty());
  database.sql().run("ALTER TABLE firm SET UNLOGGED");
  CHECK(has(adapter->open_target(spec)->preflight(), "QZ-PG-031", "SET LOGGED"));
}

TEST_CASE("A password and the DSN stay out of errors and plans") {
  const SystemClock clock;
  const auto adapter = adapter::make_postgresql_adapter(clock);
  adapter::Connection connection{{{"dsn", "host=/nonexistent dbname=x user=u"}}, {{"password", "geheim"}}};
  try {
    adapter->describe(connection);
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(std::string(error.what()).find("geheim") == std::string::npos);
  }
  connection.options["dsn"] = "this is no dsn geheim";
  CHECK_THROWS_AS(adapter->describe(connection), Error);
  adapter::SourceSpec spec{connection, "s", adapter::CaptureMode::log, {}, 0};
  spec.connection.options["dsn"] = "dbname=x user=u";
  CHECK(adapter->plan_source(spec).grants.find("geheim") == std::string::npos);
}

TEST_CASE("Names are quoted in one way and cannot end a statement") {
  using namespace qianzhi::postgresql;
  CHECK(quote_name("a\"; DROP TABLE x; --") == "\"a\"\"; DROP TABLE x; --\"");
  CHECK(quote_table("s.t") == "\"s\".\"t\"");
  CHECK_THROWS_AS(quote_name(std::string("a\0b", 3)), Error);
  CHECK_THROWS_AS(quote_table("a.b.c"), Error);
  CHECK_THROWS_AS(own_name("Bad-Name"), Error);
}

TEST_CASE("A replication message cut at any octet is refused, never read beyond its end") {
  using namespace qianzhi::postgresql;
  const std::string relation = std::string("R\0\0\0\1public\0firm\0d\0\1\1id\0\0\0\0\x14\xff\xff\xff\xff", 32);
  const std::string update = std::string("U\0\0\0\1K\0\1t\0\0\0\1xN\0\1t\0\0\0\1y", 23);
  CHECK(parse_relation(relation).attributes.size() == 1);
  RowMessage row;
  parse_row(update, row);
  CHECK(row.new_values[0].text == "y");
  for (std::size_t size = 1; size < relation.size(); ++size)
    CHECK_THROWS_AS(parse_relation(std::string_view(relation).substr(0, size)), Error);
  for (std::size_t size = 1; size < update.size(); ++size)
    CHECK_THROWS_AS(parse_row(std::string_view(update).substr(0, size), row), Error);
  CHECK_THROWS_AS(kind_of(""), Error);
  CHECK_THROWS_AS(kind_of("?"), Error);
}

TEST_CASE("P3 A server that shuts down does not wait for a reader that may not confirm yet") {
  PostgresServer server;
  PostgresDatabase database(server);
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  CHECK(reader.take(1).size() == 1);
  // In the middle of a long wait: its session has looked at the publication and is idle again.
  const std::string looked =
      "SELECT max(query_start)::text FROM pg_stat_activity WHERE application_name = 'qianzhi'"
      " AND backend_type = 'client backend' AND state = 'idle'";
  const std::string before = database.sql().run(looked);
  std::string ended = "no error";
  std::jthread reading([&] {
    try {
      reader.once(4 * patience);
    } catch (const Error& error) {
      ended = error.detail();
    }
  });
  const SystemClock clock;
  const Micros limit = clock.steady() + 4 * patience;
  for (std::string now = before; (now == before || now == "NULL") && clock.steady() < limit;)
    now = database.sql().run(looked);
  const auto control = server.data() / "postmaster.pid";
  run_unprivileged({postgres_program("pg_ctl").string(), "-D", server.data().string(), "-m", "fast", "-W", "stop"},
                   server.data(), server.data().parent_path() / "log");
  reading.join();
  CHECK(ended == "the server is shutting down");
  while (std::filesystem::exists(control) && clock.steady() < limit) {
  }
  CHECK_FALSE(std::filesystem::exists(control));
}
