// Capture by triggers, and what preflights find.
#include <algorithm>
#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "tests/unit/mysql_support.h"

namespace qianzhi::test {

namespace {

using adapter::CaptureMode;
using adapter::TableEventKind;
using Lines = std::vector<std::string>;

adapter::SourceSpec journal_spec(MariaDatabase& database, const std::string& key_type = "INT") {
  database.run("CREATE TABLE t(id " + key_type + " PRIMARY KEY, name VARCHAR(20), area VARCHAR(20))");
  return maria_spec(database, "t", {"id", "name", "area"}, {"area"}, CaptureMode::journal);
}

void install(MariaDatabase& database, const adapter::SourceSpec& spec) {
  SystemClock clock;
  database.script(adapter::make_mysql_adapter(clock)->plan_source(spec).install);
}

std::vector<adapter::Finding> findings_of(const adapter::SourceSpec& spec) {
  SystemClock clock;
  const auto adapter = adapter::make_mysql_adapter(clock);
  return adapter->open_source(spec)->preflight();
}

std::string errors_of(const std::vector<adapter::Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    if (finding.severity == adapter::Severity::error) text += finding.code + " " + finding.detail + "\n";
  return text;
}

bool finds(const std::vector<adapter::Finding>& findings, const std::string& code) {
  return std::any_of(findings.begin(), findings.end(), [&](const auto& finding) { return finding.code == code; });
}

}  // namespace

TEST_CASE("P26 an entry below others that are committed comes when its transaction ends, in order and once") {
  MariaDatabase database;
  const adapter::SourceSpec spec = journal_spec(database);
  install(database, spec);
  MariaReader reader(database, spec);
  MariaSql slow(database.server(), database.name());
  slow.run("START TRANSACTION; INSERT INTO t VALUES(1, 'late', 'x')");
  database.run("INSERT INTO t VALUES(2, 'early', 'y')");
  const auto now = [&] {
    const auto changes = reader.source().read_changes(reader.position(), {}, {}, 0);
    CHECK(changes.continuity == adapter::Continuity::good);
    std::size_t rows = 0;
    for (const auto& table : changes.tables) rows += table.meta.size();
    reader.go_to(changes.position);
    return rows;
  };
  CHECK(now() == 0);
  reader.reopen();
  CHECK(now() == 0);
  // A source that begins now must not begin behind the open one.
  MariaReader other(database, spec);
  database.run("INSERT INTO t VALUES(3, 'after', 'z')");
  slow.run("COMMIT");
  CHECK(reader.take() == Lines{"+1|late|x <~", "+2|early|y <~", "+3|after|z <~"});
  CHECK(reader.take().empty());
  CHECK(other.take().size() == 3);
}

TEST_CASE("a dump of the whole server, which only reads, holds back no journal") {
  MariaDatabase database;
  const adapter::SourceSpec spec = journal_spec(database);
  install(database, spec);
  MariaReader reader(database, spec);
  MariaSql dump(database.server(), database.name());
  dump.run("START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT COUNT(*) FROM t");
  database.run("INSERT INTO t VALUES(1, 'one', 'x')");
  const auto changes = reader.source().read_changes(reader.position(), {}, {}, 20'000'000);
  REQUIRE(changes.tables.size() == 1);
  CHECK(changes.tables[0].meta.size() == 1);
}

TEST_CASE("P26 an XA transaction that is prepared holds back what follows, also across a crash") {
  MariadbServer server;
  MariaDatabase database(server);
  const adapter::SourceSpec spec = journal_spec(database);
  install(database, spec);
  MariaReader reader(database, spec);
  database.run("XA START 'one'; INSERT INTO t VALUES(1, 'a', 'x'); XA END 'one'; XA PREPARE 'one'");
  database.reconnect();
  database.run("INSERT INTO t VALUES(2, 'b', 'y')");
  server.crash();
  server.start();
  database.reconnect();
  reader.reopen();
  const auto changes = reader.source().read_changes(reader.position(), {}, {}, 0);
  CHECK(changes.tables.empty());
  database.run("XA COMMIT 'one'");
  CHECK(reader.take() == Lines{"+1|a|x <~", "+2|b|y <~"});
}

TEST_CASE(
    "P25 P7 a key that only changes its case leaves its old form, also where the collation holds them for equal") {
  MariaDatabase database;
  const adapter::SourceSpec spec = journal_spec(database, "VARCHAR(9) CHARACTER SET gbk");
  install(database, spec);
  MariaReader reader(database, spec);
  database.run("INSERT INTO t VALUES('甲a', '一', 'x')");
  reader.take();
  database.run("UPDATE t SET id = '甲A' WHERE id = '甲a'");
  CHECK(reader.take() == Lines{"-甲a|~|~ <x", "+甲A|一|x <~"});
}

TEST_CASE("P21 P27 a capture trigger that was altered is told at every read") {
  MariaDatabase database;
  const adapter::SourceSpec spec = journal_spec(database);
  install(database, spec);
  MariaReader reader(database, spec);
  database.run("CREATE OR REPLACE TRIGGER qianzhi_" + database.name() +
               "_t_d AFTER DELETE ON t FOR EACH ROW SET @nothing = 1");
  for (int i = 0; i < 2; ++i) {
    reader.take();
    REQUIRE(reader.events.size() == 1);
    CHECK(reader.events[0].kind == TableEventKind::unseen_changes);
  }
  CHECK(finds(findings_of(spec), "QZ-ADP-013"));
}

TEST_CASE("preflight names each missing right, and what it prints cures it, in every mode") {
  MariaDatabase database;
  const CaptureMode mode = GENERATE(CaptureMode::log, CaptureMode::journal, CaptureMode::snapshot_only);
  adapter::SourceSpec spec = journal_spec(database);
  spec.mode = mode;
  const bool has_canary = mode != CaptureMode::snapshot_only;
  if (has_canary) {
    spec.canary = "beats";
    spec.tables.push_back({spec.canary, {adapter::canary_id, adapter::canary_beat}, {adapter::canary_id}, {}, {}});
  }
  spec.connection = database.connection("reader_" + database.name());
  const std::string account = "'reader_" + database.name() + "'@'%'";
  SystemClock clock;
  const adapter::Plan plan = adapter::make_mysql_adapter(clock)->plan_source(spec);
  database.script(plan.install);
  database.run("CREATE USER " + account + "; GRANT SELECT (id) ON t TO " + account);
  CHECK_FALSE(errors_of(findings_of(spec)).empty());
  database.script(plan.grants);
  CHECK(errors_of(findings_of(spec)) == "");
  if (has_canary) {
    // The beat, and nothing else that would be written.
    adapter::make_mysql_adapter(clock)->open_source(spec)->beat("x");
    CHECK(database.run("SELECT beat FROM beats") == "x");
    CHECK(database.run("SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_NAME = 'beats' AND "
                       "PRIVILEGE_TYPE IN ('INSERT', 'UPDATE', 'DELETE')") == "0");
    spec.canary.clear();
    spec.tables.pop_back();
  }
  MariaReader reader(database, spec);
  if (mode != CaptureMode::snapshot_only) {
    database.run("INSERT INTO t VALUES(1, 'a', 'x')");
    CHECK(reader.take() == Lines{"+1|a|x <~"});
  }
  CHECK(reader.snapshot().size() == (mode == CaptureMode::snapshot_only ? 0 : 1));
  database.script(plan.uninstall);
  CHECK(database.run("SELECT COUNT(*) FROM mysql.user WHERE user LIKE 'reader_%'") == "0");
}

TEST_CASE("P15 preflight names foreign keys whose cascades are seen by nobody") {
  MariaDatabase database;
  database.run(
      "CREATE TABLE p(id INT PRIMARY KEY); CREATE TABLE t(id INT PRIMARY KEY, p INT,"
      " CONSTRAINT of_p FOREIGN KEY (p) REFERENCES p(id) ON DELETE CASCADE)");
  const adapter::SourceSpec spec = maria_spec(database, "t", {"id", "p"});
  CHECK(finds(findings_of(spec), "QZ-MY-030"));
  // What it warns of is so: no row of the child is in the log.
  MariaReader reader(database, spec);
  database.run("INSERT INTO p VALUES(1); INSERT INTO t VALUES(1, 1); DELETE FROM p");
  CHECK(reader.take() == Lines{"+1|1"});
  CHECK(database.run("SELECT COUNT(*) FROM t") == "0");
}

TEST_CASE("P16 preflight names settings of the log, tables that cannot be captured, and keys that are none") {
  MariaDatabase database;
  database.run("CREATE TABLE t(id INT PRIMARY KEY) WITH SYSTEM VERSIONING; CREATE TABLE m(id INT) ENGINE=MyISAM");
  CHECK(finds(findings_of(maria_spec(database, "t", {"id"})), "QZ-MY-033"));
  CHECK(finds(findings_of(maria_spec(database, "m", {"id"})), "QZ-MY-031"));
  CHECK(finds(findings_of(maria_spec(database, "m", {"id"})), "QZ-ADP-016"));
  database.run("SET GLOBAL binlog_row_metadata = 'MINIMAL'");
  CHECK(finds(findings_of(maria_spec(database, "t", {"id"})), "QZ-MY-021"));
  database.run("SET GLOBAL binlog_row_metadata = 'FULL'");
}

}  // namespace qianzhi::test
