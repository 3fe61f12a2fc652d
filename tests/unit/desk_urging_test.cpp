// Firms that did not register in time: who is noticed, warned, urged, and what comes of it.
#include "agent/desk/rules/rounds.h"
#include "tests/unit/desk_firms.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::string own_tables = R"(  - {id: exemption, table: exemption, key: [reg]}
  - {id: visit, table: visit, key: [reg]}
holidays: {weekends: false, file: holidays.csv}
)";

const std::string registration = R"(    exempt: [{table: exemption, join: reg}]
reports:
  - id: registration
    title: 登记与催办
    base: {table: opening, subject: reg, since: since}
    measures:
      - {id: received}
      - id: on_time
        has: [{table: national, join: reg, on: since, within: 30d}]
        lacks: [{table: exemption, join: reg}]
      - {id: exempt, has: [{table: exemption, join: reg}]}
      - {id: not_found, has: [{table: visit, join: reg, where: {outcome: 实地查找不到}}]}
      - {id: warned, finding: [{rule: unregistered, party: national, level: warning}]}
      - {id: share, share: {part: on_time, whole: received}, decimals: 2}
)";

const std::string warnings = R"(reports:
  - id: warnings
    title: 预警与登记
    base: {table: opening, subject: reg, since: since}
    measures:
      - {id: firms}
      - {id: warned, finding: [{rule: unregistered, level: warning}]}
      - {id: open, finding: [{rule: unregistered, level: warning, state: open}]}
      - {id: urged, has: [{table: urging, join: reg}]}
      - {id: came, has: [{table: urging, join: reg}, {table: national, join: reg}]}
      - {id: came_share, share: {part: came, whole: urged}}
      - {id: registered, has: [{table: national, join: reg}]}
      - {id: registered_share, share: {part: registered, whole: firms}}
)";

void write_half_year(DeskWorld& world) {
  sqlite::Transaction transaction(*world.writer);
  RowWriter opening(*world.writer, "opening", 5);
  RowWriter national(*world.writer, "national", 6);
  RowWriter exemption(world.store->database(), "exemption", 1);
  RowWriter visit(world.store->database(), "visit", 2);
  for (std::size_t i = 0; i < 3421 + 300; ++i) {
    const bool counts = i < 3421;
    const std::string reg = numbered("R", i);
    const std::string since = counts ? date_after("2004-01-01", i * 11 % 182) : date_after("2004-07-01", i % 30);
    opening.add({reg, "x", "x", since, "330102"});
    const bool exempt = counts && i % 63 == 5 && i < 63 * 54;
    const bool not_found = counts && i % 1000 == 11 && i < 3000;
    if (exempt) exemption.add({reg});
    if (not_found) visit.add({reg, "实地查找不到"});
    if (counts && i % 500 == 77) visit.add({reg, "找到企业已登记"});
    if (not_found || (exempt && i % 2 == 0)) continue;
    // Day 30, and where that falls into the May week the day after it; those of July come late.
    const Day last = world.file.desk.holidays.due(day_from(since).value_or(0), 30);
    national.add({numbered("T", i), reg, "", "", "", date_text(counts ? last - static_cast<Day>(i % 3) : last + 1)});
  }
  transaction.commit();
}

constexpr std::size_t firms_2008 = 34000;

// Which of them come late has nothing to do with when they were opened.
bool is_late(std::size_t firm) { return firm * 7919 % firms_2008 < 17000; }

void write_openings(sqlite::Database& received) {
  sqlite::Transaction transaction(received);
  RowWriter opening(received, "opening", 5);
  RowWriter national(received, "national", 6);
  for (std::size_t i = 0; i < firms_2008; ++i) {
    opening.add({numbered("R", i), "x", "x", date_after("2008-06-01", i % 14), "440104"});
    if (!is_late(i)) national.add({numbered("T", i), numbered("R", i), "", "", "", ""});
  }
  transaction.commit();
}

// 9900 of the late ones are urged, of whom 7960 come. The others come by themselves.
void write_urged(sqlite::Database& received, sqlite::Database& own_database) {
  sqlite::Transaction transaction(received);
  sqlite::Transaction own(own_database);
  RowWriter national(received, "national", 6);
  RowWriter urging(own_database, "urging", 1);
  std::size_t late = 0;
  for (std::size_t i = 0; i < firms_2008; ++i) {
    if (!is_late(i)) continue;
    const bool urged = late < 9900;
    if (urged) urging.add({numbered("R", i)});
    if (!urged || late < 7960) national.add({numbered("T", i), numbered("R", i), "", "", "", ""});
    ++late;
  }
  own.commit();
  transaction.commit();
}

}  // namespace

TEST_CASE("S1.7 of 3421 firms received 3364 registered on time, 54 are exempt and 3 were not found") {
  const std::string own =
      "CREATE TABLE exemption(reg TEXT PRIMARY KEY); CREATE TABLE visit(reg TEXT PRIMARY KEY, outcome TEXT)";
  DeskWorld world("tables: []\n", firm_tables, own);
  std::ofstream(world.dir / "holidays.csv") << "date,kind\n2004-05-01,off\n2004-05-02,off\n2004-05-03,off\n"
                                               "2004-05-04,off\n2004-05-05,off\n2004-05-06,off\n2004-05-07,off\n";
  world.open(firm_views + own_tables + unregistered_firms + registration);
  world.run_plan();
  write_half_year(world);
  world.day("2004-12-31");
  world.all("unregistered");
  CHECK(world.open_findings("unregistered").size() == 3);
  const desk::Grid grid = world.report("registration", {"2004-01-01", "2004-06-30"});
  CHECK(grid.rows == Rows{{"3421", "3364", "54", "3", "3", "98.33"}});
  // Without the days off those whose last day was moved are late.
  std::ofstream(world.dir / "holidays.csv") << "date,kind\n";
  world.open();
  CHECK(world.report("registration", {"2004-01-01", "2004-06-30"}).rows[0][1] != "3364");
}

TEST_CASE("S2.2 of 34000 firms 17000 are warned, over 80 % of the urged register, and over 94 % of all") {
  DeskWorld world(firm_views + "  - {id: urging, table: urging, key: [reg]}\n" + unregistered_firms + warnings,
                  firm_tables, "CREATE TABLE urging(reg TEXT PRIMARY KEY)");
  world.run_plan();
  desk::Rounds rounds(*world.store, *world.judge);
  world.day("2008-06-01");
  CHECK(rounds.turn().size() == 1);
  write_openings(*world.writer);
  world.day("2008-06-30");
  CHECK(rounds.turn().at(0).opened > 0);
  CHECK(world.store->database().scalar("SELECT count(*) FROM finding WHERE level = 'warning'") == 0);
  world.day("2008-08-01");
  CHECK_FALSE(rounds.turn().at(0).full);
  CHECK(world.store->database().scalar("SELECT count(*) FROM finding WHERE level = 'warning'") == 17000);
  write_urged(*world.writer, world.store->database());
  const auto turn = rounds.turn();
  REQUIRE(turn.size() == 1);
  CHECK_FALSE(turn[0].full);
  CHECK(turn[0].touched == 15060);
  CHECK(turn[0].closed == 15060);
  CHECK(world.report("warnings").rows == Rows{{"34000", "17000", "1940", "9900", "7960", "80.4", "32060", "94.3"}});
  CHECK(rounds.turn().empty());
}
