// Snapshots in key order and how they meet the stream (R4.4, R4.5, pitfalls 25 and 29).
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <thread>

#include "hub-protocol/base/error.h"
#include "tests/unit/postgresql_support.h"

using namespace qianzhi;
using namespace qianzhi::test;
using Rows = std::vector<std::string>;

namespace {

// Sessions know the setting before the checkpointer makes commits wait for it: tries until one is held back.
std::vector<Sql> await_held_commits(PostgresServer& server) {
  Sql admin(server.dsn());
  std::vector<Sql> tries;
  const SystemClock clock;
  const Micros limit = clock.steady() + patience;
  while (clock.steady() < limit) {
    tries.emplace_back(server.dsn());
    tries.back().send("CREATE TABLE held_" + std::to_string(tries.size()) + " ()");
    for (std::string state = "active"; state == "active" && clock.steady() < limit;) {
      state = admin.run(
          "SELECT coalesce(max(CASE WHEN wait_event = 'SyncRep' THEN 'held' END), max(state)) FROM pg_stat_activity"
          " WHERE query LIKE 'CREATE TABLE held_%' AND (state = 'active' OR wait_event = 'SyncRep')");
      if (state == "held") return tries;
    }
  }
  FAIL("no commit waits for a standby");
  return tries;
}

}  // namespace

TEST_CASE("A snapshot reads every row once in key order, whatever the page size") {
  PostgresDatabase database;
  FirmSource firm(database);
  database.sql().run("INSERT INTO firm SELECT i * 3, 'n' || i FROM generate_series(1, 1000) i");
  auto source = firm.open();
  const std::size_t rows = GENERATE(std::size_t{1}, std::size_t{7}, std::size_t{1000}, std::size_t{2000});
  const auto all = snapshot_of(*source, 0, {rows, 1U << 20U});
  REQUIRE(all.size() == 1000);
  CHECK(all[0] == "3|n1|NULL|NULL");
  CHECK(all[999] == "3000|n1000|NULL|NULL");
}

TEST_CASE("A page is limited by octets too, passed by at most one row") {
  PostgresDatabase database;
  FirmSource firm(database);
  database.sql().run(
      "INSERT INTO firm SELECT i, repeat('x', CASE WHEN i = 300 THEN 100000 ELSE 100 END)"
      " FROM generate_series(1, 1000) i");
  auto source = firm.open();
  Bytes cursor;
  std::size_t seen = 0;
  for (bool done = false; !done;) {
    const auto chunk = source->read_snapshot(0, cursor, {2000, 10'000});
    std::size_t octets = 0;
    for (const auto& column : chunk.columns) octets += column.octets();
    if (chunk.columns[0].size() > 1) CHECK(octets < 10'000 + 100'100);
    seen += chunk.columns[0].size();
    cursor = chunk.cursor;
    done = chunk.done;
  }
  CHECK(seen == 1000);
}

TEST_CASE("P25 Composite and text keys, case, trailing blanks and a collation that is not octet order lose no row") {
  PostgresDatabase database;
  FirmSource firm(database);
  database.sql().run("CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
  database.sql().run("CREATE TABLE k (a text COLLATE nocase, b char(4), c int, PRIMARY KEY (a, b, c))");
  database.sql().run(
      "INSERT INTO k SELECT x, y, z FROM unnest(ARRAY['a','B','ä','甲','_','']) x,"
      " unnest(ARRAY['', 'a', 'a b', 'B']) y, generate_series(1, 5) z");
  firm.spec.tables.push_back({"k", {"a", "b", "c"}, {"a", "b", "c"}, {}});
  auto source = firm.open();
  auto all = snapshot_of(*source, 1, {7, 1U << 20U});
  CHECK(all.size() == 120);
  std::sort(all.begin(), all.end());
  CHECK(std::unique(all.begin(), all.end()) == all.end());
}

TEST_CASE(
    "R4.4 A chunk's position is not before what was given out as changes, and the last one is behind all it shows") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  CHECK(reader.take(1).size() == 1);
  database.sql().run("INSERT INTO firm VALUES (2)");
  const auto chunk = reader.source().read_snapshot(0, {}, {});
  CHECK(chunk.columns[0].size() == 2);
  CHECK(chunk.position.order >= reader.position().order);
  const auto last = reader.source().read_snapshot(0, chunk.cursor, {});
  CHECK(last.done);
  reader.reach(last.position);
  CHECK(reader.position().order >= last.position.order);
  CHECK(reader.position().order > chunk.position.order);
}

TEST_CASE("R4.4 A session that breaks within a page fails that page, the next try goes on where the last page ended") {
  PostgresDatabase database;
  FirmSource firm(database);
  database.sql().run("INSERT INTO firm SELECT i FROM generate_series(1, 20) i");
  auto opened = firm.open();
  const auto start = opened->present();
  Reader reader(std::move(opened), start);
  reader.once();
  adapter::Source& source = reader.source();
  const auto first = source.read_snapshot(0, {}, {7, 1U << 20U});
  REQUIRE(first.columns[0].size() == 7);
  // The page has its view and waits for the table when its session ends.
  database.sql().run("BEGIN; LOCK TABLE firm IN ACCESS EXCLUSIVE MODE");
  std::optional<ErrorKind> failed;
  std::jthread reading([&] {
    try {
      source.read_snapshot(0, first.cursor, {7, 1U << 20U});
    } catch (const Error& error) {
      failed = error.kind();
    }
  });
  Sql other(database.dsn());
  const SystemClock clock;
  const Micros limit = clock.steady() + patience;
  for (std::string ended; ended.empty() && clock.steady() < limit;)
    ended = other.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'qianzhi'"
        " AND datname = current_database() AND wait_event_type = 'Lock'");
  database.sql().run("ROLLBACK");
  reading.join();
  CHECK(failed == ErrorKind::unavailable);
  database.sql().run("INSERT INTO firm VALUES (21)");
  std::size_t rows = 7;
  SourcePosition place;
  Bytes cursor = first.cursor;
  for (bool done = false; !done;) {
    const auto chunk = source.read_snapshot(0, cursor, {7, 1U << 20U});
    rows += chunk.columns[0].size();
    cursor = chunk.cursor;
    place = chunk.position;
    done = chunk.done;
  }
  CHECK(rows == 21);
  CHECK(place.order >= first.position.order);
}

TEST_CASE("P29 A commit that was streamed while a standby holds it back is waited for, or the chunk is read again") {
  PostgresServer server;
  PostgresDatabase database(server);
  FirmSource firm(database);
  database.sql().run("INSERT INTO firm VALUES (1, 'old')");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  reader.once();
  Sql admin(server.dsn());
  admin.run("ALTER SYSTEM SET synchronous_standby_names = 'absent'");
  admin.run("SELECT pg_reload_conf()");
  const std::vector<Sql> held = await_held_commits(server);
  Sql writer(database.dsn());
  writer.send("UPDATE firm SET name = 'new'");
  CHECK(reader.take(1) == Rows{"+1|new|NULL|NULL"});
  // Streamed and not visible: an old row must not come with a position behind the update.
  const auto early = reader.source().read_snapshot(0, {}, {});
  CHECK(early.columns[0].size() == 0);
  CHECK_FALSE(early.done);
  CHECK(early.position.is_none());
  SECTION("also when another process reads on") {
    reader.reach(firm.open()->present());
    const auto place = reader.position();
    reader.forget();
    reader.once(200'000);
    reader = Reader(nullptr, {});
    Reader other(firm.open(), place);
    const SystemClock clock;
    const Micros deadline = clock.steady() + patience;
    for (bool open = false; !open && clock.steady() < deadline;) {
      try {
        other.once(50'000);
        open = true;
      } catch (const Error& error) {
        REQUIRE(error.kind() == ErrorKind::unavailable);
      }
    }
    INFO(other.reason());
    CHECK(other.continuity() == adapter::Continuity::good);
    const auto again = other.source().read_snapshot(0, {}, {});
    CHECK(again.position.is_none());
  }
  admin.run("ALTER SYSTEM RESET synchronous_standby_names");
  admin.run("SELECT pg_reload_conf()");
  const auto rows = snapshot_of(*firm.open(), 0);
  CHECK(rows == Rows{"1|new|NULL|NULL"});
}

TEST_CASE("P29 Every row updated and deleted while it is scanned ends as the source has it") {
  PostgresDatabase database;
  FirmSource firm(database);
  database.sql().run("INSERT INTO firm SELECT i, 'old' FROM generate_series(1, 300) i");
  auto source = firm.open();
  Reader reader(std::move(source), {});
  reader.go_to(reader.source().present());
  std::map<std::string, std::string> target;
  const auto key = [](const std::string& row) { return row.substr(0, row.find('|')); };
  const auto stream = [&](Micros wait) {
    for (const auto& row : texts_of(reader.once(wait))) {
      if (row[0] == '-')
        target.erase(key(row.substr(1)));
      else
        target[key(row.substr(1))] = row.substr(1);
    }
  };
  Bytes cursor;
  SourcePosition high;
  int step = 0;
  for (bool done = false; !done; ++step) {
    database.sql().run("UPDATE firm SET name = 'new' WHERE id % 7 = " + std::to_string(step % 7));
    stream(0);
    if (step == 5) {  // killed in between: the cursor and the checkpoint are what is left
      const auto place = reader.position();
      reader = Reader(firm.open(), place);
    }
    const auto chunk = reader.source().read_snapshot(0, cursor, {20, 1U << 20U});
    if (chunk.position.is_none() || chunk.position.order < reader.position().order) continue;
    for (const auto& row : texts_of(chunk.columns)) target[key(row)] = row;
    database.sql().run("DELETE FROM firm WHERE id % 11 = " + std::to_string(step % 11));
    cursor = chunk.cursor;
    high = std::max(high.order, chunk.position.order) == high.order ? high : chunk.position;
    done = chunk.done;
  }
  const SystemClock clock;
  const Micros deadline = clock.steady() + 4 * patience;
  const auto end = firm.open()->present();
  while ((reader.position().order < high.order || reader.position().order < end.order) && clock.steady() < deadline)
    stream(100'000);
  Rows rows;
  for (const auto& [id, row] : target) rows.push_back(row);
  Rows expected = snapshot_of(*firm.open(), 0);
  std::sort(expected.begin(), expected.end());
  std::sort(rows.begin(), rows.end());
  CHECK(rows == expected);
}
