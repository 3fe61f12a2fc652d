#include <algorithm>

#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::lite {

namespace {

// quote() ends a text at its first NUL, so such a text is written in hexadecimal.
std::string literal(std::string_view row, const std::string& column) {
  const std::string value = std::string(row) + "." + id(column);
  return "CASE WHEN typeof(" + value + ") = 'text' AND instr(CAST(" + value +
         " AS BLOB), X'00') > 0 THEN 'T''' || hex(" + value + ") || '''' ELSE quote(" + value + ") END";
}

std::string literals(std::string_view row, const std::vector<std::string>& columns) {
  if (columns.empty()) return "NULL";
  std::string text;
  for (const std::string& column : columns) {
    if (!text.empty()) text.append(" || ',' ||\n      ");
    text.append(literal(row, column));
  }
  return text;
}

constexpr std::string_view now = "CAST(round((julianday('now') - 2440587.5) * 86400000) AS INTEGER) * 1000";

struct Script {
  const SourceSpec& spec;
  const SourceTable& table;
  std::size_t index;

  Trigger trigger(std::string_view suffix, std::string_view event, const std::string& body) const {
    const std::string name = "qianzhi_" + spec.name + "_" + table.table + "_" + std::string(suffix);
    return {index, name,
            "CREATE TRIGGER " + id(name) + " " + std::string(event) + " ON " + id(table.table) +
                "\nWHEN NOT EXISTS (SELECT 1 FROM " + id(guard_table) + ")\nBEGIN\n" + body + "END"};
  }

  // key and old name the rows they are taken from; old empty: there is nothing before the change.
  std::string entry(std::string_view operation, std::string_view key, std::string_view old,
                    const std::string& condition) const {
    return "  INSERT INTO " + id(journal_table(spec.name)) + "(tbl, op, key, old, at)\n  SELECT " +
           sql::name_literal(table.table) + ", '" + std::string(operation) + "',\n      " + literals(key, table.key) +
           ",\n      " + (old.empty() ? "NULL" : literals(old, table.old_columns)) + ",\n      " + std::string(now) +
           condition + ";\n";
  }

  std::string same_key_row() const {
    std::string where;
    for (const std::string& column : table.key)
      where.append(where.empty() ? "" : " AND ").append("was." + id(column) + " = NEW." + id(column));
    return "\n    FROM " + id(table.table) + " AS was WHERE " + where;
  }

  // Octet by octet and by storage class, so that neither collation nor 1 = 1.0 hides a change of the key.
  std::string key_changed(bool changed) const {
    std::string where;
    for (const std::string& column : table.key) {
      const std::string name = id(column);
      where.append(where.empty() ? "" : "\n    OR ");
      where.append("OLD." + name + " COLLATE BINARY IS NOT NEW." + name + " OR typeof(OLD." + name +
                   ") <> typeof(NEW." + name + ")");
    }
    return std::string("\n  WHERE ") + (changed ? "" : "NOT ") + "(" + where + ")";
  }

  void append_to(std::vector<Trigger>& all) const {
    if (!table.old_columns.empty())
      all.push_back(trigger("b", "BEFORE INSERT", entry("u", "was", "was", same_key_row())));
    all.push_back(trigger("i", "AFTER INSERT", entry("i", "NEW", "", "")));
    all.push_back(trigger("u", "AFTER UPDATE",
                          entry("d", "OLD", "OLD", key_changed(true)) + entry("i", "NEW", "", key_changed(true)) +
                              entry("u", "NEW", "OLD", key_changed(false))));
    all.push_back(trigger("d", "AFTER DELETE", entry("d", "OLD", "OLD", "")));
  }
};

std::string create_tables(const SourceSpec& spec) {
  const std::string forgotten = id(forgotten_table(spec.name));
  return "-- Changes in the order of their commits. salt tells an entry from another one with the same number that is\n"
         "-- written after this database was restored from an older copy.\n"
         "CREATE TABLE IF NOT EXISTS " +
         id(journal_table(spec.name)) +
         "(\n  seq INTEGER PRIMARY KEY AUTOINCREMENT,\n  tbl TEXT NOT NULL,\n"
         "  op TEXT NOT NULL,  -- i, u, d; x: capture was installed here\n"
         "  key TEXT,\n  old TEXT,  -- values of partition and filter columns before the change\n"
         "  at INTEGER NOT NULL,  -- microseconds since 1970-01-01T00:00:00Z\n"
         "  salt INTEGER NOT NULL DEFAULT (random())\n);\n\n"
         "-- Up to which entry the agent has read and removed the journal.\n"
         "CREATE TABLE IF NOT EXISTS " +
         forgotten +
         "(\n  id INTEGER PRIMARY KEY CHECK (id = 1),\n  seq INTEGER NOT NULL,\n  identity TEXT NOT NULL\n);\n"
         "INSERT OR IGNORE INTO " +
         forgotten +
         " VALUES (1, 0, lower(hex(randomblob(16))));\n\n"
         "-- Holds a row only inside the transactions of Qianzhi's own writer, so that what it writes is not "
         "captured.\n"
         "CREATE TABLE IF NOT EXISTS " +
         id(guard_table) + "(on_behalf_of TEXT NOT NULL);\n\n";
}

std::string install_script(const SourceSpec& spec, const std::vector<Trigger>& triggers) {
  std::string text =
      sql::comment("Qianzhi capture by journal, source " + spec.name + ". Run by the DBA.") +
      "-- What: one journal table, and three or four triggers a table that write the key of each changed\n"
      "-- row and the old values of a few columns. Costs about 4 microseconds a changed row.\n"
      "-- Locks: one short write transaction. Running it again is safe; the tables are then sent anew,\n"
      "-- because changes may have been missed before.\n"
      "-- The database should be in WAL mode, so that reading never holds up writing:\n"
      "--   PRAGMA journal_mode=WAL;\n\n"
      "BEGIN IMMEDIATE;\n\n" +
      create_tables(spec) + (spec.canary.empty() ? "" : canary_script(spec.canary) + "\n");
  for (const Trigger& trigger : triggers)
    text += "DROP TRIGGER IF EXISTS " + id(trigger.name) + ";\n" + trigger.text + ";\n\n";
  for (const SourceTable& table : spec.tables)
    if (table.table != spec.canary)
      text += "INSERT INTO " + id(journal_table(spec.name)) + "(tbl, op, at) VALUES (" +
              sql::name_literal(table.table) + ", 'x', " + std::string(now) + ");\n";
  return text + "\nCOMMIT;\n";
}

std::string uninstall_script(const SourceSpec& spec, const std::vector<Trigger>& triggers) {
  std::string text = sql::comment("Removes the capture of source " + spec.name + ". The tables themselves stay.") +
                     "BEGIN IMMEDIATE;\n";
  for (const Trigger& trigger : triggers) text += "DROP TRIGGER IF EXISTS " + id(trigger.name) + ";\n";
  text += "DROP TABLE IF EXISTS " + id(journal_table(spec.name)) + ";\nDROP TABLE IF EXISTS " +
          id(forgotten_table(spec.name)) + ";\n";
  if (!spec.canary.empty()) text += "DROP TABLE IF EXISTS " + id(spec.canary) + ";\n";
  return text +
         "COMMIT;\n"
         "-- qianzhi_guard is shared with other captures and with received tables. Drop it after the last of them:\n"
         "--   DROP TABLE IF EXISTS " +
         id(guard_table) + ";\n";
}

}  // namespace

std::string canary_script(const std::string& table) {
  return "-- The canary: when nothing else changes the agent writes into this row, and looks whether that is "
         "captured.\n"
         "CREATE TABLE IF NOT EXISTS " +
         id(table) + "(id INTEGER PRIMARY KEY, beat TEXT NOT NULL);\nINSERT OR IGNORE INTO " + id(table) +
         "(id, beat) VALUES (" + std::to_string(canary_row) + ", '-');\n";
}

std::string beat_sql(const std::string& table) {
  return "UPDATE " + id(table) + " SET beat = ?1 WHERE id = " + std::to_string(canary_row);
}

std::string leftovers_query(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + sql::name_literal(name);
  return "SELECT type || ' ' || name FROM sqlite_master WHERE name IN (" + list + ");\n";
}

void check_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!good) throw Error(ErrorKind::misuse, "QZ-ADP-010", "the name of a source or target must be [a-z0-9_]+");
}

std::vector<Trigger> triggers_of(const SourceSpec& spec) {
  std::vector<Trigger> all;
  if (spec.mode != CaptureMode::journal) return all;
  for (std::size_t i = 0; i < spec.tables.size(); ++i) Script{spec, spec.tables[i], i}.append_to(all);
  return all;
}

Plan source_plan(const SourceSpec& spec) {
  check_name(spec.name);
  if (spec.mode == CaptureMode::log)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "sqlite has no log capture", "use mode: journal");
  if (spec.mode == CaptureMode::watermark)
    throw Error(ErrorKind::misuse, "QZ-ADP-021", "sqlite has no capture by a watermark", "use mode: journal");
  Plan plan;
  plan.grants =
      "-- SQLite knows no users: the account of the agent needs read and write permission on the database file and\n"
      "-- on its directory.\n";
  if (spec.mode == CaptureMode::snapshot_only) {
    plan.install = sql::comment("Qianzhi source " + spec.name + " is compared: nothing has to be installed.");
    plan.uninstall = sql::comment("Nothing was installed.");
    return plan;
  }
  const std::vector<Trigger> triggers = triggers_of(spec);
  plan.install = install_script(spec, triggers);
  plan.uninstall = uninstall_script(spec, triggers);
  std::vector<std::string> names = {journal_table(spec.name), forgotten_table(spec.name)};
  for (const Trigger& trigger : triggers) names.push_back(trigger.name);
  if (!spec.canary.empty()) names.push_back(spec.canary);
  plan.leftovers = leftovers_query(names);
  return plan;
}

}  // namespace qianzhi::adapter::lite
