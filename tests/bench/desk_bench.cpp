// Rules over firms and persons: CPU-seconds and memory to load them, to judge all of them, and to judge what a change
// touches; the limit in the same run is SQLite's own join of the same tables.
// bench_desk [THOUSANDS OF FIRMS [THOUSANDS OF PERSONS [FOLDER]]]
#include <stdlib.h>

#include <string>

#include "agent/desk/rules/judge.h"
#include "agent/desk/rules/report.h"
#include "hub-protocol/base/error.h"
#include "tests/bench/desk_measure.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr const char* schema = R"(
CREATE TABLE opening(reg TEXT PRIMARY KEY, name TEXT, legal TEXT, since TEXT, area TEXT) WITHOUT ROWID;
CREATE TABLE code(org TEXT PRIMARY KEY, reg TEXT) WITHOUT ROWID;
CREATE TABLE tax(id TEXT PRIMARY KEY, reg TEXT, org TEXT, name TEXT) WITHOUT ROWID;
CREATE TABLE person(id TEXT PRIMARY KEY, name TEXT, born TEXT, area TEXT) WITHOUT ROWID;
CREATE TABLE insured(id TEXT PRIMARY KEY, name TEXT, born TEXT) WITHOUT ROWID;
CREATE TABLE benefit(id INTEGER PRIMARY KEY, person TEXT, kind TEXT, since TEXT);
)";

constexpr const char* configuration = R"(version: 1
desk: {id: bench}
database: desk.db
received: [{name: received, file: received.db}]
tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: code, table: received.code, key: [org]}
  - {id: tax, table: received.tax, key: [id]}
  - {id: person, table: received.person, key: [id]}
  - {id: insured, table: received.insured, key: [id]}
  - {id: benefit, table: received.benefit, key: [id]}
rules:
  - id: unregistered
    kind: missing
    title: firms without tax registration
    base: {table: opening, subject: reg, since: since, area: area, name: name}
    parties:
      - party: tax
        table: tax
        join: [reg, {base: reg, through: {table: code, enters: reg, leaves: org}, item: org}]
    notice: 20d
    warning: 30d
  - id: names
    kind: difference
    title: firms under another name
    base: {table: opening, subject: reg, area: area, name: name}
    parties: [{party: tax, table: tax, join: reg, items: [{item: name, as: name}]}]
  - id: persons
    kind: difference
    title: persons under another name or date of birth
    base: {table: person, subject: id, area: area, name: name}
    parties:
      - {party: insurance, table: insured, join: id, items: [{item: name, as: text}, {item: born, as: date}]}
  - id: benefits
    kind: duplicate
    title: benefits twice within half a year
    tables: [{table: benefit, group: [person, kind], since: since}]
    within: 180d
reports:
  - id: slipped
    title: firms without tax registration
    base: {table: opening, subject: reg, since: since}
    by: [area, {item: since, part: month}]
    measures:
      - {id: firms}
      - {id: no_tax, lacks: [{table: tax, join: reg}]}
      - {id: share, share: {part: no_tax, whole: firms}}
)";

std::string number(const char* prefix, std::size_t value) { return prefix + std::to_string(10'000'000'000 + value); }
std::string day(std::size_t value) { return date_text(12'000 + static_cast<Day>(value % 2'000)); }

void load_all(sqlite::Database& received, std::size_t firms, std::size_t persons) {
  load(received, "firms, codes and tax registrations", firms, [&](std::size_t i) {
    const std::string reg = number("R", i);
    const std::string name = "广州市" + std::to_string(i) + "贸易有限公司";
    received.prepare("INSERT INTO opening VALUES (?1, ?2, '王小明', ?3, ?4)")
        .bind(1, reg)
        .bind(2, name)
        .bind(3, day(i))
        .bind(4, std::to_string(440'100 + i % 12))
        .run();
    if (i % 10 != 0) received.prepare("INSERT INTO code VALUES (?1, ?2)").bind(1, number("O", i)).bind(2, reg).run();
    if (i % 4 == 0) return;
    received.prepare("INSERT INTO tax VALUES (?1, ?2, ?3, ?4)")
        .bind(1, number("T", i))
        .bind(2, i % 5 == 0 ? "" : reg)
        .bind(3, i % 10 != 0 ? number("O", i) : "")
        .bind(4, i % 16 == 1 ? "另一家公司" : name)
        .run();
  });
  load(received, "persons, insured and benefits", persons, [&](std::size_t i) {
    const std::string id = number("44010119", i);
    received.prepare("INSERT INTO person VALUES (?1, ?2, ?3, '440104')")
        .bind(1, id)
        .bind(2, "李" + std::to_string(i))
        .bind(3, day(i))
        .run();
    if (i % 3 != 0)
      received.prepare("INSERT INTO insured VALUES (?1, ?2, ?3)")
          .bind(1, id)
          .bind(2, i % 10 == 1 ? "他人" : "李" + std::to_string(i))
          .bind(3, day(i))
          .run();
    if (i % 20 == 0)
      received.prepare("INSERT INTO benefit(person, kind, since) VALUES (?1, 'a', ?2)")
          .bind(1, number("44010119", i - i % 200 / 40 * 20))
          .bind(2, day(i / 7))
          .run();
  });
}

std::size_t count_of(sqlite::Database& database, const std::string& table) {
  return static_cast<std::size_t>(database.scalar("SELECT count(*) FROM " + table).value_or(0));
}

// The limit: SQLite's own join of the same tables, which keeps nothing of what it finds.
void compare_plainly(desk::DeskStore& store, const char* base, const std::string& sql) {
  const Measure measure(std::string("limit: SELECT count(*) of a join, ") + base);
  store.database().scalar(sql);
  measure.end(count_of(store.database(), std::string("received.") + base));
}

void judge_everything(desk::Judge& judge, sqlite::Database& received) {
  for (const desk::Rule& rule : judge.rules()) {
    const Measure measure("judge all: " + rule.id);
    const desk::Judgement judgement = judge.judge_all(rule);
    const std::string table = rule.tables.empty() ? rule.base.table : rule.tables[0].table;
    measure.end(count_of(received, table));
    std::printf("    %lld findings\n", static_cast<long long>(judgement.opened));
  }
}

// Firms that registered and persons whose name was put right, a thousand of each.
void judge_changes(desk::Judge& judge, sqlite::Database& received, std::size_t firms, std::size_t persons) {
  const std::size_t changed = std::min<std::size_t>({1000, firms / 8, persons / 20});
  load(received, "changes", changed, [&](std::size_t i) {
    const std::size_t firm = i * (firms / changed) / 4 * 4;
    received.prepare("INSERT INTO tax VALUES (?1, ?2, '', 'x') ON CONFLICT(id) DO NOTHING")
        .bind(1, number("T", firm))
        .bind(2, number("R", firm))
        .run();
    const std::size_t person = i * (persons / changed) / 10 * 10 + 1;
    received.prepare("UPDATE insured SET name = ?2 WHERE id = ?1")
        .bind(1, number("44010119", person))
        .bind(2, "李" + std::to_string(person))
        .run();
  });
  for (const desk::Rule& rule : judge.rules()) {
    const Measure measure("judge changes: " + rule.id);
    const desk::Judgement judgement = judge.judge_changes(rule);
    measure.end(static_cast<std::size_t>(judgement.touched));
    std::printf("    %s, %lld closed, %lld opened\n", judgement.full ? "everything" : "touched only",
                static_cast<long long>(judgement.closed), static_cast<long long>(judgement.opened));
  }
}

void measure_all(const std::filesystem::path& folder, std::size_t firms, std::size_t persons) {
  DeskFolder made(folder, schema, configuration);
  sqlite::Database& received = made.received;
  const desk::DeskFile& file = made.file;
  const SystemClock& clock = made.clock;
  load_all(received, firms, persons);
  {
    desk::DeskStore store(file.desk, clock);
    const Measure measure("plan: indexes and triggers");
    received.execute(desk::Judge(store, file.rules, {}).changes().plan());
    measure.end(firms + persons);
  }
  desk::DeskStore store(file.desk, clock);
  desk::Judge judge(store, file.rules, {});
  compare_plainly(
      store, "opening",
      "SELECT count(*) FROM received.opening b JOIN received.tax c ON c.reg = b.reg WHERE b.name <> c.name");
  compare_plainly(
      store, "person",
      "SELECT count(*) FROM received.person b JOIN received.insured c ON c.id = b.id WHERE b.name <> c.name "
      "OR b.born <> c.born");
  judge_everything(judge, received);
  judge_changes(judge, received, firms, persons);
  const Measure measure("report by district and month");
  desk::run_report(store, judge, file.reports.at(0), {});
  measure.end(firms);
}

}  // namespace

int main(int count, char** values) {
  const std::size_t firms = argument(count, values, 1, 20) * 1000;
  const std::size_t persons = argument(count, values, 2, 170) * 1000;
  std::string folder = std::string(count > 3 ? values[3] : "/tmp") + "/qianzhi-desk-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  try {
    measure_all(folder, firms, persons);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s %s\n", error.code().c_str(), error.detail().c_str());
  }
  std::filesystem::remove_all(folder);
  return 0;
}
