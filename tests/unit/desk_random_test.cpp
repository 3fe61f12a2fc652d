// Random changes, days and rules: what is judged by changes is what judging everything gives.
#include <random>

#include "tests/unit/desk_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

const std::string random_schema = R"(
CREATE TABLE opening(reg TEXT PRIMARY KEY, name TEXT, since TEXT, area TEXT, old TEXT);
CREATE TABLE code(org TEXT PRIMARY KEY, reg TEXT);
CREATE TABLE tax(id TEXT PRIMARY KEY, reg TEXT, org TEXT, name TEXT, since TEXT);
CREATE TABLE closing(reg TEXT PRIMARY KEY, reason TEXT);
CREATE TABLE aid(id TEXT PRIMARY KEY, household TEXT, kind TEXT, since TEXT);
)";

const std::string random_yaml = R"(tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: code, table: received.code, key: [org]}
  - {id: tax, table: received.tax, key: [id]}
  - {id: closing, table: received.closing, key: [reg]}
  - {id: aid, table: received.aid, key: [id]}
  - {id: exemption, table: exemption, key: [reg]}
holidays: {file: holidays.csv}
rules:
  - id: missing
    kind: missing
    title: t
    base: {table: opening, subject: reg, since: since, area: area, name: name, unless: {area: ["9"]}}
    parties:
      - {party: a, table: tax, join: [reg, {base: old, item: reg}], where: {name: [n0, n1, n2]}}
      - party: b
        table: tax
        join: {base: reg, through: {table: code, enters: reg, leaves: org}, item: org}
      - party: c
        table: tax
        join: {base: old, through: {table: code, enters: org, leaves: reg}, item: reg}
    exempt:
      - {table: exemption, join: reg, for: [a, b]}
      - {table: closing, join: [reg, {base: old, item: reg}], where: {reason: [x]}}
    notice: 20d
    warning: 30d
  - id: contradiction
    kind: contradiction
    title: t
    base: {table: closing, subject: reg}
    parties: [{party: a, table: opening, join: reg}, {party: b, table: tax, join: reg}]
    exempt: [{table: exemption, join: reg}]
  - id: difference
    kind: difference
    title: t
    base: {table: opening, subject: reg, name: name}
    parties:
      - party: a
        table: tax
        join: [reg, {base: reg, through: {table: code, enters: reg, leaves: org}, item: org}]
        items: [{item: name, as: name}, {item: since, as: date, skip_empty: true}]
  - id: duplicate
    kind: duplicate
    title: t
    tables:
      - {table: aid, group: [household, kind], since: since}
      - {table: tax, group: [reg, name], since: since, where: {org: [o1, o2]}}
    within: 30d
  - id: free
    kind: sql
    title: t
    touched_by: [{table: opening, item: reg}, {table: tax, item: reg}]
    sql: |
      SELECT o.reg AS subject, t.id AS party, o.area, o.name AS title, o.since, 'notice' AS level, NULL AS detail
      FROM opening o JOIN tax t ON t.reg = o.reg WHERE t.name = o.name
)";

class Changes {
 public:
  explicit Changes(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::string one(const std::string& prefix, std::size_t bound) {
    const std::size_t number = below(bound + 1);
    return number == bound ? "" : prefix + std::to_string(number);
  }
  std::string date() {
    return below(12) == 0 ? "" : date_text(day_from("2007-11-01").value_or(0) + static_cast<Day>(below(70)));
  }

  // As adapters write: upserts, updates of keys, deletes.
  void change(sqlite::Database& received, sqlite::Database& own) {
    switch (below(7)) {
      case 0: upsert(received, "opening", "reg", {one("r", 12), one("n", 3), date(), one("", 3), one("r", 12)}); break;
      case 1: upsert(received, "code", "org", {one("o", 8), one("r", 12)}); break;
      case 2: upsert(received, "tax", "id", {one("t", 15), one("r", 12), one("o", 8), one("n", 3), date()}); break;
      case 3: upsert(received, "closing", "reg", {one("r", 12), one("x", 0) + (below(2) == 0 ? "x" : "y")}); break;
      case 4: upsert(received, "aid", "id", {one("a", 20), one("r", 5), one("n", 2), date()}); break;
      case 5: remove(received); break;
      default:
        if (below(2) == 0)
          upsert(own, "exemption", "reg", {one("r", 12)});
        else
          own.prepare("DELETE FROM exemption WHERE reg = ?1").bind(1, one("r", 12)).run();
    }
  }

 private:
  static void upsert(sqlite::Database& database, const std::string& table, const std::string& key,
                     const std::vector<std::string>& values) {
    sqlite::Statement columns = database.prepare("SELECT name FROM pragma_table_info(?1)");
    columns.bind(1, table);
    std::string marks;
    std::string sets;
    while (columns.step()) {
      marks += marks.empty() ? "?" : ", ?";
      sets += (sets.empty() ? "" : ", ") + columns.text(0) + " = excluded." + columns.text(0);
    }
    sqlite::Statement row = database.prepare("INSERT INTO " + table + " VALUES (" + marks + ") ON CONFLICT(" + key +
                                             ") DO UPDATE SET " + sets);
    int column = 0;
    for (const std::string& value : values) {
      ++column;
      if (value.empty() && column > 1)
        row.bind_null(column);
      else
        row.bind(column, value);
    }
    row.run();
  }

  void remove(sqlite::Database& database) {
    const std::vector<std::pair<std::string, std::string>> tables = {
        {"opening", "reg"}, {"code", "org"}, {"tax", "id"}, {"closing", "reg"}, {"aid", "id"}};
    const auto& [table, key] = tables[below(tables.size())];
    const std::string limit = " WHERE rowid IN (SELECT rowid FROM " + table + " LIMIT 1 OFFSET ?1)";
    const bool moves = table == "tax" && below(2) == 0;
    database.prepare((moves ? "UPDATE OR IGNORE tax SET id = 'moved', reg = 'r1'" : "DELETE FROM " + table) + limit)
        .bind(1, below(8))
        .run();
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("S2.2 S3.3 what is judged by changes is what judging everything gives, for every kind of rule") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    DeskWorld world("tables: []\n", random_schema, "CREATE TABLE exemption(reg TEXT PRIMARY KEY)");
    std::ofstream(world.dir / "holidays.csv") << "date,kind\n2007-12-31,off\n2008-01-01,off\n2008-01-02,off\n";
    world.open(random_yaml);
    world.run_plan();
    world.store->database().execute("PRAGMA synchronous=OFF");
    world.writer->execute("PRAGMA synchronous=OFF");
    Changes changes(seed);
    Day day = day_from("2007-12-01").value_or(0);
    std::int64_t opened = 0;
    std::int64_t closed = 0;
    for (int step = 0; step < 60; ++step) {
      for (std::size_t i = changes.below(24); i > 0; --i) changes.change(*world.writer, world.store->database());
      if (changes.below(3) == 0) day += static_cast<Day>(changes.below(4));
      world.day(date_text(day));
      for (const desk::Rule& rule : world.judge->rules()) {
        INFO("seed " << seed << ", step " << step << ", rule " << rule.id);
        const desk::Judgement some = world.judge->judge_changes(rule);
        CHECK((!some.full || step == 0 || rule.kind == desk::RuleKind::sql));
        opened += some.opened;
        closed += some.closed;
        const desk::Judgement all = world.judge->judge_all(rule);
        CHECK(all.opened == 0);
        CHECK(all.changed == 0);
        CHECK(all.closed == 0);
      }
    }
    // The changes were such that something came of them.
    CHECK(opened > 50);
    CHECK(closed > 40);
  }
}
