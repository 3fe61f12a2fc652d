// The figures of the mission, counted from rows that small generators make; what is true of each row is known there.
#include <map>

#include "agent/desk/rules/rounds.h"
#include "tests/support/throws.h"
#include "tests/unit/desk_firms.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

// The cells of a line without its groups.
Texts figures(const desk::Grid& grid, const std::string& first) {
  for (const auto& row : grid.rows)
    if (row[0] == first) return row;
  FAIL("no line " << first);
  return {};
}

const std::string consistency = R"(rules:
  - id: consistency
    kind: difference
    title: 与工商数据不一致
    daily: "02:00"
    base: {table: opening, subject: reg, area: area, name: name}
    parties:
      - {party: quality, table: code, join: reg, items: [{item: name, as: name}]}
      - {party: local_tax, table: local, )" +
                                by_any_code + R"(,
         items: [{item: name, as: name}, {item: legal, as: text}]}
      - {party: national_tax, table: national, join: reg, items: [{item: name, as: name}, {item: legal, as: text}]}
reports:
  - {id: consistency, title: 一致率, rule: consistency}
  - {id: by_area, title: 一致率, rule: consistency, by: area}
)";

void write_bureaus(sqlite::Database& received) {
  sqlite::Transaction transaction(received);
  RowWriter opening(received, "opening", 5);
  RowWriter code(received, "code", 3);
  RowWriter national(received, "national", 6);
  RowWriter local(received, "local", 6);
  for (std::size_t i = 0; i < 1500; ++i) {
    const std::string reg = numbered("R", i);
    const std::string name = "杭州（西湖）" + std::to_string(i) + "贸易有限公司";
    const std::string alike = "杭州(西湖) " + std::to_string(i) + "贸易有限公司";
    opening.add({reg, name, "王小明", "2004-01-01", i % 2 == 0 ? "330102" : "330106"});
    if (i < 1000) code.add({numbered("O", i), reg, i % 3 == 0 ? alike : name});
    // Local: 47 other names, 22 other persons, 7 of them both: 62. By organisation code where the number is lacking.
    const bool name_differs = i < 47;
    const bool legal_differs = i >= 40 && i < 62;
    if (i < 1000)
      local.add({numbered("L", i), i % 4 == 0 ? "" : reg, numbered("O", i), name_differs ? name + "分公司" : alike,
                 legal_differs ? "王晓明" : " 王小明", ""});
    // National: 70 other names, and firms that only it knows.
    if (i >= 500) national.add({numbered("T", i), reg, "", i < 570 ? "别的公司" : name, "王小明", ""});
    if (i < 70) national.add({numbered("X", i), "", "", "别的公司", "王小明", ""});
  }
  transaction.commit();
}

}  // namespace

TEST_CASE("S1.6 of 2757 firms opened in three months 651 have no tax registration and 270 no organisation code") {
  DeskWorld world(firm_views + R"(reports:
  - id: slipped
    title: 漏管户
    base: {table: opening, subject: reg, since: since}
    by: [{item: area, title: 区划}, {item: since, part: month, title: 月份}]
    measures:
      - {id: firms, title: 新设企业}
      - {id: no_tax, title: 未办税务登记, lacks: [{table: national, )" +
                      by_any_code + R"(}]}
      - {id: no_tax_share, title: 占比, share: {part: no_tax, whole: firms}}
      - {id: no_code, title: 无组织机构代码, lacks: [{table: code, join: reg}]}
      - {id: no_code_share, title: 占比, share: {part: no_code, whole: firms}}
)",
                  firm_tables);
  world.run_plan();
  std::map<std::string, std::array<std::size_t, 3>> truth;  // by area and month
  sqlite::Transaction transaction(*world.writer);
  RowWriter opening(*world.writer, "opening", 5);
  RowWriter code(*world.writer, "code", 3);
  RowWriter national(*world.writer, "national", 6);
  constexpr std::size_t firms = 2757;
  for (std::size_t i = 0; i < firms + 400; ++i) {
    const bool counts = i < firms;
    const std::string reg = numbered("33010", i);
    const std::string since = counts ? date_after("2003-08-01", i * 7 % 92) : date_after("2003-11-01", i % 40);
    const std::string area = "33010" + std::to_string(2 + i % 6);
    // Which of them slipped through has nothing to do with where and when they were opened.
    const bool no_tax = counts ? i * 1009 % firms < 651 : i % 2 == 0;
    const bool no_code = counts ? i * 1013 % firms < 270 : i % 3 == 0;
    opening.add({reg, "x", "x", since, area});
    if (!no_code) code.add({numbered("O", i), reg, "x"});
    // Some tax registrations know the firm by its organisation code only; some know nothing of any firm.
    if (!no_tax)
      national.add(
          {numbered("T", i), no_code || i % 5 != 0 ? reg : "", no_code ? "" : numbered("O", i), "", "", since});
    if (no_tax && i % 7 == 0) national.add({numbered("N", i), "", "", "", "", since});
    if (!counts) continue;
    auto& line = truth[area + " " + since.substr(0, 7)];
    line[0] += 1, line[1] += no_tax ? 1U : 0U, line[2] += no_code ? 1U : 0U;
  }
  transaction.commit();
  const desk::Grid grid = world.report("slipped", {"2003-08-01", "2003-10-31"});
  CHECK(figures(grid, "合计") == Texts{"合计", "", "2757", "651", "23.6", "270", "9.8"});
  REQUIRE(grid.rows.size() == truth.size() + 1);
  for (const auto& row : grid.rows) {
    if (row[0] == "合计") continue;
    const auto& line = truth[row[0] + " " + row[1]];
    CHECK(Texts{row[2], row[3], row[5]} ==
          Texts{std::to_string(line[0]), std::to_string(line[1]), std::to_string(line[2])});
  }
}

TEST_CASE("S2.10 one street's quarter: 447 problem firms, 93 notices and 210345.50 yuan that came back") {
  DeskWorld world(R"(tables:
  - {id: problem, table: received.problem, key: [id]}
  - {id: paid, table: received.paid, key: [id]}
  - {id: notice, table: received.notice, key: [id]}
reports:
  - id: streets
    title: 各街道问题企业
    base: {table: problem, subject: id, since: found}
    by: [{item: street}, {item: found, part: quarter}]
    measures:
      - {id: firms}
      - {id: notices, has: [{table: notice, join: {base: id, item: firm}}]}
  - id: recovered
    title: 追回税款
    base: {table: paid, since: day, where: {street: [建设街]}}
    by: [{item: day, part: quarter}]
    measures: [{id: yuan, sum: yuan, decimals: 2}]
)",
                  R"(
CREATE TABLE problem(id TEXT PRIMARY KEY, street TEXT, found TEXT);
CREATE TABLE notice(id TEXT PRIMARY KEY, firm TEXT);
CREATE TABLE paid(id TEXT PRIMARY KEY, street TEXT, day TEXT, yuan TEXT);
)");
  sqlite::Transaction transaction(*world.writer);
  RowWriter problem(*world.writer, "problem", 3);
  RowWriter notice(*world.writer, "notice", 2);
  RowWriter paid(*world.writer, "paid", 4);
  for (std::size_t i = 0; i < 447 + 200; ++i) {
    const bool counts = i < 447;
    problem.add({numbered("P", i), counts || i % 2 == 0 ? "建设街" : "登峰街",
                 date_after("2008-01-01", counts       ? i % 91
                                          : i % 2 == 0 ? 91 + i % 20
                                                       : i % 91)});
    // A second notice to a firm is no second firm.
    if (i % 10 < 2 || (i > 1 && i < 5)) notice.add({numbered("N", i), numbered("P", i)});
    if (i % 50 == 0) notice.add({numbered("M", i), numbered("P", i)});
  }
  for (std::size_t i = 0; i < 93; ++i)
    paid.add({numbered("A", i), "建设街", date_after("2008-01-01", i * 90 / 92), i == 0 ? "2266.34" : "2261.73"});
  paid.add({"other street", "登峰街", "2008-01-01", "7"});
  paid.add({"next quarter", "建设街", "2008-04-01", "9"});
  transaction.commit();
  const desk::Grid grid = world.report("streets", {"2008-01-01", "2008-03-31"});
  CHECK(grid.rows[0] == Texts{"建设街", "2008-Q1", "447", "93"});
  CHECK(world.report("recovered").rows == Rows{{"2008-Q1", "210345.50"}, {"2008-Q2", "9.00"}, {"合计", "210354.50"}});
  world.writer->execute("INSERT INTO paid VALUES ('a third of a fen', '建设街', '2008-01-01', '1.003')");
  check_throws("QZ-DSK-004", [&] { world.report("recovered"); });
}

TEST_CASE("S4.4 warnings over 31 topics: 1087 of them on 232 taxpayers") {
  std::string schema = "CREATE TABLE declared(taxpayer TEXT, topic TEXT, PRIMARY KEY(taxpayer, topic));";
  std::string yaml = "tables:\n  - {id: declared, table: received.declared, key: [taxpayer, topic]}\n";
  std::string rules = "rules:\n";
  for (int topic = 1; topic <= 31; ++topic) {
    const std::string id = "topic" + std::to_string(topic);
    schema += "CREATE TABLE " + id + "(taxpayer TEXT PRIMARY KEY, since TEXT);";
    yaml += "  - {id: " + id + ", table: received." + id + ", key: [taxpayer]}\n";
    rules += "  - {id: " + id + ", kind: missing, title: t, base: {table: " + id +
             ", subject: taxpayer, since: since}, warning: 90d,\n     parties: [{party: tax, table: declared, join: "
             "taxpayer, where: {topic: " +
             std::to_string(topic) + "}}]}\n";
  }
  DeskWorld world(yaml + rules + R"(reports:
  - id: warnings
    title: 涉税预警
    base: {table: desk.finding, subject: subject, where: {level: warning, closed: "0"}}
    measures: [{id: warnings}, {id: taxpayers, distinct: subject}]
)",
                  schema);
  world.day("2016-06-01");
  sqlite::Transaction transaction(*world.writer);
  std::size_t warnings = 0;
  for (int topic = 1; topic <= 31; ++topic) {
    RowWriter rows(*world.writer, "topic" + std::to_string(topic), 2);
    RowWriter declared(*world.writer, "declared", 2);
    for (std::size_t taxpayer = 0; taxpayer < 300; ++taxpayer) {
      const bool is_warned = taxpayer < 232 && warnings < 1087 && (taxpayer + static_cast<std::size_t>(topic)) % 6 == 0;
      const bool is_recent = !is_warned && taxpayer % 4 == 0;
      rows.add({numbered("T", taxpayer), is_recent ? "2016-05-01" : "2015-12-01"});
      if (!is_warned && !is_recent) declared.add({numbered("T", taxpayer), std::to_string(topic)});
      // Declared for another topic: that is no answer to this one.
      if (is_warned && topic > 1) declared.add({numbered("T", taxpayer), std::to_string(100 + topic)});
      warnings += is_warned ? 1U : 0U;
    }
  }
  transaction.commit();
  REQUIRE(warnings == 1087);
  for (const desk::Rule& rule : world.judge->rules()) world.judge->judge_changes(rule);
  CHECK(world.report("warnings").rows == Rows{{"1087", "232"}});
}

TEST_CASE("S4.5 of 67704 completed means tests 9642 are ineligible, 14.24 percent, with their persons") {
  DeskWorld world(
      R"(tables:
  - {id: application, table: received.application, key: [id]}
reports:
  - id: means
    title: 核对统计
    base: {table: application, subject: id}
    measures:
      - {id: accepted, where: {accepted: "2015"}}
      - {id: accepted_persons, sum: persons, where: {accepted: "2015"}}
      - {id: completed, where: {completed: "2015"}}
      - {id: completed_persons, sum: persons, where: {completed: "2015"}}
      - {id: ineligible, where: {completed: "2015", eligible: "no"}}
      - {id: ineligible_persons, sum: persons, where: {completed: "2015", eligible: "no"}}
      - {id: share, share: {part: ineligible, whole: completed}, decimals: 2}
  - id: kinds
    title: 各类家庭
    base: {table: application, where: {completed: "2015"}}
    by: kind
    measures: [{id: households}]
)",
      "CREATE TABLE application(id TEXT PRIMARY KEY, accepted TEXT, completed TEXT, kind TEXT, eligible TEXT,"
      " persons TEXT)");
  sqlite::Transaction transaction(*world.writer);
  RowWriter application(*world.writer, "application", 6);
  const std::vector<std::pair<std::string, std::size_t>> kinds = {{"a", 39210}, {"b", 21219}, {"c", 4280}, {"d", 2995}};
  std::size_t number = 0;
  for (const auto& [kind, households] : kinds)
    for (std::size_t i = 0; i < households; ++i, ++number) {
      const bool ineligible = number < 9642;
      const bool has_three = ineligible ? number < 5260 : number - 9642 < 11509;
      // The last ten thousand were accepted the year before.
      application.add({numbered("A", number), number < 67704 - 10000 ? "2015" : "2014", "2015", kind,
                       ineligible ? "no" : "yes", has_three ? "3" : "2"});
    }
  for (std::size_t i = 0; i < 63816 - 57704; ++i, ++number)
    application.add({numbered("A", number), "2015", "", "a", "no", i < 4384 ? "2" : "1"});
  transaction.commit();
  CHECK(world.report("means").rows == Rows{{"63816", "142673", "67704", "152177", "9642", "24544", "14.24"}});
  check_throws("QZ-DSK-006", [&] { world.report("means", {"2015-01-01", ""}); });
  CHECK(world.report("kinds").rows ==
        Rows{{"a", "39210"}, {"b", "21219"}, {"c", "4280"}, {"d", "2995"}, {"合计", "67704"}});
}

TEST_CASE("S1.8 S3.3 of 1000 firms matched at each bureau 1000, 938 and 930 agree with commerce, told each night") {
  DeskWorld world(firm_views + consistency, firm_tables);
  world.run_plan();
  write_bureaus(*world.writer);
  const Rows rows = world.report("consistency").rows;
  CHECK(rows == Rows{{"quality", "record", "1000", "1000", "100.0"},
                     {"quality", "name", "1000", "1000", "100.0"},
                     {"local_tax", "record", "1000", "938", "93.8"},
                     {"local_tax", "name", "1000", "953", "95.3"},
                     {"local_tax", "legal", "1000", "978", "97.8"},
                     {"national_tax", "record", "1000", "930", "93.0"},
                     {"national_tax", "name", "1000", "930", "93.0"},
                     {"national_tax", "legal", "1000", "1000", "100.0"}});
  CHECK(world.report("by_area").rows.size() == 3 * rows.size());
  CHECK(world.report("by_area").rows[0] == Texts{"330102", "quality", "record", "500", "500", "100.0"});
  // Each night at two, once.
  desk::Rounds rounds(*world.store, *world.judge);
  world.day("2004-10-01", 1);
  CHECK(rounds.turn().empty());
  world.day("2004-10-01", 2);
  CHECK(rounds.turn().size() == 1);
  CHECK(world.open_findings("consistency").size() == 62 + 70);
  world.day("2004-10-01", 3);
  CHECK(rounds.turn().empty());
  world.day("2004-10-02", 5);
  CHECK(rounds.turn().size() == 1);
}
