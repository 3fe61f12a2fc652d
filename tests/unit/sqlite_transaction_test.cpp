#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "hub-protocol/sqlite/database.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;
using namespace qianzhi::sqlite;
using qianzhi::test::TempDir;
using qianzhi::test::thrown_by;

namespace {

Database open_store(const std::filesystem::path& file) {
  OpenOptions options;
  options.busy_timeout_ms = 0;
  return {file, options};
}

Database open_table(const std::filesystem::path& file) {
  Database database = open_store(file);
  database.execute("CREATE TABLE t (a)");
  return database;
}

}  // namespace

TEST_CASE("A committed transaction is seen by others, and only then") {
  const TempDir folder;
  Database one = open_table(folder / "store.db");
  Database two = open_store(folder / "store.db");
  Transaction transaction(one);
  CHECK(one.in_transaction());
  one.execute("INSERT INTO t VALUES (1)");
  CHECK(two.scalar("SELECT count(*) FROM t") == 0);
  transaction.commit();
  CHECK_FALSE(one.in_transaction());
  CHECK(two.scalar("SELECT count(*) FROM t") == 1);
}

TEST_CASE("A transaction that is not committed leaves nothing, also when an error ends it") {
  const TempDir folder;
  Database database = open_table(folder / "store.db");
  {
    const Transaction transaction(database);
    database.execute("INSERT INTO t VALUES (1)");
  }
  const auto failing = [&] {
    const Transaction transaction(database);
    database.execute("INSERT INTO t VALUES (1)");
    database.execute("INSERT INTO missing VALUES (1)");
  };
  CHECK(thrown_by(failing) == "misuse QZ-SQL-005");
  CHECK_FALSE(database.in_transaction());
  CHECK(database.scalar("SELECT count(*) FROM t") == 0);
}

TEST_CASE("A commit that fails is rolled back") {
  const TempDir folder;
  Database database = open_table(folder / "store.db");
  database.execute(
      "CREATE TABLE p (k INTEGER PRIMARY KEY);"
      "CREATE TABLE c (k INTEGER REFERENCES p (k) DEFERRABLE INITIALLY DEFERRED)");
  const auto failing = [&] {
    Transaction transaction(database);
    database.execute("INSERT INTO c VALUES (1)");
    transaction.commit();
  };
  CHECK(thrown_by(failing) == "rejected QZ-SQL-004");
  CHECK_FALSE(database.in_transaction());
  CHECK(database.scalar("SELECT count(*) FROM c") == 0);
}

TEST_CASE("A second writer is told to come again, a reader is not") {
  const TempDir folder;
  Database one = open_table(folder / "store.db");
  Database two = open_store(folder / "store.db");
  Transaction transaction(one);
  CHECK(thrown_by([&] { const Transaction second(two); }) == "unavailable QZ-SQL-001");
  CHECK(thrown_by([&] {
          const Transaction second(two, false);
          two.scalar("SELECT count(*) FROM t");
        }) == "nothing");
  transaction.commit();
  CHECK(thrown_by([&] { const Transaction second(two); }) == "nothing");
}

TEST_CASE("A reading transaction sees one state from its first read to its end") {
  const TempDir folder;
  Database one = open_table(folder / "store.db");
  Database two = open_store(folder / "store.db");
  {
    const Transaction reading(two, false);
    CHECK(two.scalar("SELECT count(*) FROM t") == 0);
    one.execute("INSERT INTO t VALUES (1)");
    CHECK(two.scalar("SELECT count(*) FROM t") == 0);
  }
  CHECK(two.scalar("SELECT count(*) FROM t") == 1);
}

TEST_CASE("Transactions do not nest, and the outer one is not harmed by the attempt") {
  const TempDir folder;
  Database database = open_table(folder / "store.db");
  Transaction outer(database);
  database.execute("INSERT INTO t VALUES (1)");
  CHECK(thrown_by([&] { const Transaction inner(database); }) == "misuse QZ-SQL-005");
  CHECK(database.in_transaction());
  outer.commit();
  CHECK(database.scalar("SELECT count(*) FROM t") == 1);
}

TEST_CASE("data_version changes when another connection commits, and not by our own commits") {
  const TempDir folder;
  Database one = open_table(folder / "store.db");
  Database two = open_store(folder / "store.db");
  const std::int64_t before = one.data_version();
  one.execute("INSERT INTO t VALUES (1)");
  CHECK(one.data_version() == before);
  two.execute("INSERT INTO t VALUES (2)");
  CHECK(one.data_version() != before);
}

TEST_CASE("P36: what was committed survives a killed process, what was not is gone") {
  const TempDir folder;
  { open_table(folder / "store.db"); }
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Database database = open_store(folder / "store.db");
    Transaction committed(database);
    database.execute("INSERT INTO t VALUES (1)");
    committed.commit();
    const Transaction open(database);
    database.execute("INSERT INTO t VALUES (2)");
    raise(SIGKILL);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
  Database database = open_store(folder / "store.db");
  CHECK(database.scalar("SELECT count(*) FROM t") == 1);
  Statement check = database.prepare("PRAGMA integrity_check");
  REQUIRE(check.step());
  CHECK(check.text(0) == "ok");
}
