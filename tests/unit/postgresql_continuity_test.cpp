// R2.1, R2.2 and the slot: what is noticed when the source is not what it was, and what is never confirmed too early.
#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "tests/unit/postgresql_support.h"

using namespace qianzhi;
using namespace qianzhi::test;
using adapter::Continuity;
using Rows = std::vector<std::string>;

namespace {

std::string confirmed(PostgresDatabase& database) {
  return database.sql().run("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'qianzhi_" +
                            database.name() + "'");
}

void drop_slot(PostgresDatabase& database) {
  database.sql().run(
      "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = 'qianzhi_" +
      database.name() + "' AND active_pid IS NOT NULL");
  database.sql().run("SELECT pg_drop_replication_slot('qianzhi_" + database.name() + "')");
}

// A walsender notices the end of its client a moment later (P12).
template <typename Try>
void eventually(const Try& attempt) {
  const SystemClock clock;
  const Micros deadline = clock.steady() + patience;
  for (;;) {
    try {
      return attempt();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unavailable || clock.steady() > deadline) throw;
    }
  }
}

}  // namespace

TEST_CASE("R2.2.1 P2 A slot that was dropped is a gap, and the next present position has a new slot") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  drop_slot(database);
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  reader.once();
  CHECK(reader.continuity() == Continuity::gap);
  CHECK_FALSE(reader.reason().empty());
  reader.go_to(reader.source().present());
  database.sql().run("INSERT INTO firm VALUES (2)");
  CHECK(reader.take(1) == Rows{"+2|NULL|NULL|NULL"});
}

TEST_CASE("R2.2.1 P2 A slot that was made again under its name is a gap") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  drop_slot(database);
  database.sql().run("INSERT INTO firm VALUES (1)");
  database.sql().run("SELECT pg_create_logical_replication_slot('qianzhi_" + database.name() + "', 'pgoutput')");
  Reader reader(std::move(source), start);
  reader.once();
  CHECK(reader.continuity() == Continuity::gap);
}

TEST_CASE("R2.2.1 P1 A slot that was confirmed beyond the checkpoint is a gap, not a silent jump") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  CHECK(reader.take(1).size() == 1);
  reader.reach(reader.source().present());
  reader.forget();
  // The agent's store comes back from an older copy.
  eventually([&] {
    Reader restored(firm.open(), start);
    reader.source().read_changes(start, {}, {}, 0);
    restored.once();
    CHECK(restored.continuity() == Continuity::gap);
  });
}

TEST_CASE("R2.2.4 P1 A checkpoint beyond the end of the log is a source that went back") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  auto start = source->present();
  start.order[0] = '\x7f';
  Reader reader(std::move(source), start);
  reader.once();
  CHECK(reader.continuity() == Continuity::regressed);
}

TEST_CASE("R2.2 Another system identifier or timeline is a source that is not the same") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  auto start = source->present();
  const std::size_t octet = GENERATE(std::size_t{0}, std::size_t{11});
  start.identity[octet] = static_cast<char>(start.identity[octet] + 1);
  Reader reader(std::move(source), start);
  reader.once();
  CHECK(reader.continuity() == Continuity::regressed);
}

TEST_CASE("R2.2 The last sealed commit must come again as it was, then it is skipped") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  CHECK(reader.take(1).size() == 1);
  while (reader.position().order.substr(8) != Bytes(8, '\0')) reader.once(100'000);
  auto place = reader.position();
  reader = Reader(nullptr, {});
  database.sql().run("INSERT INTO firm VALUES (2)");
  SECTION("the same") {
    eventually([&] {
      Reader again(firm.open(), place);
      const auto rows = again.take(1);
      CHECK(rows == Rows{"+2|NULL|NULL|NULL"});
    });
  }
  SECTION("another transaction there") {
    place.identity[23] = static_cast<char>(place.identity[23] + 1);  // xid
    eventually([&] {
      Reader again(firm.open(), place);
      const auto rows = again.take(1);
      CHECK(rows.empty());
      CHECK(again.continuity() == Continuity::regressed);
    });
  }
}

TEST_CASE("R2.2 A server restored from an older copy whose log has grown beyond the checkpoint again is noticed") {
  PostgresServer server;
  PostgresDatabase database(server);
  FirmSource firm(database);
  auto source = firm.open();
  Reader reader(std::move(source), {});
  reader.go_to(reader.source().present());
  reader = Reader(nullptr, reader.position());
  const auto start = reader.position();
  database.reconnect();
  server.stop();
  server.save_copy("older");
  server.start();
  database.sql().run("INSERT INTO firm VALUES (1)");
  Reader before(firm.open(), start);
  CHECK(before.take(1).size() == 1);
  const auto checkpoint = before.position();
  before = Reader(nullptr, {});
  database.reconnect();
  server.stop();
  server.restore_copy("older");
  server.start();
  Reader after(firm.open(), checkpoint);
  SECTION("shorter than the checkpoint") {
    after.once();
    CHECK(after.continuity() == Continuity::regressed);
  }
  SECTION("longer than the checkpoint") {
    database.sql().run("INSERT INTO firm SELECT i, repeat('x', 500) FROM generate_series(10, 2000) i");
    CHECK(after.take(5000).empty());
    CHECK(after.continuity() == Continuity::regressed);
  }
}

TEST_CASE("R2.2.5 When the server was restarted below the newest snapshot, every table is refilled") {
  PostgresServer server;
  PostgresDatabase database(server);
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  database.sql().run("INSERT INTO firm VALUES (1)");
  SourcePosition high;
  CHECK(snapshot_of(*source, 0, {}, &high).size() == 1);
  source.reset();
  database.reconnect();
  server.stop();
  server.start();
  Reader reader(firm.open(), start);
  reader.high_water = high;
  reader.once(100'000);
  REQUIRE_FALSE(reader.events().empty());
  CHECK(reader.events()[0].kind == adapter::TableEventKind::unseen_changes);
}

TEST_CASE("P3 Nothing is confirmed before forget, and then exactly what was passed") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  const std::string slot = confirmed(database);
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  CHECK(reader.take(1).size() == 1);
  const auto half = reader.position();
  reader.once(300'000);
  CHECK(confirmed(database) == slot);
  // In the middle of a transaction: all before it may go, itself not.
  reader.source().forget(half);
  reader.once(300'000);
  reader = Reader(nullptr, {});
  eventually([&] {
    Reader again(firm.open(), start);
    again.once(100'000);
    CHECK(again.continuity() != Continuity::regressed);
  });
  eventually([&] {
    Reader again(firm.open(), half);
    again.once(300'000);
    CHECK(again.continuity() == Continuity::good);
  });
}

TEST_CASE("P3 An idle database moves our position with its neighbours' log, so that the log can go") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  PostgresDatabase neighbour;
  neighbour.sql().run("CREATE TABLE t AS SELECT i, repeat('x', 100) FROM generate_series(1, 20000) i");
  const auto now = firm.open()->present();
  reader.reach(now);
  CHECK(reader.position().order >= now.order);
  reader.forget();
  const SystemClock clock;
  const Micros deadline = clock.steady() + patience;
  const std::string held =
      "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) < 100000"
      " FROM pg_replication_slots WHERE slot_name = 'qianzhi_" +
      database.name() + "'";
  while (database.sql().run(held) != "t" && clock.steady() < deadline) reader.once(50'000);
  CHECK(database.sql().run(held) == "t");
}

TEST_CASE("P4 After a server crash confirmed transactions come again and are recognised") {
  PostgresServer server;
  PostgresDatabase database(server);
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("INSERT INTO firm VALUES (1)");
  CHECK(reader.take(1).size() == 1);
  reader.reach(firm.open()->present());
  reader.forget();
  reader.once(200'000);
  database.reconnect();
  server.crash();
  CHECK_THROWS_AS(reader.once(100'000), Error);
  server.start();
  database.sql().run("INSERT INTO firm VALUES (2)");
  Rows rows;
  eventually([&] { rows = reader.take(1); });
  CHECK(rows == Rows{"+2|NULL|NULL|NULL"});
}

TEST_CASE("P9 A publication that was dropped stops with a cure, and made again is a gap") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader reader(std::move(source), start);
  database.sql().run("DROP PUBLICATION " + firm.own_name());
  database.sql().run("INSERT INTO firm VALUES (1)");
  try {
    reader.take(1);
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-PG-023");
  }
  database.sql().run("CREATE PUBLICATION " + firm.own_name() + " FOR TABLE firm");
  eventually([&] {
    reader.take(1);
    CHECK(reader.continuity() == Continuity::gap);
  });
  eventually([&] { reader.go_to(reader.source().present()); });
  database.sql().run("INSERT INTO firm VALUES (2)");
  CHECK(reader.take(1) == Rows{"+2|NULL|NULL|NULL"});
}

TEST_CASE("P12 A slot that another connection holds is unavailable, and read when it is free") {
  PostgresDatabase database;
  FirmSource firm(database);
  auto source = firm.open();
  const auto start = source->present();
  Reader first(std::move(source), start);
  first.once();
  Reader second(firm.open(), start);
  try {
    second.once();
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(error.code() == "QZ-PG-005");
  }
  first = Reader(nullptr, {});
  database.sql().run("INSERT INTO firm VALUES (1)");
  Rows rows;
  eventually([&] { rows = second.take(1); });
  CHECK(rows.size() == 1);
}

TEST_CASE("P13 A slot that holds more log than the ceiling is given up, and that is a gap") {
  PostgresDatabase database;
  FirmSource firm(database);
  firm.spec.retained_log_ceiling = 1'000'000;
  auto source = firm.open();
  const auto start = source->present();
  source.reset();
  database.sql().run("INSERT INTO firm SELECT i, repeat('x', 500) FROM generate_series(1, 5000) i");
  Reader reader(firm.open(), start);
  eventually([&] { reader.once(); });
  CHECK(reader.continuity() == Continuity::gap);
  CHECK(reader.reason().find("ceiling") != std::string::npos);
  CHECK(confirmed(database).empty());
}
