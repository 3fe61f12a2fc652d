#include "agent/desk/records/suggestions.h"

#include <string>
#include <vector>

namespace qianzhi::desk::records {

namespace {

bool is_without_code(std::string_view record) { return record.substr(0, 4) == "row:"; }

}  // namespace

Suggestions::Suggestions(sqlite::Database& database, const RecordKind& kind, match::Decisions& decisions,
                         match::Candidates& candidates)
    : database_(database), kind_(kind), decisions_(decisions), candidates_(candidates) {}

match::PartyText Suggestions::party_of(const std::string& record) {
  match::PartyText party;
  sqlite::Statement items = database_.prepare("SELECT item, value FROM base_item WHERE record = ?");
  items.bind(1, record);
  while (items.step()) {
    const std::string_view item = items.view(0);
    if (item == kind_.match->name) party.name = items.text(1);
    if (item == kind_.match->person) party.person = items.text(1);
    if (item == kind_.match->address) party.address = items.text(1);
  }
  sqlite::Statement codes = database_.prepare("SELECT code FROM base_code WHERE record = ?");
  codes.bind(1, record);
  while (codes.step()) party.codes.push_back(codes.text(0));
  return party;
}

void Suggestions::compare(const std::string& record, Micros now) {
  const match::PartyText party = party_of(record);
  candidates_.remove(record);
  if (party.name.empty()) return decisions_.drop(record);
  candidates_.put(record, party);
  for (const match::Candidate& found : candidates_.find(record, party, 20)) {
    if (is_without_code(record) == is_without_code(found.id)) continue;
    if (decisions_.find(record, found.id)) continue;
    decisions_.wait(record, found.id, found.verdict, now);
  }
}

std::uint64_t Suggestions::run(Micros now, std::size_t limit) {
  const std::string mark_name = "suggestions:" + kind_.id;
  sqlite::Transaction transaction(database_);
  sqlite::Statement mark = database_.prepare("SELECT value FROM base_mark WHERE name = ?");
  mark.bind(1, mark_name);
  const std::int64_t after = mark.step() ? mark.integer(0) : 0;
  sqlite::Statement query = database_.prepare(
      "SELECT seq, json_extract(key, '$[0]') FROM base_change WHERE seq > ? AND source = ? ORDER BY seq LIMIT ?");
  query.bind(1, after).bind(2, "base_" + kind_.id).bind(3, static_cast<std::int64_t>(limit));
  std::vector<std::string> records;
  std::int64_t newest = after;
  while (query.step()) {
    newest = query.integer(0);
    records.push_back(query.text(1));
  }
  if (records.empty()) return 0;
  for (const std::string& record : records) compare(record, now);
  database_.prepare("INSERT OR REPLACE INTO base_mark VALUES(?, ?)").bind(1, mark_name).bind(2, newest).run();
  transaction.commit();
  return records.size();
}

}  // namespace qianzhi::desk::records
