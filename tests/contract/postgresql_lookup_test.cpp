// What only PostgreSQL has: rights by column, connections that the DBA ends, types of its own, texts with its
// operators.
#include <catch2/catch.hpp>

#include "tests/contract/licences.h"
#include "tests/support/errors.h"

namespace qianzhi::test::contract {

namespace {

using Lines = std::vector<std::string>;

adapter::Connection as(Fixture& fixture, const std::string& role) {
  adapter::Connection connection = fixture.connection();
  connection.options["dsn"] += " user=" + role;
  return connection;
}

}  // namespace

TEST_CASE("S2.8 postgresql: a lookup without rights is told the GRANT, and the GRANT is enough") {
  const auto fixture = make_fixture(Way::direct);
  install_licences(*fixture);
  fixture->run("DO $$ BEGIN CREATE ROLE asker LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  adapter::LookupSpec spec = licence_spec(*fixture);
  spec.connection = as(*fixture, "asker");
  const adapter::LookupStatement text = spec.statements.back();
  spec.statements = {spec.statements[1], text};
  const auto lookup = fixture->adapter().open_lookup(spec);
  CHECK(thrown_by([&] { ask(*lookup, 0, {"1"}); }) == "misuse QZ-ADP-065");
  auto findings = lookup->preflight();
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].code == "QZ-PG-029");
  CHECK(findings[0].cure == "GRANT SELECT (\"id\", \"name\") ON \"licence\" TO asker;");
  CHECK(findings[1].code == "QZ-PG-003");
  CHECK(findings[1].cure.find("TO asker;") != std::string::npos);
  fixture->run(findings[0].cure);
  CHECK(ask(*lookup, 0, {"1"}) == Lines{"0: 1|first"});
  findings = lookup->preflight();
  CHECK(findings[0].severity == adapter::Severity::ok);
  fixture->run("DROP OWNED BY asker");
}

TEST_CASE("S2.8 postgresql: a connection that the DBA ends is made anew by the next call") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_licences(*fixture);
  const auto lookup = fixture->adapter().open_lookup(licence_spec(*fixture));
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
  const std::string others = " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = 'department'";
  CHECK(fixture->query("SELECT count(*)" + others)[0][0] == "1");  // bounded: one connection
  fixture->query("SELECT pg_terminate_backend(pid, 5000)" + others);
  CHECK(thrown_by([&] { ask(*lookup, 1, {"1"}); }) == "unavailable QZ-PG-001");
  CHECK(ask(*lookup, 1, {"1"}) == Lines{"0: 1|first"});
}

TEST_CASE("A25 postgresql: questions that the server itself refuses stand between others, which are all answered") {
  const auto fixture = make_fixture(Way::direct);
  fixture->run(
      "CREATE TABLE token(id uuid PRIMARY KEY, n smallint);"
      "INSERT INTO token SELECT ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, i"
      " FROM generate_series(0, 999) AS i");
  adapter::LookupSpec spec;
  spec.connection = fixture->connection();
  spec.name = "tokens";
  spec.statements = {{"by_id", "token", {"id"}, "", {}, {"n"}, {}}, {"by_n", "token", {"n"}, "", {}, {"n"}, {}}};
  const auto lookup = fixture->adapter().open_lookup(spec);
  Lines questions;
  for (int i = 0; i < 1000; ++i) {
    const std::string digits = std::to_string(i);
    const std::string number = std::string(12 - digits.size(), '0') + digits;
    questions.push_back(i % 3 == 1 ? "no token" : "00000000-0000-0000-0000-" + number);
  }
  const adapter::Found found = lookup->find(0, {column_of(questions)}, 2, {});
  CHECK(found.answered == 1000);
  CHECK(found.unfit.size() == 333);
  REQUIRE(found.question.size() == 667);
  for (std::size_t row = 0; row < found.question.size(); ++row) {
    CHECK(found.question[row] % 3 != 1);
    CHECK(found.columns[0].text(row) == std::to_string(found.question[row]));
  }
  CHECK(ask(*lookup, 1, {"99999", "7", "-99999"}) == Lines{"1: 7"});
}

TEST_CASE("S2.8 postgresql: a DBA's text may use casts, JSON operators, arrays and dollar quotes") {
  const auto fixture = make_fixture(Way::direct);
  install_licences(*fixture);
  fixture->run("ALTER TABLE licence ADD COLUMN extra jsonb; UPDATE licence SET extra = '{\"car\": 1}' WHERE id = 1");
  const auto lookup = fixture->adapter().open_lookup(text_spec(
      *fixture,
      "WITH l AS (SELECT * FROM licence WHERE extra ? 'car')\n"
      "SELECT l.id::bigint AS id, to_char(l.issued, $q$YYYY:DD$q$) AS \"When\", (ARRAY[7, 8, 9])[1:2] AS part,"
      " l.issued AT TIME ZONE 'UTC' AS moment, true AS yes\n"
      "FROM l WHERE l.issued = :day::date AND l.issued >= :day;",
      {"day"}, {"When", "id", "part", "moment", "yes"}));
  CHECK(ask(*lookup, 0, {"2024-02-29", "2024-03-01"}) == Lines{"0: 2024:29|1|{7,8}|2024-02-29T00:00:00|true"});
}

}  // namespace qianzhi::test::contract
