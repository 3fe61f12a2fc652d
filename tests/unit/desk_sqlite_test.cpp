// What the desk needs of SQLite beside its own store: other files for reading, functions for SQL.
#include "hub-protocol/base/error.h"
#include "hub-protocol/sqlite/database.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

sqlite::OpenOptions attaching() {
  sqlite::OpenOptions options;
  options.attaches = true;
  return options;
}

}  // namespace

TEST_CASE("S1.7 an attached file is read, never written, whatever its name") {
  const TempDir dir;
  const auto received = dir / "收到 100%?mode=rw#1.db";
  sqlite::Database writer(received, {});
  writer.execute("CREATE TABLE firm(id); INSERT INTO firm VALUES (1)");
  sqlite::Database own(dir / "desk.db", attaching());
  own.attach_read_only(received, "received");
  CHECK(own.scalar("SELECT count(*) FROM received.firm") == 1);
  writer.execute("INSERT INTO firm VALUES (2)");
  CHECK(own.scalar("SELECT count(*) FROM received.firm") == 2);
  check_throws("QZ-SQL-005", [&] { own.execute("INSERT INTO received.firm VALUES (3)"); });
  check_throws("QZ-SQL-005", [&] { own.attach_read_only(dir / "none.db", "none"); });
  CHECK_FALSE(std::filesystem::exists(dir / "none.db"));
  own.execute("CREATE TABLE t(x); INSERT INTO t SELECT id FROM received.firm");
  own.checkpoint();
}

TEST_CASE("S1.7 both sides of a transaction see one state of an attached file") {
  const TempDir dir;
  sqlite::Database writer(dir / "received.db", {});
  writer.execute("CREATE TABLE firm(id)");
  sqlite::Database own(dir / "desk.db", attaching());
  own.attach_read_only(dir / "received.db", "received");
  sqlite::Transaction transaction(own);
  CHECK(own.scalar("SELECT count(*) FROM received.firm") == 0);
  writer.execute("INSERT INTO firm VALUES (1)");
  CHECK(own.scalar("SELECT count(*) FROM received.firm") == 0);
  transaction.commit();
  CHECK(own.scalar("SELECT count(*) FROM received.firm") == 1);
}

TEST_CASE("S1.8 SQL calls functions, and what they throw comes back as it was thrown") {
  const TempDir dir;
  sqlite::Database own(dir / "desk.db", {});
  own.add_function("qz_twice", 1, [](const sqlite::TextArguments& arguments) -> std::optional<std::string> {
    if (!arguments[0]) return std::nullopt;
    if (*arguments[0] == "bad") throw Error(ErrorKind::rejected, "QZ-DSK-004", "bad");
    return std::string(*arguments[0]) + std::string(*arguments[0]);
  });
  sqlite::Statement row = own.prepare("SELECT qz_twice('啊'), qz_twice(NULL) IS NULL, qz_twice(12)");
  REQUIRE(row.step());
  CHECK(row.text(0) == "啊啊");
  CHECK(row.integer(1) == 1);
  CHECK(row.text(2) == "1212");
  check_throws("QZ-DSK-004", [&] { own.scalar("SELECT qz_twice('bad')"); });
  check_throws("QZ-SQL-005", [&] { own.scalar("SELECT qz_thrice('x')"); });
  // A file's own schema cannot reach them.
  own.execute("CREATE TABLE t(x); CREATE VIEW v AS SELECT qz_twice(x) AS y FROM t");
  check_throws("QZ-SQL-005", [&] { own.scalar("SELECT y FROM v"); });
}
