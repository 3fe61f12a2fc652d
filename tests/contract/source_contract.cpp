// What every source must do with ordinary changes.
#include <algorithm>
#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

std::string insert_many(int from, int to) {
  std::string script = "BEGIN;";
  for (int i = from; i < to; ++i) {
    const std::string number = std::to_string(i);
    script += "INSERT INTO firm VALUES('" + number + "', 'd" + std::to_string(i % 3) + "', 'firm " + number + "');";
  }
  return script + "COMMIT;";
}

// "a|number", where numbers are text.
bool by_text(const std::string& one, const std::string& other) {
  const auto parts = [](const std::string& row) {
    const std::size_t bar = row.rfind('|');
    return std::pair(row.substr(0, bar), row.substr(bar + 1));
  };
  return parts(one) < parts(other);
}

}  // namespace

TEST_CASE("a source sends inserts, updates and deletes in the order of their commits") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  fixture->run("INSERT INTO firm VALUES('2', 'd1', NULL)");
  fixture->run("UPDATE firm SET name = 'uno' WHERE id = '1'");
  fixture->run("DELETE FROM firm WHERE id = '2'");
  fixture->run("INSERT INTO firm VALUES('3', NULL, 'three')");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  const auto& log = follower.log();
  const auto last = [&](const std::string& what) {
    return std::find(log.rbegin(), log.rend(), what) == log.rend()
               ? -1
               : static_cast<int>(log.rend() - std::find(log.rbegin(), log.rend(), what));
  };
  CHECK(last("upsert 1") < last("remove 2"));
  CHECK(last("remove 2") < last("upsert 3"));
}

TEST_CASE("P7 a changed key comes as remove of the old and upsert of the new one") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  follower.drain();
  fixture->run("UPDATE firm SET id = '9' WHERE id = '1'");
  follower.drain();
  CHECK(follower.copies() == std::vector<std::string>{"9|d1|one"});
  const auto& log = follower.log();
  REQUIRE(log.size() >= 3);
  CHECK(log[log.size() - 2] == "remove 1");
  CHECK(log[log.size() - 1] == "upsert 9");
}

TEST_CASE("P30 a row that moves from one partition value to another leaves the old one, also when it moves twice") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one'); INSERT INTO firm VALUES('2', 'd1', 'two')");
  follower.drain();
  fixture->run("UPDATE firm SET district = 'd2' WHERE id = '1'");
  fixture->run("UPDATE firm SET district = 'd3' WHERE id = '1'");
  fixture->run("UPDATE firm SET district = NULL WHERE id = '2'");
  fixture->run("UPDATE firm SET district = 'd2', id = '5' WHERE id = '1'");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  fixture->run("DELETE FROM firm");
  follower.drain();
  CHECK(follower.copies().empty());
}

TEST_CASE("R2.2 a transaction of 10,000 rows comes in chunks, and resumes after a kill at every chunk") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run(insert_many(0, 10'000));
  const adapter::ReadLimits limits{1'000, 1U << 20U};
  int chunks = 0;
  for (bool more = true; more; ++chunks) {
    fixture->kill_adapter();
    follower.restart();
    // The same question gives the same answer.
    const adapter::Changes first = follower.source().read_changes(follower.checkpoint(), {}, limits, 0);
    follower.restart();
    const adapter::Changes second = follower.step(limits);
    REQUIRE(second.continuity == adapter::Continuity::good);
    CHECK(first.position == second.position);
    REQUIRE(first.tables.size() == second.tables.size());
    for (std::size_t i = 0; i < first.tables.size(); ++i) CHECK(first.tables[i].columns == second.tables[i].columns);
    more = second.more;
    REQUIRE(chunks < 100);
  }
  CHECK(chunks >= 10);
  CHECK(follower.drain() == 0);
  CHECK(follower.log().size() == 10'000);
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("R2.4 the same question gets the same rows, whatever was read ahead or asked in between") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  const auto source = fixture->adapter().open_source(firm_spec(*fixture));
  const SourcePosition start = source->present();
  constexpr int rows = 40;
  fixture->run(insert_many(0, rows));
  // As after a store that could not keep a chunk: each place is asked after again, and once more later on.
  std::vector<SourcePosition> places{start};
  std::vector<adapter::Changes> answers;
  std::size_t seen = 0;
  while (seen < rows) {
    answers.push_back(source->read_changes(places.back(), {}, {7, 1U << 20U}, 100'000));
    REQUIRE(answers.back().continuity == adapter::Continuity::good);
    for (const auto& table : answers.back().tables) seen += table.meta.size();
    const adapter::Changes again = source->read_changes(places.back(), {}, {7, 1U << 20U}, 100'000);
    REQUIRE(again.tables.size() == answers.back().tables.size());
    for (std::size_t i = 0; i < again.tables.size(); ++i)
      CHECK(again.tables[i].columns == answers.back().tables[i].columns);
    places.push_back(answers.back().position);
    if (places.size() == 4) source->forget(places[1]);
    if (places.size() == 5) CHECK(source->present().order >= start.order);
  }
  const adapter::Changes second = source->read_changes(places[1], {}, {7, 1U << 20U}, 100'000);
  REQUIRE(second.tables.size() == answers[1].tables.size());
  CHECK(second.tables.front().columns == answers[1].tables.front().columns);
}

TEST_CASE("a chunk passes its limit of octets by at most one row") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  const std::string name(150, 'x');
  for (int i = 0; i < 8; ++i) fixture->run("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'd', '" + name + "')");
  const adapter::ReadLimits limits{1'000, 300};
  std::size_t rows = 0;
  while (rows < 8) {
    const adapter::Changes changes = follower.step(limits);
    REQUIRE(changes.continuity == adapter::Continuity::good);
    for (const auto& table : changes.tables) {
      CHECK(table.meta.size() <= 3);
      rows += table.meta.size();
    }
  }
  const adapter::SnapshotChunk chunk = follower.source().read_snapshot(0, {}, limits);
  CHECK(chunk.columns[0].size() <= 3);
  CHECK_FALSE(chunk.done);
}

TEST_CASE("a rolled back transaction leaves nothing to read") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run("BEGIN; INSERT INTO firm VALUES('1', 'd1', 'one'); ROLLBACK;");
  fixture->run(
      "BEGIN; INSERT INTO firm VALUES('2', 'd1', 'two'); SAVEPOINT s; INSERT INTO firm VALUES('3', 'd1', 'x');"
      " ROLLBACK TO SAVEPOINT s; COMMIT;");
  follower.drain();
  CHECK(follower.log() == std::vector<std::string>{"upsert 2"});
}

TEST_CASE("P32 rare characters, the empty text and NULL arrive as they are") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  fixture->run(
      "INSERT INTO firm VALUES('㐀', '䶮', '𠮷'); INSERT INTO firm VALUES('', '', ''); "
      "INSERT INTO firm VALUES(' 1 ', NULL, NULL); INSERT INTO firm VALUES('O''Hara', '\"', 'a,''b\n\\')");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  fixture->run("UPDATE firm SET district = district || '㐀' WHERE district IS NOT NULL");
  fixture->run("DELETE FROM firm WHERE id = '㐀' OR id = ''");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  CHECK(follower.copies().size() == 2);
}

TEST_CASE("P29 R4.4 a snapshot taken while every row changes ends equal to the table, also with kills in between") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  fixture->run(insert_many(0, 60));
  Follower follower(*fixture, firm_spec(*fixture));
  Bytes cursor;
  int round = 0;
  for (bool done = false; !done; ++round) {
    const std::string r = std::to_string(round);
    fixture->run("UPDATE firm SET name = name || '." + r + "', district = 'm" + std::to_string(round % 4) +
                 "' WHERE id LIKE '%" + std::to_string(round % 10) + "'");
    fixture->run("DELETE FROM firm WHERE id = '" + std::to_string((round * 7) % 60) + "'");
    fixture->run("INSERT INTO firm VALUES('new" + r + "', 'd1', 'new')");
    const adapter::SnapshotChunk chunk = follower.source().read_snapshot(0, cursor, {7, 1U << 20U});
    if (round % 3 == 0) follower.step({3, 1U << 20U});
    if (round % 4 == 1) {
      fixture->kill_adapter();
      follower.restart();
    }
    if (!follower.take(chunk)) continue;
    cursor = chunk.cursor;
    done = chunk.done;
    REQUIRE(round < 1000);
  }
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("P25 a snapshot goes through a composite key in octet order and misses no row") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run("CREATE TABLE part(a VARCHAR(20) NOT NULL, b INTEGER NOT NULL, c VARCHAR(20), PRIMARY KEY(a, b))");
  std::vector<std::string> expected;
  for (const std::string a : {"", " ", "A", "B", "a", "aa", "b", "㐀", "𠮷"})
    for (const int b : {-5, 0, 2, 10}) {
      fixture->run("INSERT INTO part VALUES('" + a + "', " + std::to_string(b) + ", 'c')");
      expected.push_back(a + "|" + std::to_string(b));
    }
  adapter::SourceSpec spec{
      fixture->connection(), "parts", fixture->mode(), {{"part", {"c", "b", "a"}, {"a", "b"}, {}}}, 0};
  fixture->run(fixture->adapter().plan_source(spec).install);
  const auto source = fixture->adapter().open_source(spec);
  source->present();
  std::vector<std::string> seen;
  Bytes cursor;
  for (bool done = false; !done;) {
    const adapter::SnapshotChunk chunk = source->read_snapshot(0, cursor, {5, 1U << 20U});
    for (std::size_t row = 0; row < chunk.columns[0].size(); ++row)
      seen.push_back(text_of(chunk.columns[2], row) + "|" + text_of(chunk.columns[1], row));
    cursor = chunk.cursor;
    done = chunk.done;
    REQUIRE(seen.size() <= expected.size());
  }
  if (fixture->is_text_only()) std::sort(expected.begin(), expected.end(), by_text);
  CHECK(seen == expected);
}

TEST_CASE("preflight of an installed source finds no error, and finds a table that is not there") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  adapter::SourceSpec spec = firm_spec(*fixture);
  for (const adapter::Finding& finding : fixture->adapter().open_source(spec)->preflight()) {
    INFO(finding.code << " " << finding.detail);
    CHECK(finding.severity != adapter::Severity::error);
  }
  spec.tables.push_back({"nowhere", {"id"}, {"id"}, {}});
  const auto findings = fixture->adapter().open_source(spec)->preflight();
  CHECK(std::any_of(findings.begin(), findings.end(),
                    [](const auto& finding) { return finding.severity == adapter::Severity::error; }));
}

TEST_CASE("what was installed is found by the plan's own query, and nothing of it after uninstalling") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  const adapter::Plan plan = fixture->adapter().plan_source(firm_spec(*fixture));
  if (plan.leftovers.empty()) return;
  // The account of the tests is no account of the plan.
  const auto left = [&] {
    std::vector<std::string> things;
    for (const auto& row : fixture->query(plan.leftovers))
      if (row[0].rfind("role ", 0) != 0) things.push_back(row[0]);
    return things;
  };
  CHECK((fixture->mode() == adapter::CaptureMode::log || !left().empty()));
  std::size_t end = plan.uninstall.size();
  for (const char* account : {"DROP OWNED", "DROP USER", "DROP ROLE"})
    end = std::min(end, plan.uninstall.find(account));
  fixture->run(plan.uninstall.substr(0, end));
  CHECK(left() == std::vector<std::string>{});
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  CHECK(firm_rows(*fixture) == std::vector<std::string>{"1|d1|one"});
}

TEST_CASE("describe names the department's tables with columns and key") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  const auto tables = fixture->adapter().describe(fixture->connection());
  const auto found = std::find_if(tables.begin(), tables.end(), [](const auto& table) {
    return table.name == "firm" || table.name == "public.firm";
  });
  REQUIRE(found != tables.end());
  CHECK(found->key == (fixture->is_text_only() ? std::vector<std::string>{} : std::vector<std::string>{"id"}));
  REQUIRE(found->columns.size() == 3);
  CHECK(found->columns[1].name == "district");
  CHECK(found->columns[1].type == ItemType::text);
}

}  // namespace qianzhi::test::contract
