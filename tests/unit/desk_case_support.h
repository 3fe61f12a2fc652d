// A desk.db with findings, and everything that makes cases of them, at a time that the test owns.
#pragma once

#include <catch2/catch.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/desk/cases/case_desk.h"
#include "agent/desk/cases/case_keeper.h"
#include "agent/desk/cases/outcome_intake.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/sqlite/database.h"
#include "hub-protocol/yaml/document.h"
#include "tests/support/temp_dir.h"

namespace qianzhi::test {

class HandClock final : public Clock {
 public:
  Micros now() const override { return now_; }
  Micros steady() const override { return now_; }
  void set(Micros now) { now_ = now; }
  void pass(Micros time) { now_ += time; }
  // Noon in Beijing.
  void set_day(const std::string& date) { now_ = begin_of(*day_from(date)) + 12 * 3'600'000'000; }

 private:
  Micros now_ = 1'100'000'000'000'000;
};

inline constexpr const char* finding_schema =
    "CREATE TABLE finding(id INTEGER PRIMARY KEY, rule TEXT NOT NULL, subject TEXT NOT NULL, party TEXT NOT NULL "
    "DEFAULT '', area TEXT NOT NULL DEFAULT '', title TEXT NOT NULL DEFAULT '', since TEXT NOT NULL DEFAULT '', "
    "level TEXT NOT NULL, found INTEGER NOT NULL, changed INTEGER NOT NULL, closed INTEGER NOT NULL DEFAULT 0, "
    "detail TEXT NOT NULL DEFAULT '{}', UNIQUE(rule, subject, party))";

// The configuration of a desk.yaml with these texts; a fault fails the test.
inline desk::CasesConfig cases_of(const std::string& text) {
  yaml::Diagnostics diagnostics;
  const auto root = yaml::parse_document("desk.yaml", text, diagnostics);
  REQUIRE(root.has_value());
  yaml::MapReader reader(&*root, "", diagnostics);
  desk::CasesConfig config = desk::read_cases(reader, {"sms", "post"});
  reader.finish();
  INFO(diagnostics.render());
  REQUIRE(!diagnostics.has_errors());
  return config;
}

struct CaseWorld {
  explicit CaseWorld(const std::string& yaml, desk::DueDay due = {},
                     const std::map<std::string, desk::Table>& known = {})
      : tables(known), book(store, box, cases_of(yaml), std::move(due)), desk(book, clock) {
    database.execute(finding_schema);
  }

  TempDir dir;
  HandClock clock;
  sqlite::Database database{dir / "desk.db", {}};
  desk::NoticeBox box{database, "tax"};
  desk::CaseStore store{database};
  std::map<std::string, desk::Table> tables;
  desk::CaseBook book;
  desk::CaseDesk desk;

  desk::KeeperCounts keep() { return desk::CaseKeeper(book, tables).run_once(clock.now()); }
  desk::IntakeCounts take_in() { return desk::OutcomeIntake(book, tables).run_once(clock.now()); }

  // As the rules would: found now, or its level now.
  void find(const std::string& subject, const std::string& since, const std::string& level,
            const std::string& area = "440103", const std::string& detail = "{}") {
    database
        .prepare(
            "INSERT INTO finding(rule, subject, party, area, title, since, level, found, changed, detail) "
            "VALUES('no_tax', ?1, 'tax', ?2, ?1 || '公司', ?3, ?4, ?5, ?5, ?6) ON CONFLICT DO UPDATE SET level = "
            "excluded.level, changed = excluded.changed, closed = 0")
        .bind(1, subject)
        .bind(2, area)
        .bind(3, since)
        .bind(4, level)
        .bind(5, clock.now())
        .bind(6, detail)
        .run();
  }
  void registered(const std::string& subject) {
    database.prepare("UPDATE finding SET closed = ?2, changed = ?2 WHERE subject = ?1")
        .bind(1, subject)
        .bind(2, clock.now())
        .run();
  }
  desk::CaseFile file(const std::string& subject) {
    const auto found = store.find("no_tax", subject, "tax");
    REQUIRE(found.has_value());
    return *found;
  }
  std::string steps(std::int64_t id) {
    std::string text;
    for (const desk::CaseStep& step : store.history(id)) text += (text.empty() ? "" : " ") + step.what;
    return text;
  }
  std::int64_t number(const std::string& sql) { return database.scalar(sql).value_or(-1); }
};

inline const std::string plain_cases = R"(
cases:
  - rule: no_tax
    deadline: 30
    offices: {"440103": 荔湾所, "440104": 越秀所, "440104007": 建设所}
    notice: {outlet: sms, fields: {to: "{phone}", text: "{title}，请于 {due} 前办理税务登记"}}
    warning: {outlet: post, fields: {text: "{title} 逾期"}}
    urge: {outlet: post, fields: {text: "第 {urges} 次催办 {title}"}}
    appeal_days: 60
    purpose: 税源监控
    basis: 税收征收管理法
    results:
      - {table: visit, subject: subject, code: result, person: officer, time: day, note: note}
case_staff:
  - {user: li, role: officer, offices: [荔湾所]}
  - {user: wang, role: head}
  - {user: zhao, role: viewer}
)";

inline const std::map<std::string, desk::Table> visit_table{{"visit",
                                                             {"visit",
                                                              "",
                                                              "\"visit\"",
                                                              {"number"},
                                                              {{"number", "number"},
                                                               {"subject", "subject"},
                                                               {"result", "result"},
                                                               {"officer", "officer"},
                                                               {"day", "day"},
                                                               {"note", "note"}}}}};

inline constexpr const char* visit_schema =
    "CREATE TABLE visit(number INTEGER PRIMARY KEY, subject TEXT, result TEXT, officer TEXT, day TEXT, note TEXT)";

}  // namespace qianzhi::test
