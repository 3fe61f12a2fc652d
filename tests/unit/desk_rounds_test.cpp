// When rules are judged, and that one that fails stops no other.
#include "agent/desk/rules/rounds.h"
#include "hub-protocol/base/log.h"
#include "tests/unit/desk_firms.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

// Three rules alike but for their time.
std::string rules_at(const std::vector<std::string>& times) {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < times.size(); ++i)
    text += "  - {id: r" + std::to_string(i) + ", kind: missing, title: t, " + times[i] +
            ", base: {table: opening, subject: reg}, parties: [{party: p, table: " + (i == 0 ? "local" : "national") +
            ", join: reg}]}\n";
  return text;
}

Texts judged(desk::Rounds& rounds) {
  Texts ids;
  for (const desk::Judgement& judgement : rounds.turn()) ids.push_back(judgement.rule + (judgement.full ? " all" : ""));
  return ids;
}

}  // namespace

TEST_CASE("S3.3 rules are judged on a change, every hour, once a day") {
  DeskWorld world(firm_views + rules_at({"on_change: true", "every: 1h", "daily: \"10:30\""}), firm_tables);
  world.run_plan();
  desk::Rounds rounds(*world.store, *world.judge);
  world.day("2008-01-01", 9);
  CHECK(judged(rounds) == Texts{"r0 all", "r1 all"});
  CHECK(judged(rounds).empty());
  world.writer->execute("INSERT INTO opening(reg) VALUES ('R1')");
  CHECK(judged(rounds) == Texts{"r0"});
  world.day("2008-01-01", 10);
  CHECK(judged(rounds) == Texts{"r1"});
  world.day("2008-01-01", 11);
  CHECK(judged(rounds) == Texts{"r1", "r2 all"});
  CHECK(judged(rounds).empty());
  // Started again it remembers; a clock that went back waits for nothing.
  world.open();
  desk::Rounds again(*world.store, *world.judge);
  CHECK(judged(again) == Texts{"r0"});
  world.day("2008-01-01", 8);
  CHECK(judged(again) == Texts{"r1"});
  world.day("2008-01-02", 11);
  CHECK(judged(again) == Texts{"r0", "r1", "r2 all"});
}

TEST_CASE("S3.3 a rule whose table is gone fails alone, and is judged when the table is back") {
  DeskWorld world(firm_views + rules_at({"on_change: true", "on_change: true"}), firm_tables);
  world.run_plan();
  desk::Rounds rounds(*world.store, *world.judge);
  CHECK(judged(rounds) == Texts{"r0 all", "r1 all"});
  set_log_level(LogLevel::error);
  world.writer->execute("ALTER TABLE local RENAME TO elsewhere; INSERT INTO opening(reg) VALUES ('R1')");
  CHECK(judged(rounds) == Texts{"r1"});
  CHECK(judged(rounds).empty());
  world.writer->execute("ALTER TABLE elsewhere RENAME TO local");
  CHECK_FALSE(judged(rounds).empty());
  set_log_level(LogLevel::info);
  CHECK(world.open_findings("r0") == Texts{"R1 p warning"});
  CHECK(world.open_findings("r1") == Texts{"R1 p warning"});
}
