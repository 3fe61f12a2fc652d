#include "agent/desk/cases/case_keeper.h"

#include <utility>

#include "agent/desk/cases/case_tables.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk {

namespace {

constexpr std::int64_t cases_per_transaction = 2000;

constexpr const char* found_cases =
    "CREATE TEMP TABLE IF NOT EXISTS case_found(number INTEGER PRIMARY KEY, finding INTEGER, subject TEXT, party TEXT, "
    "area TEXT, title TEXT, since TEXT, level TEXT, closed INTEGER, kind TEXT, file INTEGER)";

// version: a finding that is written again while it is looked at is looked at once more.
constexpr const char* pending_schema = R"(
CREATE TABLE IF NOT EXISTS main.case_pending(finding INTEGER PRIMARY KEY, version INTEGER NOT NULL);
CREATE TRIGGER IF NOT EXISTS main.case_pending_found AFTER INSERT ON finding BEGIN
  INSERT INTO case_pending VALUES(new.id, 1) ON CONFLICT(finding) DO UPDATE SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS main.case_pending_changed AFTER UPDATE ON finding BEGIN
  INSERT INTO case_pending VALUES(new.id, 1) ON CONFLICT(finding) DO UPDATE SET version = version + 1; END;
CREATE TRIGGER IF NOT EXISTS main.case_pending_opened AFTER INSERT ON case_file WHEN new.finding = 0 BEGIN
  INSERT INTO case_pending SELECT id, 1 FROM finding WHERE rule = new.rule AND subject = new.subject AND
    party = new.party ON CONFLICT(finding) DO UPDATE SET version = version + 1; END;
CREATE TEMP TABLE IF NOT EXISTS case_due(finding INTEGER PRIMARY KEY, version INTEGER NOT NULL);
)";

constexpr std::string_view case_of_finding =
    " LEFT JOIN main.case_file c ON c.rule = f.rule AND c.subject = f.subject AND c.party = f.party AND "
    "c.appeal_of = 0 ";

// When each step is due.
constexpr std::string_view to_settle =
    "f.closed <> 0 AND c.id IS NOT NULL AND (c.closed = 0 OR c.closed_by = 'outcome')";
constexpr std::string_view to_reopen = "f.closed = 0 AND c.closed <> 0 AND c.closed_by = 'registered'";
constexpr std::string_view to_refresh =
    "f.closed = 0 AND c.closed = 0 AND (c.area <> f.area OR c.title <> f.title OR c.since <> f.since)";
constexpr std::string_view to_raise = "f.closed = 0 AND c.closed = 0 AND c.level <> f.level";
constexpr std::string_view to_open = "f.closed = 0 AND c.id IS NULL";

}  // namespace

struct CaseKeeper::Found {
  std::int64_t number = 0;
  std::int64_t finding = 0;
  std::string subject;
  std::string party;
  std::string area;
  std::string title;
  std::string since;
  std::string level;
  Micros closed = 0;
  std::string kind;
  std::int64_t file = 0;  // 0: there is no case
};

CaseKeeper::CaseKeeper(CaseBook& book, const std::map<std::string, Table>& tables) : book_(book) {
  book_.store().database().execute(found_cases);
  book_.store().database().execute(pending_schema);
  for (const CaseRule& rule : book_.config().rules) {
    if (rule.persons.table.empty()) continue;
    const Table& table = case_table(tables, rule.persons.table, rule.rule);
    person_statements_[rule.rule] = "SELECT " + case_column(table, rule.persons.name, rule.rule) + ", " +
                                    case_column(table, rule.persons.document, rule.rule) + " FROM " + table.name +
                                    " WHERE " + case_column(table, rule.persons.subject, rule.rule) + " = ?1";
  }
}

KeeperCounts CaseKeeper::run_once(Micros now) {
  KeeperCounts counts;
  if (!gather()) return counts;
  for (const CaseRule& rule : book_.config().rules) {
    counts.settled += pass(rule, to_settle, &CaseKeeper::settle, now, counts.failed);
    counts.reopened += pass(rule, to_reopen, &CaseKeeper::reopen, now, counts.failed);
    counts.refreshed += pass(rule, to_refresh, &CaseKeeper::refresh, now, counts.failed);
    counts.raised += pass(rule, to_raise, &CaseKeeper::raise, now, counts.failed);
    counts.opened += pass(rule, to_open, &CaseKeeper::open, now, counts.failed);
  }
  forget_gathered();
  return counts;
}

// False: there is nothing to look at.
bool CaseKeeper::gather() {
  sqlite::Database& database = book_.store().database();
  const bool is_any = database.scalar("SELECT EXISTS (SELECT 1 FROM main.case_pending)") == 1;
  if (has_seen_all_ && !is_any) return false;
  database.execute(
      "DELETE FROM temp.case_due; INSERT INTO temp.case_due SELECT finding, version FROM main.case_pending");
  if (has_seen_all_) return true;
  std::string any;
  for (const std::string_view due : {to_settle, to_reopen, to_refresh, to_raise, to_open})
    any.append(any.empty() ? "(" : ") OR (").append(due);
  for (const CaseRule& rule : book_.config().rules)
    database
        .prepare(std::string("INSERT OR IGNORE INTO temp.case_due SELECT f.id, 0 FROM main.finding f")
                     .append(case_of_finding)
                     .append("WHERE f.rule = ?1 AND (" + any + "))"))
        .bind(1, rule.rule)
        .run();
  return true;
}

// What was not written meanwhile; what failed was given another version.
void CaseKeeper::forget_gathered() {
  book_.store().database().execute(
      "DELETE FROM main.case_pending WHERE EXISTS (SELECT 1 FROM temp.case_due d WHERE d.finding = "
      "case_pending.finding "
      "AND d.version = case_pending.version); DELETE FROM temp.case_due");
  has_seen_all_ = true;
}

// where: written by us. What is to be done is collected first, so that it is looked for once.
std::int64_t CaseKeeper::pass(const CaseRule& rule, std::string_view where, Step step, Micros now,
                              std::int64_t& failed) {
  sqlite::Database& database = book_.store().database();
  database.execute("DELETE FROM temp.case_found");
  database
      .prepare(std::string("INSERT INTO case_found SELECT NULL, f.id, f.subject, f.party, f.area, f.title, f.since, "
                           "f.level, f.closed, CASE WHEN ?2 = '' THEN '' ELSE coalesce(json_extract(f.detail, '$.' || "
                           "json_quote(?2)), '') END, c.id FROM temp.case_due d CROSS JOIN main.finding f ON f.id = "
                           "d.finding")
                   .append(case_of_finding)
                   .append("WHERE f.rule = ?1 AND ")
                   .append(where)
                   .append(" ORDER BY d.finding"))
      .bind(1, rule.rule)
      .bind(2, rule.kind)
      .run();
  std::int64_t done = 0;
  for (std::vector<Found> found = take(0); !found.empty(); found = take(found.back().number)) {
    sqlite::Transaction transaction(database);
    for (const Found& each : found) {
      try {
        (this->*step)(rule, each, {"desk", now});
        ++done;
      } catch (const Error& error) {
        // A case that cannot take its step holds up no other.
        if (error.kind() != ErrorKind::rejected) throw;
        log("case of " + rule.rule, error);
        ++failed;
        database
            .prepare(
                "INSERT INTO main.case_pending VALUES(?1, 1) ON CONFLICT(finding) DO UPDATE SET version = version + 1")
            .bind(1, each.finding)
            .run();
      }
    }
    transaction.commit();
  }
  database.execute("DELETE FROM temp.case_found");
  return done;
}

std::vector<CaseKeeper::Found> CaseKeeper::take(std::int64_t after) {
  sqlite::Statement rows =
      book_.store().database().prepare("SELECT * FROM temp.case_found WHERE number > ?1 ORDER BY number LIMIT ?2");
  rows.bind(1, after).bind(2, cases_per_transaction);
  std::vector<Found> found;
  while (rows.step())
    found.push_back({rows.integer(0), rows.integer(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5),
                     rows.text(6), rows.text(7), rows.integer(8), rows.text(9), rows.integer(10)});
  return found;
}

CaseFile CaseKeeper::file_of(const Found& found) {
  auto file = book_.store().find(found.file);
  QZ_ASSERT(file.has_value());
  return std::move(*file);
}

void CaseKeeper::open(const CaseRule& rule, const Found& found, const CaseActor& actor) {
  CaseFile file;
  file.rule = rule.rule;
  file.subject = found.subject;
  file.party = found.party;
  file.area = found.area;
  file.title = found.title;
  file.kind = found.kind;
  file.since = found.since;
  file.finding = found.finding;
  file.level = found.level;
  book_.open(std::move(file), persons_of(rule, found.subject), actor);
}

std::vector<CasePerson> CaseKeeper::persons_of(const CaseRule& rule, const std::string& subject) {
  std::vector<CasePerson> persons;
  const auto text = person_statements_.find(rule.rule);
  if (text == person_statements_.end()) return persons;
  sqlite::Statement rows = book_.store().database().prepare(text->second);
  rows.bind(1, subject);
  while (rows.step()) persons.push_back({rows.text(0), rows.text(1)});
  return persons;
}

void CaseKeeper::raise(const CaseRule& /*rule*/, const Found& found, const CaseActor& actor) {
  CaseFile file = file_of(found);
  book_.raise(file, found.level, actor);
}

void CaseKeeper::settle(const CaseRule& /*rule*/, const Found& found, const CaseActor& actor) {
  CaseFile file = file_of(found);
  book_.settle(file, found.closed, actor);
}

void CaseKeeper::reopen(const CaseRule& /*rule*/, const Found& found, const CaseActor& actor) {
  CaseFile file = file_of(found);
  book_.reopen(file, found.since, found.level, actor);
}

void CaseKeeper::refresh(const CaseRule& /*rule*/, const Found& found, const CaseActor& actor) {
  CaseFile file = file_of(found);
  book_.refresh(file, found.area, found.title, found.since, actor);
}

}  // namespace qianzhi::desk
