#include "agent/desk/data/part_log.h"

namespace qianzhi::desk {

namespace {

constexpr Micros flushed_every = 30'000'000;
constexpr const char* part_schema =
    "CREATE TABLE IF NOT EXISTS main.desk_part(part TEXT PRIMARY KEY, well INTEGER NOT NULL, failed INTEGER NOT NULL, "
    "code TEXT NOT NULL, detail TEXT NOT NULL) WITHOUT ROWID";

}  // namespace

PartLog::PartLog(sqlite::Database& database) : database_(database) {
  database_.execute(part_schema);
  database_.execute("DELETE FROM main.desk_part");
}

void PartLog::well(const std::string& part, Micros now) {
  PartState& state = states_[part];
  is_news_ = is_news_ || state.failed != 0 || state.well == 0;
  state = {part, now, 0, {}, {}};
}

void PartLog::failed(const std::string& part, const Error& error, Micros now) {
  PartState& state = states_[part];
  is_news_ = is_news_ || state.failed == 0 || state.code != error.code();
  state = {part, state.well, state.failed == 0 ? now : state.failed, error.code(), error.detail()};
}

void PartLog::flush(Micros now) {
  if (!is_news_ && now - flushed_ < flushed_every && now >= flushed_) return;
  sqlite::Transaction transaction(database_);
  for (const auto& [part, state] : states_)
    database_.prepare("INSERT OR REPLACE INTO main.desk_part VALUES(?1, ?2, ?3, ?4, ?5)")
        .bind(1, part)
        .bind(2, state.well)
        .bind(3, state.failed)
        .bind(4, state.code)
        .bind(5, state.detail)
        .run();
  transaction.commit();
  is_news_ = false;
  flushed_ = now;
}

std::vector<PartState> part_states(sqlite::Database& database) {
  std::vector<PartState> states;
  if (database.scalar("SELECT count(*) FROM main.sqlite_schema WHERE name = 'desk_part'") != 1) return states;
  sqlite::Statement row = database.prepare("SELECT part, well, failed, code, detail FROM main.desk_part ORDER BY part");
  while (row.step()) states.push_back({row.text(0), row.integer(1), row.integer(2), row.text(3), row.text(4)});
  return states;
}

}  // namespace qianzhi::desk
