// Figures, tables for people, days off: the small parts that reports and rules stand on.
#include "agent/desk/data/share.h"
#include "agent/desk/rules/grid.h"
#include "tests/unit/desk_world.h"

using namespace qianzhi;
using namespace qianzhi::test;
using desk::decimal_text;
using desk::percent_of;

TEST_CASE("S1.6 S1.8 S4.5 shares are exact decimals, rounded half up") {
  CHECK(percent_of(651, 2757, 1) == "23.6");
  CHECK(percent_of(270, 2757, 1) == "9.8");
  CHECK(percent_of(9642, 67704, 2) == "14.24");
  CHECK(percent_of(1000, 1000, 1) == "100.0");
  CHECK(percent_of(0, 7, 2) == "0.00");
  CHECK(percent_of(1, 200, 0) == "1");  // 0.5
  CHECK(percent_of(1, 201, 0) == "0");
  CHECK(percent_of(1, 8, 1) == "12.5");
  CHECK(percent_of(1, 800, 2) == "0.13");  // 0.125
  CHECK(percent_of(99999, 100000, 1) == "100.0");
  CHECK(percent_of(3, 2, 0) == "150");
  CHECK(percent_of(4'000'000'000'000'000'000, 9'000'000'000'000'000'000, 3) == "44.444");
  CHECK(percent_of(1, 0, 1).empty());
  CHECK(percent_of(-1, 5, 1).empty());
  CHECK(decimal_text(21034550, 2) == "210345.50");
  CHECK(decimal_text(-5, 2) == "-0.05");
  CHECK(decimal_text(7, 0) == "7");
}

TEST_CASE("S1.6 a report is a table for people, a spreadsheet and programs") {
  desk::Grid grid{"r",
                  "漏管户",
                  {{"area", "区划", false}, {"firms", "户数", true}},
                  {{"330102", "12"}, {"=HYPERLINK()", "7"}, {"合计", ""}}};
  CHECK(to_text(grid) == "漏管户\n区划          户数\n330102          12\n=HYPERLINK()     7\n合计\n");
  CHECK(to_csv(grid) == "\xEF\xBB\xBF区划,户数\r\n330102,12\r\n'=HYPERLINK(),7\r\n合计,\r\n");
  CHECK(to_json(grid) ==
        "{\"report\": \"r\", \"title\": \"漏管户\", \"rows\": [\n{\"area\": \"330102\", \"firms\": 12},\n"
        "{\"area\": \"=HYPERLINK()\", \"firms\": 7},\n{\"area\": \"合计\", \"firms\": null}]}\n");
}

TEST_CASE("S1.7 a deadline that ends on a day off ends on the next that is none, and no earlier day is later") {
  const Day saturday = day_from("2008-02-02").value_or(0);
  const desk::Holidays holidays(true, {saturday + 4, saturday + 5, saturday + 6, saturday + 9},
                                {saturday, saturday + 1});
  CHECK(holidays.due(saturday - 30, 30) == saturday);
  CHECK(holidays.due(saturday - 26, 30) == saturday + 10);  // three days off, a weekend, one more
  CHECK(desk::Holidays(true).due(saturday - 30, 30) == saturday + 2);
  for (Day today = saturday - 20; today < saturday + 30; ++today) {
    const Day latest = holidays.latest_due(today, 30);
    CHECK(holidays.due(latest, 30) <= today);
    CHECK(holidays.due(latest + 1, 30) > today);
  }
}
