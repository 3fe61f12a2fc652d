// What every source must do that is captured by a watermark: it sees what was inserted or updated, never less.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

using adapter::Changes;
using adapter::Continuity;
using adapter::TableEventKind;

// An agent that keeps what it was sent: rows by key, and each key in the order it came.
class Reader {
 public:
  Reader(Fixture& fixture, adapter::SourceSpec spec) : fixture_(fixture), spec_(std::move(spec)) {
    restart();
    checkpoint = source_->present();
  }
  explicit Reader(Fixture& fixture) : Reader(fixture, firm_spec(fixture)) {}

  void restart() { source_ = fixture_.adapter().open_source(spec_); }
  adapter::Source& source() { return *source_; }

  Changes step(const adapter::ReadLimits& limits = {}) {
    Changes changes = source_->read_changes(checkpoint, high_water, limits, 0);
    REQUIRE(changes.continuity == Continuity::good);
    for (const adapter::TableChanges& table : changes.tables) {
      REQUIRE(table.columns.size() == spec_.tables[table.table].columns.size());
      for (std::size_t row = 0; row < table.meta.size(); ++row) {
        CHECK(table.meta[row].operation == Operation::upsert);
        for (const Column& old : table.old) CHECK(old.presence(row) == Presence::unchanged);
        put(table.table, table.columns, row);
        log.push_back(text_of(table.columns[0], row));
      }
    }
    CHECK(changes.position.order >= checkpoint.order);
    if (!changes.tables.empty()) CHECK(changes.position.order > checkpoint.order);
    checkpoint = changes.position;
    return changes;
  }
  std::size_t drain(const adapter::ReadLimits& limits = {}) {
    const std::size_t before = log.size();
    for (bool more = true; more;) {
      const Changes changes = step(limits);
      more = changes.more || !changes.tables.empty();
    }
    return log.size() - before;
  }
  bool take(const adapter::SnapshotChunk& chunk) {
    if (chunk.position.order < checkpoint.order) return false;
    for (std::size_t row = 0; row < chunk.columns[0].size(); ++row) put(0, chunk.columns, row);
    high_water = chunk.position;
    return true;
  }
  std::vector<std::string> rows() const {
    std::vector<std::string> all;
    for (const auto& [key, row] : rows_) all.push_back(row);
    std::sort(all.begin(), all.end());
    return all;
  }

  SourcePosition checkpoint;
  SourcePosition high_water;
  std::vector<std::string> log;

 private:
  void put(std::size_t table, const std::vector<Column>& columns, std::size_t row) {
    std::string text;
    for (const Column& column : columns) text += (text.empty() ? "" : "|") + text_of(column, row);
    rows_[std::to_string(table) + "/" + text_of(columns[0], row)] = text;
  }
  Fixture& fixture_;
  adapter::SourceSpec spec_;
  std::unique_ptr<adapter::Source> source_;
  std::map<std::string, std::string> rows_;
};

std::string insert_rows(int from, int to) {
  std::string script = "BEGIN;";
  for (int i = from; i < to; ++i) {
    const std::string number = std::to_string(i);
    script += "INSERT INTO firm(id, district, name) VALUES('" + number + "', 'd', 'firm " + number + "');";
  }
  return script + "COMMIT;";
}

bool tells(const Changes& changes, TableEventKind kind) {
  return std::any_of(changes.events.begin(), changes.events.end(), [&](const auto& e) { return e.kind == kind; });
}

}  // namespace

TEST_CASE("a watermark brings each inserted and updated row once, and nothing when nothing changed") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Reader reader(*fixture);
  CHECK(reader.drain() == 0);
  fixture->run("INSERT INTO firm(id, district, name) VALUES('1', 'd1', 'one')");
  fixture->run("INSERT INTO firm(id, district, name) VALUES('2', NULL, '')");
  CHECK(reader.drain() == 2);
  CHECK(reader.rows() == firm_rows(*fixture));
  const SourcePosition before = reader.checkpoint;
  CHECK(reader.drain() == 0);
  CHECK(reader.checkpoint == before);
  fixture->run("UPDATE firm SET district = 'd2', name = '㐀' WHERE id = '1'");
  fixture->run("UPDATE firm SET name = 'zwei' WHERE id = '2'");
  CHECK(reader.drain() == 2);
  CHECK(reader.rows() == firm_rows(*fixture));
}

TEST_CASE("P27 a watermark sees no deletes: what is gone stays until a comparison finds it") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Reader reader(*fixture);
  fixture->run("INSERT INTO firm(id, district, name) VALUES('1', 'd1', 'one')");
  reader.drain();
  fixture->run("DELETE FROM firm");
  CHECK(reader.drain() == 0);
  CHECK(reader.rows() == std::vector<std::string>{"1|d1|one"});
}

TEST_CASE("P26 a transaction that took its mark first and commits last is not missed") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Reader reader(*fixture);
  if (!fixture->begin_other("INSERT INTO firm(id, district, name) VALUES('1', 'd1', 'first')")) return;
  fixture->run("INSERT INTO firm(id, district, name) VALUES('2', 'd1', 'second')");
  CHECK(reader.drain() == 0);
  reader.restart();
  CHECK(reader.drain() == 0);
  fixture->commit_other();
  CHECK(reader.drain() == 2);
  CHECK(reader.rows() == firm_rows(*fixture));
}

TEST_CASE("P26 a row that changes while its fence is being read is read again with its new mark") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Reader reader(*fixture);
  fixture->run(insert_rows(0, 30));
  reader.step({10, 1U << 20U});
  fixture->run("UPDATE firm SET name = 'changed'");
  reader.drain({10, 1U << 20U});
  CHECK(reader.rows() == firm_rows(*fixture));
}

TEST_CASE("R2.2 a transaction of 10,000 rows with one mark comes in chunks, also after a kill at each") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Reader reader(*fixture);
  fixture->run(insert_rows(0, 10'000));
  const adapter::ReadLimits limits{1'000, 1U << 20U};
  int chunks = 0;
  for (bool more = true; more; ++chunks) {
    fixture->kill_adapter();
    reader.restart();
    const Changes first = reader.source().read_changes(reader.checkpoint, {}, limits, 0);
    const Changes second = reader.step(limits);
    CHECK(first.position == second.position);
    REQUIRE(first.tables.size() == second.tables.size());
    for (std::size_t i = 0; i < first.tables.size(); ++i) CHECK(first.tables[i].columns == second.tables[i].columns);
    more = second.more || !second.tables.empty();
    REQUIRE(chunks < 100);
  }
  CHECK(chunks >= 10);
  CHECK(reader.log.size() == 10'000);
  CHECK(reader.rows() == firm_rows(*fixture));
}

TEST_CASE("P29 R4.4 a snapshot while rows are inserted and updated ends equal to the table") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  fixture->run(insert_rows(0, 60));
  Reader reader(*fixture);
  Bytes cursor;
  int round = 0;
  for (bool done = false; !done; ++round) {
    const std::string r = std::to_string(round);
    fixture->run("UPDATE firm SET name = name || '." + r + "' WHERE id LIKE '%" + std::to_string(round % 10) + "'");
    fixture->run("INSERT INTO firm(id, district, name) VALUES('new" + r + "', 'd1', 'new')");
    const adapter::SnapshotChunk chunk = reader.source().read_snapshot(0, cursor, {7, 1U << 20U});
    if (round % 3 == 0) reader.step({3, 1U << 20U});
    if (round % 4 == 1) {
      fixture->kill_adapter();
      reader.restart();
    }
    if (!reader.take(chunk)) continue;
    cursor = chunk.cursor;
    done = chunk.done;
    REQUIRE(round < 1000);
  }
  reader.drain();
  CHECK(reader.rows() == firm_rows(*fixture));
  // R4.5: an idle source comes to what the snapshot has seen.
  for (int i = 0; i < 10 && reader.checkpoint.order < reader.high_water.order; ++i) {
    fixture->run("UPDATE firm SET name = 'last' WHERE id = '1'");
    reader.drain();
  }
  CHECK(reader.checkpoint.order >= reader.high_water.order);
}

TEST_CASE("several tables share one fence, and a change of one holds up no other") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  fixture->run("CREATE TABLE part(a VARCHAR(20) NOT NULL, b INTEGER NOT NULL, c VARCHAR(20), PRIMARY KEY(a, b))");
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.tables.push_back({"part", {"a", "b", "c"}, {"a", "b"}, {}, fixture->watermark()});
  fixture->run(fixture->adapter().plan_source(spec).install);
  Reader reader(*fixture, spec);
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    fixture->run("INSERT INTO part(a, b, c) VALUES('k" + n + "', " + n + ", 'x')");
    if (i % 2 == 0) fixture->run("INSERT INTO firm(id, district, name) VALUES('" + n + "', 'd', 'f')");
  }
  reader.drain({7, 1U << 20U});
  CHECK(reader.log.size() == 30);
  CHECK(reader.rows().size() == 30);
}

TEST_CASE("P28 a column that vanishes stops its table, told at every read, until it is back") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Reader reader(*fixture);
  fixture->run("ALTER TABLE firm RENAME COLUMN name TO title");
  CHECK(tells(reader.step(), TableEventKind::schema_changed));
  CHECK(tells(reader.step(), TableEventKind::schema_changed));
  fixture->run("ALTER TABLE firm RENAME COLUMN title TO name");
  CHECK_FALSE(tells(reader.step(), TableEventKind::schema_changed));
}

TEST_CASE("P27 a mark that nobody keeps any more is told at every read") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Reader reader(*fixture);
  if (!fixture->disable_capture(firm_spec(*fixture), "firm")) return;
  CHECK(tells(reader.step(), TableEventKind::unseen_changes));
  CHECK(tells(reader.step(), TableEventKind::unseen_changes));
  fixture->run(fixture->adapter().plan_source(firm_spec(*fixture)).install);
  CHECK_FALSE(tells(reader.step(), TableEventKind::unseen_changes));
}

TEST_CASE("R2.2 an older copy of the source is noticed, and one that was restored while it is read begins anew") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  if (!fixture->save_copy()) return;
  Reader reader(*fixture);
  fixture->run(insert_rows(0, 5));
  reader.drain();
  fixture->restore_copy();
  reader.restart();
  const Changes changes = reader.source().read_changes(reader.checkpoint, {}, {}, 0);
  CHECK(changes.continuity == Continuity::regressed);
  CHECK_FALSE(changes.reason.empty());
}

TEST_CASE("preflight of an installed watermark finds no error, and finds what is missing") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  adapter::SourceSpec spec = firm_spec(*fixture);
  for (const adapter::Finding& finding : fixture->adapter().open_source(spec)->preflight()) {
    INFO(finding.code << " " << finding.detail);
    CHECK(finding.severity < adapter::Severity::warning);
  }
  const auto fails = [&](const adapter::SourceSpec& bad) {
    const auto findings = fixture->adapter().open_source(bad)->preflight();
    return std::any_of(findings.begin(), findings.end(),
                       [](const auto& finding) { return finding.severity == adapter::Severity::error; });
  };
  spec.tables[0].watermark = "nothing";
  CHECK(fails(spec));
  spec.tables[0].watermark = "name";
  CHECK(fails(spec));
  fixture->disable_capture(firm_spec(*fixture), "firm");
  CHECK(fails(firm_spec(*fixture)));
}

TEST_CASE("what was installed for a watermark is gone after uninstalling") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  const auto plan = fixture->adapter().plan_source(firm_spec(*fixture));
  fixture->run(plan.install);
  // The part that concerns the tables; the role of the plan is not the one that tests use.
  const auto left = [&] {
    std::vector<std::string> things;
    for (const auto& row : fixture->query(plan.leftovers))
      if (row[0].rfind("role ", 0) != 0) things.push_back(row[0]);
    return things;
  };
  CHECK_FALSE(left().empty());
  std::size_t end = plan.uninstall.size();
  for (const char* account : {"DROP OWNED", "DROP USER", "DROP ROLE"})
    end = std::min(end, plan.uninstall.find(account));
  fixture->run(plan.uninstall.substr(0, end));
  CHECK(left() == std::vector<std::string>{});
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  CHECK(firm_rows(*fixture) == std::vector<std::string>{"1|d1|one"});
}

}  // namespace qianzhi::test::contract
