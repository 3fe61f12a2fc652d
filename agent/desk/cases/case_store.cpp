#include "agent/desk/cases/case_store.h"

#include <utility>

#include "agent/desk/data/sql_text.h"

namespace qianzhi::desk {

namespace {

constexpr const char* case_schema = R"(
CREATE TABLE IF NOT EXISTS main.case_file(
  id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL, subject TEXT NOT NULL, party TEXT NOT NULL,
  area TEXT NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL, since TEXT NOT NULL, finding INTEGER NOT NULL,
  level TEXT NOT NULL, opened INTEGER NOT NULL, state TEXT NOT NULL, office TEXT NOT NULL, assignee TEXT NOT NULL,
  due TEXT NOT NULL, purpose TEXT NOT NULL, basis TEXT NOT NULL, warned INTEGER NOT NULL, urges INTEGER NOT NULL,
  visits INTEGER NOT NULL, exempt_reason TEXT NOT NULL, outcome TEXT NOT NULL, outcome_time TEXT NOT NULL,
  closed INTEGER NOT NULL, closed_by TEXT NOT NULL, on_time INTEGER, appeal_of INTEGER NOT NULL,
  persons INTEGER NOT NULL, reopened INTEGER NOT NULL, changed INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS main.case_file_first ON case_file(rule, subject, party) WHERE appeal_of = 0;
CREATE UNIQUE INDEX IF NOT EXISTS main.case_file_appeal ON case_file(appeal_of) WHERE appeal_of <> 0 AND closed = 0;
CREATE INDEX IF NOT EXISTS main.case_file_subject ON case_file(rule, subject);
CREATE INDEX IF NOT EXISTS main.case_file_due ON case_file(iif(due = '', '9999', due), id) WHERE closed = 0;
CREATE INDEX IF NOT EXISTS main.case_file_stage ON case_file(area, office, state, rule, due) WHERE closed = 0;
CREATE INDEX IF NOT EXISTS main.case_file_office ON case_file(office, iif(due = '', '9999', due), id) WHERE closed = 0;
CREATE TABLE IF NOT EXISTS main.case_person(
  case_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL,
  PRIMARY KEY(case_id, ordinal)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.case_event(
  id INTEGER PRIMARY KEY AUTOINCREMENT, case_id INTEGER NOT NULL, time INTEGER NOT NULL, who TEXT NOT NULL,
  what TEXT NOT NULL, note TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS main.case_event_case ON case_event(case_id);
CREATE TRIGGER IF NOT EXISTS main.case_event_kept BEFORE UPDATE ON case_event
  BEGIN SELECT RAISE(ABORT, 'history'); END;
CREATE TRIGGER IF NOT EXISTS main.case_event_stays BEFORE DELETE ON case_event
  BEGIN SELECT RAISE(ABORT, 'history'); END;
CREATE TABLE IF NOT EXISTS main.case_not_found(
  rule TEXT NOT NULL, subject TEXT NOT NULL, party TEXT NOT NULL, area TEXT NOT NULL, title TEXT NOT NULL,
  office TEXT NOT NULL, since TEXT NOT NULL, visited TEXT NOT NULL, case_id INTEGER NOT NULL,
  PRIMARY KEY(rule, subject, party)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.case_intake(
  source TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, applied INTEGER NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY(source, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS main.case_intake_open ON case_intake(source, key) WHERE applied = 0;
CREATE TABLE IF NOT EXISTS main.case_rejected(
  source TEXT NOT NULL, key TEXT NOT NULL, content TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
  time INTEGER NOT NULL, resolved INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(source, key, content)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.case_audit(
  id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL, role TEXT NOT NULL,
  action TEXT NOT NULL, case_id INTEGER NOT NULL, allowed INTEGER NOT NULL, detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS main.case_request(
  who TEXT NOT NULL, name TEXT NOT NULL, action TEXT NOT NULL, case_id INTEGER NOT NULL, result INTEGER NOT NULL,
  time INTEGER NOT NULL, PRIMARY KEY(who, name)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS main.case_request_time ON case_request(time);
CREATE TRIGGER IF NOT EXISTS main.case_audit_kept BEFORE UPDATE ON case_audit BEGIN SELECT RAISE(ABORT, 'audit'); END;
CREATE TRIGGER IF NOT EXISTS main.case_audit_stays BEFORE DELETE ON case_audit BEGIN SELECT RAISE(ABORT, 'audit'); END;
)";

constexpr std::string_view case_columns =
    "SELECT id, rule, subject, party, area, title, kind, since, finding, level, opened, state, office, assignee, due, "
    "purpose, basis, warned, urges, visits, exempt_reason, outcome, outcome_time, closed, closed_by, on_time, "
    "appeal_of, persons, reopened FROM main.case_file ";

constexpr std::string_view due_order = "iif(due = '', '9999', due)";  // as its indexes have it
constexpr Micros requests_kept = 7 * 86'400'000'000;

// Only what is asked for stands in the statement, so that its indexes are found.
void add_conditions(SqlText& sql, const CaseFilter& filter) {
  sql.add(filter.is_open || !filter.due_before.empty() || !filter.due_on.empty() ? "WHERE closed = 0" : "WHERE 1");
  const std::pair<std::string_view, const std::string*> equal[] = {{" AND rule = ", &filter.rule},
                                                                   {" AND office = ", &filter.office},
                                                                   {" AND state = ", &filter.state},
                                                                   {" AND assignee = ", &filter.assignee}};
  for (const auto& [condition, value] : equal)
    if (!value->empty()) sql.add(condition).bind(*value);
  if (!filter.area.empty()) sql.add(" AND substr(area, 1, length(").bind(filter.area).add(")) = ").bind(filter.area);
  if (!filter.due_before.empty()) sql.add(" AND due <> '' AND ").add(due_order).add(" < ").bind(filter.due_before);
  if (!filter.due_on.empty()) sql.add(" AND ").add(due_order).add(" = ").bind(filter.due_on);
  if (!filter.offices.empty()) sql.add(" AND office IN (").bind_all(filter.offices).add(")");
  if (!filter.text.empty())
    sql.add(" AND (instr(title, ").bind(filter.text).add(") OR instr(subject, ").bind(filter.text).add("))");
}

std::string select_cases(std::string_view rest) { return std::string(case_columns).append(rest); }

// Parameters 2 to 29, as case_columns has them after the number.
void bind_case(sqlite::Statement& statement, const CaseFile& file) {
  int at = 1;
  for (const std::string* text :
       {&file.rule, &file.subject, &file.party, &file.area, &file.title, &file.kind, &file.since})
    statement.bind(++at, *text);
  statement.bind(++at, file.finding);
  statement.bind(++at, file.level);
  statement.bind(++at, file.opened);
  for (const std::string* text : {&file.state, &file.office, &file.assignee, &file.due, &file.purpose, &file.basis})
    statement.bind(++at, *text);
  statement.bind(++at, file.warned);
  statement.bind(++at, file.urges);
  statement.bind(++at, file.visits);
  for (const std::string* text : {&file.exempt_reason, &file.outcome, &file.outcome_time}) statement.bind(++at, *text);
  statement.bind(++at, file.closed);
  statement.bind(++at, file.closed_by);
  ++at;
  if (file.on_time)
    statement.bind(at, *file.on_time ? 1 : 0);
  else
    statement.bind_null(at);
  statement.bind(++at, file.appeal_of);
  statement.bind(++at, file.persons);
  statement.bind(++at, file.reopened);
}

}  // namespace

CaseStore::CaseStore(sqlite::Database& database) : database_(database) { database_.execute(case_schema); }

std::vector<CaseFile> CaseStore::read(sqlite::Statement& row) {
  std::vector<CaseFile> files;
  while (row.step()) {
    CaseFile file;
    file.id = row.integer(0);
    int at = 0;
    for (std::string* text : {&file.rule, &file.subject, &file.party, &file.area, &file.title, &file.kind, &file.since})
      *text = row.text(++at);
    file.finding = row.integer(8);
    file.level = row.text(9);
    file.opened = row.integer(10);
    at = 10;
    for (std::string* text : {&file.state, &file.office, &file.assignee, &file.due, &file.purpose, &file.basis})
      *text = row.text(++at);
    file.warned = row.integer(17);
    file.urges = static_cast<int>(row.integer(18));
    file.visits = static_cast<int>(row.integer(19));
    file.exempt_reason = row.text(20);
    file.outcome = row.text(21);
    file.outcome_time = row.text(22);
    file.closed = row.integer(23);
    file.closed_by = row.text(24);
    if (!row.is_null(25)) file.on_time = row.integer(25) != 0;
    file.appeal_of = row.integer(26);
    file.persons = static_cast<int>(row.integer(27));
    file.reopened = static_cast<int>(row.integer(28));
    files.push_back(std::move(file));
  }
  return files;
}

std::optional<CaseFile> CaseStore::find(std::int64_t id) {
  sqlite::Statement statement = database_.prepare(select_cases("WHERE id = ?1"));
  statement.bind(1, id);
  std::vector<CaseFile> found = read(statement);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<CaseFile> CaseStore::find(std::string_view rule, std::string_view subject, std::string_view party) {
  sqlite::Statement statement = database_.prepare(
      select_cases("WHERE rule = ?1 AND subject = ?2 AND party = ?3 AND (appeal_of = 0 OR closed = 0) "
                   "ORDER BY appeal_of DESC LIMIT 1"));
  statement.bind(1, rule).bind(2, subject).bind(3, party);
  std::vector<CaseFile> found = read(statement);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<CaseFile> CaseStore::find_only(std::string_view rule, std::string_view subject) {
  std::vector<std::string> parties;
  {
    sqlite::Statement statement = database_.prepare(
        "SELECT party FROM main.case_file WHERE rule = ?1 AND subject = ?2 AND appeal_of = 0 LIMIT 2");
    statement.bind(1, rule).bind(2, subject);
    while (statement.step()) parties.push_back(statement.text(0));
  }
  if (parties.size() != 1) return std::nullopt;
  return find(rule, subject, parties.front());
}

std::vector<CaseFile> CaseStore::list(const CaseFilter& filter, std::int64_t after, std::size_t most) {
  SqlText sql(case_columns);
  add_conditions(sql, filter);
  sql.add(" AND id > CAST(").bind(std::to_string(after)).add(" AS INTEGER) ORDER BY id LIMIT " + std::to_string(most));
  sqlite::Statement statement = sql.on(database_);
  return read(statement);
}

std::vector<CaseFile> CaseStore::list_by_due(const CaseFilter& filter, const std::optional<CasePlace>& after,
                                             std::size_t most) {
  SqlText sql(case_columns);
  add_conditions(sql, filter);
  if (after) {
    sql.add(" AND (").add(due_order).add(", id) > (").bind(after->due.empty() ? "9999" : after->due);
    sql.add(", CAST(").bind(std::to_string(after->id)).add(" AS INTEGER))");
  }
  sql.add(" ORDER BY ").add(due_order).add(", id LIMIT " + std::to_string(most));
  sqlite::Statement statement = sql.on(database_);
  return read(statement);
}

std::int64_t CaseStore::version(std::int64_t id) {
  sqlite::Statement statement = database_.prepare("SELECT max(id) FROM main.case_event WHERE case_id = ?1");
  statement.bind(1, id);
  return statement.step() ? statement.integer(0) : 0;
}

std::optional<CaseRequest> CaseStore::request(std::string_view who, std::string_view name) {
  sqlite::Statement statement =
      database_.prepare("SELECT action, case_id, result FROM main.case_request WHERE who = ?1 AND name = ?2");
  statement.bind(1, who).bind(2, name);
  if (!statement.step()) return std::nullopt;
  return CaseRequest{statement.text(0), statement.integer(1), statement.integer(2)};
}

void CaseStore::put_request(std::string_view who, std::string_view name, const CaseRequest& request, Micros now) {
  database_.prepare("DELETE FROM main.case_request WHERE time < ?1").bind(1, now - requests_kept).run();
  sqlite::Statement insert = database_.prepare(
      "INSERT INTO main.case_request(who, name, action, case_id, result, time) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
  insert.bind(1, who).bind(2, name).bind(3, request.action).bind(4, request.id).bind(5, request.result);
  insert.bind(6, now).run();
}

std::vector<CaseStep> CaseStore::history(std::int64_t id) {
  sqlite::Statement statement =
      database_.prepare("SELECT time, who, what, note FROM main.case_event WHERE case_id = ?1 ORDER BY id");
  statement.bind(1, id);
  std::vector<CaseStep> steps;
  while (statement.step())
    steps.push_back({statement.integer(0), statement.text(1), statement.text(2), statement.text(3)});
  return steps;
}

std::vector<CasePerson> CaseStore::persons(std::int64_t id) {
  sqlite::Statement statement =
      database_.prepare("SELECT name, document FROM main.case_person WHERE case_id = ?1 ORDER BY ordinal");
  statement.bind(1, id);
  std::vector<CasePerson> persons;
  while (statement.step()) persons.push_back({statement.text(0), statement.text(1)});
  return persons;
}

std::string CaseStore::detail(std::int64_t finding) {
  if (finding == 0) return {};
  sqlite::Statement statement = database_.prepare("SELECT detail FROM main.finding WHERE id = ?1");
  statement.bind(1, finding);
  return statement.step() ? statement.text(0) : std::string();
}

bool CaseStore::has_open_appeal(std::int64_t id) {
  sqlite::Statement statement =
      database_.prepare("SELECT 1 FROM main.case_file WHERE appeal_of = ?1 AND appeal_of <> 0 AND closed = 0");
  return statement.bind(1, id).step();
}

void CaseStore::add(CaseFile& file, Micros now) {
  sqlite::Statement insert = database_.prepare(
      "INSERT INTO main.case_file VALUES(NULL, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
      "?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30) RETURNING id");
  bind_case(insert, file);
  insert.bind(30, now);
  if (insert.step()) file.id = insert.integer(0);
  insert.step();
}

void CaseStore::add_persons(std::int64_t id, const std::vector<CasePerson>& persons) {
  sqlite::Statement insert = database_.prepare(
      "INSERT INTO main.case_person(case_id, ordinal, name, document) SELECT ?1, coalesce(max(ordinal), 0) + 1, ?2, ?3 "
      "FROM main.case_person WHERE case_id = ?1");
  for (const CasePerson& person : persons) insert.bind(1, id).bind(2, person.name).bind(3, person.document).run();
}

void CaseStore::save(const CaseFile& file, Micros now) {
  sqlite::Statement update = database_.prepare(
      "UPDATE main.case_file SET rule = ?2, subject = ?3, party = ?4, area = ?5, title = ?6, kind = ?7, since = ?8, "
      "finding = ?9, level = ?10, opened = ?11, state = ?12, office = ?13, assignee = ?14, due = ?15, purpose = ?16, "
      "basis = ?17, warned = ?18, urges = ?19, visits = ?20, exempt_reason = ?21, outcome = ?22, outcome_time = ?23, "
      "closed = ?24, closed_by = ?25, on_time = ?26, appeal_of = ?27, persons = ?28, reopened = ?29, changed = ?30 "
      "WHERE id = ?1");
  update.bind(1, file.id);
  bind_case(update, file);
  update.bind(30, now).run();
}

void CaseStore::add_step(std::int64_t id, std::string_view who, std::string_view what, std::string_view note,
                         Micros now) {
  database_.prepare("INSERT INTO main.case_event(case_id, time, who, what, note) VALUES(?1, ?2, ?3, ?4, ?5)")
      .bind(1, id)
      .bind(2, now)
      .bind(3, who)
      .bind(4, what)
      .bind(5, note)
      .run();
}

void CaseStore::put_not_found(const CaseFile& file) {
  sqlite::Statement insert = database_.prepare(
      "INSERT OR REPLACE INTO main.case_not_found(rule, subject, party, area, title, office, since, visited, case_id) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  insert.bind(1, file.rule).bind(2, file.subject).bind(3, file.party).bind(4, file.area).bind(5, file.title);
  insert.bind(6, file.office).bind(7, file.since).bind(8, file.outcome_time).bind(9, file.id).run();
}

void CaseStore::remove_not_found(const CaseFile& file) {
  database_.prepare("DELETE FROM main.case_not_found WHERE rule = ?1 AND subject = ?2 AND party = ?3")
      .bind(1, file.rule)
      .bind(2, file.subject)
      .bind(3, file.party)
      .run();
}

void CaseStore::audit(std::string_view who, std::string_view role, std::string_view action, std::int64_t id,
                      bool is_allowed, std::string_view detail, Micros now) {
  sqlite::Statement insert = database_.prepare(
      "INSERT INTO main.case_audit(time, who, role, action, case_id, allowed, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, "
      "?7)");
  insert.bind(1, now).bind(2, who).bind(3, role).bind(4, action).bind(5, id);
  insert.bind(6, is_allowed ? 1 : 0).bind(7, detail).run();
}

}  // namespace qianzhi::desk
