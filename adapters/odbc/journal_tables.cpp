#include "adapters/odbc/journal_tables.h"

#include <algorithm>
#include <set>

#include "adapters/odbc/names.h"
#include "adapters/odbc/values.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::TableEvent;
using adapter::TableEventKind;

}  // namespace

std::string trigger_kinds(const Dialect& dialect) {
  std::string kinds;
  const JournalTexts& texts = dialect.journal;
  for (const char kind : {'i', 'u', 'd', 'r', 't', 'b'}) {
    const std::string creates = std::string("TRIGGER {g_") + kind + "}";
    for (const std::string_view text : {texts.insert, texts.update, texts.remove, texts.more})
      if (text.find("CREATE") != std::string_view::npos && text.find(creates) != std::string_view::npos &&
          kinds.find(kind) == std::string::npos)
        kinds.push_back(kind);
  }
  return kinds;
}

JournalTables::JournalTables(const Dialect& dialect, const adapter::SourceSpec& spec)
    : dialect_(dialect), spec_(spec), tables_(spec.tables.size()) {}

void JournalTables::forget_all() {
  for (Table& table : tables_) {
    table.found.reset();
    table.reader.reset();
  }
}

std::vector<TableEvent> JournalTables::look(Session& session) {
  std::vector<TableEvent> events;
  for (std::size_t table = 0; table < tables_.size(); ++table)
    if (auto event = judge(session, table)) events.push_back(std::move(*event));
  return events;
}

std::optional<TableEvent> JournalTables::judge(Session& session, std::size_t table) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  Table& state = tables_[table];
  if (!state.found || state.found->shape != shape_of(session, wanted.table)) {
    state.reader.reset();
    state.found = find_table(session, wanted.table);
  }
  if (!state.found) return TableEvent{table, TableEventKind::schema_changed, "table " + wanted.table + " is gone", {}};
  std::string missing;
  for (const auto* columns : {&wanted.columns, &wanted.old_columns})
    for (const std::string& name : *columns)
      if (state.found->find(dialect_, name) == nullptr) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty()) {
    state.found.reset();
    return TableEvent{
        table, TableEventKind::schema_changed, "table " + wanted.table + " lacks the columns " + missing, {}};
  }
  if (!state.reader) state.reader.emplace(dialect_, wanted.table, *state.found, wanted.columns, wanted.key, "");
  std::set<std::string> there;
  const auto [schema, name] = split_table(dialect_, wanted.table);
  Rows rows = session.query(std::string(dialect_.journal.triggers_sql), Parameters().add(schema).add(name),
                            "looking at the triggers");
  while (rows.next()) there.emplace(rows.text(0));
  for (const char kind : trigger_kinds(dialect_))
    if (there.count(folded(dialect_, trigger_name(dialect_, spec_.name, wanted.table, kind))) == 0)
      return TableEvent{table,
                        TableEventKind::unseen_changes,
                        "a capture trigger of " + wanted.table + " is missing or disabled",
                        {}};
  return std::nullopt;
}

KeysetReader& JournalTables::require(Session& session, std::size_t table) {
  if (table >= tables_.size()) throw Error(ErrorKind::misuse, "QZ-ADP-011", "no such table in this source");
  Table& state = tables_[table];
  if (!state.reader) {
    const adapter::SourceTable& wanted = spec_.tables[table];
    state.found = require_table(session, wanted.table, wanted.columns);
    state.reader.emplace(dialect_, wanted.table, *state.found, wanted.columns, wanted.key, "");
  }
  return *state.reader;
}

// Where the key's collation holds different texts for equal, the row found may be that of another key.
std::optional<std::vector<Column>> JournalTables::read(Session& session, std::size_t table, const JournalEntry& entry) {
  const adapter::SourceTable& wanted = spec_.tables[table];
  std::vector<std::string> key;
  for (std::size_t part = 0; part < wanted.key.size(); ++part) {
    if (part >= entry.key.size() || !entry.key[part])
      throw Error(ErrorKind::misuse, "QZ-ADP-016", "a key of " + wanted.table + " in the journal holds NULL");
    key.push_back(*entry.key[part]);
  }
  KeysetPage page = tables_[table].reader->find(session, key);
  if (page.rows == 0) return std::nullopt;
  for (std::size_t part = 0; part < wanted.key.size(); ++part) {
    const auto place = std::find(wanted.columns.begin(), wanted.columns.end(), wanted.key[part]);
    Column said;
    append(table, wanted.key[part], key[part], said);
    const Column& held = page.columns[static_cast<std::size_t>(place - wanted.columns.begin())];
    if (said.presence(0) != held.presence(0) || said.text(0) != held.text(0)) return std::nullopt;
  }
  return std::move(page.columns);
}

void JournalTables::append(std::size_t table, const std::string& column, const std::optional<std::string>& text,
                           Column& values) const {
  if (!text) return values.append_null();
  append_value(tables_[table].found->find(dialect_, column)->form, *text, values);
}

}  // namespace qianzhi::odbc
