// PostgreSQL's values and notices through ODBC.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"
#include "tests/contract/odbc_fixture.h"

namespace qianzhi::test::contract {

namespace {

std::vector<std::string> first_row(OdbcFixture& fixture, const std::string& table,
                                   const std::vector<std::string>& columns) {
  const adapter::SourceSpec spec{
      fixture.connection(), "reader", adapter::CaptureMode::snapshot_only, {{table, columns, {"id"}, {}}}, 0};
  const adapter::SnapshotChunk chunk = fixture.adapter().open_source(spec)->read_snapshot(0, {}, {});
  std::vector<std::string> values;
  for (const Column& column : chunk.columns) values.push_back(text_of(column, 0));
  return values;
}

bool has_notice(const std::vector<adapter::Finding>& findings, const std::string& code) {
  return std::any_of(findings.begin(), findings.end(), [&](const adapter::Finding& finding) {
    return finding.code == code && finding.severity == adapter::Severity::notice;
  });
}

}  // namespace

TEST_CASE("P11 P23 numbers, dates and octets come as canonical text, what has none is invalid") {
  const auto fixture = make_odbc_fixture(GENERATE(from_range(ways())));
  fixture->run(
      "CREATE TABLE kinds(id int PRIMARY KEY, n numeric(20,2), nan numeric, d date, inf date, bc date, t timestamp,"
      " tz timestamptz, never timestamp, b boolean, o bytea, f double precision, c char(4), u uuid);"
      "INSERT INTO kinds VALUES(7, 12345678901234567.89, 'NaN', '2024-02-29', 'infinity', '0044-03-15 BC',"
      " '2024-01-02 03:04:05.6', '2024-01-02 03:04:05+08', 'infinity', true, '\\x00ff61', 0.1, 'ab',"
      " '00000000-0000-0000-0000-000000000001')");
  CHECK(
      first_row(*fixture, "kinds", {"id", "n", "nan", "d", "inf", "bc", "t", "tz", "never", "b", "o", "f", "c", "u"}) ==
      std::vector<std::string>{"7", "12345678901234567.89", "<invalid:NaN>", "2024-02-29", "<invalid:infinity>",
                               "<invalid:0044-03-15 BC>", "2024-01-02T03:04:05.600000", "2024-01-01T19:04:05Z",
                               "<invalid:infinity>", "true",
                               std::string("\0\xff"
                                           "a",
                                           3),
                               "0.1", "ab  ", "00000000-0000-0000-0000-000000000001"});
}

TEST_CASE("a dialect that was never tested says so in its preflight and in its scripts") {
  const auto fixture = make_odbc_fixture(Way::direct);
  fixture->run(firm_ddl);
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.mode = adapter::CaptureMode::snapshot_only;
  CHECK_FALSE(has_notice(fixture->adapter().open_source(spec)->preflight(), "QZ-ODB-006"));
  // Kingbase grew out of PostgreSQL: its statements can at least be parsed here.
  spec.connection.options["dialect"] = "kingbase";
  const auto source = fixture->adapter().open_source(spec);
  CHECK(has_notice(source->preflight(), "QZ-ODB-006"));
  CHECK(fixture->adapter().plan_source(spec).install.find("NOT TESTED") != std::string::npos);
  CHECK(source->read_snapshot(0, {}, {}).done);
}

TEST_CASE("P27 TRUNCATE is told as an event") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  follower.drain();
  fixture->run("TRUNCATE firm");
  const adapter::Changes changes = follower.step();
  REQUIRE(changes.events.size() == 1);
  CHECK(changes.events[0].kind == adapter::TableEventKind::truncated);
}

}  // namespace qianzhi::test::contract
