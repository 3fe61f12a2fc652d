#include "agent/desk/app/desk_parts.h"

#include <cstdio>

#include "agent/desk/data/sql_text.h"

namespace qianzhi::desk {

Desk::Desk(const std::filesystem::path& config) {
  yaml::Diagnostics diagnostics;
  file_ = load_desk(config, diagnostics);
  std::fputs(diagnostics.render().c_str(), stderr);
  if (diagnostics.has_errors()) return;
  store_.emplace(file_.desk, clock_);
  judge_.emplace(*store_, file_.rules, Normalisers{});
}

DeskWork& Desk::work() {
  if (!work_) {
    const DueDay due = [this](Day from, int days) { return file_.desk.holidays.due(from, days); };
    work_.emplace(DeskWork::Parts{store_->database(), file_.desk.id, due, clock_, random_}, file_.work,
                  work_tables(*store_, judge_->changes()));
  }
  return *work_;
}

WorkTables work_tables(DeskStore& store, const ChangeLog& changes) {
  WorkTables tables;
  for (const TableConfig& config : store.config().tables) {
    if (!store.has_table(config.id)) continue;
    const Table& table = store.table(config.id);
    const TablePlace& place = store.place(config.id);
    tables.tables.emplace(config.id, table);
    if (changes.last(place.database) >= 0)
      tables.changes.push_back({table, sql_name(place.database) + ".\"desk_change\"", place.table});
    tables.origins.push_back({place.database, place.table, config.id});
  }
  return tables;
}

}  // namespace qianzhi::desk
