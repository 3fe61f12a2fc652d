#include "hub-protocol/audit/trail.h"

#include <algorithm>

namespace qianzhi::audit {

namespace {

constexpr int most_at_once = 2'000;

bool fits(const Filter& filter, const Stored& stored) {
  const Entry& entry = stored.entry;
  const bool actor = filter.actor.empty() || filter.actor == entry.actor.name || filter.actor == text_of(entry.actor);
  const std::string& action = entry.action;
  const std::size_t size = filter.action.size();
  const bool same = action.compare(0, size, filter.action) == 0;
  const bool act = size == 0 || (same && (action.size() == size || action[size] == '.'));
  return actor && act && (filter.subject.empty() || entry.subject.find(filter.subject) != std::string::npos);
}

}  // namespace

Page read_page(sqlite::Database& database, const Filter& filter) {
  Page page;
  page.last = filter.after;
  sqlite::Statement row =
      database.prepare("SELECT sequence, time, body, digest FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?");
  row.bind(1, filter.after).bind(2, most_at_once);
  int looked_at = 0;
  for (; row.step(); ++looked_at) {
    page.last = row.number(0);
    if (row.integer(1) < filter.from || (filter.to != 0 && row.integer(1) >= filter.to)) continue;
    Line line{read_entry(row.view(2)), row.text(2), Digest::from_bytes(row.view(3))};
    if (fits(filter, line.stored)) page.lines.push_back(std::move(line));
  }
  page.is_end = looked_at < most_at_once;
  return page;
}

std::uint64_t noted(sqlite::Database& database, std::string_view name) {
  sqlite::Statement row = database.prepare("SELECT CAST(value AS INTEGER) FROM audit_note WHERE name = ?");
  row.bind(1, name);
  return row.step() ? row.number(0) : 0;
}

void note(sqlite::Database& database, std::string_view name, std::uint64_t value) {
  database.prepare("INSERT OR REPLACE INTO audit_note VALUES(?, ?)").bind(1, name).bind(2, std::to_string(value)).run();
}

std::uint64_t forget(sqlite::Database& database, Micros before) {
  std::uint64_t newest = noted(database, exported_through);
  {
    // Times may step back: the first entry that is too young ends it.
    sqlite::Statement young = database.prepare("SELECT min(sequence) FROM audit WHERE time >= ?");
    young.bind(1, before);
    if (young.step() && !young.is_null(0)) newest = std::min(newest, young.number(0) - 1);
  }
  sqlite::Statement row = database.prepare("SELECT max(sequence) FROM checkpoint WHERE sequence <= ?");
  row.bind(1, newest);
  if (!row.step() || row.is_null(0)) return 0;
  const std::uint64_t through = row.number(0);
  row.reset();
  // The newest entry stays: the next one names it.
  database.prepare("DELETE FROM audit WHERE sequence <= ? AND sequence < (SELECT max(sequence) FROM audit)")
      .bind(1, through)
      .run();
  return static_cast<std::uint64_t>(database.changes());
}

}  // namespace qianzhi::audit
