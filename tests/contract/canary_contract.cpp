// A beat written into the canary comes back the way of every change, exactly, and nothing of it is taken for a change
// of the department's; what is wrong with the canary stops nothing else.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>

#include "hub-protocol/base/error.h"
#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

adapter::SourceSpec watched_spec(Fixture& fixture) {
  adapter::SourceSpec spec = firm_spec(fixture);
  spec.canary = fixture.canary_table();
  spec.tables.push_back({spec.canary, {adapter::canary_id, adapter::canary_beat}, {adapter::canary_id}, {}, {}});
  return spec;
}

std::unique_ptr<Fixture> watched(Way way) {
  auto fixture = make_fixture(way);
  if (!fixture->adapter().capabilities().canary) return nullptr;
  fixture->run(firm_ddl);
  fixture->run(fixture->adapter().plan_source(watched_spec(*fixture)).install);
  return fixture;
}

// Reads on and on, and keeps what came.
class Watcher {
 public:
  explicit Watcher(Fixture& fixture)
      : spec_(watched_spec(fixture)), source_(fixture.adapter().open_source(spec_)), place_(source_->present()) {}

  adapter::Source& source() { return *source_; }
  // Several reads: a log may need them until it has come to what waits, and triggers tell of what is open only once.
  void read() {
    events.clear();
    for (int i = 0; i < 4; ++i) {
      const adapter::Changes changes = source_->read_changes(place_, {}, {}, 0);
      REQUIRE(changes.continuity == adapter::Continuity::good);
      place_ = changes.position;
      for (const adapter::TableChanges& table : changes.tables)
        for (std::size_t row = 0; row < table.meta.size(); ++row)
          (table.table == spec_.canary_table() ? beats : firms).push_back(text_of(table.columns[1], row));
      events = changes.events;
    }
  }
  bool is_told_of(std::size_t table) const {
    return std::any_of(events.begin(), events.end(), [&](const auto& event) { return event.table == table; });
  }

  std::vector<std::string> beats;
  std::vector<std::string> firms;  // districts
  std::vector<adapter::TableEvent> events;

 private:
  adapter::SourceSpec spec_;
  std::unique_ptr<adapter::Source> source_;
  SourcePosition place_;
};

}  // namespace

TEST_CASE("P39 a beat comes back exactly, and is no row of any other table") {
  const auto fixture = watched(GENERATE(from_range(ways())));
  if (fixture == nullptr) return;
  Watcher watcher(*fixture);
  watcher.read();
  watcher.beats.clear();
  watcher.source().beat("beat-0123456789abcdef");
  watcher.read();
  CHECK(watcher.beats == std::vector<std::string>{"beat-0123456789abcdef"});
  CHECK(watcher.firms.empty());
  CHECK(watcher.events.empty());
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  watcher.source().beat("beat-2");
  watcher.read();
  CHECK(watcher.beats.back() == "beat-2");
  CHECK(watcher.firms == std::vector<std::string>{"d1"});
}

TEST_CASE("P21 P39 a beat is not seen while the capture of the canary is off, and is told to be") {
  const auto fixture = watched(GENERATE(from_range(ways())));
  if (fixture == nullptr) return;
  const adapter::SourceSpec spec = watched_spec(*fixture);
  Watcher watcher(*fixture);
  watcher.read();
  if (!fixture->disable_capture(spec, spec.canary)) return;
  watcher.beats.clear();
  watcher.source().beat("unseen");
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  watcher.read();
  CHECK(watcher.beats.empty());
  CHECK(watcher.is_told_of(spec.canary_table()));
  // The department's tables are captured as before.
  CHECK_FALSE(watcher.is_told_of(0));
  CHECK(watcher.firms == std::vector<std::string>{"d1"});
  fixture->run(fixture->adapter().plan_source(spec).install);
  watcher.read();
  watcher.source().beat("seen");
  watcher.read();
  CHECK(watcher.beats == std::vector<std::string>{"seen"});
  CHECK_FALSE(watcher.is_told_of(spec.canary_table()));
}

TEST_CASE("P39 a canary that lost its row or its table is said to have, by the beat and by preflight, and only that") {
  const auto fixture = watched(GENERATE(from_range(ways())));
  if (fixture == nullptr) return;
  const adapter::SourceSpec spec = watched_spec(*fixture);
  Watcher watcher(*fixture);
  watcher.read();
  const auto error_of_beat = [&]() -> std::optional<Error> {
    try {
      watcher.source().beat("x");
    } catch (const Error& error) {
      return error;
    }
    return std::nullopt;
  };
  const auto has_error = [&] {
    const auto findings = watcher.source().preflight();
    return std::any_of(findings.begin(), findings.end(),
                       [](const auto& finding) { return finding.severity == adapter::Severity::error; });
  };
  CHECK_FALSE(has_error());
  fixture->run("DELETE FROM " + spec.canary);
  auto error = error_of_beat();
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::misuse);
  CHECK(error->code() == "QZ-ADP-025");
  CHECK(has_error());
  fixture->run("DROP TABLE " + spec.canary);
  error = error_of_beat();
  REQUIRE(error);
  CHECK(error->kind() == ErrorKind::misuse);
  CHECK(has_error());
  fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
  watcher.read();
  CHECK(watcher.firms == std::vector<std::string>{"d1"});
  CHECK_FALSE(watcher.is_told_of(0));
  fixture->run(fixture->adapter().plan_source(spec).install);
  watcher.read();
  CHECK_FALSE(error_of_beat());
  CHECK_FALSE(has_error());
}

TEST_CASE("a source without a canary is given no beat") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  if (!fixture->adapter().capabilities().canary) return;
  install_firm(*fixture);
  const auto source = fixture->adapter().open_source(firm_spec(*fixture));
  try {
    source->beat("x");
    FAIL("a beat was written");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-ADP-021");
  }
}

TEST_CASE("the plan makes the canary and takes it away again, and says what it grants") {
  const auto fixture = watched(GENERATE(from_range(ways())));
  if (fixture == nullptr) return;
  const adapter::SourceSpec spec = watched_spec(*fixture);
  const adapter::Plan plan = fixture->adapter().plan_source(spec);
  CHECK(plan.install.find("canary") != std::string::npos);
  CHECK((plan.grants.find("GRANT ") == std::string::npos || plan.grants.find("GRANT UPDATE") != std::string::npos));
  CHECK(fixture->adapter().plan_source(firm_spec(*fixture)).install.find("canary") == std::string::npos);
  CHECK(fixture->query("SELECT id FROM " + spec.canary) == Rows{{"1"}});
  std::size_t end = plan.uninstall.size();
  for (const char* account : {"DROP OWNED", "DROP USER", "DROP ROLE"})
    end = std::min(end, plan.uninstall.find(account));
  if (!plan.leftovers.empty()) {
    const Rows left = fixture->query(plan.leftovers);
    CHECK(std::any_of(left.begin(), left.end(),
                      [](const auto& row) { return row[0].find("canary") != std::string::npos; }));
  }
  fixture->run(plan.uninstall.substr(0, end));
  CHECK_THROWS(fixture->query("SELECT id FROM " + spec.canary));
  if (plan.leftovers.empty()) return;
  for (const auto& row : fixture->query(plan.leftovers)) CHECK(row[0].rfind("role ", 0) == 0);
}

}  // namespace qianzhi::test::contract
