// Days off that come as a topic.
#include "tests/support/throws.h"
#include "tests/unit/desk_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::string town_of_days = R"(tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: tax, table: received.tax, key: [id]}
  - {id: holiday, table: received.holiday, key: [day]}
holidays: {table: holiday, date: day, kind: kind}
rules:
  - id: late
    kind: missing
    title: 应办未办税务登记
    base: {table: opening, subject: reg, since: since}
    parties: [{party: tax, table: tax, join: reg}]
    notice: 20d
    warning: 30d
    on_change: true
)";

}  // namespace

TEST_CASE("S1.7 days off come as a topic, too, and a correction of them is judged at once") {
  std::string yaml = town_of_days;
  DeskWorld world(yaml,
                  "CREATE TABLE opening(reg TEXT PRIMARY KEY, since TEXT);"
                  "CREATE TABLE tax(id TEXT PRIMARY KEY, reg TEXT);"
                  "CREATE TABLE holiday(day TEXT PRIMARY KEY, kind TEXT);");
  world.writer->execute(
      "INSERT INTO holiday VALUES('2004-05-03', 'off'), ('2004-05-04', 'off'), ('2004-05-08', 'work'), ('soon', 'off');"
      "INSERT INTO opening VALUES ('R1', '2004-04-01')");
  world.run_plan();
  // Day 30 is a Saturday, then Sunday, then two days off: Wednesday the 5th is the last.
  world.day("2004-05-05");
  world.changes("late");
  CHECK(world.open_findings("late") == std::vector<std::string>{"R1 tax notice"});
  world.writer->execute("DELETE FROM holiday WHERE day = '2004-05-04'");
  world.store->read_days_off();
  CHECK(world.changes("late").full);
  CHECK(world.open_findings("late") == std::vector<std::string>{"R1 tax warning"});
  yaml.replace(yaml.find("date: day"), 9, "date: dey");
  test::check_throws("QZ-DSK-001", [&] { world.open(yaml); });
}
