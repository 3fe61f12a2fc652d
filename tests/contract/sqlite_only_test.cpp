// What only SQLite can do to us.
#include <catch2/catch.hpp>
#include <functional>

#include "hub-protocol/base/error.h"
#include "tests/contract/follower.h"
#include "tests/contract/sqlite_fixture.h"

namespace qianzhi::test::contract {

namespace {

// Instead of waiting, the department does something.
class ActingWaiter final : public adapter::Waiter {
 public:
  void wait(Micros) override {
    ++waits;
    if (act) act();
  }
  int waits = 0;
  std::function<void()> act;
};

}  // namespace

TEST_CASE("P21 REPLACE of the same key into another partition takes the row out of the old one") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  fixture.run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  follower.drain();
  fixture.run("REPLACE INTO firm VALUES('1', 'd2', 'uno')");
  follower.drain();
  CHECK(follower.copies() == std::vector<std::string>{"1|d2|uno"});
  fixture.run("INSERT INTO firm VALUES('1', 'd3', 'x') ON CONFLICT(id) DO UPDATE SET district = excluded.district");
  fixture.run("INSERT OR IGNORE INTO firm VALUES('1', 'd4', 'y')");
  follower.drain();
  CHECK(follower.copies() == std::vector<std::string>{"1|d3|uno"});
}

TEST_CASE("P21 a unique index beside the key is named by preflight, because REPLACE may delete unseen") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  fixture.run("CREATE UNIQUE INDEX one_name ON firm(name)");
  bool found = false;
  for (const auto& finding : fixture.adapter().open_source(firm_spec(fixture))->preflight())
    found = found || finding.code == "QZ-ADP-014";
  CHECK(found);
}

TEST_CASE("P21 a table rebuilt by rename loses its triggers and is reported") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  follower.drain();
  fixture.run(
      "BEGIN; CREATE TABLE firm2(id VARCHAR(40) PRIMARY KEY, district, name); INSERT INTO firm2 SELECT * FROM "
      "firm; DROP TABLE firm; ALTER TABLE firm2 RENAME TO firm; COMMIT");
  const adapter::Changes changes = follower.step();
  REQUIRE(changes.events.size() == 1);
  CHECK(changes.events[0].kind == adapter::TableEventKind::unseen_changes);
}

TEST_CASE("P27 a row left in the guard switches capture off and is reported") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  fixture.run("INSERT INTO qianzhi_guard VALUES('somebody'); INSERT INTO firm VALUES('1', 'd1', 'one')");
  const adapter::Changes changes = follower.step();
  REQUIRE(changes.events.size() == 1);
  CHECK(changes.events[0].kind == adapter::TableEventKind::unseen_changes);
}

TEST_CASE("R2.2 journal entries removed by hand are a gap") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  for (const char* id : {"1", "2", "3"}) fixture.run(std::string("INSERT INTO firm VALUES('") + id + "', 'd1', 'x')");
  fixture.run("DELETE FROM qianzhi_registry_journal WHERE key = '''2'''");
  const adapter::Changes first = follower.step();
  CHECK(first.continuity == adapter::Continuity::good);
  CHECK(first.more);
  CHECK(follower.step().continuity == adapter::Continuity::gap);
  fixture.run("DELETE FROM qianzhi_registry_journal");
  CHECK(follower.step().continuity != adapter::Continuity::good);
  // Rebase (R2.5) cures it, although the newest entry is gone.
  follower.set_checkpoint(follower.source().present());
  CHECK(follower.step().continuity == adapter::Continuity::good);
}

TEST_CASE("R2.2.1 a journal made anew is not taken for the old one") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  fixture.run("INSERT INTO firm VALUES('1', 'd1', 'x')");
  follower.drain();
  const adapter::Plan plan = fixture.adapter().plan_source(firm_spec(fixture));
  fixture.run(plan.uninstall);
  fixture.run(plan.install);
  fixture.run("INSERT INTO firm VALUES('2', 'd1', 'x'); INSERT INTO firm VALUES('3', 'd1', 'x')");
  CHECK(follower.step().continuity == adapter::Continuity::regressed);
}

TEST_CASE("P32 a text with NUL or invalid UTF-8 and blobs become invalid values, also as keys and old values") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  fixture.run("INSERT INTO firm VALUES(CAST(X'610062' AS TEXT), CAST(X'FF27' AS TEXT), 'a')");
  fixture.run("INSERT INTO firm VALUES('b', X'00FF', 'blob')");
  follower.drain();
  CHECK(follower.copies() == std::vector<std::string>{"<invalid:610062>|<invalid:ff27>|a", "b|<invalid:00ff>|blob"});
  fixture.run("UPDATE firm SET id = CAST(X'610063' AS TEXT) WHERE id <> 'b'");
  fixture.run("UPDATE firm SET district = 'd'");
  follower.drain();
  CHECK(follower.copies() == std::vector<std::string>{"<invalid:610063>|d|a", "b|d|blob"});
}

TEST_CASE("numbers: integers, reals in the shortest exact form, decimals and booleans") {
  SqliteFixture fixture(Way::direct);
  fixture.run("CREATE TABLE n(id INTEGER PRIMARY KEY, r REAL, d DECIMAL(18,2), b BOOLEAN)");
  adapter::SourceSpec spec{
      fixture.connection(), "numbers", adapter::CaptureMode::journal, {{"n", {"id", "r", "d", "b"}, {"id"}, {"r"}}}, 0};
  fixture.run(fixture.adapter().plan_source(spec).install);
  const auto source = fixture.adapter().open_source(spec);
  const SourcePosition start = source->present();
  fixture.run(
      "INSERT INTO n VALUES(9223372036854775807, 0.1, 12345678901.25, 1), (-1, 1e22, 12.50, 0), (0, 9e999, NULL, 7)");
  fixture.run("UPDATE n SET r = 0.3");
  const adapter::Changes changes = source->read_changes(start, {}, {}, 0);
  REQUIRE(changes.tables.size() == 1);
  const auto& columns = changes.tables[0].columns;
  CHECK(text_of(columns[0], 0) == "9223372036854775807");
  CHECK(text_of(columns[1], 0) == "0.3");
  CHECK(text_of(columns[2], 0) == "12345678901.25");
  CHECK(text_of(columns[3], 0) == "true");
  CHECK(text_of(columns[2], 1) == "12.5");
  CHECK(text_of(columns[3], 1) == "false");
  CHECK(text_of(columns[2], 2) == "<null>");
  CHECK(text_of(columns[3], 2) == "7");
  // The updates went through the table in the order of its key.
  CHECK(text_of(changes.tables[0].old[0], 3) == "10000000000000000000000");
  CHECK(text_of(changes.tables[0].old[0], 4) == "<invalid:Inf>");
  CHECK(text_of(changes.tables[0].old[0], 5) == "0.1");
}

TEST_CASE("P25 keys that a collation holds for equal are kept apart") {
  SqliteFixture fixture(Way::direct);
  fixture.run("CREATE TABLE firm(id TEXT COLLATE NOCASE NOT NULL PRIMARY KEY, district TEXT, name TEXT)");
  fixture.run(fixture.adapter().plan_source(firm_spec(fixture)).install);
  Follower follower(fixture, firm_spec(fixture));
  fixture.run("INSERT INTO firm VALUES('a', 'd1', 'one')");
  follower.drain();
  fixture.run("UPDATE firm SET id = 'A' WHERE id = 'a'");
  follower.drain();
  CHECK(follower.copies() == std::vector<std::string>{"A|d1|one"});
}

TEST_CASE("P22 waiting ends when another process commits, and not before the time is over otherwise") {
  const auto waiter = std::make_shared<ActingWaiter>();
  SqliteFixture fixture(Way::direct, waiter);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  waiter->act = [&] {
    if (waiter->waits == 3) fixture.run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  };
  const adapter::Changes changes = follower.source().read_changes(follower.checkpoint(), {}, {}, 3'600'000'000);
  REQUIRE(changes.tables.size() == 1);
  CHECK(waiter->waits == 3);
}

TEST_CASE("P22 an event that lasts is told at every read but does not end the wait again") {
  const auto waiter = std::make_shared<ActingWaiter>();
  SqliteFixture fixture(Way::direct, waiter);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  fixture.disable_capture(firm_spec(fixture), "firm");
  CHECK_FALSE(follower.source().read_changes(follower.checkpoint(), {}, {}, 3'600'000'000).events.empty());
  CHECK(waiter->waits == 0);
  waiter->act = [&] { fixture.run("INSERT INTO firm VALUES('1', 'd1', 'one')"); };
  CHECK_FALSE(follower.source().read_changes(follower.checkpoint(), {}, {}, 3'600'000'000).events.empty());
  CHECK(waiter->waits == 1);
}

TEST_CASE("R2.1 forgetting removes the entries and notes position and identity in one transaction") {
  SqliteFixture fixture(Way::direct);
  install_firm(fixture);
  Follower follower(fixture, firm_spec(fixture));
  for (const char* id : {"1", "2", "3"}) fixture.run(std::string("INSERT INTO firm VALUES('") + id + "', 'd1', 'x')");
  follower.step({2, 1U << 20U});
  follower.source().forget(follower.checkpoint());
  CHECK(fixture.query("SELECT key FROM qianzhi_registry_journal") == Rows{{"'3'"}});
  const Rows noted = fixture.query("SELECT seq, identity FROM qianzhi_registry_forgotten");
  CHECK(noted == Rows{{"3", follower.checkpoint().identity}});
  CHECK(follower.drain() == 1);
}

TEST_CASE("P31 no row of the guard outlives the transaction of our writer") {
  SqliteFixture fixture(Way::direct);
  adapter::TargetTable table{"received", {{"id", {}, {}, ItemType::text}}, {"id"}, adapter::ApplyMode::upsert, {}};
  const adapter::TargetSpec spec{fixture.connection(), "inbox", {table}};
  fixture.run(fixture.adapter().plan_target(spec).install);
  const auto target = fixture.adapter().open_target(spec);
  adapter::TargetTransaction work;
  work.next = {"s", "tax", {{1, 1}, Digest::from_bytes(std::string(32, 'a'))}, {}};
  REQUIRE(target->apply(work).state == adapter::ApplyResult::State::committed);
  CHECK(fixture.query("SELECT count(*) FROM qianzhi_guard") == Rows{{"0"}});
}

TEST_CASE("P35 a trigger of the department that rolls back the whole transaction leaves neither rows nor mark") {
  SqliteFixture fixture(Way::direct);
  adapter::TargetTable table{"received", {{"id", {}, {}, ItemType::text}}, {"id"}, adapter::ApplyMode::upsert, {}};
  const adapter::TargetSpec spec{fixture.connection(), "inbox", {table}};
  fixture.run(fixture.adapter().plan_target(spec).install);
  fixture.run(
      "CREATE TRIGGER evil BEFORE INSERT ON received WHEN NEW.id = '2' BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
  const auto target = fixture.adapter().open_target(spec);
  adapter::TargetTransaction work;
  work.next = {"s", "tax", {{1, 1}, Digest::from_bytes(std::string(32, 'a'))}, {}};
  adapter::Step step;
  step.rows.indexes = {0};
  step.rows.columns.resize(1);
  for (const char* id : {"1", "2", "3"}) {
    step.rows.meta.emplace_back();
    step.rows.groups.emplace_back("d");
    step.rows.columns[0].append(id);
  }
  work.steps = {step};
  CHECK_THROWS_AS(target->apply(work), Error);
  CHECK(target->marks().empty());
  CHECK(fixture.query("SELECT count(*) FROM received") == Rows{{"0"}});
}

TEST_CASE("P34 a foreign key checked at commit refuses only its own row") {
  SqliteFixture fixture(Way::direct);
  fixture.run("CREATE TABLE district(code TEXT PRIMARY KEY); INSERT INTO district VALUES('d1')");
  fixture.run(
      "CREATE TABLE received(id TEXT PRIMARY KEY, district TEXT REFERENCES district(code) DEFERRABLE INITIALLY "
      "DEFERRED, qz_origin TEXT NOT NULL, qz_group TEXT NOT NULL, qz_seen TEXT NOT NULL DEFAULT '')");
  adapter::TargetTable table{"received",
                             {{"id", {}, {}, ItemType::text}, {"district", {}, {}, ItemType::text}},
                             {"id"},
                             adapter::ApplyMode::upsert,
                             {}};
  const adapter::TargetSpec spec{fixture.connection(), "inbox", {table}};
  fixture.run(fixture.adapter().plan_target(spec).install);
  const auto target = fixture.adapter().open_target(spec);
  adapter::TargetTransaction work;
  work.next = {"s", "tax", {{1, 1}, Digest::from_bytes(std::string(32, 'a'))}, {}};
  adapter::Step step;
  step.rows.indexes = {0, 1};
  step.rows.columns.resize(2);
  for (const char* district : {"d1", "nowhere", "d1"}) {
    step.rows.columns[0].append(std::to_string(step.rows.meta.size()));
    step.rows.columns[1].append(district);
    step.rows.meta.emplace_back();
    step.rows.groups.emplace_back("d");
  }
  work.steps = {step};
  const adapter::ApplyResult result = target->apply(work);
  REQUIRE(result.state == adapter::ApplyResult::State::pending);
  REQUIRE(result.rejections.size() == 1);
  CHECK(result.rejections[0].row == 1);
  CHECK(result.rejections[0].may_heal);
  target->commit();
  CHECK(fixture.query("SELECT id FROM received ORDER BY id") == Rows{{"0"}, {"2"}});
}

TEST_CASE("preflight refuses a received column whose affinity would shorten codes") {
  SqliteFixture fixture(Way::direct);
  adapter::TargetTable table{"received", {{"id", {}, {}, ItemType::code}}, {"id"}, adapter::ApplyMode::upsert, {}};
  fixture.run(
      "CREATE TABLE received(id NUMERIC PRIMARY KEY, qz_origin TEXT NOT NULL, qz_group TEXT NOT NULL, qz_seen TEXT)");
  const adapter::TargetSpec spec{fixture.connection(), "inbox", {table}};
  fixture.run(fixture.adapter().plan_target(spec).install);
  bool found = false;
  for (const auto& finding : fixture.adapter().open_target(spec)->preflight())
    found = found ||
            (finding.severity == adapter::Severity::error && finding.detail.find("leading zeros") != std::string::npos);
  CHECK(found);
}

}  // namespace qianzhi::test::contract
