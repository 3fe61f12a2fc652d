#include "adapters/sql/sql_text.h"
#include "adapters/sqlite/names.h"
#include "adapters/sqlite/plan.h"

namespace qianzhi::adapter::lite {

namespace {

std::string item_columns(const TargetTable& table) {
  std::string text;
  for (const Item& item : table.columns) {
    text.append("  ").append(id(item.id)).append(" ").append(declared_type(item.type)).append(",");
    text.append(item.title.empty() ? "\n" : "  " + sql::comment(item.title));
  }
  return text;
}

std::string received_table(const TargetTable& table) {
  std::string text = "CREATE TABLE IF NOT EXISTS " + id(table.table) + "(\n" + item_columns(table) +
                     "  qz_origin TEXT NOT NULL,  -- agent that sent the row\n"
                     "  qz_group TEXT NOT NULL,  -- partition value it was granted under\n"
                     "  qz_seen TEXT NOT NULL DEFAULT '',  -- refill that last touched it\n";
  if (table.mode == ApplyMode::soft_delete) text += "  qz_deleted INTEGER NOT NULL DEFAULT 0,\n";
  text += "  PRIMARY KEY (" + sql::identifiers(sql::sqlite, table.key) + ")\n);\n";
  text += "CREATE INDEX IF NOT EXISTS " + id("qz_" + table.table + "_group") + " ON " + id(table.table) +
          "(qz_origin, qz_group);\n";
  return text;
}

std::string history_table(const TargetTable& table) {
  return "CREATE TABLE IF NOT EXISTS " + id(table.history_table) + "(\n" + item_columns(table) +
         "  qz_origin TEXT NOT NULL,\n  qz_group TEXT NOT NULL,\n"
         "  qz_operation TEXT NOT NULL,  -- upsert, delete\n"
         "  qz_epoch INTEGER NOT NULL,\n  qz_sequence INTEGER NOT NULL,\n  qz_ordinal INTEGER NOT NULL,\n"
         "  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)\n);\n";
}

}  // namespace

// Decimals, dates and years as text: numeric affinity would round or shorten them.
std::string_view declared_type(ItemType type) {
  switch (type) {
    case ItemType::integer: return "INTEGER";
    case ItemType::boolean: return "BOOLEAN";
    case ItemType::bytes: return "BLOB";
    default: return "TEXT";
  }
}

Plan target_plan(const TargetSpec& spec) {
  check_name(spec.name);
  Plan plan;
  plan.install = sql::comment("Qianzhi received tables, target " + spec.name + ". Run by the DBA; safe to run again.") +
                 "-- The database should be in WAL mode: PRAGMA journal_mode=WAL;\n\nBEGIN IMMEDIATE;\n\n"
                 "-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.\n"
                 "CREATE TABLE IF NOT EXISTS " +
                 id(mark_table) +
                 "(\n  subscription TEXT NOT NULL,\n  origin TEXT NOT NULL,\n  epoch INTEGER NOT NULL,\n"
                 "  sequence INTEGER NOT NULL,\n  digest TEXT NOT NULL,\n  state BLOB NOT NULL,\n"
                 "  PRIMARY KEY (subscription, origin)\n);\n"
                 "-- Holds a row only inside our own transactions: what we write is not captured as a change.\n"
                 "CREATE TABLE IF NOT EXISTS " +
                 id(guard_table) + "(on_behalf_of TEXT NOT NULL);\n\n";
  plan.uninstall =
      "-- Removes the received rows. qianzhi_mark and qianzhi_guard are shared with other targets and\n"
      "-- captures in this file and stay.\nBEGIN IMMEDIATE;\n";
  std::vector<std::string> names;
  for (const TargetTable& table : spec.tables) {
    names.push_back(table.table);
    if (table.mode == ApplyMode::history) names.push_back(table.history_table);
    plan.install += received_table(table) + "\n";
    plan.uninstall += "DROP TABLE IF EXISTS " + id(table.table) + ";\n";
    if (table.mode != ApplyMode::history) continue;
    plan.install += history_table(table) + "\n";
    plan.uninstall += "DROP TABLE IF EXISTS " + id(table.history_table) + ";\n";
  }
  plan.leftovers = leftovers_query(names);
  plan.install += "COMMIT;\n";
  plan.uninstall += "COMMIT;\n";
  plan.grants =
      "-- SQLite knows no users: the account of the agent needs read and write permission on the database file and\n"
      "-- on its directory.\n";
  return plan;
}

}  // namespace qianzhi::adapter::lite
