// Watermarks through ODBC: what is none, and what an account needs.
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"
#include "tests/contract/odbc_fixture.h"

namespace qianzhi::test::contract {

namespace {

std::string refusal_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error.code());
  }
  return {};
}

}  // namespace

TEST_CASE("P26 a column that nothing of ours keeps is no watermark") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.tables[0].watermark = "name";
  CHECK(refusal_of([&] { fixture->adapter().plan_source(spec); }) == "QZ-ODB-018");
  CHECK(refusal_of([&] { fixture->adapter().open_source(spec)->present(); }) == "QZ-ADP-011");
}

TEST_CASE("what the scripts of a watermark grant is all that it needs, and each missing right is told") {
  const auto fixture = make_odbc_fixture(Way::direct);
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.connection = fixture->connection_as("qianzhi_reader");
  if (spec.connection.options.empty()) return;  // no users there
  fixture->run(firm_ddl);
  const adapter::Plan plan = fixture->adapter().plan_source(spec);
  fixture->run(plan.install);
  fixture->run(plan.grants);
  {
    const auto source = fixture->adapter().open_source(spec);
    SourcePosition place = source->present();
    fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
    const adapter::Changes changes = source->read_changes(place, {}, {}, 1'000'000);
    CHECK(changes.tables.size() == 1);
    CHECK(changes.events.empty());
    CHECK(source->read_snapshot(0, {}, {}).columns[0].size() == 1);
    for (const adapter::Finding& finding : source->preflight()) {
      INFO(finding.code << " " << finding.detail);
      CHECK(finding.severity < adapter::Severity::warning);
    }
  }
  if (plan.grants.find("PROCESS") != std::string::npos) {
    fixture->run("REVOKE PROCESS ON *.* FROM qianzhi_reader");
    const auto source = fixture->adapter().open_source(spec);
    CHECK(refusal_of([&] { source->present(); }) == "QZ-ODB-003");
    std::string cures;
    for (const adapter::Finding& finding : source->preflight()) cures += finding.cure;
    CHECK_THAT(cures, Catch::Contains("GRANT PROCESS ON *.* TO `qianzhi_reader`;"));
  }
  CHECK_FALSE(fixture->query(plan.leftovers).empty());
  fixture->run(plan.uninstall);
  CHECK(fixture->query(plan.leftovers).empty());
}

}  // namespace qianzhi::test::contract
