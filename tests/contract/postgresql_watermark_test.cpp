// Watermarks of PostgreSQL that are times, and what is no watermark.
#include <catch2/catch.hpp>

#include "hub-protocol/base/error.h"
#include "tests/contract/follower.h"

namespace qianzhi::test::contract {

namespace {

adapter::SourceSpec times_spec(Fixture& fixture, const std::string& column, const std::string& zone = "") {
  adapter::SourceSpec spec{
      fixture.connection(), "times", adapter::CaptureMode::watermark, {{"reg", {"id", "name"}, {"id"}, {}, column}}, 0};
  if (!zone.empty()) spec.connection.options["timezone"] = zone;
  return spec;
}

std::size_t rows_of(const adapter::Changes& changes) {
  std::size_t rows = 0;
  for (const auto& table : changes.tables) rows += table.meta.size();
  return rows;
}

// Waits as an agent does until that many rows came; 30 s are a limit against hanging.
std::size_t read_rows(adapter::Source& source, SourcePosition& checkpoint, std::size_t wanted) {
  const SystemClock clock;
  const Micros deadline = clock.steady() + 30'000'000;
  std::size_t rows = 0;
  while (rows < wanted && clock.steady() < deadline) {
    const auto changes = source.read_changes(checkpoint, {}, {}, 1'000'000);
    REQUIRE(changes.continuity == adapter::Continuity::good);
    rows += rows_of(changes);
    checkpoint = changes.position;
  }
  return rows;
}

}  // namespace

TEST_CASE("P26 a time as watermark waits for the oldest open transaction, with and without a time zone") {
  const auto fixture = make_fixture(GENERATE(from_range(ways())));
  const bool local = GENERATE(false, true);
  const std::string type =
      local ? "timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'Asia/Shanghai')" : "timestamptz NOT NULL DEFAULT now()";
  fixture->run("CREATE TABLE reg(id int PRIMARY KEY, name text, changed " + type + ")");
  const auto source = fixture->adapter().open_source(times_spec(*fixture, "changed", "Asia/Shanghai"));
  SourcePosition checkpoint = source->present();
  // Begins, and writes only much later: now() is the time of its beginning.
  fixture->begin_other("SELECT 1");
  fixture->run("INSERT INTO reg VALUES(1, 'one')");
  const auto held = source->read_changes(checkpoint, {}, {}, 3'000'000);
  CHECK(rows_of(held) == 0);
  fixture->commit_other();
  CHECK(read_rows(*source, checkpoint, 1) == 1);
  CHECK(rows_of(source->read_changes(checkpoint, {}, {}, 0)) == 0);
  const auto chunk = source->read_snapshot(0, {}, {});
  CHECK(chunk.position.order > checkpoint.order);
  CHECK(chunk.columns[0].size() == 1);
}

TEST_CASE("P26 a sequence or a date is refused as a watermark, and so are two kinds in one source") {
  const auto fixture = make_fixture(Way::direct);
  fixture->run(
      "CREATE TABLE reg(id int PRIMARY KEY, name text, seq bigserial, day date, changed timestamptz, tx xid8)");
  fixture->run("CREATE TABLE reg2(id int PRIMARY KEY, name text, tx xid8)");
  for (const char* column : {"seq", "day", "name"}) {
    const auto source = fixture->adapter().open_source(times_spec(*fixture, column));
    try {
      source->present();
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == "QZ-PG-045");
    }
  }
  adapter::SourceSpec mixed = times_spec(*fixture, "changed");
  mixed.tables.push_back({"reg2", {"id"}, {"id"}, {}, "tx"});
  CHECK_THROWS_WITH(fixture->adapter().open_source(mixed)->present(), Catch::Contains("QZ-PG-046"));
}

TEST_CASE("P26 a role that does not see when transactions began is told the GRANT, and reads nothing") {
  const auto fixture = make_fixture(Way::direct);
  fixture->run("CREATE TABLE reg(id int PRIMARY KEY, name text, changed timestamptz NOT NULL DEFAULT now())");
  fixture->run("CREATE ROLE reader LOGIN; GRANT SELECT ON reg TO reader");
  adapter::SourceSpec spec = times_spec(*fixture, "changed");
  spec.connection.options["dsn"] += " user=reader";
  const auto source = fixture->adapter().open_source(spec);
  CHECK_THROWS_WITH(source->present(), Catch::Contains("QZ-PG-043"));
  std::string cure;
  for (const auto& finding : source->preflight())
    if (finding.code == "QZ-PG-043") cure = finding.cure;
  CHECK(cure == "ALTER ROLE reader INHERIT; GRANT pg_read_all_stats TO reader;");
  fixture->run(cure);
  CHECK_NOTHROW(source->present());
  fixture->run("DROP OWNED BY reader; DROP ROLE reader");
}

TEST_CASE("a key that is too long for a position is refused, not cut") {
  const auto fixture = make_fixture(Way::direct);
  fixture->run("CREATE TABLE reg(id text PRIMARY KEY, name text)");
  const adapter::SourceSpec spec = times_spec(*fixture, "qianzhi_tx");
  fixture->run(fixture->adapter().plan_source(spec).install);
  const auto source = fixture->adapter().open_source(spec);
  const SourcePosition checkpoint = source->present();
  fixture->run("INSERT INTO reg(id, name) VALUES(repeat('k', 1100), 'one'), ('short', 'two')");
  CHECK_THROWS_WITH(source->read_changes(checkpoint, {}, {1, 1U << 20U}, 0), Catch::Contains("QZ-PG-044"));
}

}  // namespace qianzhi::test::contract
