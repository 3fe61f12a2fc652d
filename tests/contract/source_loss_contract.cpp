// Loss at a source is never silent: forgetting, restored copies, capture switched off, echo.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

void insert(Fixture& fixture, const std::string& id) {
  fixture.run("INSERT INTO firm VALUES('" + id + "', 'd1', 'name " + id + "')");
}

bool has_event(const adapter::Changes& changes, adapter::TableEventKind kind) {
  return std::any_of(changes.events.begin(), changes.events.end(), [&](const auto& e) { return e.kind == kind; });
}

// Reads until an event of this kind comes; a log may need several reads.
bool sees_event(Follower& follower, adapter::TableEventKind kind) {
  for (int i = 0; i < 5; ++i)
    if (has_event(follower.step(), kind)) return true;
  return false;
}

}  // namespace

TEST_CASE("R2.4 after forgetting up to the checkpoint, reading goes on") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  insert(*fixture, "1");
  follower.drain();
  follower.source().forget(follower.checkpoint());
  CHECK(follower.drain() == 0);
  insert(*fixture, "2");
  follower.restart();
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE(
    "R2.2 a source whose capture was installed during an open transaction of the department goes on, without a gap") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  fixture->run("CREATE TABLE beside(id VARCHAR(40) NOT NULL PRIMARY KEY)");
  // A log waits for such a transaction before there is a place to begin at.
  if (fixture->mode() == adapter::CaptureMode::log) return;
  if (!fixture->begin_other("INSERT INTO beside VALUES('1')")) return;
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  Follower follower(*fixture, firm_spec(*fixture));
  insert(*fixture, "1");
  follower.drain();
  fixture->commit_other();
  const SystemClock clock;
  const Micros deadline = clock.steady() + 20'000'000;
  while (follower.copies() != firm_rows(*fixture) && clock.steady() < deadline) follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("R2.2.1 a checkpoint older than what the source forgot is a gap") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  insert(*fixture, "1");
  follower.drain();
  const SourcePosition old = follower.checkpoint();
  insert(*fixture, "2");
  follower.drain();
  follower.source().forget(follower.checkpoint());
  follower.drain();
  follower.restart();
  const adapter::Changes changes = follower.source().read_changes(old, {}, {}, 0);
  CHECK(changes.continuity == adapter::Continuity::gap);
  CHECK(changes.tables.empty());
  CHECK_FALSE(changes.reason.empty());
}

TEST_CASE("R2.2.4 a source restored from an older copy is regressed") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  insert(*fixture, "1");
  follower.drain();
  if (!fixture->save_copy()) return;
  insert(*fixture, "2");
  insert(*fixture, "3");
  follower.drain();
  fixture->restore_copy();
  CHECK(follower.step().continuity == adapter::Continuity::regressed);
  follower.restart();
  CHECK(follower.step().continuity == adapter::Continuity::regressed);
}

TEST_CASE("R2.2.3 a restored source that has gone on to the same number is regressed, because identity differs") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  insert(*fixture, "1");
  follower.drain();
  if (!fixture->save_copy()) return;
  insert(*fixture, "2");
  follower.drain();
  fixture->restore_copy();
  // The same change again, and more, so that numbers pass the checkpoint.
  insert(*fixture, "2");
  insert(*fixture, "3");
  CHECK(follower.step().continuity == adapter::Continuity::regressed);
}

TEST_CASE("R2.2.2 a restored source from which nothing read was lost goes on") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  insert(*fixture, "1");
  follower.drain();
  follower.source().forget(follower.checkpoint());
  if (!fixture->save_copy()) return;
  insert(*fixture, "2");
  fixture->restore_copy();
  insert(*fixture, "4");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("R2.2.5 a restored source is regressed when a snapshot has seen what is gone") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  if (!fixture->save_copy()) return;
  insert(*fixture, "1");
  const adapter::SnapshotChunk chunk = follower.source().read_snapshot(0, {}, {});
  REQUIRE(follower.take(chunk));
  fixture->restore_copy();
  CHECK(follower.step().continuity == adapter::Continuity::regressed);
  insert(*fixture, "1");
  insert(*fixture, "2");
  // A log cannot identify what a snapshot saw; it then asks for a refill because the server was started anew.
  const adapter::Changes changes = follower.step();
  CHECK((changes.continuity == adapter::Continuity::regressed ||
         has_event(changes, adapter::TableEventKind::unseen_changes)));
}

TEST_CASE("P21 P27 capture switched off is reported, at every read, until it is installed again") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  insert(*fixture, "1");
  follower.drain();
  if (!fixture->disable_capture(firm_spec(*fixture), "firm")) return;
  insert(*fixture, "unseen");
  CHECK(has_event(follower.step(), adapter::TableEventKind::unseen_changes));
  CHECK(has_event(follower.step(), adapter::TableEventKind::unseen_changes));
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  // Nobody read in between: what was missed before the new installation is still reported, once.
  follower.restart();
  CHECK(has_event(follower.step(), adapter::TableEventKind::unseen_changes));
  const adapter::Changes after = follower.step();
  CHECK(after.events.empty());
  insert(*fixture, "2");
  CHECK(follower.drain() == 1);
}

TEST_CASE("P28 insert, drop a column, insert: told also to who looks only afterwards, and other tables go on") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  fixture->run("CREATE TABLE other(id VARCHAR(40) NOT NULL PRIMARY KEY, extra VARCHAR(20))");
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.tables.push_back({"other", {"id", "extra"}, {"id"}, {}});
  fixture->run(fixture->adapter().plan_source(spec).install);
  Follower follower(*fixture, spec);
  const bool restarted = GENERATE(false, true);
  CAPTURE(restarted);
  fixture->run("INSERT INTO other VALUES('0', 'old')");
  // A log's publication may hold on to its columns; a new name is as good a loss.
  const bool is_log = fixture->mode() == adapter::CaptureMode::log;
  fixture->run(is_log ? "ALTER TABLE other RENAME COLUMN extra TO more" : "ALTER TABLE other DROP COLUMN extra");
  fixture->run("INSERT INTO other(id) VALUES('1')");
  insert(*fixture, "1");
  if (restarted) {
    fixture->kill_adapter();
    follower.restart();
  }
  // A file without the column is not taken, so that what is there stays good.
  CHECK(sees_event(follower, fixture->is_text_only() ? adapter::TableEventKind::attention
                                                     : adapter::TableEventKind::schema_changed));
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  if (fixture->is_text_only()) return;
  const auto& log = follower.log();
  CHECK(std::find(log.begin(), log.end(), "other 1") == log.end());
}

TEST_CASE("P28 a table that is dropped and made again under its name is told, also to who looks only afterwards") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (fixture->is_text_only()) return;  // the table is our own
  const bool restarted = GENERATE(false, true);
  CAPTURE(restarted);
  install_firm(*fixture);
  fixture->run("CREATE TABLE other(id VARCHAR(40) NOT NULL PRIMARY KEY, extra VARCHAR(20))");
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.tables.push_back({"other", {"id", "extra"}, {"id"}, {}});
  fixture->run(fixture->adapter().plan_source(spec).install);
  Follower follower(*fixture, spec);
  fixture->run("INSERT INTO other VALUES('1', 'a')");
  follower.drain();
  fixture->run("DROP TABLE other; CREATE TABLE other(id VARCHAR(40) NOT NULL PRIMARY KEY, extra VARCHAR(20))");
  fixture->run("INSERT INTO other VALUES('2', 'b')");
  insert(*fixture, "1");
  if (restarted) {
    fixture->kill_adapter();
    follower.restart();
  }
  CHECK(sees_event(follower, adapter::TableEventKind::unseen_changes));
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("P31 what our own writer applies does not come back as a change, what the department writes does") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (fixture->is_text_only()) return;  // what is received lies in another folder
  adapter::TargetTable received;
  received.table = "firm";
  received.columns = {
      {"id", {}, {}, ItemType::text}, {"district", {}, {}, ItemType::text}, {"name", {}, {}, ItemType::text}};
  received.key = {"id"};
  const adapter::TargetSpec target_spec{fixture->connection(), "inbox", {received}};
  fixture->run(fixture->adapter().plan_target(target_spec).install);
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  Follower follower(*fixture, firm_spec(*fixture));
  const auto target = fixture->adapter().open_target(target_spec);
  adapter::TargetTransaction work;
  work.next = {"s", "tax", {{1, 1}, Digest::from_bytes(std::string(32, 'a'))}, "state"};
  adapter::Step step;
  step.rows.meta.resize(1);
  step.rows.groups = {"d1"};
  step.rows.indexes = {0, 1, 2};
  step.rows.columns.resize(3);
  for (Column& column : step.rows.columns) column.append("ours");
  work.steps = {step};
  REQUIRE(target->apply(work).state == adapter::ApplyResult::State::committed);
  CHECK(follower.drain() == 0);
  fixture->run("UPDATE firm SET name = 'theirs' WHERE id = 'ours'");
  CHECK(follower.drain() == 1);
}

}  // namespace qianzhi::test::contract
