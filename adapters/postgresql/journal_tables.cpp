#include "adapters/postgresql/journal_tables.h"

#include <algorithm>

#include "adapters/postgresql/journal_plan.h"
#include "adapters/postgresql/keyset.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/row_text.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

using adapter::TableEventKind;

// One row a table: is it there, its columns and their types, both triggers, and the text of what they run.
constexpr const char* look_sql =
    "SELECT c.oid IS NOT NULL,"
    " (SELECT string_agg(a.attname || ' ' || a.atttypid || ' ' || a.atttypmod, ',' ORDER BY a.attnum)"
    "  FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),"
    " (SELECT t.tgenabled FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = $3 AND t.tgfoid = p.oid),"
    " (SELECT t.tgenabled FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = $4 AND t.tgfoid = p.oid),"
    " p.prosrc, p.prosecdef,"
    " cardinality(p.proconfig) = 5 OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
    "  AND a.attname = ANY (string_to_array(w.minded, E'\\n')) AND a.atttypid <> ALL ($6::oid[]))"
    " FROM unnest($1::text[], $2::text[], $5::text[]) WITH ORDINALITY AS w(tbl, fn, minded, n)"
    " LEFT JOIN pg_class c ON c.oid = to_regclass(w.tbl)"
    " LEFT JOIN pg_proc p ON p.proname = w.fn AND p.pronamespace = to_regnamespace('qianzhi')"
    " ORDER BY w.n";

}  // namespace

JournalTables::JournalTables(const adapter::SourceSpec& spec) : spec_(spec), tables_(spec.tables.size()) {
  for (const adapter::SourceTable& table : spec.tables) sources_.push_back(capture_source(spec.name, table));
}

void JournalTables::forget_all() {
  for (Table& table : tables_) table = {};
}

std::vector<adapter::TableEvent> JournalTables::look(Session& session) {
  std::vector<std::string> names;
  std::vector<std::string> functions;
  std::vector<std::string> minded;  // columns whose text is in the journal
  for (const adapter::SourceTable& table : spec_.tables) {
    names.push_back(quote_table(table.table));
    functions.push_back(capture_name(spec_.name, table.table));
    minded.emplace_back();
    for (const auto* columns : {&table.key, &table.old_columns})
      for (const std::string& column : *columns) minded.back() += (minded.back().empty() ? "" : "\n") + column;
  }
  const Result found = session.attempt_prepared(look_sql, {},
                                                Parameters()
                                                    .add(array_text(names))
                                                    .add(array_text(functions))
                                                    .add(row_trigger + spec_.name)
                                                    .add(truncate_trigger + spec_.name)
                                                    .add(array_text(minded))
                                                    .add(std::string(indifferent_types)),
                                                "looking at the triggers");
  session.check(found, "looking at the triggers");
  std::vector<adapter::TableEvent> events;
  for (std::size_t table = 0; table < tables_.size(); ++table)
    if (auto event = judge(session, table, found, static_cast<int>(table))) events.push_back(std::move(*event));
  return events;
}

// Enabled "always": also while a session replays what another server did.
std::optional<adapter::TableEvent> JournalTables::judge(Session& session, std::size_t table, const Result& found,
                                                        int row) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  Table& state = tables_[table];
  if (!found.truth(row, 0)) {
    state = {};
    return adapter::TableEvent{table, TableEventKind::schema_changed, "table " + wanted.table + " is gone", {}};
  }
  if (const std::string shape = found.text(row, 1); shape != state.shape || !state.found) {
    state.shape = shape;
    state.found = find_table(session, wanted.table);
  }
  std::string missing;
  for (const auto* columns : {&wanted.columns, &wanted.old_columns})
    for (const std::string& name : *columns)
      if (state.found && state.found->find(name) == nullptr) missing += (missing.empty() ? "" : ", ") + name;
  if (!state.found || !missing.empty()) {
    state.found.reset();
    return adapter::TableEvent{
        table, TableEventKind::schema_changed, "table " + wanted.table + " lacks the columns " + missing, {}};
  }
  const auto unseen = [&](const std::string& what) {
    return adapter::TableEvent{table, TableEventKind::unseen_changes, what + " of " + wanted.table, {}};
  };
  const bool partitioned = state.found->kind == 'p';
  if (found.view(row, 2).empty()) return unseen("the capture trigger is missing: that");
  if (found.view(row, 2) != "A" && !(partitioned && found.view(row, 2) == "O"))
    return unseen("the capture trigger is disabled: that");
  if (found.view(row, 3) != "A") return unseen("the trigger for TRUNCATE is missing or disabled: that");
  if (found.view(row, 4) != sources_[table] || !found.truth(row, 5))
    return unseen("the capture function was altered: that");
  if (!found.truth(row, 6)) return unseen("the capture function lacks settings that a column's type needs: that");
  return std::nullopt;
}

const CatalogTable& JournalTables::require(Session& session, std::size_t table) {
  if (table >= tables_.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  if (!tables_[table].found)
    tables_[table].found = require_table(session, spec_.tables[table].table, spec_.tables[table].columns);
  return *tables_[table].found;
}

JournalTables::Rows JournalTables::read(Session& session, std::size_t table,
                                        const std::vector<const JournalEntry*>& entries) const {
  const adapter::SourceTable& wanted = spec_.tables[table];
  const CatalogTable& found = tables_[table].found.value();
  Rows rows;
  rows.columns.resize(wanted.columns.size());
  rows.row.resize(entries.size());
  Parameters keys;
  for (std::size_t part = 0; part < wanted.key.size(); ++part) {
    std::string array = "{";
    for (const JournalEntry* entry : entries) {
      if (array.size() > 1) array += ',';
      if (part < entry->key.size() && entry->key[part])
        append_array_text(*entry->key[part], array);
      else
        array += "NULL";
    }
    keys.add(array + "}");
  }
  std::string columns;
  for (const std::string& column : wanted.columns) columns += ", t." + quote_name(column);
  const Result result = session.attempt_prepared("SELECT qz_j.qz_n" + columns + from_keys(found, wanted.key), {}, keys,
                                                 "reading changed rows");
  session.check(result, "reading changed rows");
  for (int at = 0; at < result.rows(); ++at) {
    rows.row.at(static_cast<std::size_t>(result.integer(at, 0)) - 1) = static_cast<std::size_t>(at);
    for (std::size_t i = 0; i < wanted.columns.size(); ++i) {
      const int column = static_cast<int>(i) + 1;
      append(table, wanted.columns[i],
             result.is_null(at, column) ? std::nullopt : std::optional(result.text(at, column)), rows.columns[i]);
    }
  }
  return rows;
}

void JournalTables::append(std::size_t table, const std::string& column, const std::optional<std::string>& text,
                           Column& values) const {
  if (!text) return values.append_null();
  append_value(form_of(tables_[table].found->find(column)->type), *text, values);
}

}  // namespace qianzhi::postgresql
