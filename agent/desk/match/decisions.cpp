#include "agent/desk/match/decisions.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk::match {

namespace {

constexpr const char* decision_schema = R"sql(
CREATE TABLE IF NOT EXISTS match_decision(
  left_id TEXT NOT NULL, right_id TEXT NOT NULL, is_same INTEGER NOT NULL, who TEXT NOT NULL, at INTEGER NOT NULL,
  remark TEXT NOT NULL, PRIMARY KEY(left_id, right_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS match_review(
  left_id TEXT NOT NULL, right_id TEXT NOT NULL, score INTEGER NOT NULL, reasons TEXT NOT NULL,
  found INTEGER NOT NULL, PRIMARY KEY(left_id, right_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS match_review_right ON match_review(right_id);
CREATE INDEX IF NOT EXISTS match_review_score ON match_review(score);
CREATE TABLE IF NOT EXISTS match_later(
  left_id TEXT NOT NULL, right_id TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY(left_id, right_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS match_event(
  id INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
  left_id TEXT NOT NULL, right_id TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS match_event_kept BEFORE UPDATE ON match_event BEGIN SELECT RAISE(ABORT, 'history'); END;
CREATE TRIGGER IF NOT EXISTS match_event_stays BEFORE DELETE ON match_event BEGIN SELECT RAISE(ABORT, 'history'); END;
)sql";

}  // namespace

Decisions::Decisions(sqlite::Database& database) : database_(database) { database_.execute(decision_schema); }

void Decisions::remember(std::string_view left, std::string_view right, const PersonsDecision& decision) {
  const std::size_t longest = std::max({left.size(), right.size(), decision.who.size(), decision.remark.size()});
  if (decision.who.empty() || left == right || longest > 500)
    throw Error(ErrorKind::misuse, "QZ-DSK-201", "a decision needs a name and two different ids");
  if (right < left) std::swap(left, right);
  sqlite::Statement take_off = database_.prepare("DELETE FROM match_review WHERE left_id = ? AND right_id = ?");
  take_off.bind(1, left).bind(2, right).run();
  sqlite::Statement put = database_.prepare("INSERT OR REPLACE INTO match_decision VALUES(?, ?, ?, ?, ?, ?)");
  put.bind(1, left).bind(2, right).bind(3, decision.is_same ? 1 : 0).bind(4, decision.who).bind(5, decision.at);
  put.bind(6, decision.remark).run();
  note(left, right, decision.is_same ? "same" : "different", decision.who, decision.at);
}

void Decisions::note(std::string_view left, std::string_view right, std::string_view what, std::string_view who,
                     Micros at) {
  sqlite::Statement add =
      database_.prepare("INSERT INTO match_event(time, who, what, left_id, right_id) VALUES(?, ?, ?, ?, ?)");
  add.bind(1, at).bind(2, who).bind(3, what).bind(4, left).bind(5, right).run();
}

void Decisions::postpone(std::string_view left, std::string_view right, std::string_view who, Micros at, Micros until) {
  if (right < left) std::swap(left, right);
  sqlite::Statement put = database_.prepare("INSERT OR REPLACE INTO match_later VALUES(?, ?, ?)");
  put.bind(1, left).bind(2, right).bind(3, until).run();
  note(left, right, "later", who, at);
}

bool Decisions::is_waiting(std::string_view left, std::string_view right) {
  if (right < left) std::swap(left, right);
  sqlite::Statement query = database_.prepare("SELECT 1 FROM match_review WHERE left_id = ? AND right_id = ?");
  return query.bind(1, left).bind(2, right).step();
}

std::vector<DecidedPair> Decisions::decided(std::size_t limit) {
  sqlite::Statement query = database_.prepare(
      "SELECT left_id, right_id, is_same, who, at, remark FROM match_decision ORDER BY at DESC, left_id, right_id "
      "LIMIT ?");
  query.bind(1, static_cast<std::int64_t>(limit));
  std::vector<DecidedPair> pairs;
  while (query.step())
    pairs.push_back(
        {query.text(0), query.text(1), {query.integer(2) != 0, query.text(3), query.integer(4), query.text(5)}});
  return pairs;
}

std::vector<DecidedPair> Decisions::changed_since(std::int64_t& event, std::size_t limit) {
  sqlite::Statement query = database_.prepare(
      "SELECT max(e.id), e.left_id, e.right_id, coalesce(d.is_same, 0), e.who, e.time FROM (SELECT * FROM match_event "
      "WHERE id > ?1 AND what <> 'later' ORDER BY id LIMIT ?2) e LEFT JOIN match_decision d ON d.left_id = e.left_id "
      "AND d.right_id = e.right_id GROUP BY e.left_id, e.right_id ORDER BY 1");
  query.bind(1, event).bind(2, static_cast<std::int64_t>(limit));
  std::vector<DecidedPair> pairs;
  while (query.step()) {
    event = query.integer(0);
    pairs.push_back({query.text(1), query.text(2), {query.integer(3) != 0, query.text(4), query.integer(5), {}}});
  }
  return pairs;
}

void Decisions::take_back(std::string_view left, std::string_view right, std::string_view who, Micros at) {
  if (right < left) std::swap(left, right);
  database_.prepare("DELETE FROM match_decision WHERE left_id = ? AND right_id = ?").bind(1, left).bind(2, right).run();
  note(left, right, "taken back", who, at);
}

std::optional<PersonsDecision> Decisions::find(std::string_view left, std::string_view right) {
  if (right < left) std::swap(left, right);
  sqlite::Statement query =
      database_.prepare("SELECT is_same, who, at, remark FROM match_decision WHERE left_id = ? AND right_id = ?");
  query.bind(1, left).bind(2, right);
  if (!query.step()) return std::nullopt;
  return PersonsDecision{query.integer(0) != 0, query.text(1), query.integer(2), query.text(3)};
}

Verdict Decisions::judged(std::string_view left, std::string_view right, const Verdict& verdict) {
  const auto decision = find(left, right);
  if (!decision) return verdict;
  Verdict result = verdict;
  result.decision = decision->is_same ? Decision::same : Decision::different;
  result.score = decision->is_same ? 1000 : 0;
  result.reasons.insert(result.reasons.begin(), Reason::decided);
  return result;
}

void Decisions::wait(std::string_view left, std::string_view right, const Verdict& verdict, Micros now) {
  if (right < left) std::swap(left, right);
  sqlite::Statement put = database_.prepare(
      "INSERT INTO match_review VALUES(?, ?, ?, ?, ?) ON CONFLICT(left_id, right_id) "
      "DO UPDATE SET score = excluded.score, reasons = excluded.reasons");
  put.bind(1, left).bind(2, right).bind(3, verdict.score).bind(4, codes_of(verdict.reasons)).bind(5, now).run();
}

void Decisions::drop(std::string_view id) {
  database_.prepare("DELETE FROM match_review WHERE left_id = ?1 OR right_id = ?1").bind(1, id).run();
}

std::vector<WaitingPair> Decisions::waiting(std::size_t limit, Micros now) {
  sqlite::Statement query = database_.prepare(
      "SELECT left_id, right_id, score, reasons, found FROM match_review r WHERE NOT EXISTS (SELECT 1 FROM match_later "
      "l WHERE l.left_id = r.left_id AND l.right_id = r.right_id AND l.until > ?2) ORDER BY score DESC, left_id, "
      "right_id LIMIT ?1");
  query.bind(1, static_cast<std::int64_t>(limit)).bind(2, now);
  std::vector<WaitingPair> pairs;
  while (query.step())
    pairs.push_back(
        {query.text(0), query.text(1), static_cast<int>(query.integer(2)), query.text(3), query.integer(4)});
  return pairs;
}

}  // namespace qianzhi::desk::match
