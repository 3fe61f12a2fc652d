// What drivers do to values and results, on each driver that the adapter is tested with.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/contract/follower.h"
#include "tests/contract/odbc_fixture.h"

namespace qianzhi::test::contract {

namespace {

constexpr std::size_t mebibyte = 1U << 20U;

adapter::SourceSpec reading(OdbcFixture& fixture, const adapter::SourceTable& table) {
  return {fixture.connection(), "reader", adapter::CaptureMode::snapshot_only, {table}, 0};
}

// All rows of the first table, each as its values joined by |.
std::vector<std::string> all_rows(adapter::Source& source, const adapter::ReadLimits& limits = {}) {
  std::vector<std::string> rows;
  Bytes cursor;
  for (bool done = false; !done;) {
    const adapter::SnapshotChunk chunk = source.read_snapshot(0, cursor, limits);
    for (std::size_t row = 0; row < chunk.columns[0].size(); ++row) {
      rows.emplace_back();
      for (const Column& column : chunk.columns) rows.back() += (rows.back().empty() ? "" : "|") + text_of(column, row);
    }
    cursor = chunk.cursor;
    done = chunk.done;
    REQUIRE(rows.size() < 100'000);
  }
  return rows;
}

// ASCII up to the last octets, so that characters of three and four octets lie across every buffer's edge.
std::string long_value(std::size_t octets, std::size_t shift) {
  std::string text(shift, 'x');
  while (text.size() + 7 <= octets) text += "㐀𠮷";
  return text + std::string(octets - text.size(), 'e');
}

}  // namespace

TEST_CASE("P23 values of any length are read and written whole, also where a character lies across a buffer's edge") {
  const auto fixture = make_odbc_fixture(GENERATE(from_range(ways())));
  fixture->run("CREATE TABLE long_values(id VARCHAR(20) NOT NULL PRIMARY KEY, a " + fixture->long_text() +
               ", b VARCHAR(20), c " + fixture->long_text() + ")");
  std::vector<std::string> expected;
  int number = 100;
  for (const std::size_t size : std::vector<std::size_t>{1, 4094, 4095, 4096, 4097, 4098, 8190, 8191, 8192, 15'000,
                                                         16'383, 16'384, 16'385, 32'767, 65'536, mebibyte})
    for (const std::size_t shift : {0U, 1U, 2U, 3U}) {
      const std::string id = std::to_string(number++);
      const std::string value = long_value(size, size > shift ? shift : 0);
      const std::string other = long_value(std::min<std::size_t>(size, 4095), size > shift ? shift : 0);
      fixture->run("INSERT INTO long_values VALUES('" + id + "', '" + value + "', 'between', '" + other + "')");
      expected.push_back(id + "|" + value + "|between|" + other);
    }
  const auto source =
      fixture->adapter().open_source(reading(*fixture, {"long_values", {"id", "a", "b", "c"}, {"id"}, {}}));
  const auto rows = all_rows(*source, {10, 4 * mebibyte});
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO("row " << i << " of " << expected[i].size() << " octets, read " << rows[i].size());
    CHECK((rows[i] == expected[i]));
  }
}

TEST_CASE("P23 a value of more than 16 MiB is invalid with its size, and the rows around it are read") {
  const auto fixture = make_odbc_fixture(Way::direct);
  fixture->run("CREATE TABLE huge(id VARCHAR(20) NOT NULL PRIMARY KEY, a " + fixture->long_text() + ")");
  fixture->run("INSERT INTO huge VALUES('1', 'one')");
  fixture->run("INSERT INTO huge VALUES('2', '" + std::string(4 * mebibyte, 'x') + "')");
  fixture->run("INSERT INTO huge VALUES('3', 'three')");
  for (int doubling = 0; doubling < 3; ++doubling) fixture->run("UPDATE huge SET a = a || a WHERE id = '2'");
  const auto source = fixture->adapter().open_source(reading(*fixture, {"huge", {"id", "a"}, {"id"}, {}}));
  CHECK(all_rows(*source) == std::vector<std::string>{"1|one", "2|<invalid:33554432>", "3|three"});
}

TEST_CASE("P23 a target holds long values as they were sent") {
  const auto fixture = make_odbc_fixture(Way::process);
  adapter::TargetTable table;
  table.table = "received";
  table.columns = {{"id", {}, {}, ItemType::text}, {"body", {}, {}, ItemType::text}, {"raw", {}, {}, ItemType::bytes}};
  table.key = {"id"};
  const adapter::TargetSpec spec{fixture->connection(), "inbox", {table}};
  fixture->run(fixture->adapter().plan_target(spec).install);
  const auto target = fixture->adapter().open_target(spec);
  Bytes octets;
  for (int i = 0; i < 5'000; ++i) octets.push_back(static_cast<char>(i * 7));
  adapter::TargetTransaction work;
  work.next = {"s", "tax", {{1, 1}, Digest::from_bytes(std::string(32, 'a'))}, "state"};
  adapter::Step step;
  step.rows.indexes = {0, 1, 2};
  step.rows.columns.resize(3);
  for (const std::size_t size : {std::size_t{0}, std::size_t{4096}, std::size_t{4097}, mebibyte}) {
    step.rows.meta.push_back({Operation::upsert, static_cast<std::uint32_t>(step.rows.meta.size()), 0, 0});
    step.rows.groups.emplace_back("g");
    step.rows.columns[0].append(std::to_string(size));
    step.rows.columns[1].append(size == 0 ? "" : long_value(size, 1));
    step.rows.columns[2].append(octets.substr(0, size));
  }
  work.steps = {step};
  REQUIRE(target->apply(work).state == adapter::ApplyResult::State::committed);
  const adapter::SnapshotChunk chunk = target->read_rows(0, {}, {100, 16 * mebibyte});
  REQUIRE(chunk.columns[0].size() == 4);
  for (std::size_t row = 0; row < 4; ++row) {
    const std::size_t size = std::stoul(text_of(chunk.columns[0], row));
    CHECK((text_of(chunk.columns[1], row) == (size == 0 ? "" : long_value(size, 1))));
    CHECK((text_of(chunk.columns[2], row) == octets.substr(0, size)));
  }
}

TEST_CASE("P25 sparse keys and composite ones of numbers and texts are paged without a gap") {
  const auto fixture = make_odbc_fixture(Way::direct);
  fixture->run("CREATE TABLE sparse(a BIGINT NOT NULL, b VARCHAR(20) NOT NULL, v VARCHAR(9), PRIMARY KEY(a, b))");
  std::vector<std::string> expected;
  for (const std::string a : {"-9223372036854775807", "-10", "-9", "0", "9", "10", "9007199254740993",
                              "9007199254740994", "9223372036854775807"})
    for (const std::string b : {"", "1", "10", "2", "x"}) {
      fixture->run("INSERT INTO sparse VALUES(" + a + ", '" + b + "', 'v')");
      expected.push_back(a + "|" + b + "|v");
    }
  const auto source = fixture->adapter().open_source(reading(*fixture, {"sparse", {"a", "b", "v"}, {"a", "b"}, {}}));
  for (const std::size_t rows : {1U, 2U, 7U}) CHECK(all_rows(*source, {rows, mebibyte}) == expected);
}

TEST_CASE("P26 what a transaction wrote that stays open is not lost, whatever commits meanwhile") {
  const auto fixture = make_odbc_fixture(GENERATE(from_range(ways())));
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  if (!fixture->run_beside("BEGIN")) return;
  fixture->run_beside("INSERT INTO firm VALUES('late', 'd1', 'first written, last committed')");
  fixture->run("INSERT INTO firm VALUES('early', 'd1', 'two')");
  follower.drain();
  fixture->run("INSERT INTO firm VALUES('early too', 'd1', 'three')");
  follower.drain();
  CHECK(std::count(follower.log().begin(), follower.log().end(), "upsert late") == 0);
  fixture->run_beside("COMMIT");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
  CHECK(follower.copies().size() == 3);
}

TEST_CASE("P26 R4.5 a snapshot's place is reached only when all that it may show was read") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  if (!fixture->run_beside("BEGIN")) return;
  fixture->run_beside("INSERT INTO firm VALUES('1', 'd1', 'open')");
  fixture->run("INSERT INTO firm VALUES('2', 'd1', 'shown')");
  const adapter::SnapshotChunk chunk = follower.source().read_snapshot(0, {}, {});
  REQUIRE(follower.take(chunk));
  CHECK(follower.copies() == std::vector<std::string>{"2|d1|shown"});
  fixture->run_beside("COMMIT");
  for (int i = 0; i < 20 && follower.checkpoint().order < chunk.position.order; ++i) follower.step();
  CHECK(follower.checkpoint().order >= chunk.position.order);
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("R2.1 forgetting and reading again leave the journal empty and go on") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  for (int i = 0; i < 5; ++i) fixture->run("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'd1', 'n')");
  follower.drain();
  follower.source().forget(follower.checkpoint());
  CHECK(fixture->query("SELECT COUNT(*) FROM qianzhi_registry_journal") == Rows{{"0"}});
  fixture->run("DELETE FROM firm WHERE id = '3'");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("R2.1 forgetting waits for no transaction that is open, and holds up nobody") {
  const auto fixture = make_odbc_fixture(Way::direct);
  install_firm(*fixture);
  Follower follower(*fixture, firm_spec(*fixture));
  for (int i = 0; i < 5; ++i) fixture->run("INSERT INTO firm VALUES('" + std::to_string(i) + "', 'd1', 'n')");
  follower.drain();
  if (!fixture->run_beside("BEGIN")) return;
  fixture->run_beside("INSERT INTO firm VALUES('open', 'd1', 'n')");
  const SystemClock clock;
  const Micros start = clock.steady();
  follower.source().forget(follower.checkpoint());
  CHECK(clock.steady() - start < 5'000'000);
  CHECK(fixture->query("SELECT COUNT(*) FROM qianzhi_registry_journal") == Rows{{"0"}});
  fixture->run_beside("COMMIT");
  follower.drain();
  CHECK(follower.copies() == firm_rows(*fixture));
}

TEST_CASE("P30 a table whose key is not unique, or may be NULL, is refused by the preflight") {
  const auto fixture = make_odbc_fixture(Way::direct);
  fixture->run("CREATE TABLE keyless(id VARCHAR(20) NOT NULL, v VARCHAR(20))");
  fixture->run("CREATE TABLE nullable(id VARCHAR(20) UNIQUE, v VARCHAR(20))");
  for (const char* name : {"keyless", "nullable"}) {
    const auto findings =
        fixture->adapter().open_source(reading(*fixture, {name, {"id", "v"}, {"id"}, {}}))->preflight();
    INFO(name);
    CHECK(std::count_if(findings.begin(), findings.end(), [](const adapter::Finding& finding) {
            return finding.code == "QZ-ADP-016" && finding.severity == adapter::Severity::error;
          }) == 1);
  }
  // Read all the same, a NULL in the key is told and not passed over.
  fixture->run("INSERT INTO nullable VALUES(NULL, 'v')");
  const auto source = fixture->adapter().open_source(reading(*fixture, {"nullable", {"id", "v"}, {"id"}, {}}));
  CHECK_THROWS_AS(source->read_snapshot(0, {}, {}), Error);
}

TEST_CASE("what the scripts grant is all that a source and a target need") {
  const auto fixture = make_odbc_fixture(Way::direct);
  adapter::SourceSpec spec = firm_spec(*fixture);
  spec.connection = fixture->connection_as("qianzhi_reader");
  if (spec.connection.options.empty()) return;  // no users there
  fixture->run(firm_ddl);
  const adapter::Plan plan = fixture->adapter().plan_source(spec);
  fixture->run(plan.install);
  fixture->run(plan.grants);
  adapter::TargetTable table;
  table.table = "received";
  table.columns = {{"id", {}, {}, ItemType::text}};
  table.key = {"id"};
  const adapter::TargetSpec target_spec{fixture->connection_as("qianzhi_writer"), "inbox", {table}};
  const adapter::Plan target_plan = fixture->adapter().plan_target(target_spec);
  fixture->run(target_plan.install);
  fixture->run(target_plan.grants);
  {
    const auto source = fixture->adapter().open_source(spec);
    const SourcePosition start = source->present();
    fixture->run("INSERT INTO firm VALUES('1', 'd1', 'one')");
    const adapter::Changes changes = source->read_changes(start, {}, {}, 0);
    CHECK(changes.tables.size() == 1);
    source->forget(changes.position);
    CHECK(fixture->query("SELECT COUNT(*) FROM qianzhi_registry_journal") == Rows{{"0"}});
    for (const adapter::Finding& finding : source->preflight()) {
      INFO(finding.code << " " << finding.detail);
      CHECK(finding.severity != adapter::Severity::error);
    }
    const auto target = fixture->adapter().open_target(target_spec);
    adapter::TargetTransaction work;
    work.next = {"s", "tax", {{1, 1}, Digest::from_bytes(std::string(32, 'a'))}, "state"};
    adapter::Step step;
    step.rows.meta.resize(1);
    step.rows.groups = {"g"};
    step.rows.indexes = {0};
    step.rows.columns.resize(1);
    step.rows.columns[0].append("1");
    work.steps = {step};
    CHECK(target->apply(work).state == adapter::ApplyResult::State::committed);
    CHECK(target->marks().size() == 1);
    CHECK(target->read_rows(0, {}, {}).columns[0].size() == 1);
  }
  CHECK_FALSE(fixture->query(plan.leftovers).empty());
  CHECK_FALSE(fixture->query(target_plan.leftovers).empty());
  fixture->run(plan.uninstall);
  fixture->run(target_plan.uninstall);
  CHECK(fixture->query(plan.leftovers).empty());
  CHECK(fixture->query(target_plan.leftovers).empty());
}

TEST_CASE("a password inside the connection string is refused, and one in an error is not shown") {
  const auto fixture = make_odbc_fixture(Way::direct);
  adapter::Connection connection = fixture->connection();
  connection.options["connect"] += ";Pwd=hunter2";
  try {
    fixture->adapter().describe(connection);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-ADP-010");
    CHECK(std::string(error.what()).find("hunter2") == std::string::npos);
  }
  connection.options["connect"] = "Driver={no such driver}";
  connection.secrets["password"] = "hunter2";
  try {
    fixture->adapter().describe(connection);
    FAIL("it was taken");
  } catch (const Error& error) {
    CHECK(error.code() == "QZ-ODB-005");
    CHECK(std::string(error.what()).find("hunter2") == std::string::npos);
  }
}

}  // namespace qianzhi::test::contract
