// What a watermark of MariaDB must hold against: statements that are older than their transactions, marks that are
// drawn long before their rows are written, prepared transactions, sessions with a time of their own; and what is no
// watermark.
#include <mysql.h>
#include <poll.h>

#include <catch2/catch.hpp>
#include <set>
#include <stdexcept>

#include "adapters/sql/watermark_position.h"
#include "hub-protocol/base/error.h"
#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

constexpr Micros limit = 30'000'000;  // against hanging

// A session of the department whose statement may be waiting.
class Beside {
 public:
  explicit Beside(Fixture& fixture) : fixture_(fixture), session_(mysql_init(nullptr), &mysql_close) {
    if (mysql_real_connect(session_.get(), nullptr, "root", nullptr, "department", 0,
                           fixture.connection().options["socket"].c_str(), 0) == nullptr)
      throw std::runtime_error(mysql_error(session_.get()));
    fixture.begin_other("DO 0");  // the fixture does not wait for long from now on
  }
  void run(const std::string& sql) {
    send(sql);
    finish();
  }
  void send(const std::string& sql) { mysql_send_query(session_.get(), sql.data(), sql.size()); }
  void finish() {
    if (mysql_read_query_result(session_.get())) throw std::runtime_error(mysql_error(session_.get()));
    mysql_free_result(mysql_store_result(session_.get()));
  }
  // Until the statement that was sent stands at GET_LOCK.
  void await_gate() {
    const SystemClock clock;
    const std::string id = std::to_string(mysql_thread_id(session_.get()));
    for (const Micros begun = clock.steady(); clock.steady() - begun < limit; poll(nullptr, 0, 5))
      if (!fixture_.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'User lock' AND ID = " + id)
               .empty())
        return;
    FAIL("the statement does not come to its gate");
  }

 private:
  Fixture& fixture_;
  std::unique_ptr<MYSQL, decltype(&mysql_close)> session_;
};

adapter::SourceSpec reg_spec(Fixture& fixture, const std::string& column) {
  return {
      fixture.connection(), "times", adapter::CaptureMode::watermark, {{"reg", {"id", "name"}, {"id"}, {}, column}}, 0};
}

const std::string server_set = " DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)";

// With a column of each kind.
void make_reg(Fixture& fixture, const std::string& more = "") {
  fixture.run("CREATE TABLE reg(id int PRIMARY KEY, name varchar(100)" + more + ") ENGINE=InnoDB");
}

std::size_t rows_of(const adapter::Changes& changes) {
  std::size_t rows = 0;
  for (const auto& table : changes.tables) rows += table.meta.size();
  return rows;
}

// For a moment, in which a fence that does not hold would let something through.
std::size_t read_for_a_moment(adapter::Source& source, SourcePosition& checkpoint) {
  const SystemClock clock;
  std::size_t rows = 0;
  for (const Micros begun = clock.steady(); clock.steady() - begun < 700'000;) {
    const auto changes = source.read_changes(checkpoint, {}, {}, 200'000);
    rows += rows_of(changes);
    checkpoint = changes.position;
  }
  return rows;
}

// Waits as an agent does until that many rows came.
std::size_t read_rows(adapter::Source& source, SourcePosition& checkpoint, std::size_t wanted) {
  const SystemClock clock;
  std::size_t rows = 0;
  for (const Micros begun = clock.steady(); rows < wanted && clock.steady() - begun < limit;) {
    const auto changes = source.read_changes(checkpoint, {}, {}, 1'000'000);
    REQUIRE(changes.continuity == adapter::Continuity::good);
    rows += rows_of(changes);
    checkpoint = changes.position;
  }
  return rows;
}

std::string code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error.code());
  }
  return {};
}

}  // namespace

TEST_CASE("P26 a statement that began long before its transaction did is waited for, and so is its transaction") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  make_reg(*fixture, ", changed timestamp(6) NOT NULL" + server_set + ", KEY (changed)");
  const auto source = fixture->adapter().open_source(reg_spec(*fixture, "changed"));
  SourcePosition checkpoint = source->present();
  fixture->query("SELECT GET_LOCK('gate', 0)");
  Beside other(*fixture);
  other.run("START TRANSACTION");
  other.send("INSERT INTO reg(id, name) SELECT 1, GET_LOCK('gate', 60)");
  other.await_gate();
  // Its time is fixed, and no list of transactions shows it.
  CHECK(fixture->query("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_id > 0").empty());
  fixture->run("INSERT INTO reg(id, name) VALUES(2, 'later')");
  CHECK(read_for_a_moment(*source, checkpoint) == 0);
  fixture->query("SELECT RELEASE_LOCK('gate')");
  other.finish();
  CHECK(read_for_a_moment(*source, checkpoint) == 0);
  other.run("COMMIT");
  CHECK(read_rows(*source, checkpoint, 2) == 2);
  CHECK(fixture->query("SELECT id FROM reg ORDER BY changed") == Rows{{"1"}, {"2"}});
}

TEST_CASE("P26 a mark that was drawn before its transaction began is waited for") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  make_reg(*fixture);
  const adapter::SourceSpec spec = reg_spec(*fixture, "qianzhi_mark");
  fixture->run(fixture->adapter().plan_source(spec).install);
  // The department's own trigger stands between our mark and the row.
  fixture->run(
      "CREATE TRIGGER theirs BEFORE INSERT ON reg FOR EACH ROW"
      " SET NEW.name = IF(NEW.name = 'slow', GET_LOCK('gate', 60), NEW.name)");
  const auto source = fixture->adapter().open_source(spec);
  SourcePosition checkpoint = source->present();
  fixture->query("SELECT GET_LOCK('gate', 0)");
  Beside other(*fixture);
  other.run("SET timestamp = UNIX_TIMESTAMP() + 100000");
  other.send("INSERT INTO reg(id, name) VALUES(1, 'slow')");
  other.await_gate();
  fixture->run("INSERT INTO reg(id, name) VALUES(2, 'quick')");
  CHECK(read_for_a_moment(*source, checkpoint) == 0);
  fixture->query("SELECT RELEASE_LOCK('gate')");
  other.finish();
  CHECK(read_rows(*source, checkpoint, 2) == 2);
  CHECK(fixture->query("SELECT id FROM reg ORDER BY qianzhi_mark") == Rows{{"1"}, {"2"}});
}

TEST_CASE("P26 a prepared transaction that has lost its session is waited for") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  make_reg(*fixture);
  const adapter::SourceSpec spec = reg_spec(*fixture, "qianzhi_mark");
  fixture->run(fixture->adapter().plan_source(spec).install);
  const auto source = fixture->adapter().open_source(spec);
  SourcePosition checkpoint = source->present();
  {
    Beside other(*fixture);
    for (const char* sql :
         {"XA START 'a'", "INSERT INTO reg(id, name) VALUES(1, 'one')", "XA END 'a'", "XA PREPARE 'a'"})
      other.run(sql);
  }
  fixture->run("INSERT INTO reg(id, name) VALUES(2, 'two')");
  CHECK(read_for_a_moment(*source, checkpoint) == 0);
  fixture->run("XA COMMIT 'a'");
  CHECK(read_rows(*source, checkpoint, 2) == 2);
}

TEST_CASE("P26 a source that starts while something is open waits for it") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture);
  const adapter::SourceSpec spec = reg_spec(*fixture, "qianzhi_mark");
  fixture->run(fixture->adapter().plan_source(spec).install);
  SourcePosition checkpoint = fixture->adapter().open_source(spec)->present();
  fixture->begin_other("INSERT INTO reg(id, name) VALUES(1, 'one')");
  fixture->run("INSERT INTO reg(id, name) VALUES(2, 'two')");
  // A new process knows of the transaction only that it is open.
  const auto source = fixture->adapter().open_source(spec);
  CHECK(read_for_a_moment(*source, checkpoint) == 0);
  fixture->commit_other();
  CHECK(read_rows(*source, checkpoint, 2) == 2);
}

TEST_CASE("P26 P30 a session with a time of its own hides nothing from a mark of ours") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture);
  const adapter::SourceSpec spec = reg_spec(*fixture, "qianzhi_mark");
  fixture->run(fixture->adapter().plan_source(spec).install);
  const auto source = fixture->adapter().open_source(spec);
  SourcePosition checkpoint = source->present();
  fixture->run("INSERT INTO reg(id, name) VALUES(1, 'one')");
  CHECK(read_rows(*source, checkpoint, 1) == 1);
  fixture->run("SET timestamp = 1000000000");
  fixture->run("INSERT INTO reg(id, name) VALUES(2, 'two')");
  fixture->run("UPDATE reg SET name = 'eins' WHERE id = 1");
  CHECK(read_rows(*source, checkpoint, 2) == 2);
}

TEST_CASE("P26 P30 a clock that lies behind what was read is told, and preflight names who may set times") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture, ", changed timestamp(6) NOT NULL" + server_set + ", KEY (changed)");
  const auto source = fixture->adapter().open_source(reg_spec(*fixture, "changed"));
  auto ahead = adapter::sql::decode_watermark(source->present());
  ahead->place.lower = ahead->place.upper += 3'600'000'000ULL;
  const auto changes = source->read_changes(encode(*ahead), {}, {}, 0);
  REQUIRE(changes.events.size() == 1);
  CHECK(changes.events[0].kind == adapter::TableEventKind::unseen_changes);
  std::set<std::string> codes;
  for (const auto& finding : source->preflight())
    if (finding.severity != adapter::Severity::ok) codes.insert(finding.code);
  CHECK(codes == std::set<std::string>{"QZ-ADP-042", "QZ-MY-045"});
}

TEST_CASE("P26 times of whole seconds, and local times, bring each row once") {
  const auto fixture = make_fixture(Way::direct);
  const std::string type = GENERATE("timestamp(0)", "datetime(0)", "datetime(3)");
  const std::string digits = type.substr(type.find('('));
  make_reg(*fixture, ", changed " + type + " NOT NULL DEFAULT CURRENT_TIMESTAMP" + digits +
                         " ON UPDATE CURRENT_TIMESTAMP" + digits + ", KEY (changed)");
  const auto source = fixture->adapter().open_source(reg_spec(*fixture, "changed"));
  SourcePosition checkpoint = source->present();
  fixture->run("INSERT INTO reg(id, name) VALUES(1, 'one'), (2, 'two')");
  CHECK(read_rows(*source, checkpoint, 2) == 2);
  fixture->run("UPDATE reg SET name = 'eins' WHERE id = 1");
  CHECK(read_rows(*source, checkpoint, 1) == 1);
  CHECK(read_for_a_moment(*source, checkpoint) == 0);
}

TEST_CASE("R2.2 10,000 rows of one statement have one time, and come in chunks, each row once") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture, ", changed timestamp(6) NOT NULL" + server_set + ", KEY (changed)");
  SourcePosition checkpoint = fixture->adapter().open_source(reg_spec(*fixture, "changed"))->present();
  fixture->run("INSERT INTO reg(id, name) SELECT seq, 'x' FROM seq_1_to_10000");
  CHECK(fixture->query("SELECT COUNT(DISTINCT changed) FROM reg") == Rows{{"1"}});
  std::set<std::string> keys;
  std::size_t rows = 0;
  for (int chunks = 0; rows < 10'000 && chunks < 200; ++chunks) {
    const auto source = fixture->adapter().open_source(reg_spec(*fixture, "changed"));
    const auto changes = source->read_changes(checkpoint, {}, {700, 1U << 20U}, 5'000'000);
    CHECK(rows_of(changes) <= 700);
    for (const auto& table : changes.tables)
      for (std::size_t row = 0; row < table.meta.size(); ++row) keys.insert(text_of(table.columns[0], row));
    rows += rows_of(changes);
    checkpoint = changes.position;
  }
  CHECK(rows == 10'000);
  CHECK(keys.size() == 10'000);
}

TEST_CASE("rows from before the mark was installed come with a snapshot, and by the mark once they change") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture);
  fixture->run("INSERT INTO reg VALUES(1, 'one'), (2, 'two')");
  const adapter::SourceSpec spec = reg_spec(*fixture, "qianzhi_mark");
  fixture->run(fixture->adapter().plan_source(spec).install);
  const auto source = fixture->adapter().open_source(spec);
  SourcePosition checkpoint = source->present();
  CHECK(fixture->query("SELECT COUNT(*) FROM reg WHERE qianzhi_mark IS NULL") == Rows{{"2"}});
  CHECK(read_for_a_moment(*source, checkpoint) == 0);
  CHECK(source->read_snapshot(0, {}, {}).columns[0].size() == 2);
  fixture->run("UPDATE reg SET name = 'eins' WHERE id = 1");
  CHECK(read_rows(*source, checkpoint, 1) == 1);
}

TEST_CASE("the mark leaves the department's writes as they are: locked tables, STATEMENT, renamed columns, no lists") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture);
  fixture->run(fixture->adapter().plan_source(reg_spec(*fixture, "qianzhi_mark")).install);
  CHECK_NOTHROW(fixture->run("LOCK TABLES reg WRITE; INSERT INTO reg VALUES(1, 'one'); UNLOCK TABLES"));
  CHECK_NOTHROW(fixture->run("SET binlog_format = STATEMENT"));
  CHECK_NOTHROW(fixture->run("INSERT INTO reg VALUES(2, 'two'); UPDATE reg SET name = 'zwei' WHERE id = 2"));
  CHECK_NOTHROW(fixture->run("SET binlog_format = ROW; ALTER TABLE reg RENAME COLUMN name TO title"));
  CHECK_NOTHROW(fixture->run("UPDATE reg SET title = 'drei' WHERE id = 2; DELETE FROM reg WHERE id = 1"));
  CHECK(fixture->query("SELECT * FROM reg") == Rows{{"2", "drei"}});
}

TEST_CASE("P26 what the server does not set on every write is refused as a watermark, and so are two kinds") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture,
           ", n bigint unsigned, d date, plain timestamp(6) NULL, half datetime(6) DEFAULT"
           " CURRENT_TIMESTAMP(6), stamp timestamp(6) NOT NULL" +
               server_set);
  fixture->run("CREATE TABLE reg2(id int PRIMARY KEY, name varchar(9), local datetime(6) NOT NULL" + server_set + ")");
  const auto refusal = [&](const adapter::SourceSpec& spec) {
    return code_of([&] { fixture->adapter().open_source(spec)->present(); });
  };
  for (const char* column : {"n", "d", "name"}) CHECK(refusal(reg_spec(*fixture, column)) == "QZ-MY-037");
  for (const char* column : {"plain", "half"}) CHECK(refusal(reg_spec(*fixture, column)) == "QZ-MY-038");
  adapter::SourceSpec mixed = reg_spec(*fixture, "stamp");
  mixed.tables.push_back({"reg2", {"id", "name"}, {"id"}, {}, "local"});
  CHECK(refusal(mixed) == "QZ-MY-039");
  CHECK(refusal(reg_spec(*fixture, "stamp")).empty());
  // A zone in which an hour comes twice.
  const std::string zone = fixture->query("SELECT @@global.time_zone")[0][0];
  fixture->run("INSERT IGNORE INTO mysql.time_zone VALUES(9001, 'N')");
  fixture->run("INSERT IGNORE INTO mysql.time_zone_name VALUES('Test/Summer', 9001)");
  fixture->run(
      "INSERT IGNORE INTO mysql.time_zone_transition_type VALUES(9001, 0, 0, 0, 'W'), (9001, 1, 3600, 1, 'S')");
  std::string changes;
  for (int year = 2020; year < 2038; ++year)
    for (const bool summer : {true, false})
      changes += std::string(changes.empty() ? "" : ", ") + "(9001, UNIX_TIMESTAMP('" + std::to_string(year) +
                 (summer ? "-04-01" : "-10-01") + "'), " + (summer ? "1)" : "0)");
  fixture->run("INSERT IGNORE INTO mysql.time_zone_transition VALUES " + changes);
  fixture->run("SET GLOBAL time_zone = 'Test/Summer'");
  mixed.tables.erase(mixed.tables.begin());
  CHECK(refusal(mixed) == "QZ-MY-040");
  fixture->run("SET GLOBAL time_zone = '" + zone + "'");
  CHECK(refusal(mixed).empty());
}

TEST_CASE(
    "an account without PROCESS reads nothing by a watermark, and is told each GRANT, and the script's are enough") {
  const auto fixture = make_fixture(Way::direct);
  make_reg(*fixture);
  adapter::SourceSpec spec = reg_spec(*fixture, "qianzhi_mark");
  spec.connection.options["user"] = "reader";
  const adapter::Plan plan = fixture->adapter().plan_source(spec);
  fixture->run(plan.install);
  fixture->run("CREATE USER reader; GRANT SELECT (id, name) ON department.reg TO reader");
  std::string cures;
  for (const auto& finding : fixture->adapter().open_source(spec)->preflight()) cures += finding.cure + "\n";
  CHECK_THAT(cures, Catch::Contains("GRANT PROCESS ON *.* TO 'reader'@'%';"));
  CHECK_THAT(cures, Catch::Contains("GRANT SELECT (`qianzhi_mark`) ON `department`.`reg` TO 'reader'@'%';"));
  CHECK_THAT(cures,
             Catch::Contains("GRANT EXECUTE ON FUNCTION `department`.`qianzhi_times_triggers` TO 'reader'@'%';"));
  fixture->run("GRANT SELECT ON department.* TO reader");
  CHECK(code_of([&] { fixture->adapter().open_source(spec)->present(); }) == "QZ-MY-028");
  fixture->run("DROP USER reader");
  fixture->run(plan.grants);
  const auto source = fixture->adapter().open_source(spec);
  SourcePosition checkpoint = source->present();
  fixture->run("INSERT INTO reg VALUES(1, 'one')");
  CHECK(read_rows(*source, checkpoint, 1) == 1);
  CHECK(source->read_changes(checkpoint, {}, {}, 0).events.empty());
  for (const auto& finding : source->preflight()) {
    INFO(finding.code << " " << finding.detail);
    CHECK(finding.severity < adapter::Severity::warning);
  }
  fixture->run(plan.uninstall);
  CHECK(fixture->query(plan.leftovers).empty());
}

}  // namespace qianzhi::test::contract
