#include "agent/desk/rules/judge.h"

#include <algorithm>
#include <charconv>

#include "agent/desk/rules/rule_sql.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk {

namespace {

constexpr const char* temporary_tables =
    "CREATE TEMP TABLE IF NOT EXISTS desk_touched(subject TEXT PRIMARY KEY, first TEXT) WITHOUT ROWID;"
    "CREATE TEMP TABLE IF NOT EXISTS desk_judged(subject TEXT, party TEXT, area TEXT, title TEXT, since TEXT,"
    " level TEXT, detail TEXT, PRIMARY KEY(subject, party)) WITHOUT ROWID";

// Of several rows of a subject the same one stands for it in whatever order they come.
constexpr const char* keep_one =
    " ON CONFLICT(subject, party) DO UPDATE SET area = excluded.area, title = excluded.title, since = excluded.since,"
    " level = excluded.level, detail = excluded.detail WHERE (excluded.level, excluded.since, excluded.title,"
    " excluded.area, excluded.detail) > (level, since, title, area, detail)";

constexpr const char* same_finding = "finding.rule = ?1 AND finding.subject = j.subject AND finding.party = j.party";

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string as_text(const SqlText& sql) {
  std::string text = sql.text();
  for (const std::string& value : sql.values()) text += "\x1f" + value;
  return text + "\n";
}

}  // namespace

// How far a rule was judged, and by what.
struct Judge::State {
  std::string terms;  // version, SQL and days off
  Day day = 0;
  std::map<std::string, std::int64_t> last;  // change of each file
};

Judge::Judge(DeskStore& store, std::vector<Rule> rules, const Normalisers& normalisers)
    : store_(store), rules_(std::move(rules)), changes_(store, links_of(store, rules_)) {
  add_functions(store_, normalisers);
  store_.database().execute(temporary_tables);
  changes_.install_own();
  for (const Rule& rule : rules_) selects_of(store_, rule, {}, true);
}

const Rule& Judge::rule(const std::string& id) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.id == id; });
  if (found == rules_.end()) throw Error(ErrorKind::misuse, "QZ-DSK-003", id);
  return *found;
}

Judge::State Judge::state_now(const Rule& rule) {
  State state;
  state.day = store_.today();
  state.terms = std::string(QIANZHI_VERSION) + " " + store_.config().holidays.text() + "\n";
  for (const SqlText& sql : selects_of(store_, rule, {}, false)) state.terms += as_text(sql);
  // Days decide by cutoffs, which are values.
  state.terms += std::to_string(rule.notice) + " " + std::to_string(rule.warning);
  for (const std::string& file : changes_.files()) state.last[file] = changes_.last(file);
  return state;
}

Judge::State Judge::state_before(const Rule& rule) {
  State state;
  state.terms = store_.mark("rule/" + rule.id + "/terms").value_or("");
  state.day = number_of(store_.mark("rule/" + rule.id + "/day").value_or("0"));
  for (const std::string& file : changes_.files())
    state.last[file] = number_of(store_.mark("rule/" + rule.id + "/seq/" + file).value_or("-1"));
  return state;
}

void Judge::keep(const Rule& rule, const State& state) {
  store_.put_mark("rule/" + rule.id + "/terms", state.terms);
  store_.put_mark("rule/" + rule.id + "/day", std::to_string(state.day));
  for (const auto& [file, last] : state.last) store_.put_mark("rule/" + rule.id + "/seq/" + file, std::to_string(last));
}

bool Judge::must_be_full(const Rule& rule, const State& before, const State& now) const {
  if (before.terms != now.terms || now.day < before.day) return true;
  // SQL may read anything and any date.
  if (rule.kind == RuleKind::sql && (rule.touched_by.empty() || now.day != before.day)) return true;
  for (const std::string& table : tables_of(rule)) {
    const std::string& file = store_.place(table).database;
    if (before.last.at(file) < 0 || now.last.at(file) < before.last.at(file)) return true;
    if (now.last.at(file) > before.last.at(file) && !changes_.can_tell(file, before.last.at(file))) return true;
    if (!changes_.follows(table)) {
      log(LogLevel::warning, "desk", "QZ-DSK-005 " + rule.id + ": everything is judged, no triggers on " + table);
      return true;
    }
  }
  return false;
}

void Judge::touch(const Rule& rule, const State& before, const State& now) {
  sqlite::Database& database = store_.database();
  database.execute("DELETE FROM temp.desk_touched");
  constexpr std::string_view into = "INSERT OR IGNORE INTO temp.desk_touched(subject, first) ";
  for (const Touch& touch : touches_of(store_, rule)) {
    const std::string& file = store_.place(touch.table).database;
    if (before.last.at(file) == now.last.at(file)) continue;
    SqlText sql{into};
    sql.add("SELECT " + touch.subject + ", " + touch.first + " FROM " + identifier(file) + ".desk_change d" +
            touch.joins + " WHERE d.seq > ");
    sql.bind(std::to_string(before.last.at(file)))
        .add(" AND +d.source = ")
        .bind(changes_.source_of(touch.table, touch.items))
        .add(" AND " + touch.subject + " <> ''")
        .run(database);
  }
  if (before.day == now.day) return;
  const Holidays& holidays = store_.config().holidays;
  const SqlText days =
      day_touches(store_, rule, cutoffs_of(rule, holidays, before.day), cutoffs_of(rule, holidays, now.day));
  if (!days.empty()) SqlText(into).add("SELECT * FROM (").add(days).add(") WHERE subject <> ''").run(database);
}

Judgement Judge::judge_all(const Rule& rule) { return judge(rule, true); }

Judgement Judge::judge_changes(const Rule& rule) { return judge(rule, false); }

Judgement Judge::judge(const Rule& rule, bool full) {
  sqlite::Database& database = store_.database();
  sqlite::Transaction transaction(database);
  const State before = state_before(rule);
  const State now = state_now(rule);
  Judgement judgement;
  judgement.rule = rule.id;
  judgement.full = full || must_be_full(rule, before, now);
  if (!judgement.full) {
    touch(rule, before, now);
    judgement.touched = database.scalar("SELECT count(*) FROM temp.desk_touched").value_or(0);
  }
  if (judgement.full || judgement.touched > 0) {
    database.execute("DELETE FROM temp.desk_judged");
    const Cutoffs cutoffs = cutoffs_of(rule, store_.config().holidays, now.day);
    for (const SqlText& select : selects_of(store_, rule, cutoffs, !judgement.full))
      SqlText("INSERT INTO temp.desk_judged(" + std::string(judged_columns) + ") SELECT * FROM (")
          .add(select)
          .add(std::string(") WHERE 1") + keep_one)
          .run(database);
    apply(rule, judgement);
    database.execute("DELETE FROM temp.desk_judged; DELETE FROM temp.desk_touched");
  }
  keep(rule, now);
  transaction.commit();
  return judgement;
}

void Judge::apply(const Rule& rule, Judgement& judgement) {
  sqlite::Database& database = store_.database();
  sqlite::Statement opened = database.prepare(
      std::string("SELECT count(*) FROM temp.desk_judged j WHERE NOT EXISTS (SELECT 1 FROM main.finding WHERE ") +
      same_finding + " AND finding.closed = 0)");
  opened.bind(1, rule.id);
  judgement.opened = opened.step() ? opened.integer(0) : 0;
  opened.reset();
  const Micros now = store_.now();
  // What SQL of a rule leaves NULL is empty.
  database
      .prepare(
          "INSERT INTO main.finding(rule, subject, party, area, title, since, level, found, changed, detail)"
          " SELECT ?1, subject, party, coalesce(area, ''), coalesce(title, ''), coalesce(since, ''),"
          " coalesce(level, 'warning'), ?2, ?2, coalesce(detail, '{}') FROM temp.desk_judged WHERE 1"
          " ON CONFLICT(rule, subject, party) DO UPDATE SET area = excluded.area, title = excluded.title,"
          " since = excluded.since, level = excluded.level, detail = excluded.detail, changed = ?2, closed = 0"
          " WHERE closed <> 0 OR (area, title, since, level, detail) <>"
          " (excluded.area, excluded.title, excluded.since, excluded.level, excluded.detail)")
      .bind(1, rule.id)
      .bind(2, now)
      .run();
  judgement.changed = database.changes() - judgement.opened;
  database
      .prepare(std::string("UPDATE main.finding SET closed = ?2, changed = ?2 WHERE rule = ?1 AND closed = 0") +
               (judgement.full ? "" : " AND subject IN (SELECT subject FROM temp.desk_touched)") +
               " AND NOT EXISTS (SELECT 1 FROM temp.desk_judged j WHERE j.subject = finding.subject"
               " AND j.party = finding.party)")
      .bind(1, rule.id)
      .bind(2, now)
      .run();
  judgement.closed = database.changes();
}

std::int64_t Judge::close_forgotten() {
  std::vector<std::string> ids;
  for (const Rule& rule : rules_) ids.push_back(rule.id);
  SqlText sql("UPDATE main.finding SET closed = ");
  sql.bind(std::to_string(store_.now())).add(", changed = ").bind(std::to_string(store_.now()));
  sql.add(" WHERE closed = 0 AND rule NOT IN (").bind_all(ids).add(")").run(store_.database());
  const std::int64_t closed = store_.database().changes();
  SqlText marks("DELETE FROM desk_mark WHERE name LIKE 'rule/%' AND substr(name, 6, instr(substr(name, 6), '/') - 1)");
  marks.add(" NOT IN (").bind_all(ids).add(")").run(store_.database());
  return closed;
}

}  // namespace qianzhi::desk
