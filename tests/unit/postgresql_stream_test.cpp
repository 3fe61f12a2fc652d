// What comes out of the log: changes, values, keys, echo, TRUNCATE, chunks.
#include <poll.h>

#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "tests/unit/postgresql_support.h"

using namespace qianzhi;
using namespace qianzhi::test;
using Rows = std::vector<std::string>;

TEST_CASE("Committed inserts, updates and deletes come in commit order") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1, '甲', '440103', 12.5), (2, '', NULL, NULL)");
  database.sql().run("UPDATE firm SET name = '乙' WHERE id = 1");
  database.sql().run("BEGIN; INSERT INTO firm VALUES (9); ROLLBACK");
  database.sql().run("DELETE FROM firm WHERE id = 2");
  CHECK(reader.take(4) == Rows{"+1|甲|440103|12.50", "+2||NULL|NULL", "+1|乙|440103|12.50", "-2|~|~|~"});
  const auto last = reader.once();
  CHECK(last.continuity == adapter::Continuity::good);
  CHECK(texts_of(last).empty());
}

TEST_CASE("P5 A transaction larger than a chunk comes in pieces, each with its own position, and goes on from any") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  database.sql().run("INSERT INTO firm SELECT i, 'n' FROM generate_series(1, 10) i");
  Reader reader(std::move(source), start);
  Rows seen;
  std::vector<SourcePosition> places;
  while (seen.size() < 10) {
    const auto part = reader.take(1, {3, 1U << 20U});
    CHECK(part.size() <= 3);
    seen.insert(seen.end(), part.begin(), part.end());
    places.push_back(reader.position());
  }
  for (std::size_t i = 1; i < places.size(); ++i) CHECK(places[i - 1].order < places[i].order);
  // A new process continues in the middle of the transaction, without a row twice or missing.
  Reader other(firm.open(), places[0]);
  reader.source().forget(places[0]);
  reader = Reader(nullptr, {});
  const Rows rest = other.take(7);
  CHECK(rest == Rows(seen.begin() + 3, seen.end()));
}

namespace {

// A source that streams: its first row has come, and nothing is asked of it now.
struct Streaming {
  Streaming() {
    auto source = firm.open();
    CHECK(source->input() == -1);
    CHECK_FALSE(source->take_input());
    const auto start = source->present();
    reader = Reader(std::move(source), start);
    database.sql().run("INSERT INTO firm VALUES (0, 'first', 'a', 1)");
    CHECK(reader.take(1) == Rows{"+0|first|a|1.00"});
  }
  bool take_input() {
    pollfd input{reader.source().input(), POLLIN, 0};
    REQUIRE(poll(&input, 1, 60'000) == 1);
    return reader.source().take_input();
  }
  // Until it will take no more; how often it took.
  int take_all_input() {
    int taken = 1;
    while (take_input()) ++taken;
    return taken;
  }
  std::string code_of_next() {
    try {
      reader.take(1);
    } catch (const Error& error) {
      return error.code();
    }
    return {};
  }

  PostgresDatabase database;
  FirmSource firm{database};
  Reader reader{nullptr, {}};
};

}  // namespace

TEST_CASE_METHOD(Streaming,
                 "P5 What the server sends while nothing is asked is taken, only so much, and comes when it is asked") {
  database.sql().run("INSERT INTO firm SELECT i, repeat('x', 1000), 'a', 1 FROM generate_series(1, 6000) i");
  CHECK(take_all_input() > 1);  // and would wait in vain if it took everything
  CHECK_FALSE(reader.source().take_input());
  const Rows rows = reader.take(6000);
  REQUIRE(rows.size() == 6000);
  CHECK(rows.front().rfind("+1|", 0) == 0);
  CHECK(rows.back().rfind("+6000|", 0) == 0);
  // Read to its end, it takes again.
  database.sql().run("INSERT INTO firm VALUES (6001, 'last', 'a', 1)");
  CHECK(take_input());
  CHECK(reader.take(1) == Rows{"+6001|last|a|1.00"});
}

TEST_CASE_METHOD(Streaming, "P11 A connection that ends while nothing is asked is told of at the next call") {
  database.sql().run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'walsender'");
  take_all_input();
  CHECK(code_of_next() == "QZ-PG-001");
}

TEST_CASE_METHOD(Streaming, "P9 A publication that is dropped while nothing is asked stops with its cure") {
  database.sql().run("DROP PUBLICATION " + firm.own_name());
  database.sql().run("INSERT INTO firm VALUES (2, 'after', 'a', 1)");
  take_all_input();
  CHECK(code_of_next() == "QZ-PG-023");
}

TEST_CASE("P6 An out-of-line value that was not touched is unchanged, not null") {
  PostgresDatabase database;
  FirmSource firm(database, "ALTER TABLE firm ALTER name SET STORAGE EXTERNAL");
  database.sql().run("INSERT INTO firm VALUES (1, repeat('x', 9000), 'a', 1)");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("UPDATE firm SET amount = 2");
  CHECK(reader.take(1) == Rows{"+1|~|a|2.00"});
}

TEST_CASE("P6 With full identity an untouched out-of-line value is taken from the old row") {
  PostgresDatabase database;
  FirmSource firm(database, "ALTER TABLE firm ALTER name SET STORAGE EXTERNAL");
  database.sql().run("ALTER TABLE firm REPLICA IDENTITY FULL");
  database.sql().run("ALTER PUBLICATION " + firm.own_name() + " SET TABLE firm");
  const std::string large(9000, 'x');
  database.sql().run("INSERT INTO firm VALUES (1, repeat('x', 9000), 'a', 1)");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("UPDATE firm SET amount = 2");
  CHECK(reader.take(1) == Rows{"+1|" + large + "|a|2.00"});
}

TEST_CASE("P7 A changed key comes as a delete of the old and an upsert of the new") {
  PostgresDatabase database;
  FirmSource firm(database);
  database.sql().run("INSERT INTO firm VALUES (1, 'n', 'a', 1)");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("UPDATE firm SET id = 5");
  CHECK(reader.take(2) == Rows{"-1|~|~|~", "+5|n|a|1.00"});
}

TEST_CASE("P7 A changed key whose out-of-line value does not come asks for a refill") {
  PostgresDatabase database;
  FirmSource firm(database, "ALTER TABLE firm ALTER name SET STORAGE EXTERNAL");
  database.sql().run("INSERT INTO firm VALUES (1, repeat('x', 9000), 'a', 1)");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("UPDATE firm SET id = 5");
  CHECK(reader.take(2) == Rows{"-1|~|~|~", "+5|~|a|1.00"});
  REQUIRE(reader.events().size() == 1);
  CHECK(reader.events()[0].kind == adapter::TableEventKind::unseen_changes);
}

TEST_CASE("P30 An identity index gives updates and deletes the old partition value") {
  PostgresDatabase database;
  FirmSource firm(database, "ALTER TABLE firm ALTER area SET NOT NULL");
  database.sql().run("DROP PUBLICATION " + firm.own_name());
  firm.spec.tables[0].old_columns = {"area"};
  database.sql().run("CREATE UNIQUE INDEX firm_identity ON firm (id, area)");
  database.sql().run("ALTER TABLE firm REPLICA IDENTITY USING INDEX firm_identity");
  database.sql().run("CREATE PUBLICATION " + firm.own_name() + " FOR TABLE firm (id, name, area, amount)");
  database.sql().run("INSERT INTO firm VALUES (1, 'n', '440103', 1), (2, 'n', '440104', 1)");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("UPDATE firm SET area = '440105' WHERE id = 1");
  database.sql().run("UPDATE firm SET name = 'm' WHERE id = 1");
  database.sql().run("DELETE FROM firm WHERE id = 2");
  database.sql().run("UPDATE firm SET id = 3");
  CHECK(reader.take(5) == Rows{"+1|n|440105|1.00 <440103", "+1|m|440105|1.00 <~", "-2|~|~|~ <440104",
                               "-1|~|~|~ <440105", "+3|m|440105|1.00 <~"});
}

TEST_CASE("P10 TRUNCATE is an event between the changes before and after it") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("BEGIN; INSERT INTO firm VALUES (1); TRUNCATE firm; INSERT INTO firm VALUES (2); COMMIT");
  CHECK(reader.take(1) == Rows{"+1|NULL|NULL|NULL"});
  CHECK(reader.events().empty());
  const auto before = reader.position();
  CHECK(reader.take(1).empty());
  REQUIRE(reader.events().size() == 1);
  CHECK(reader.events()[0].kind == adapter::TableEventKind::truncated);
  CHECK(before.order < reader.position().order);
  CHECK(reader.take(1) == Rows{"+2|NULL|NULL|NULL"});
}

TEST_CASE("P11 The text of values does not depend on the server's session settings") {
  PostgresDatabase database;
  database.sql().run("ALTER DATABASE " + database.name() + " SET timezone = 'Asia/Shanghai'; ALTER DATABASE " +
                     database.name() + " SET datestyle = 'SQL, DMY'; ALTER DATABASE " + database.name() +
                     " SET bytea_output = 'escape'");
  database.reconnect();
  FirmSource firm(database);
  database.sql().run(
      "CREATE TABLE kinds (id int PRIMARY KEY, d date, t timestamp, z timestamptz, b bytea, o boolean, n numeric, f "
      "float8)");
  firm.spec.tables.push_back({"kinds", {"id", "d", "t", "z", "b", "o", "n", "f"}, {"id"}, {}});
  database.sql().run("ALTER PUBLICATION " + firm.own_name() + " ADD TABLE kinds");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run(
      "INSERT INTO kinds VALUES"
      " (1, '2024-02-29', '1943-07-01 01:02:03.5', '2024-01-31 08:00:00+08', '\\x00ff41', true, 1.50, 0.1),"
      " (2, 'infinity', '-infinity', '0044-03-15 10:00:00+00 BC', '', false, 'NaN', 'Infinity'),"
      " (3, '0044-03-15 BC', '12024-01-01', NULL, NULL, NULL, -3, -1)");
  const Rows expected{std::string("+1|2024-02-29|1943-07-01T01:02:03.500000|2024-01-31T00:00:00Z|") +
                          std::string("\0\xff"
                                      "A",
                                      3) +
                          "|true|1.50|0.1",
                      "+2|!infinity|!-infinity|!0044-03-15 10:00:00+00 BC||false|!NaN|!Infinity",
                      "+3|!0044-03-15 BC|!12024-01-01 00:00:00|NULL|NULL|NULL|-3|-1"};
  CHECK(reader.take(3) == expected);
  Rows chunk;
  for (const auto& row : expected) chunk.push_back(row.substr(1));
  CHECK(snapshot_of(reader.source(), 1) == chunk);
}

TEST_CASE("P12 A subtransaction that was rolled back leaves nothing") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run(
      "BEGIN; INSERT INTO firm VALUES (1); SAVEPOINT s; INSERT INTO firm VALUES (2); ROLLBACK TO s;"
      " INSERT INTO firm VALUES (3); COMMIT");
  CHECK(reader.take(2) == Rows{"+1|NULL|NULL|NULL", "+3|NULL|NULL|NULL"});
  CHECK(texts_of(reader.once(100'000)).empty());
}

TEST_CASE("P28 A column that changes its type says so before its rows, and no row is left out") {
  PostgresDatabase database;
  FirmSource firm(database);
  database.sql().run("ALTER PUBLICATION " + firm.own_name() + " SET TABLE firm");
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1, 'a')");
  database.sql().run("ALTER TABLE firm ALTER area TYPE integer USING 0");
  CHECK(reader.take(1) == Rows{"+1|a|NULL|NULL"});
  database.sql().run("INSERT INTO firm VALUES (2, 'b')");
  CHECK(reader.take(1) == Rows{"+2|b|NULL|NULL"});
  REQUIRE(reader.events().size() == 1);
  CHECK(reader.events()[0].kind == adapter::TableEventKind::reshaped);
  // Nothing is left out after that, for nothing would tell.
  database.sql().run("INSERT INTO firm VALUES (3, 'c', 7)");
  CHECK(reader.take(1) == Rows{"+3|c|7|NULL"});
}

TEST_CASE("P28 A table whose replica identity does not name the key is told at every read, not only once") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1, 'a')");
  CHECK(reader.take(1).size() == 1);
  database.sql().run("ALTER TABLE firm REPLICA IDENTITY NOTHING");
  database.sql().run("INSERT INTO firm VALUES (2, 'b')");
  CHECK(reader.take(1).empty());
  const std::size_t told = reader.events().size();
  REQUIRE(told >= 1);
  reader.once();
  CHECK(reader.events().size() > told);
  database.sql().run("ALTER TABLE firm REPLICA IDENTITY DEFAULT");
  database.sql().run("INSERT INTO firm VALUES (3, 'c')");
  while (reader.take(1).empty()) {
  }
  const std::size_t cured = reader.events().size();
  reader.once();
  CHECK(reader.events().size() == cured);
}

TEST_CASE("P28 A table that was dropped and made again under its name is noticed") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  {
    Reader reader(firm.open(), start);
    database.sql().run("INSERT INTO firm VALUES (1)");
    CHECK(reader.take(1).size() == 1);
  }
  database.sql().run(
      "DROP TABLE firm; CREATE TABLE firm (id bigint PRIMARY KEY, name text, area text, amount numeric)");
  Reader later(firm.open(), start);
  later.take(3);
  REQUIRE_FALSE(later.events().empty());
  CHECK(later.events()[0].kind == adapter::TableEventKind::unseen_changes);
}

TEST_CASE("P27 A table taken out of the publication and put back is refilled, even if nobody looked in between") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  source.reset();
  database.sql().run("ALTER PUBLICATION " + firm.own_name() + " DROP TABLE firm");
  database.sql().run("INSERT INTO firm VALUES (1)");
  const bool looked = GENERATE(false, true);
  if (looked) {
    Reader reader(firm.open(), start);
    reader.once();
    REQUIRE(reader.events().size() == 1);
    CHECK(reader.events()[0].kind == adapter::TableEventKind::unseen_changes);
  }
  database.sql().run("ALTER PUBLICATION " + firm.own_name() + " ADD TABLE firm");
  database.sql().run("INSERT INTO firm VALUES (2)");
  Reader later(firm.open(), start);
  const SystemClock clock;
  const Micros deadline = clock.steady() + patience;
  while (later.events().empty() && clock.steady() < deadline) {
    try {
      later.once(50'000);
    } catch (const Error& error) {
      REQUIRE(error.code() == "QZ-PG-005");
    }
  }
  REQUIRE_FALSE(later.events().empty());
  CHECK(later.events()[0].kind == adapter::TableEventKind::unseen_changes);
  const std::size_t events = later.events().size();
  later.once();
  CHECK(later.events().size() == events);
}

TEST_CASE("P31 What our own target side wrote does not come back as a change") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run(
      "BEGIN; SELECT pg_logical_emit_message(true, 'qianzhi', 'apply'); INSERT INTO firm VALUES (1); COMMIT");
  database.sql().run("INSERT INTO firm VALUES (2)");
  database.sql().run(
      "BEGIN; SELECT pg_logical_emit_message(true, 'other', 'apply'); INSERT INTO firm VALUES (3); COMMIT");
  CHECK(reader.take(2) == Rows{"+2|NULL|NULL|NULL", "+3|NULL|NULL|NULL"});
}

TEST_CASE("P32 Four-octet names, quotes and empty texts come as they are") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1, '㐀䶮𠮷', '', 0), (2, E'a\\tb\\nc\\\\d''\"', NULL, 0)");
  const Rows expected{"+1|㐀䶮𠮷||0.00", "+2|a\tb\nc\\d'\"|NULL|0.00"};
  CHECK(reader.take(2) == expected);
  CHECK(snapshot_of(reader.source(), 0) == Rows{expected[0].substr(1), expected[1].substr(1)});
}
