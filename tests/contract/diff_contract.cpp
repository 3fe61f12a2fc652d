// A source where nothing is installed, captured by comparison (agent/flow/diff_source.h): needs of an adapter only that
// it reads snapshots, also again and again.
#include <catch2/catch.hpp>

#include "agent/flow/diff_source.h"
#include "tests/contract/follower.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test::contract {

namespace {

constexpr Micros rest = 1000;

class HandClock final : public Clock {
 public:
  Micros now() const override { return time; }
  Micros steady() const override { return time; }
  Micros time = 1'000'000;
};

// An agent that compares: store, checkpoint, and the copies that subscribers of each partition would have.
class Comparer {
 public:
  explicit Comparer(Fixture& fixture) : fixture_(fixture), spec_(firm_spec(fixture)) {
    spec_.mode = adapter::CaptureMode::snapshot_only;
    restart();
    checkpoint_ = source_->present();
  }

  void restart() {
    source_ = std::make_unique<flow::DiffSource>(fixture_.adapter().open_source(spec_), spec_,
                                                 std::vector<std::string>{"t"}, store_, clock, rest, checkpoint_);
  }

  // One chunk; not stored: the agent is killed before its store commits.
  adapter::Changes step(bool stored = true, const SourcePosition& high_water = {}) {
    adapter::Changes changes = source_->read_changes(checkpoint_, high_water, {chunk_rows, 1U << 20U}, 0);
    REQUIRE(changes.continuity == adapter::Continuity::good);
    if (!stored) return changes;
    for (const adapter::TableChanges& table : changes.tables) apply(table);
    store_.update([&](store::StoreTransaction& transaction) {
      for (const auto& change : source_->known_changes())
        if (change && change->gone)
          transaction.erase_known("t", change->row.id);
        else if (change)
          transaction.put_known("t", change->row);
    });
    std::vector<flow::KnownChange> known;
    for (const auto& change : source_->known_changes())
      if (change) known.push_back(*change);
    source_->stored("t", known);
    checkpoint_ = changes.position;
    return changes;
  }

  // To the end of a walk that begins now.
  std::size_t walk() {
    const std::size_t before = log.size();
    clock.time += rest;
    while (step().more) {
    }
    return log.size() - before;
  }

  std::vector<std::string> copies() const {
    std::vector<std::string> all;
    for (const auto& [district, rows] : partitions_)
      for (const auto& [id, row] : rows) all.push_back(row);
    std::sort(all.begin(), all.end());
    return all;
  }

  flow::DiffSource& source() { return *source_; }
  const SourcePosition& checkpoint() const { return checkpoint_; }

  HandClock clock;
  std::vector<std::string> log;
  std::size_t chunk_rows = 40;

 private:
  void apply(const adapter::TableChanges& changes) {
    REQUIRE(source_->known_changes().size() == changes.meta.size());
    for (std::size_t row = 0; row < changes.meta.size(); ++row) {
      const std::string id = text_of(changes.columns[0], row);
      const std::string old = text_of(changes.old[0], row);
      if (changes.meta[row].operation == Operation::remove) {
        CHECK(partitions_[old].erase(id) == 1);
        log.push_back("remove " + id);
        continue;
      }
      const std::string district = text_of(changes.columns[1], row);
      if (old != "<unchanged>" && old != district) CHECK(partitions_[old].erase(id) == 1);
      partitions_[district][id] = id + "|" + district + "|" + text_of(changes.columns[2], row);
      log.push_back("upsert " + id);
    }
  }

  Fixture& fixture_;
  adapter::SourceSpec spec_;
  TempDir files_;
  SystemRandom random_;
  store::Store store_{{files_ / "queue.db", {}, 0}, Bytes(32, 'k'), random_};
  std::unique_ptr<flow::DiffSource> source_;
  SourcePosition checkpoint_;
  std::map<std::string, std::map<std::string, std::string>> partitions_;
};

void insert(Fixture& fixture, int from, int to) {
  std::string script = "BEGIN;";
  for (int i = from; i < to; ++i)
    script += "INSERT INTO firm VALUES('" + std::to_string(1000 + i) + "', 'd" + std::to_string(i % 3) + "', 'n');";
  fixture.run(script + "COMMIT;");
}

}  // namespace

TEST_CASE("R3.3 compared sources give inserts, updates, moves and deletes, and nothing when nothing changed") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  Comparer agent(*fixture);
  CHECK(agent.walk() == 0);
  insert(*fixture, 0, 100);
  CHECK(agent.walk() == 100);
  CHECK(agent.copies() == firm_rows(*fixture));
  CHECK(agent.walk() == 0);

  fixture->run("UPDATE firm SET name = 'other' WHERE id = '1003'");
  fixture->run("UPDATE firm SET district = 'd9' WHERE id = '1050'");
  fixture->run("UPDATE firm SET district = NULL, name = NULL WHERE id = '1051'");
  fixture->run("UPDATE firm SET id = '0001' WHERE id = '1099'");
  fixture->run("DELETE FROM firm WHERE id < '1002' AND id > '0999'");
  CHECK(agent.walk() == 7);
  CHECK(agent.copies() == firm_rows(*fixture));
  fixture->run("DELETE FROM firm");
  CHECK(agent.walk() == 98);
  CHECK(agent.copies().empty());
  fixture->run("INSERT INTO firm VALUES('1', 'd', 'again')");
  CHECK(agent.walk() == 1);
  CHECK(agent.copies() == firm_rows(*fixture));
}

TEST_CASE("P33 a chunk with few or many differing rows is read right, and each of them comes once") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  Comparer agent(*fixture);
  agent.chunk_rows = 500;
  insert(*fixture, 0, 600);
  CHECK(agent.walk() == 600);
  fixture->run("UPDATE firm SET name = 'few' WHERE id < '1100'");
  fixture->run("DELETE FROM firm WHERE id = '1300'");
  CHECK(agent.walk() == 101);
  CHECK(agent.copies() == firm_rows(*fixture));
  fixture->run("UPDATE firm SET name = 'many', district = 'd7' WHERE id < '1400'");
  insert(*fixture, 700, 800);
  CHECK(agent.walk() == 399 + 100);
  CHECK(agent.copies() == firm_rows(*fixture));
  CHECK(agent.walk() == 0);
}

TEST_CASE("R3.3 NULL and the empty text, and values that only meet at their ends, are not taken for each other") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  Comparer agent(*fixture);
  fixture->run("INSERT INTO firm VALUES('1', 'ab', 'c'); INSERT INTO firm VALUES('2', '', NULL)");
  CHECK(agent.walk() == 2);
  fixture->run("UPDATE firm SET district = 'a', name = 'bc' WHERE id = '1'");
  fixture->run("UPDATE firm SET district = NULL, name = '' WHERE id = '2'");
  CHECK(agent.walk() == 2);
  CHECK(agent.copies() == firm_rows(*fixture));
}

TEST_CASE("R3.3 what was read but not stored is read again, also after a restart in the middle of a walk") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  Comparer agent(*fixture);
  insert(*fixture, 0, 100);
  agent.step(false);
  agent.step();
  agent.step(false);
  agent.step(false);
  agent.restart();
  agent.walk();
  CHECK(agent.log.size() == 100);
  CHECK(agent.copies() == firm_rows(*fixture));
  fixture->run("DELETE FROM firm WHERE id < '1060'");
  agent.clock.time += rest;
  while (agent.step(false).tables.empty()) agent.step();
  agent.restart();
  CHECK(agent.walk() == 60);
  CHECK(agent.copies() == firm_rows(*fixture));
}

TEST_CASE("R3.3 a walk whose chunk was not stored ends only after it was read again") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  Comparer agent(*fixture);
  insert(*fixture, 0, 100);
  agent.step(false);
  agent.walk();
  CHECK(agent.copies() == firm_rows(*fixture));
  fixture->run("DELETE FROM firm WHERE id < '1090'");
  agent.clock.time += rest;
  while (agent.step(false).tables.empty()) agent.step();
  agent.walk();
  CHECK(agent.copies() == firm_rows(*fixture));
}

TEST_CASE("R4.5 a chunk of a refill is answered by a walk that begins after it, and only the end of one moves so far") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  Comparer agent(*fixture);
  insert(*fixture, 0, 100);
  agent.walk();
  agent.clock.time += rest;
  agent.step();  // a walk is under way, and what it has passed changes
  fixture->run("UPDATE firm SET name = 'other' WHERE id = '1005'");
  fixture->run("DELETE FROM firm WHERE id = '1006'");
  const adapter::SnapshotChunk chunk = agent.source().read_snapshot(0, {}, {40, 1U << 20U});
  REQUIRE(chunk.columns.at(0).size() == 40);
  CHECK(chunk.position.order > agent.checkpoint().order);
  while (agent.checkpoint().order < chunk.position.order) agent.step(true, chunk.position);
  CHECK(agent.checkpoint().order == chunk.position.order);
  CHECK(agent.copies() == firm_rows(*fixture));
}

TEST_CASE("R3.3 a source that is compared needs nothing installed and no right but to read") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.mode = adapter::CaptureMode::snapshot_only;
  const adapter::Plan plan = fixture->adapter().plan_source(spec);
  const auto has = [](const std::string& text, const char* word) { return text.find(word) != std::string::npos; };
  CHECK_FALSE(plan.install.empty());
  for (const char* word : {"CREATE", "ALTER", "REPLICATION", "TRIGGER", "slot"}) CHECK_FALSE(has(plan.install, word));
  for (const char* word : {"REPLICATION", "INSERT", "UPDATE", "DELETE", "ALL"}) CHECK_FALSE(has(plan.grants, word));
  for (const adapter::Finding& finding : fixture->adapter().open_source(spec)->preflight()) {
    INFO(finding.code << " " << finding.detail);
    CHECK(finding.severity != adapter::Severity::error);
  }
}

TEST_CASE("R2.2 a checkpoint of another way of capture is a gap") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  fixture->run(firm_ddl);
  Comparer agent(*fixture);
  const adapter::Changes changes = agent.source().read_changes({"12345678", "of a journal"}, {}, {}, 0);
  CHECK(changes.continuity == adapter::Continuity::gap);
  CHECK_FALSE(changes.reason.empty());
}

}  // namespace qianzhi::test::contract
