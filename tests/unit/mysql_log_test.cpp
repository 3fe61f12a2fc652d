// What the binary log does not say in rows, and what it says too early.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "hub-protocol/base/error.h"
#include "tests/unit/mysql_support.h"

namespace qianzhi::test {

namespace {

using adapter::TableEventKind;
using Lines = std::vector<std::string>;

bool told(const MariaReader& reader, TableEventKind kind) {
  return std::any_of(reader.events.begin(), reader.events.end(), [&](const auto& event) { return event.kind == kind; });
}

MariaReader firm_reader(MariaDatabase& database, const std::string& options = "") {
  database.run("CREATE TABLE t(id INT PRIMARY KEY, name VARCHAR(20), area VARCHAR(20)) " + options);
  return MariaReader(database, maria_spec(database, "t", {"id", "name", "area"}, {"area"}));
}

}  // namespace

TEST_CASE("P16 rows without all columns or names, and statements as text, are unseen changes") {
  MariaDatabase database;
  MariaReader reader = firm_reader(database);
  database.run("INSERT INTO t VALUES(1, 'a', 'x')");
  CHECK(reader.take() == Lines{"+1|a|x <~"});
  SECTION("binlog_row_image MINIMAL") { database.run("SET binlog_row_image = 'MINIMAL'; UPDATE t SET name = 'b'"); }
  SECTION("binlog_format STATEMENT") { database.run("SET binlog_format = 'STATEMENT'; UPDATE t SET name = 'b'"); }
  SECTION("STATEMENT through a view") {
    database.run("CREATE VIEW v AS SELECT * FROM t; SET binlog_format = 'STATEMENT'; UPDATE v SET name = 'b'");
  }
  SECTION("binlog_row_metadata NO_LOG") {
    database.run("SET GLOBAL binlog_row_metadata = 'NO_LOG'");
    database.run("UPDATE t SET name = 'b'; SET GLOBAL binlog_row_metadata = 'FULL'");
  }
  CHECK(reader.take().empty());
  CHECK(told(reader, TableEventKind::unseen_changes));
  database.reconnect();
  database.run("UPDATE t SET name = 'c'");
  CHECK(reader.take() == Lines{"+1|c|x <x"});
  CHECK(reader.events.empty());
}

TEST_CASE("P16 a statement as text on another schema's table is not ours") {
  MariaDatabase database;
  MariaDatabase other;
  MariaReader reader = firm_reader(database);
  other.run("CREATE TABLE t(id INT PRIMARY KEY); SET binlog_format = 'STATEMENT'; INSERT INTO t VALUES(1)");
  CHECK(reader.take().empty());
  CHECK(reader.events.empty());
}

TEST_CASE("P18 rows of an XA transaction come when it is decided, also to a reader that began anew in between") {
  MariaDatabase database;
  MariaReader reader = firm_reader(database);
  const bool restarted = GENERATE(false, true);
  database.run("XA START 'one'; INSERT INTO t VALUES(1, 'a', 'x'); XA END 'one'; XA PREPARE 'one'");
  database.reconnect();
  database.run("INSERT INTO t VALUES(2, 'b', 'y')");
  CHECK(reader.take() == Lines{"+2|b|y <~"});
  if (restarted) reader.reopen();
  database.run("INSERT INTO t VALUES(3, 'c', 'z')");
  CHECK(reader.take() == Lines{"+3|c|z <~"});
  if (restarted) reader.reopen();
  SECTION("committed") {
    database.run("XA COMMIT 'one'");
    CHECK(reader.take() == Lines{"+1|a|x <~"});
  }
  SECTION("rolled back") {
    database.run("XA ROLLBACK 'one'");
    CHECK(reader.take().empty());
  }
  SECTION("committed when it was prepared before we began") {
    adapter::SourceSpec spec = maria_spec(database, "t", {"id", "name", "area"}, {"area"});
    spec.connection.options["server_id"] = "99";
    MariaReader late(database, spec);
    database.run("XA COMMIT 'one'");
    CHECK(late.take().empty());
    CHECK(told(late, TableEventKind::unseen_changes));
  }
  database.run("INSERT INTO t VALUES(4, 'd', 'z')");
  CHECK(reader.take().size() >= 1);
  reader.reopen();
  CHECK(reader.take().empty());
}

TEST_CASE("P19 TRUNCATE, a partition's TRUNCATE, RENAME and DROP are told, indexes and other tables are not") {
  MariaDatabase database;
  MariaReader reader = firm_reader(database, "PARTITION BY RANGE(id) (PARTITION p0 VALUES LESS THAN (100))");
  database.run(
      "INSERT INTO t VALUES(1, 'a', 'x'); CREATE INDEX i ON t(name); ALTER TABLE t ADD COLUMN extra INT;"
      " CREATE TABLE u(id INT PRIMARY KEY); INSERT INTO u VALUES(1); TRUNCATE u; DROP TABLE u; ANALYZE TABLE t");
  CHECK(reader.take() == Lines{"+1|a|x <~"});
  CHECK(reader.events.empty());
  SECTION("TRUNCATE") {
    database.run("TRUNCATE TABLE t");
    CHECK(reader.take().empty());
    CHECK(told(reader, TableEventKind::truncated));
  }
  SECTION("TRUNCATE PARTITION") {
    database.run("ALTER TABLE t TRUNCATE PARTITION p0");
    CHECK(reader.take().empty());
    CHECK(told(reader, TableEventKind::unseen_changes));
  }
  SECTION("a table takes the place") {
    database.run("CREATE TABLE t2 LIKE t; RENAME TABLE t TO old, t2 TO t; INSERT INTO t(id) VALUES(9)");
    CHECK(reader.take() == Lines{"+9|NULL|NULL <~"});
    CHECK(told(reader, TableEventKind::unseen_changes));
  }
  SECTION("DROP, at every read while it is gone") {
    database.run("DROP TABLE t");
    reader.take();
    CHECK(told(reader, TableEventKind::schema_changed));
    reader.take();
    CHECK(told(reader, TableEventKind::schema_changed));
  }
  SECTION("a listed column is dropped") {
    database.run("ALTER TABLE t DROP COLUMN area");
    reader.take();
    CHECK(told(reader, TableEventKind::schema_changed));
  }
}

TEST_CASE("P19 compressed events and a change of checksums at a new file are read like others") {
  MariaDatabase database;
  MariaReader reader = firm_reader(database);
  const std::string wide(400, 'w');
  database.run("ALTER TABLE t MODIFY name VARCHAR(500)");
  reader.take();
  database.run("SET GLOBAL binlog_checksum = 'NONE'; INSERT INTO t VALUES(1, 'a', 'x')");
  database.run("SET GLOBAL log_bin_compress = 1; SET GLOBAL log_bin_compress_min_len = 10");
  database.reconnect();
  database.run("INSERT INTO t VALUES(2, '" + wide + "', 'y'); UPDATE t SET area = 'z' WHERE id = 2");
  database.run("SET GLOBAL binlog_checksum = 'CRC32'; DELETE FROM t WHERE id = 2; SET GLOBAL log_bin_compress = 0");
  CHECK(reader.take() == Lines{"+1|a|x <~", "+2|" + wide + "|y <~", "+2|" + wide + "|z <y", "-2|~|~ <z"});
  CHECK(reader.events.empty());
}

TEST_CASE("P19 a second reader with the same server_id is told so") {
  MariaDatabase database;
  MariaReader one = firm_reader(database);
  MariaReader two(database, maria_spec(database, "t", {"id", "name", "area"}, {"area"}));
  one.take();
  two.take();
  database.run("INSERT INTO t VALUES(1, 'a', 'x')");
  try {
    one.take();
    FAIL("the first reader went on");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-MY-016");
    CHECK(error.kind() == ErrorKind::unavailable);
  }
  CHECK(two.take() == Lines{"+1|a|x <~"});
}

TEST_CASE("P5 P7 a key that only changes its case is removed and inserted, and a row may be read in one-row chunks") {
  MariaDatabase database;
  database.run("CREATE TABLE t(id VARCHAR(9) PRIMARY KEY, area VARCHAR(9))");
  MariaReader reader(database, maria_spec(database, "t", {"id", "area"}, {"area"}));
  database.run(
      "START TRANSACTION; INSERT INTO t VALUES('a', 'x'), ('b', 'y'); UPDATE t SET id = 'A' WHERE id = 'a';"
      " SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; COMMIT");
  CHECK(reader.take({1, 1U << 20U}) == Lines{"+a|x <~", "+b|y <~", "-a|~ <x", "+A|x <~"});
}

TEST_CASE("P19 a value over 16 MB is set aside with its size") {
  MariaDatabase database;
  database.run("SET GLOBAL max_allowed_packet = 67108864");
  database.reconnect();
  database.run("CREATE TABLE t(id INT PRIMARY KEY, b LONGBLOB)");
  MariaReader reader(database, maria_spec(database, "t", {"id", "b"}));
  database.run("INSERT INTO t VALUES(1, REPEAT('x', 17000000)), (2, 'small')");
  CHECK(reader.take() == Lines{"+1|!17000000 octets", "+2|small"});
  CHECK(reader.snapshot() == Lines{"+1|!17000000 octets", "+2|small"});
}

TEST_CASE("P19 a log that was begun anew is another one, and says so at once") {
  MariadbServer server;
  MariaDatabase database(server);
  MariaReader reader = firm_reader(database);
  database.run("INSERT INTO t VALUES(1, 'a', 'x')");
  reader.take();
  database.run("RESET MASTER");
  try {
    reader.take();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::unavailable);
    reader.take();
  }
  CHECK(reader.continuity == adapter::Continuity::regressed);
}

// Run by hand when the corpus of fuzz_binlog is to be made anew: the folder is in QIANZHI_SEEDS.
TEST_CASE("seeds of fuzz_binlog", "[.seeds]") {
  const char* folder = std::getenv("QIANZHI_SEEDS");
  REQUIRE(folder != nullptr);
  MariadbServer server;
  MariaSql sql(server, "");
  const std::string rows =
      "INSERT INTO seeds.t VALUES(1, 4000000000, -1.5, 2024, '2024-02-29 01:02:03.5', '2024-03-01 00:00:00', "
      "'-12:00:01.25',"
      " '㐀', '张', x'00ff', 'b', 'x,y', UUID(), '2001:db8::1', 1.5); UPDATE seeds.t SET x = 'y', id = 2; DELETE FROM "
      "seeds.t;";
  for (const std::string kind : {"plain", "sums", "compressed", "xa"}) {
    sql.run("DROP DATABASE IF EXISTS seeds; CREATE DATABASE seeds; SET GLOBAL log_bin_compress = " +
            std::string(kind == "compressed" ? "1" : "0") +
            ", GLOBAL log_bin_compress_min_len = 10;"
            " SET GLOBAL binlog_checksum = " +
            (kind == "sums" ? "CRC32" : "NONE") +
            "; RESET MASTER;"
            " CREATE TABLE seeds.t(id INT PRIMARY KEY, n INT UNSIGNED, d DECIMAL(12,2), y YEAR, dt DATETIME(3),"
            " ts TIMESTAMP NULL, tm TIME(2), x VARCHAR(20), g VARCHAR(9) CHARACTER SET gbk, b BLOB, e ENUM('a', 'b'),"
            " s SET('x', 'y'), u UUID, i INET6, f DOUBLE) CHARACTER SET utf8mb4");
    MariaSql writer(server, "seeds");
    writer.run(kind == "xa" ? "XA START 'a'; " + rows + " XA END 'a'; XA PREPARE 'a'; XA COMMIT 'a'" : rows);
    writer.run("TRUNCATE seeds.t; ALTER TABLE seeds.t MODIFY x TEXT; FLUSH BINARY LOGS");
    std::ifstream log(server.data() / "binlog.000001", std::ios::binary);
    std::string octets((std::istreambuf_iterator<char>(log)), {});
    std::string seed;
    for (std::size_t at = 4; at + 19 <= octets.size();) {
      std::size_t length = 0;
      for (std::size_t i = 4; i-- > 0;) length = length << 8U | static_cast<unsigned char>(octets[at + 9 + i]);
      for (const unsigned shift : {16U, 8U, 0U}) seed.push_back(static_cast<char>(length >> shift & 0xFFU));
      seed += octets.substr(at, length);
      at += length;
    }
    std::ofstream(std::filesystem::path(folder) / kind, std::ios::binary) << seed;
  }
}

TEST_CASE("a server that is not MariaDB is refused") {
  MariadbServer server({"version=8.0.36"});
  MariaSql(server, "").run("CREATE DATABASE d");
  SystemClock clock;
  const auto adapter = adapter::make_mysql_adapter(clock);
  try {
    adapter->describe({{{"socket", server.socket()}, {"user", "root"}, {"database", "d"}}, {}});
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-MY-009");
  }
}

}  // namespace qianzhi::test
