#include "agent/desk/match/candidates.h"

#include <algorithm>
#include <set>

namespace qianzhi::desk::match {

namespace {

constexpr const char* candidate_schema = R"sql(
CREATE TABLE IF NOT EXISTS match_party(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, codes TEXT NOT NULL, person TEXT NOT NULL, address TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS match_key(key TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(key, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS match_key_id ON match_key(id);
)sql";

std::string joined(const std::vector<std::string>& codes) {
  std::string text;
  for (const std::string& code : codes) text += (text.empty() ? "" : "\n") + code;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    parts.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

Candidates::Candidates(sqlite::Database& database, Decisions& decisions) : database_(database), decisions_(decisions) {
  database_.execute(candidate_schema);
}

void Candidates::put(std::string_view id, const PartyText& party) {
  remove(id);
  sqlite::Statement put = database_.prepare("INSERT INTO match_party VALUES(?, ?, ?, ?, ?)");
  put.bind(1, id).bind(2, party.name).bind(3, joined(party.codes)).bind(4, party.person).bind(5, party.address).run();
  for (const std::string& key : blocking_keys(party_of(party)))
    database_.prepare("INSERT OR IGNORE INTO match_key VALUES(?, ?)").bind(1, key).bind(2, id).run();
}

void Candidates::remove(std::string_view id) {
  database_.prepare("DELETE FROM match_key WHERE id = ?").bind(1, id).run();
  database_.prepare("DELETE FROM match_party WHERE id = ?").bind(1, id).run();
}

std::vector<std::string> Candidates::ids_of(std::string_view key) {
  std::vector<std::string> ids;
  sqlite::Statement query = database_.prepare("SELECT id FROM match_key WHERE key = ? LIMIT ?");
  query.bind(1, key).bind(2, max_of_key + 1);
  while (query.step()) ids.push_back(query.text(0));
  if (ids.size() > static_cast<std::size_t>(max_of_key)) {
    ++crowded_;
    ids.clear();
  }
  return ids;
}

std::vector<Candidate> Candidates::find(std::string_view id, const PartyText& text, std::size_t limit) {
  const Party party = party_of(text);
  std::set<std::string> ids;
  for (const std::string& key : blocking_keys(party))
    for (std::string& other : ids_of(key)) ids.insert(std::move(other));
  std::vector<Candidate> found;
  for (const std::string& other : ids) {
    if (other == id) continue;
    sqlite::Statement query = database_.prepare("SELECT name, codes, person, address FROM match_party WHERE id = ?");
    query.bind(1, other);
    if (!query.step()) continue;
    const PartyText other_text{query.text(0), split(query.view(1)), query.text(2), query.text(3)};
    const Verdict verdict = decisions_.judged(id, other, compare(party, party_of(other_text)));
    if (verdict.decision != Decision::different) found.push_back({other, verdict});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate& a, const Candidate& b) { return a.verdict.score > b.verdict.score; });
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace qianzhi::desk::match
