// The figures of 2004 and of Guangzhou's means test, counted from cases that a generator made.
#include <catch2/catch.hpp>

#include "agent/desk/cases/case_statistics.h"
#include "desk_case_support.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

Days days_of(const std::string& first, const std::string& last) { return {*day_from(first), *day_from(last) + 1}; }

const std::string means_cases = R"(
cases:
  - rule: means_test
    kind: category
    purpose: 最低生活保障经济状况核对
    basis: 广州市最低生活保障办法
    persons: {table: member, subject: application, name: name, document: document}
    outcomes:
      - {id: eligible, title: 符合, codes: ["1"]}
      - {id: ineligible, title: 不符合, codes: ["0"]}
    results:
      - {table: verdict, subject: application, code: eligible, time: day}
)";

const std::map<std::string, desk::Table> means_tables{
    {"member",
     {"member",
      "",
      "\"member\"",
      {"number"},
      {{"number", "number"}, {"application", "application"}, {"name", "name"}, {"document", "document"}}}},
    {"verdict",
     {"verdict",
      "",
      "\"verdict\"",
      {"application"},
      {{"application", "application"}, {"eligible", "eligible"}, {"day", "day"}}}}};

// Applications 1 to last, of which those from `first_new` on come in the year; each of a category by its number and
// with a household by its number.
struct Household {
  int category = 0;
  int members = 0;
  bool ineligible = false;
};

constexpr int carried_over = 10000;                       // opened before the year
constexpr int accepted = 63816;                           // opened in it
constexpr int completed = 67704;                          // ended in it
constexpr int categories[] = {39210, 21219, 4280, 2995};  // of those completed
constexpr int ineligible = 9642;
constexpr int completed_persons = 152177;
constexpr int ineligible_persons = 24544;
constexpr int accepted_persons = 142673;

// The first `completed` applications end in the year. The first `ineligible` of them get 2 members and every so often
// a third, and so do the others, until all members are given out. Of the applications that stay open, some, so that
// those accepted in the year have theirs.
std::vector<Household> households() {
  std::vector<Household> all(carried_over + accepted);
  int at = 0;
  for (int category = 0; category < 4; ++category)
    for (int i = 0; i < categories[category]; ++i) all[static_cast<std::size_t>(at++)].category = category;
  REQUIRE(at == completed);
  // The ineligible ones are spread evenly over all that are completed.
  for (int i = 0; i < ineligible; ++i)
    all[static_cast<std::size_t>(static_cast<std::int64_t>(i) * completed / ineligible)].ineligible = true;
  int third_bad = ineligible_persons - 2 * ineligible;
  int third_good = completed_persons - ineligible_persons - 2 * (completed - ineligible);
  for (int i = 0; i < completed; ++i) {
    Household& each = all[static_cast<std::size_t>(i)];
    int& left = each.ineligible ? third_bad : third_good;
    each.members = 2 + (left > 0 ? 1 : 0);
    left -= left > 0 ? 1 : 0;
  }
  int still = accepted_persons;
  for (int i = carried_over; i < completed; ++i) still -= all[static_cast<std::size_t>(i)].members;
  const int open = carried_over + accepted - completed;
  for (int i = 0; i < open; ++i) {
    Household& each = all[static_cast<std::size_t>(completed + i)];
    each.members = still / open + (i < still % open ? 1 : 0);
  }
  return all;
}

void apply_for(CaseWorld& world, const std::vector<Household>& all, int first, int end) {
  static const char* const names[] = {"低保", "住房", "教育", "医疗"};
  sqlite::Transaction transaction(world.database);
  sqlite::Statement finding = world.database.prepare(
      "INSERT INTO finding(rule, subject, since, level, found, changed, detail) VALUES('means_test', ?1, '2014-01-01', "
      "'notice', 1, 1, json_object('category', ?2))");
  sqlite::Statement member = world.database.prepare("INSERT INTO member VALUES(NULL, ?1, '家庭成员', '')");
  for (int i = first; i < end; ++i) {
    const Household& each = all[static_cast<std::size_t>(i)];
    const std::string application = "A" + std::to_string(i);
    finding.bind(1, application).bind(2, names[each.category]).run();
    for (int m = 0; m < each.members; ++m) member.bind(1, application).run();
  }
  transaction.commit();
}

}  // namespace

namespace {

// Every 64th firm is exempt, every 1,140th was not found; all others register on day 21 to 30. Eight areas.
constexpr int firms = 3421;
bool is_exempt(int i) { return i % 64 == 5; }
bool is_lost(int i) { return i % 1140 == 7; }

void work_through(CaseWorld& world) {
  world.clock.set_day("2004-03-21");
  sqlite::Transaction filling(world.database);
  for (int i = 0; i < firms; ++i)
    world.find("F" + std::to_string(i), "2004-03-01", "notice", "33010" + std::to_string(i % 8));
  filling.commit();
  CHECK(world.keep().opened == firms);
  for (int i = 0; i < firms; ++i)
    if (is_exempt(i) && !is_lost(i)) world.desk.exempt("wang", world.file("F" + std::to_string(i)).id, "分支机构");
  world.clock.set_day("2004-03-31");
  world.database
      .prepare(
          "UPDATE finding SET closed = ?1 WHERE CAST(substr(subject, 2) AS INTEGER) % 64 <> 5 AND "
          "CAST(substr(subject, 2) AS INTEGER) % 1140 <> 7")
      .bind(1, world.clock.now())
      .run();
  CHECK(world.keep().settled == 3364);
  world.clock.set_day("2004-04-02");
  world.database.execute("UPDATE finding SET level = 'warning' WHERE closed = 0");
  CHECK(world.keep().raised == 3);
  world.database.execute(
      "INSERT INTO visit SELECT id, subject, '实地查找不到', 'li', '2004-04-02', '' FROM finding WHERE closed = 0 AND "
      "CAST(substr(subject, 2) AS INTEGER) % 1140 = 7");
  CHECK(world.take_in().applied == 3);
}

}  // namespace

TEST_CASE("S1.7 the statistic of the first half of 2004: 3,421 received, 3,364 on time, 54 exempt, 3 not found") {
  CaseWorld world(plain_cases, {}, visit_table);
  world.database.execute(visit_schema);
  work_through(world);
  // One more that came in the next half-year.
  world.clock.set_day("2004-07-21");
  world.find("later", "2004-07-01", "notice");
  world.keep();
  const auto rows =
      desk::received_cases(world.store, "no_tax", days_of("2004-01-01", "2004-06-30"), desk::CaseGroup::none);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].received.cases == 3421);
  CHECK(rows[0].on_time.cases == 3364);
  CHECK(rows[0].exempt.cases == 54);
  CHECK(rows[0].not_found.cases == 3);
  CHECK(rows[0].late.cases + rows[0].other.cases + rows[0].open.cases == 0);
  const auto areas =
      desk::received_cases(world.store, "no_tax", days_of("2004-01-01", "2004-06-30"), desk::CaseGroup::area);
  REQUIRE(areas.size() == 8);
  std::int64_t sum = 0;
  for (const desk::ReceivedCases& row : areas) sum += row.received.cases;
  CHECK(sum == 3421);
  CHECK(areas[0].received.cases == 428);
  CHECK(desk::to_text(rows) ==
        "收到 received 3421，按时 on time 3364，逾期 late 0，免办 exempt 54，查找不到 not found 3，其他 other 0，未结 "
        "open 0，催办 urgings 0，上门 visits 0\n");
}

TEST_CASE("S4.5 the means test: 67,704 completed, 9,642 ineligible are 14.24 %, with their persons") {
  CaseWorld world(means_cases, {}, means_tables);
  world.database.execute(
      "CREATE TABLE member(number INTEGER PRIMARY KEY, application TEXT, name TEXT, document TEXT);"
      "CREATE INDEX member_application ON member(application);"
      "CREATE TABLE verdict(application TEXT PRIMARY KEY, eligible TEXT, day TEXT)");
  const std::vector<Household> all = households();
  world.clock.set_day("2013-12-20");
  apply_for(world, all, 0, carried_over);
  world.keep();
  world.clock.set_day("2014-03-01");
  apply_for(world, all, carried_over, carried_over + accepted);
  CHECK(world.keep().opened == accepted);
  world.clock.set_day("2014-10-01");
  {
    sqlite::Transaction transaction(world.database);
    sqlite::Statement verdict = world.database.prepare("INSERT INTO verdict VALUES(?1, ?2, '2014-09-30')");
    for (int i = 0; i < completed; ++i)
      verdict.bind(1, "A" + std::to_string(i)).bind(2, all[static_cast<std::size_t>(i)].ineligible ? "0" : "1").run();
    transaction.commit();
  }
  CHECK(world.take_in().applied == completed);
  const Days year = days_of("2014-01-01", "2014-12-31");
  const auto received = desk::received_cases(world.store, "means_test", year, desk::CaseGroup::none);
  REQUIRE(received.size() == 1);
  CHECK(received[0].received.cases == 63816);
  CHECK(received[0].received.persons == 142673);
  const auto ended = desk::completed_cases(world.store, "means_test", year, desk::CaseGroup::none);
  REQUIRE(ended.size() == 1);
  CHECK(ended[0].completed.cases == 67704);
  CHECK(ended[0].completed.persons == 152177);
  CHECK(ended[0].outcomes.at("ineligible").cases == 9642);
  CHECK(ended[0].outcomes.at("ineligible").persons == 24544);
  CHECK(desk::case_percent(9642, 67704, 2) == "14.24");
  CHECK(desk::to_csv(ended).find("ineligible,9642,24544,14.24") != std::string::npos);
  std::map<std::string, std::int64_t> kinds;
  for (const auto& row : desk::completed_cases(world.store, "means_test", year, desk::CaseGroup::kind))
    kinds[row.group] = row.completed.cases;
  CHECK(kinds == std::map<std::string, std::int64_t>{{"低保", 39210}, {"住房", 21219}, {"教育", 4280}, {"医疗", 2995}});
}

TEST_CASE("percentages are exact and rounded half up") {
  CHECK(desk::case_percent(1, 8, 1) == "12.5");
  CHECK(desk::case_percent(1, 8, 0) == "13");
  CHECK(desk::case_percent(1, 16, 2) == "6.25");
  CHECK(desk::case_percent(1, 16, 1) == "6.3");
  CHECK(desk::case_percent(0, 0, 2) == "0.00");
  CHECK(desk::case_percent(1, 1000, 2) == "0.10");
  CHECK(desk::case_percent(3, 3, 1) == "100.0");
}
