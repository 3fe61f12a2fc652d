#include <catch2/catch.hpp>
#include <limits>

#include "hub-protocol/sqlite/database.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::sqlite;
using qianzhi::test::TempDir;
using qianzhi::test::thrown_by;

namespace {

// A fresh database with one table of any values.
class Sample {
 public:
  Sample() : database(folder_ / "store.db", {}) { database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)"); }

 private:
  TempDir folder_;

 public:
  Database database;
};

}  // namespace

TEST_CASE("Integers of every size come back as they were bound") {
  Sample sample;
  Statement echo = sample.database.prepare("SELECT ?1");
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
                                   std::numeric_limits<std::int64_t>::max()}) {
    echo.reset();
    echo.bind(1, value);
    REQUIRE(echo.step());
    CHECK(echo.integer(0) == value);
    CHECK(echo.type(0) == 1);
  }
  echo.reset();
  echo.bind(1, std::numeric_limits<std::uint64_t>::max());
  REQUIRE(echo.step());
  CHECK(echo.number(0) == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("Text and octets come back as they were bound, zero octets included") {
  Sample sample;
  const std::string octets("a\0\xff'\"; DROP TABLE t; --\n", 25);
  Statement echo = sample.database.prepare("SELECT ?1, ?2, ?3");
  echo.bind(1, "前置'\"").bind_blob(2, octets).bind(3, std::string("a\0b", 3));
  REQUIRE(echo.step());
  CHECK(echo.text(0) == "前置'\"");
  CHECK(echo.type(0) == 3);
  CHECK(echo.text(1) == octets);
  CHECK(echo.type(1) == 4);
  CHECK(echo.text(2) == std::string("a\0b", 3));
}

TEST_CASE("Empty text, empty octets and null are three different things") {
  Sample sample;
  Statement echo = sample.database.prepare("SELECT ?1, ?2, ?3, ?4, ?5");
  echo.bind(1, std::string_view()).bind(2, "").bind_blob(3, std::string_view()).bind_null(4);
  REQUIRE(echo.step());
  CHECK(echo.type(0) == 3);
  CHECK(echo.type(1) == 3);
  CHECK(echo.type(2) == 4);
  CHECK(echo.type(3) == 5);
  CHECK(echo.type(4) == 5);
  for (int column = 0; column < 3; ++column) CHECK_FALSE(echo.is_null(column));
  CHECK(echo.is_null(3));
  for (int column = 0; column < 5; ++column) CHECK(echo.view(column).empty());
}

TEST_CASE("A statement knows its columns") {
  Sample sample;
  const Statement select = sample.database.prepare("SELECT id, v AS \"值\" FROM t");
  CHECK(select.columns() == 2);
  CHECK(select.column_name(0) == "id");
  CHECK(select.column_name(1) == "值");
}

TEST_CASE("A statement is kept, and comes back reset and without bindings") {
  Sample sample;
  sqlite3_stmt* first = nullptr;
  {
    Statement echo = sample.database.prepare("SELECT ?1 UNION ALL SELECT ?1");
    first = echo.handle();
    echo.bind(1, 7);
    REQUIRE(echo.step());
  }
  Statement echo = sample.database.prepare("SELECT ?1 UNION ALL SELECT ?1");
  CHECK(echo.handle() == first);
  REQUIRE(echo.step());
  CHECK(echo.is_null(0));
  REQUIRE(echo.step());
  CHECK_FALSE(echo.step());
}

TEST_CASE("After run() a statement can be bound and run again") {
  Sample sample;
  Statement insert = sample.database.prepare("INSERT INTO t (v) VALUES (?1)");
  for (int i = 0; i < 3; ++i) insert.bind(1, i).run();
  CHECK(sample.database.scalar("SELECT sum(v) FROM t") == 3);
  CHECK(sample.database.scalar("SELECT count(*) FROM t") == 3);
  insert.reset();
  insert.run();
  CHECK(sample.database.scalar("SELECT count(*) FROM t WHERE v IS NULL") == 1);
}

TEST_CASE("A reader that was not read to its end lets go when it is destroyed") {
  Sample sample;
  sample.database.execute("INSERT INTO t (v) VALUES (1), (2)");
  {
    Statement select = sample.database.prepare("SELECT v FROM t");
    REQUIRE(select.step());
    CHECK(thrown_by([&] { sample.database.execute("DROP TABLE t"); }) == "unavailable QZ-SQL-001");
  }
  CHECK(thrown_by([&] { sample.database.execute("DROP TABLE t"); }) == "nothing");
}

TEST_CASE("A moved statement and a moved database stay usable") {
  Sample sample;
  {
    Statement first = sample.database.prepare("SELECT ?1");
    Statement second = std::move(first);
    second.bind(1, 5);
    REQUIRE(second.step());
    CHECK(second.integer(0) == 5);
  }
  Database moved = std::move(sample.database);
  CHECK(moved.scalar("SELECT count(*) FROM t") == 0);
}

TEST_CASE("scalar gives the first value, or nothing for no row and for null") {
  Sample sample;
  CHECK(sample.database.scalar("SELECT 42") == 42);
  CHECK_FALSE(sample.database.scalar("SELECT NULL"));
  CHECK_FALSE(sample.database.scalar("SELECT id FROM t"));
}

TEST_CASE("changes counts the rows of the last statement") {
  Sample sample;
  sample.database.execute("INSERT INTO t (v) VALUES (1), (2), (3)");
  CHECK(sample.database.changes() == 3);
  sample.database.execute("UPDATE t SET v = 9 WHERE v > 1");
  CHECK(sample.database.changes() == 2);
}

TEST_CASE("P35: every kind of constraint rejects the row, names it without its values, and leaves the rest") {
  Sample sample;
  sample.database.execute(
      "CREATE TABLE c (k TEXT NOT NULL UNIQUE, n INTEGER CHECK (n > 0), r INTEGER REFERENCES t (id));"
      "INSERT INTO c VALUES ('secret', 1, NULL);"
      "CREATE TRIGGER g BEFORE DELETE ON c BEGIN SELECT RAISE(ABORT, 'no'); END");
  for (const char* bad :
       {"INSERT INTO c VALUES ('secret', 1, NULL)", "INSERT INTO c VALUES (NULL, 1, NULL)",
        "INSERT INTO c VALUES ('b', 0, NULL)", "INSERT INTO c VALUES ('b', 1, 99)", "DELETE FROM c"}) {
    INFO(bad);
    CHECK(thrown_by([&] { sample.database.execute(bad); }) == "rejected QZ-SQL-004");
    CHECK(thrown_by([&] { sample.database.prepare(bad).run(); }) == "rejected QZ-SQL-004");
  }
  try {
    sample.database.execute("INSERT INTO c VALUES ('secret', 1, NULL)");
  } catch (const Error& error) {
    CHECK(error.detail().find("c.k") != std::string::npos);
    CHECK(error.detail().find("secret") == std::string::npos);
  }
  CHECK(sample.database.scalar("SELECT count(*) FROM c") == 1);
}

TEST_CASE("A statement that cannot be carried out is misuse") {
  Sample sample;
  for (const char* bad : {"SELEKT 1", "SELECT * FROM missing", "INSERT INTO t (missing) VALUES (1)"})
    CHECK(thrown_by([&] { sample.database.prepare(bad); }) == "misuse QZ-SQL-005");
  Statement echo = sample.database.prepare("SELECT ?1");
  CHECK(thrown_by([&] { echo.bind(2, 1); }) == "misuse QZ-SQL-005");
  CHECK(thrown_by([&] { echo.bind(0, "x"); }) == "misuse QZ-SQL-005");
}
