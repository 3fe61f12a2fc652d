#include "adapters/sqlite/schema.h"

#include <algorithm>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

const ColumnState* find(const std::vector<ColumnState>& columns, const std::string& name) {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

std::vector<Form> forms_of(const std::vector<ColumnState>& columns, const std::vector<std::string>& names) {
  std::vector<Form> forms;
  for (const std::string& name : names) {
    const ColumnState* column = find(columns, name);
    forms.push_back(column == nullptr ? Form::plain : form_of(column->type));
  }
  return forms;
}

}  // namespace

std::vector<ColumnState> columns_of(sqlite::Database& database, const std::string& table) {
  std::vector<ColumnState> columns;
  sqlite::Statement query =
      database.prepare("SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid");
  query.bind(1, table);
  while (query.step())
    if (query.integer(4) != 1)
      columns.push_back({query.text(0), query.text(1), query.integer(2) == 0, static_cast<int>(query.integer(3))});
  return columns;
}

std::string missing_columns(const std::vector<ColumnState>& present, const std::vector<std::string>& wanted) {
  std::string missing;
  for (const std::string& name : wanted)
    if (find(present, name) == nullptr) missing.append(missing.empty() ? "" : ", ").append(name);
  return missing;
}

Schema::Schema(const SourceSpec& spec) : spec_(spec), triggers_(triggers_of(spec)), tables_(spec.tables.size()) {
  for (std::size_t i = 0; i < spec.tables.size(); ++i) {
    const SourceTable& table = spec.tables[i];
    for (const std::string& name : table.key) {
      const auto found = std::find(table.columns.begin(), table.columns.end(), name);
      if (found == table.columns.end())
        throw Error(ErrorKind::misuse, "QZ-ADP-011", "key column " + name + " of " + table.table + " is not read");
      tables_[i].key.push_back(static_cast<std::size_t>(found - table.columns.begin()));
    }
    if (table.key.empty()) throw Error(ErrorKind::misuse, "QZ-ADP-016", "table " + table.table + " has no key");
  }
}

void Schema::refresh(sqlite::Database& database, std::uint64_t generation) {
  const std::int64_t version = database.scalar("PRAGMA schema_version").value_or(0);
  if (generation == generation_ && version == version_) return;
  look(database);
  generation_ = generation;
  version_ = version;
}

void Schema::look(sqlite::Database& database) {
  events_.clear();
  for (std::size_t i = 0; i < spec_.tables.size(); ++i) {
    const SourceTable& table = spec_.tables[i];
    const std::vector<ColumnState> present = columns_of(database, table.table);
    const std::string missing = missing_columns(present, table.columns) + missing_columns(present, table.old_columns);
    tables_[i].readable = missing.empty();
    tables_[i].forms = forms_of(present, table.columns);
    tables_[i].old_forms = forms_of(present, table.old_columns);
    if (missing.empty()) continue;
    events_.push_back({i, TableEventKind::schema_changed,
                       present.empty() ? "table " + table.table + " is gone"
                                       : "table " + table.table + " lacks the columns " + missing});
  }
  look_at_triggers(database);
}

void Schema::look_at_triggers(sqlite::Database& database) {
  for (const Trigger& trigger : triggers_) {
    if (!tables_[trigger.table].readable) continue;
    sqlite::Statement query = database.prepare("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?1");
    query.bind(1, trigger.name);
    const bool there = query.step();
    if (there && query.view(0) == trigger.text) continue;
    const bool known = !events_.empty() && events_.back().table == trigger.table;
    if (known) continue;
    events_.push_back({trigger.table, TableEventKind::unseen_changes,
                       "trigger " + trigger.name + (there ? " was altered" : " is missing")});
  }
}

}  // namespace qianzhi::adapter::lite
