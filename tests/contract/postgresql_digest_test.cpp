// Comparison by digests that PostgreSQL makes (P33). That whole walks are right is shown by diff_contract.cpp, which
// goes this way on PostgreSQL.
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

adapter::SourceSpec types_spec(Fixture& fixture) {
  return {fixture.connection(),
          "digests",
          adapter::CaptureMode::snapshot_only,
          {{"kinds", {"a", "n", "i", "c", "j", "f", "t", "b"}, {"a"}, {}}},
          0};
}

std::string digest_now(adapter::Source& source) {
  const auto chunk = source.read_digests(0, {}, {});
  REQUIRE(chunk.digest.size() == 1);
  CHECK(text_of(chunk.columns[0], 0) == "k");
  CHECK(text_of(chunk.columns[1], 0) == "<unchanged>");
  // The same rows whole have the same digest.
  const auto whole = source.read_snapshot(0, {}, {});
  CHECK(text_of(whole.digest, 0) == text_of(chunk.digest, 0));
  const auto by_key = source.read_keys(0, {chunk.columns[0]}, {});
  REQUIRE(by_key.done);
  CHECK(text_of(by_key.digest, 0) == text_of(chunk.digest, 0));
  CHECK(by_key.columns == whole.columns);
  return text_of(chunk.digest, 0);
}

}  // namespace

TEST_CASE("P33 the server's digest changes with each text that a row shows, also where the values count as equal") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(
      "CREATE TABLE kinds(a text PRIMARY KEY, n numeric, i interval, c char(6), j json, f float8, t timestamptz, b "
      "bytea);"
      "INSERT INTO kinds VALUES('k', 1.0, '1 day', 'x', '{\"a\":1}', 0, '2024-01-01', '\\x00ff')");
  const auto source = fixture->adapter().open_source(types_spec(*fixture));
  std::string last = digest_now(*source);
  const std::string first = last;
  for (const char* change : {"n = 1.00", "i = '24 hours'", "c = 'y'", "j = '{\"a\": 1}'", "f = '-0'::float8",
                             "t = t + interval '1 microsecond'", "b = '\\x00'", "n = NULL", "b = NULL", "b = ''"}) {
    fixture->run(std::string("UPDATE kinds SET ") + change);
    INFO(change);
    const std::string now = digest_now(*source);
    CHECK(now != last);
    last = now;
  }
  fixture->run(
      "UPDATE kinds SET n = 1.0, i = '1 day', c = 'x', j = '{\"a\":1}', f = 0, t = '2024-01-01', b = '\\x00ff'");
  CHECK(digest_now(*source) == first);
  // Other columns are other digests, so that what was known under the old ones is not taken for the same.
  adapter::SourceSpec other = types_spec(*fixture);
  other.tables[0].columns.pop_back();
  CHECK(text_of(fixture->adapter().open_source(other)->read_digests(0, {}, {}).digest, 0) != first);
}

TEST_CASE("P33 rows are read by their keys, also odd ones, as many as the limits allow") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run("CREATE TABLE odd(k bytea, t timestamptz, s text, v text, PRIMARY KEY(k, t, s))");
  for (const char* s : {"{a,b}", "NULL", "\"q\"", "back\\slash", "", " ", "𠮷"})
    fixture->run(std::string("INSERT INTO odd VALUES('\\x2c7b', '2024-05-05 05:05:05.000001+00', '") + s + "', 'v')");
  const adapter::SourceSpec spec{fixture->connection(),
                                 "digests",
                                 adapter::CaptureMode::snapshot_only,
                                 {{"odd", {"v", "s", "t", "k"}, {"k", "t", "s"}, {}}},
                                 0};
  const auto source = fixture->adapter().open_source(spec);
  const auto all = source->read_snapshot(0, {}, {});
  REQUIRE(all.columns[0].size() == 7);
  std::vector<Column> keys{all.columns[3], all.columns[2], all.columns[1]};
  auto found = source->read_keys(0, keys, {});
  CHECK(found.done);
  CHECK(found.columns[0].size() == 7);
  fixture->run("DELETE FROM odd WHERE s IN ('', 'NULL')");
  found = source->read_keys(0, keys, {});
  CHECK(found.done);
  CHECK(found.columns[0].size() == 5);
  found = source->read_keys(0, keys, {3, 1U << 20U});
  CHECK_FALSE(found.done);
  CHECK(found.columns[0].size() == 3);
}

}  // namespace qianzhi::test::contract
