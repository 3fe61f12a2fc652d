#include "agent/desk/data/change_log.h"

#include "agent/desk/data/sql_text.h"

namespace qianzhi::desk {

// A table of a received file with all that is asked of it, under whatever ids.
struct ChangeLog::Raw {
  std::string file;
  std::string table;
  std::vector<std::string> key;              // columns
  std::set<std::vector<std::string>> links;  // columns
  std::set<std::string> columns;             // all
  std::set<std::string> indexed;             // columns that lead an index
  std::set<std::string> look_ups;            // columns
};

namespace {

constexpr const char* log_table =
    "CREATE TABLE IF NOT EXISTS desk_change(\n  seq INTEGER PRIMARY KEY AUTOINCREMENT,\n  source TEXT NOT NULL,\n"
    "  key TEXT NOT NULL,\n  UNIQUE(source, key) ON CONFLICT REPLACE\n);\n";

std::string joined_by_comma(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

// A JSON array of texts, made of functions that a schema may use while trusted_schema is off: json_array() is none of
// them, and would fail the statements of the agent. What JSON would need more than two escapes for is not told apart.
std::string array_of(const std::vector<std::string>& columns, const std::string& side) {
  std::string is_odd;
  std::string array;
  for (const std::string& column : columns) {
    const std::string text = "CAST(" + side + "." + identifier(column) + " AS TEXT)";
    is_odd += (is_odd.empty() ? "" : " OR ") + text + " GLOB '*[' || char(1) || '-' || char(31) || ']*'";
    array += (array.empty() ? "'[' || " : " || ',' || ") + ("coalesce('\"' || replace(replace(" + text) +
             R"(, '\', '\\'), '"', '\"') || '"', 'null'))";
  }
  return "CASE WHEN " + is_odd + " THEN '*' ELSE " + array + " || ']' END";
}

// One change. What the statement that fired the trigger does on conflicts would hold in it, too: so none may come up.
std::string entry(const std::string& source, const std::vector<std::string>& columns, const std::string& side) {
  const std::string key = array_of(columns, side);
  return "  DELETE FROM desk_change WHERE source = " + sql_literal(source) + " AND key = " + key +
         ";\n  INSERT INTO desk_change(source, key) VALUES (" + sql_literal(source) + ", " + key + ");\n";
}

// What the adapter writes for its own book-keeping changes nothing for rules.
bool is_book_keeping(const std::string& column) { return column == "qz_seen" || column == "qz_group"; }

}  // namespace

ChangeLog::ChangeLog(DeskStore& store, Links links) : store_(store), links_(std::move(links)) {
  for (const auto& [table, lists] : links_.changes)
    for (const std::vector<std::string>& items : lists)
      for (const std::string& item : items) store_.require_item(table, item);
  for (const auto& [table, items] : links_.look_ups)
    for (const std::string& item : items) store_.require_item(table, item);
}

std::map<std::string, ChangeLog::Raw> ChangeLog::tables_of(const std::string& file) const {
  std::map<std::string, Raw> tables;
  for (const TableConfig& config : store_.config().tables) {
    if ((config.database.empty() ? "main" : config.database) != file || !store_.has_table(config.id)) continue;
    const TablePlace& place = store_.place(config.id);
    if (place.is_view) continue;
    const auto columns_of = [&](const std::vector<std::string>& items) {
      std::vector<std::string> columns;
      columns.reserve(items.size());
      for (const std::string& item : items) columns.push_back(place.columns.at(item));
      return columns;
    };
    Raw& raw = tables[place.table];
    raw.file = file;
    raw.table = place.table;
    if (raw.key.empty()) raw.key = columns_of(place.key);
    for (const auto& [item, column] : place.columns) raw.columns.insert(column);
    for (const std::string& item : place.indexed) raw.indexed.insert(place.columns.at(item));
    if (const auto looked = links_.look_ups.find(config.id); looked != links_.look_ups.end())
      for (const std::string& item : looked->second) raw.look_ups.insert(place.columns.at(item));
    if (const auto links = links_.changes.find(config.id); links != links_.changes.end())
      for (const std::vector<std::string>& items : links->second) raw.links.insert(columns_of(items));
  }
  return tables;
}

std::map<std::string, std::string> ChangeLog::triggers_of(const Raw& raw) const {
  const auto entries = [&](const std::string& side) {
    std::string text = raw.key.empty() ? "" : entry(raw.table, raw.key, side);
    for (const std::vector<std::string>& columns : raw.links)
      text += entry(raw.table + "#" + joined_by_comma(columns), columns, side);
    return text;
  };
  std::string differs;
  for (const std::string& column : raw.columns)
    if (!is_book_keeping(column))
      differs += (differs.empty() ? "" : " OR ") + ("OLD." + identifier(column) + " IS NOT NEW." + identifier(column));
  const auto trigger = [&](const std::string& event, const std::string& when, const std::string& body) {
    return "CREATE TRIGGER " + identifier("qz_desk_" + raw.table + "_" + event) + " AFTER " + event + " ON " +
           identifier(raw.table) + when + " BEGIN\n" + body + "END";
  };
  return {{"qz_desk_" + raw.table + "_insert", trigger("insert", "", entries("NEW"))},
          {"qz_desk_" + raw.table + "_update", trigger("update", " WHEN " + differs, entries("OLD") + entries("NEW"))},
          {"qz_desk_" + raw.table + "_delete", trigger("delete", "", entries("OLD"))}};
}

std::set<std::string> ChangeLog::wanted_indexes(const Raw& raw) const {
  std::set<std::string> wanted = raw.look_ups;
  for (const std::vector<std::string>& columns : raw.links) wanted.insert(columns.front());
  for (const std::string& column : raw.indexed) wanted.erase(column);
  return wanted;
}

std::string ChangeLog::script_of(const std::string& file) const {
  std::string text = log_table;
  for (const auto& [name, raw] : tables_of(file)) {
    if (raw.links.empty() && raw.key.empty()) continue;
    for (const std::string& column : wanted_indexes(raw))
      text += "CREATE INDEX IF NOT EXISTS " + identifier("qz_desk_" + name + "_" + column) + " ON " + identifier(name) +
              "(" + identifier(column) + ");\n";
    for (const auto& [trigger, sql] : triggers_of(raw))
      text += "DROP TRIGGER IF EXISTS " + identifier(trigger) + ";\n" + sql + ";\n";
  }
  return text;
}

std::string ChangeLog::plan() const {
  std::string text;
  for (const ReceivedFile& file : store_.config().received)
    text += "-- " + file.name + ": " + file.file.string() +
            "\n-- 在此文件上执行；执行前停止向它写入的代理，或在空闲时执行。可重复执行。"
            "\n-- Run on this file, with the agent that writes it stopped or idle. It can be run again.\n"
            "PRAGMA journal_mode=WAL;\nBEGIN IMMEDIATE;\n" +
            script_of(file.name) + "COMMIT;\n";
  return text;
}

void ChangeLog::install_own() {
  bool all_stand = last("main") >= 0;
  for (const auto& [name, raw] : tables_of("main")) all_stand = all_stand && stands(raw) && wanted_indexes(raw).empty();
  if (all_stand) return;
  // Of another connection: in this one the names of tables are views.
  sqlite::Database own(store_.config().database, {});
  sqlite::Transaction transaction(own);
  own.execute(script_of("main"));
  transaction.commit();
  store_.open_tables();
}

std::vector<std::string> ChangeLog::files() const {
  std::vector<std::string> files = {"main"};
  for (const ReceivedFile& file : store_.config().received) files.push_back(file.name);
  return files;
}

bool ChangeLog::stands(const Raw& raw) const {
  for (const auto& [name, sql] : triggers_of(raw)) {
    SqlText text("SELECT sql FROM " + identifier(raw.file) + ".sqlite_schema WHERE type = 'trigger' AND name = ");
    text.bind(name);
    sqlite::Statement row = text.on(store_.database());
    if (!row.step() || row.view(0) != sql) return false;
  }
  return true;
}

bool ChangeLog::follows(const std::string& table) const {
  const TablePlace& place = store_.place(table);
  const auto tables = tables_of(place.database);
  const auto raw = tables.find(place.table);
  return raw != tables.end() && stands(raw->second);
}

std::vector<std::string> ChangeLog::missing() const {
  std::vector<std::string> missing;
  for (const ReceivedFile& file : store_.config().received)
    for (const auto& [name, raw] : tables_of(file.name)) {
      if (raw.links.empty()) continue;
      if (!stands(raw)) missing.push_back(file.name + "." + name + ": triggers");
      for (const std::string& column : wanted_indexes(raw))
        missing.push_back(file.name + "." + name + ": index on " + column);
    }
  return missing;
}

std::int64_t ChangeLog::last(const std::string& file) const {
  const auto has_log = store_.database().scalar("SELECT count(*) FROM " + identifier(file) +
                                                ".sqlite_schema WHERE type = 'table' AND name = 'desk_change'");
  if (has_log.value_or(0) == 0) return -1;
  return store_.database().scalar("SELECT max(seq) FROM " + identifier(file) + ".desk_change").value_or(0);
}

bool ChangeLog::can_tell(const std::string& file, std::int64_t since) const {
  SqlText sql("SELECT 1 FROM " + identifier(file) + ".desk_change WHERE key = '*' AND seq > ");
  return !sql.bind(std::to_string(since)).on(store_.database()).step();
}

std::string ChangeLog::source_of(const std::string& table, const std::vector<std::string>& items) const {
  const TablePlace& place = store_.place(table);
  std::vector<std::string> columns;
  columns.reserve(items.size());
  for (const std::string& item : items) columns.push_back(place.columns.at(item));
  return place.table + "#" + joined_by_comma(columns);
}

}  // namespace qianzhi::desk
