// MariaDB's values and collations through ODBC.
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"
#include "tests/contract/odbc_fixture.h"

namespace qianzhi::test::contract {

namespace {

adapter::SourceSpec comparing(OdbcFixture& fixture, const adapter::SourceTable& table) {
  return {fixture.connection(), "reader", adapter::CaptureMode::snapshot_only, {table}, 0};
}

}  // namespace

TEST_CASE(
    "P16 P19 P20 P23 zero dates, unsigned numbers, decimals, octets and old character sets are read as they are") {
  const auto fixture = make_odbc_fixture(GENERATE(from_range(ways())));
  fixture->run("SET sql_mode = 'ANSI,NO_BACKSLASH_ESCAPES'");
  fixture->run(
      "CREATE TABLE kinds(id int PRIMARY KEY, u bigint unsigned, n decimal(30,10), z date, d datetime(6), t timestamp,"
      " g varchar(20) CHARACTER SET gbk, o varbinary(9), y year, s enum('a','b'), nul blob)");
  fixture->run("SET time_zone = '+08:00'");
  fixture->run(
      "INSERT INTO kinds VALUES(7, 18446744073709551615, 12345678901234567890.0123456789, '0000-00-00',"
      " '2024-01-02 03:04:05.6', '2024-01-02 03:04:05', '镕', x'00ff61', 2024, 'b', NULL)");
  const auto source = fixture->adapter().open_source(
      comparing(*fixture, {"kinds", {"id", "u", "n", "z", "d", "t", "g", "o", "y", "s", "nul"}, {"id"}, {}}));
  const adapter::SnapshotChunk chunk = source->read_snapshot(0, {}, {});
  std::vector<std::string> values;
  for (const Column& column : chunk.columns) values.push_back(text_of(column, 0));
  CHECK(values == std::vector<std::string>{"7", "18446744073709551615", "12345678901234567890.0123456789",
                                           "<invalid:0000-00-00>", "2024-01-02T03:04:05.600000", "2024-01-01T19:04:05Z",
                                           "镕",
                                           std::string("\0\xff"
                                                       "a",
                                                       3),
                                           "2024", "b", "<null>"});
}

TEST_CASE("P25 keys under a collation that ignores case and blanks at the end are paged without a gap") {
  const auto fixture = make_odbc_fixture(Way::direct);
  fixture->run(
      "CREATE TABLE folded(a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, b INT NOT NULL,"
      " PRIMARY KEY(a, b))");
  std::size_t count = 0;
  for (const std::string a : {"a", "B", "c ", "D", "é", "Z", "㐀", ""})
    for (int b = 0; b < 5; ++b, ++count)
      fixture->run("INSERT INTO folded VALUES('" + a + "', " + std::to_string(b) + ")");
  const auto source = fixture->adapter().open_source(comparing(*fixture, {"folded", {"a", "b"}, {"a", "b"}, {}}));
  std::size_t seen = 0;
  Bytes cursor;
  for (bool done = false; !done;) {
    const adapter::SnapshotChunk chunk = source->read_snapshot(0, cursor, {3, 1U << 20U});
    seen += chunk.columns[0].size();
    cursor = chunk.cursor;
    done = chunk.done;
    REQUIRE(seen <= count);
  }
  CHECK(seen == count);
}

TEST_CASE("P25 P7 a key that changes only its case is removed and comes anew") {
  const auto fixture = make_odbc_fixture(Way::direct);
  fixture->run(
      "CREATE TABLE firm(id VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY,"
      " district VARCHAR(20), name VARCHAR(200))");
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('abc', 'd1', 'one')");
  follower.drain();
  fixture->run("UPDATE firm SET id = 'ABC'");
  follower.drain();
  CHECK(follower.copies() == std::vector<std::string>{"ABC|d1|one"});
}

TEST_CASE("P15 a foreign key that cascades is told, because no trigger sees what it does") {
  const auto fixture = make_odbc_fixture(Way::direct);
  fixture->run("CREATE TABLE area(id VARCHAR(20) NOT NULL PRIMARY KEY)");
  fixture->run(
      "CREATE TABLE firm(id VARCHAR(40) NOT NULL PRIMARY KEY, district VARCHAR(20), name VARCHAR(200),"
      " FOREIGN KEY (district) REFERENCES area(id) ON DELETE CASCADE)");
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  bool told = false;
  for (const adapter::Finding& finding : fixture->adapter().open_source(firm_spec(*fixture))->preflight())
    told = told || finding.code == "QZ-ODB-017";
  CHECK(told);
}

TEST_CASE("P26 the fence holds whatever time zone server and sessions have") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run_beside("SET time_zone = '-11:00'");
  fixture->run_beside("START TRANSACTION");
  fixture->run_beside("INSERT INTO firm VALUES('late', 'd1', 'one')");
  fixture->run("SET time_zone = '+13:00'");
  fixture->run("INSERT INTO firm VALUES('early', 'd1', 'two')");
  follower.drain();
  fixture->run_beside("COMMIT");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  CHECK(follower.copies().size() == 2);
}

TEST_CASE("P26 P30 entries behind a clock that was set back are told as unseen changes") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  follower.drain();
  fixture->run("INSERT INTO firm VALUES('2', 'd1', 'two')");
  follower.drain();
  // As a trigger would have written it then.
  fixture->run("INSERT INTO qianzhi_registry_journal (tx, tbl, op, k, salt) VALUES (1, 'firm', 'u', 'v1|', 0.5)");
  const adapter::Changes changes = follower.step();
  REQUIRE_FALSE(changes.events.empty());
  CHECK(changes.events[0].kind == adapter::TableEventKind::unseen_changes);
}

}  // namespace qianzhi::test::contract
