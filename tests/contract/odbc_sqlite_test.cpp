// SQLite's values through ODBC.
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"
#include "tests/contract/odbc_fixture.h"

namespace qianzhi::test::contract {

TEST_CASE("P23 P32 a text that holds a NUL or is no UTF-8 is invalid, never cut") {
  const auto fixture = make_odbc_fixture(GENERATE(from_range(ways())));
  fixture->run(
      "CREATE TABLE odd(id VARCHAR(9) NOT NULL PRIMARY KEY, t TEXT, o BLOB);"
      "INSERT INTO odd VALUES('1', CAST(x'610062' AS TEXT), x'610062');"
      "INSERT INTO odd VALUES('2', CAST(x'61ff' AS TEXT), NULL);"
      "INSERT INTO odd VALUES('3', '', x'')");
  const adapter::SourceSpec spec{
      fixture->connection(), "reader", adapter::CaptureMode::snapshot_only, {{"odd", {"id", "t", "o"}, {"id"}, {}}}, 0};
  const adapter::SnapshotChunk chunk = fixture->adapter().open_source(spec)->read_snapshot(0, {}, {});
  REQUIRE(chunk.columns[0].size() == 3);
  CHECK(text_of(chunk.columns[1], 0) == "<invalid:610062>");
  CHECK(text_of(chunk.columns[2], 0) == std::string("a\0b", 3));
  CHECK(text_of(chunk.columns[1], 1) == "<invalid:61ff>");
  CHECK(text_of(chunk.columns[2], 1) == "<null>");
  CHECK(text_of(chunk.columns[1], 2).empty());
  CHECK(text_of(chunk.columns[2], 2).empty());
}

TEST_CASE("P21 INSERT OR REPLACE tells the partition that the row was in before") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  follower.drain();
  fixture->run("INSERT OR REPLACE INTO firm VALUES('1', 'd2', 'one')");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

}  // namespace qianzhi::test::contract
