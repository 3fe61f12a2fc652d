#include "adapters/mysql/journal_tables.h"

#include <algorithm>

#include "adapters/mysql/installed_triggers.h"
#include "adapters/mysql/journal_plan.h"
#include "adapters/mysql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::TableEvent;
using adapter::TableEventKind;

constexpr const char* row_doing = "reading a changed row";

constexpr const char* shape_sql =
    "SELECT MD5(GROUP_CONCAT(CONCAT_WS(':', COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME) ORDER BY ORDINAL_POSITION))"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";

}  // namespace

JournalTables::JournalTables(const adapter::SourceSpec& spec, Charsets& charsets)
    : spec_(spec), charsets_(charsets), tables_(spec.tables.size()) {}

void JournalTables::forget_all() {
  for (Table& table : tables_) table = {};
  wanted_.clear();
}

std::vector<TableEvent> JournalTables::look(Session& session) {
  if (wanted_.empty())
    for (const adapter::SourceTable& table : spec_.tables)
      for (const char event : std::string("iud"))
        wanted_[trigger_name(spec_.name, table.table, event)] = body_digest(session, trigger_body(spec_, table, event));
  const auto triggers = installed_triggers(session, spec_);
  std::vector<TableEvent> events;
  for (std::size_t table = 0; table < tables_.size(); ++table)
    if (auto event = judge(session, table, triggers)) events.push_back(std::move(*event));
  return events;
}

std::string JournalTables::problem_of(const CatalogTable& table, const adapter::SourceTable& wanted) const {
  for (const auto* columns : {&wanted.columns, &wanted.old_columns})
    for (const std::string& name : *columns) {
      const CatalogColumn* column = table.find(name);
      if (column == nullptr) return "table " + wanted.table + " lacks the column " + name;
      if (column->form == Form::unsupported) return "column " + name + " is " + column->column_type;
    }
  for (const auto* columns : {&wanted.key, &wanted.old_columns})
    for (const std::string& name : *columns)
      if (const CatalogColumn* column = table.find(name); column != nullptr && !is_steady(column->form))
        return "column " + name + " is " + column->column_type + ", which a journal cannot hold";
  return {};
}

std::optional<TableEvent> JournalTables::judge(Session& session, std::size_t table,
                                               const std::map<std::string, std::string>& triggers) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  Table& state = tables_[table];
  const auto [schema, name] = full_name(session, wanted.table);
  const std::string shape =
      session.query(shape_sql, Parameters().add(schema).add(name), "looking at a table").text(0, 0);
  if (shape.empty()) {
    state = {};
    return TableEvent{table, TableEventKind::schema_changed, "table " + wanted.table + " is gone", {}};
  }
  if (shape != state.shape || !state.found) {
    state = {};
    state.shape = shape;
    state.found = find_table(session, wanted.table);
  }
  const std::string problem = state.found ? problem_of(*state.found, wanted) : "table " + wanted.table + " is gone";
  if (!problem.empty()) {
    state.found.reset();
    return TableEvent{table, TableEventKind::schema_changed, problem, {}};
  }
  for (const char event : std::string("iud")) {
    const std::string trigger = trigger_name(spec_.name, wanted.table, event);
    const auto found = triggers.find(trigger);
    if (found == triggers.end())
      return TableEvent{table, TableEventKind::unseen_changes, "the capture trigger " + trigger + " is missing", {}};
    if (found->second != wanted_[trigger])
      return TableEvent{table, TableEventKind::unseen_changes, "the capture trigger " + trigger + " was altered", {}};
  }
  return std::nullopt;
}

Statement& JournalTables::statement(Session& session, std::size_t table) {
  Table& state = tables_[table];
  if (state.by_key) return *state.by_key;
  const adapter::SourceTable& wanted = spec_.tables[table];
  std::string list;
  std::string where;
  for (const std::string& name : wanted.columns)
    list += (list.empty() ? "" : ", ") + shown(state.found->find(name)->form, quote_name(name));
  for (const std::string& name : wanted.key) {
    const KeyPart part = key_part_of(*state.found->find(name), false);
    where += (where.empty() ? "" : " AND ") + part.order + " = " + part.parameter;
  }
  state.by_key = std::make_unique<Statement>(session,
                                             "SELECT " + list + " FROM " + quote_name(state.found->schema) + "." +
                                                 quote_name(state.found->name) + " WHERE " + where,
                                             row_doing);
  return *state.by_key;
}

// The key is compared again, octet by octet: a collation may hold another one for equal.
bool JournalTables::append_row(Session& session, std::size_t table, const JournalEntry& entry,
                               std::vector<Column>& columns) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  Parameters values;
  for (std::size_t i = 0; i < wanted.key.size(); ++i) {
    if (i >= entry.key.size() || !entry.key[i]) return false;
    values.add(*entry.key[i], key_part_of(*tables_[table].found->find(wanted.key[i]), false).kind);
  }
  Statement& row = statement(session, table);
  row.execute(values);
  while (row.fetch()) {
    bool same = true;
    for (std::size_t i = 0; i < wanted.key.size(); ++i) {
      const auto place = std::find(wanted.columns.begin(), wanted.columns.end(), wanted.key[i]);
      const auto column = static_cast<std::size_t>(place - wanted.columns.begin());
      const Form form = tables_[table].found->find(wanted.key[i])->form;
      if (form == Form::text && column < wanted.columns.size()) same = same && row.view(column) == *entry.key[i];
    }
    if (!same) continue;
    for (std::size_t i = 0; i < wanted.columns.size(); ++i)
      if (row.is_null(i))
        columns[i].append_null();
      else
        append_shown(tables_[table].found->find(wanted.columns[i])->form, row.collation(i), row.view(i), charsets_,
                     columns[i]);
    row.end();
    return true;
  }
  return false;
}

void JournalTables::append(std::size_t table, const std::string& column, const JournalValue& value, Column& values) {
  if (!value) return values.append_null();
  const CatalogColumn* found = tables_[table].found->find(column);
  append_shown(found->form, found->form == Form::text ? charsets_.collation_of(found->charset) : binary_collation,
               *value, charsets_, values);
}

}  // namespace qianzhi::mysql
