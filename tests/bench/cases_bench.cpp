// Cases over very many findings of one rule: all appear at once, nothing changes, a few change while all are open, all
// close by themselves; with what the pages ask meanwhile. CPU-seconds, memory, size of desk.db and of its log. Limit in
// the same run: plain SQLite inserts of as many rows as are kept for a case (one of the case, two of its history, one
// notice), by INSERT ... SELECT. bench_cases [FINDINGS], in TMPDIR. Fails if not exactly what appeared is open or
// closed.
#include <string>

#include "agent/desk/cases/case_keeper.h"
#include "agent/desk/cases/case_overview.h"
#include "agent/desk/cases/case_statistics.h"
#include "agent/desk/rules/judge.h"
#include "hub-protocol/base/error.h"
#include "tests/bench/desk_measure.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qianzhi;
using namespace qianzhi::bench;

constexpr const char* schema = R"(
CREATE TABLE opening(reg TEXT PRIMARY KEY, name TEXT, since TEXT, area TEXT) WITHOUT ROWID;
CREATE TABLE tax(id TEXT PRIMARY KEY, reg TEXT) WITHOUT ROWID;
)";

constexpr const char* configuration = R"(version: 1
desk: {id: bench}
database: desk.db
received: [{name: received, file: received.db}]
tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: tax, table: received.tax, key: [id]}
rules:
  - id: unregistered
    kind: missing
    title: firms without tax registration
    base: {table: opening, subject: reg, since: since, area: area, name: name}
    parties: [{party: tax, table: tax, join: reg}]
    notice: 20d
    warning: 30d
outlets:
  - {id: post, kind: file, file: post.json}
cases:
  - rule: unregistered
    deadline: 30
    offices: {"440103": 荔湾所, "440104": 越秀所, "440106": 天河所}
    default_office: 征管科
    warning: {outlet: post, fields: {text: "{title} 逾期"}}
)";

constexpr const char* plain_schema = R"(
CREATE TABLE plain_case(id INTEGER PRIMARY KEY, rule TEXT, subject TEXT, party TEXT, area TEXT, title TEXT, since TEXT,
                        level TEXT, UNIQUE(rule, subject, party));
CREATE TABLE plain_event(id INTEGER PRIMARY KEY, case_id INTEGER, time INTEGER, what TEXT);
CREATE TABLE plain_notice(id INTEGER PRIMARY KEY, subject TEXT UNIQUE, payload TEXT);
)";

std::string number(const char* prefix, std::size_t value) { return prefix + std::to_string(10'000'000'000 + value); }

class Bench {
 public:
  Bench(DeskFolder& folder, std::size_t firms)
      : folder_(folder),
        firms_(firms),
        store_(folder.file.desk, folder.clock),
        judge_(store_, folder.file.rules, {}),
        box_(store_.database(), "bench"),
        cases_(store_.database()),
        book_(cases_, box_, folder.file.work.cases, {}),
        keeper_(book_, store_.tables()) {}

  bool run() {
    judge("findings appear");
    const double limit = insert_plainly();
    show_ratio("cases are opened", keep("cases are opened"), limit);
    folder_.show_size(firms_);
    keep("nothing changed");
    if (!is_open(firms_)) return false;
    look();
    const std::size_t few = std::min<std::size_t>(1'000, firms_ / 10);
    register_firms(0, few, firms_ / few);
    judge("a few close");
    show_ratio("a few cases close", keep("a few cases close"), limit);
    if (!is_open(firms_ - few)) return false;
    register_firms(0, firms_, 1);
    judge("all close");
    show_ratio("all cases close", keep("all cases close"), limit);
    folder_.show_size(firms_);
    return is_open(0);
  }

 private:
  void judge(const std::string& what) {
    const Measure measure(what);
    const desk::Judgement judged = judge_.judge_changes(judge_.rules()[0]);
    measure.end(static_cast<std::size_t>(judged.opened + judged.changed + judged.closed));
  }

  double keep(const std::string& what) {
    const Measure measure(what);
    const desk::KeeperCounts counts = keeper_.run_once(folder_.clock.now());
    return measure.end(
        static_cast<std::size_t>(counts.opened + counts.raised + counts.settled + counts.reopened + counts.refreshed));
  }

  double insert_plainly() {
    sqlite::Database& database = store_.database();
    database.execute(plain_schema);
    const Measure measure("limit: INSERT ... SELECT of what a case keeps");
    database.execute(
        "INSERT INTO plain_case SELECT id, rule, subject, party, area, title, since, level FROM finding;"
        "INSERT INTO plain_event SELECT NULL, id, found, 'opened' FROM finding;"
        "INSERT INTO plain_event SELECT NULL, id, found, 'warned' FROM finding;"
        "INSERT INTO plain_notice SELECT NULL, 'case' || id, '{\"text\":\"' || title || '\"}' FROM finding;");
    const double each = measure.end(firms_);
    database.execute("DROP TABLE plain_case; DROP TABLE plain_event; DROP TABLE plain_notice;");
    return each;
  }

  void look() {
    const Days years{*day_from("2000-01-01"), *day_from("2100-01-01")};
    const auto timed = [](const std::string& what, const auto& ask) {
      const Measure measure("    page: " + what);
      measure.end(ask());
    };
    desk::CaseFilter filter;
    filter.is_open = true;
    timed("overview", [&] { return overview_of(cases_, "", {}, store_.today()).offices.size(); });
    timed("first fifty by due day", [&] { return cases_.list_by_due(filter, std::nullopt, 50).size(); });
    filter.office = "越秀所";
    timed("first fifty of an office", [&] { return cases_.list_by_due(filter, std::nullopt, 50).size(); });
    filter.area = "440104";
    filter.rule = "unregistered";
    timed("first fifty of an area", [&] { return cases_.list_by_due(filter, std::nullopt, 50).size(); });
    timed("one firm", [&] { return cases_.find("unregistered", number("R", firms_ / 2), "tax") ? 1U : 0U; });
    timed("statistics by area",
          [&] { return received_cases(cases_, "unregistered", years, desk::CaseGroup::area).size(); });
  }

  void register_firms(std::size_t first, std::size_t firms, std::size_t step) {
    load(folder_.received, "tax registrations", firms, [&](std::size_t i) {
      const std::size_t firm = first + i * step;
      folder_.received.prepare("INSERT OR IGNORE INTO tax VALUES(?1, ?2)")
          .bind(1, number("T", firm))
          .bind(2, number("R", firm))
          .run();
    });
  }

  bool is_open(std::size_t expected) {
    const auto open = store_.database().scalar("SELECT count(*) FROM case_file WHERE closed = 0").value_or(-1);
    if (open == static_cast<std::int64_t>(expected)) return true;
    std::printf("WRONG: %lld cases are open of %zu\n", static_cast<long long>(open), expected);
    return false;
  }

  DeskFolder& folder_;
  std::size_t firms_;
  desk::DeskStore store_;
  desk::Judge judge_;
  desk::NoticeBox box_;
  desk::CaseStore cases_;
  desk::CaseBook book_;
  desk::CaseKeeper keeper_;
};

void load_firms(sqlite::Database& received, std::size_t firms) {
  load(received, "firms", firms, [&](std::size_t i) {
    received.prepare("INSERT INTO opening VALUES (?1, ?2, ?3, ?4)")
        .bind(1, number("R", i))
        .bind(2, "广州市" + std::to_string(i) + "贸易有限公司")
        .bind(3, date_text(12'000 + static_cast<Day>(i * 48'271 % 2'000)))
        .bind(4, std::to_string(440'100 + i % 12))
        .run();
  });
}

}  // namespace

int main(int count, char** values) {
  const std::size_t firms = std::max<std::size_t>(argument(count, values, 1, 200'000), 10);
  const test::TempDir temporary;
  try {
    DeskFolder folder(temporary.path(), schema, configuration);
    load_firms(folder.received, firms);
    {
      desk::DeskStore store(folder.file.desk, folder.clock);
      folder.received.execute(desk::Judge(store, folder.file.rules, {}).changes().plan());
    }
    return Bench(folder, firms).run() ? 0 : 1;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s %s\n", error.code().c_str(), error.detail().c_str());
    return 1;
  }
}
