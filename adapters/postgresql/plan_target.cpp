#include <algorithm>

#include "adapters/postgresql/leftovers.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

namespace {

std::string type_of(const Item& item, bool is_key) {
  const std::string length = item.length == 0 ? "" : "(" + std::to_string(item.length) + ")";
  // Keys compare octet by octet, whatever the database's language is (pitfall 25).
  const std::string collate = is_key ? " COLLATE \"C\"" : "";
  switch (item.type) {
    case ItemType::integer: return "bigint";
    case ItemType::decimal:
      return item.length == 0 ? "numeric"
                              : "numeric(" + std::to_string(item.length) + ", " + std::to_string(item.scale) + ")";
    case ItemType::date: return "date";
    case ItemType::timestamp: return "timestamp";
    case ItemType::boolean: return "boolean";
    case ItemType::bytes: return "bytea";
    case ItemType::year: return "varchar(4)" + collate;
    case ItemType::text:
    case ItemType::code:
    case ItemType::digits: break;
  }
  return (length.empty() ? "text" : "varchar" + length) + collate;
}

std::string comment_of(const Item& item) {
  std::string title = item.title;
  std::replace_if(
      title.begin(), title.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return title.empty() ? "" : "  -- " + title;
}

std::string columns_of(const adapter::TargetTable& table) {
  std::string text;
  for (const auto& item : table.columns) {
    const bool is_key = std::find(table.key.begin(), table.key.end(), item.id) != table.key.end();
    text += "  " + quote_name(item.id) + " " + type_of(item, is_key) + "," + comment_of(item) + "\n";
  }
  return text;
}

std::string create_received(const adapter::TargetTable& table) {
  const std::string name = quote_table(table.table);
  std::string text = "CREATE TABLE IF NOT EXISTS " + name + " (\n" + columns_of(table) +
                     "  qz_origin text COLLATE \"C\" NOT NULL,  -- agent that sent the row\n"
                     "  qz_group text COLLATE \"C\" NOT NULL,  -- partition value it was granted under\n"
                     "  qz_seen text NOT NULL DEFAULT '',  -- refill that last touched it\n";
  if (table.mode == adapter::ApplyMode::soft_delete) text += "  qz_deleted boolean NOT NULL DEFAULT false,\n";
  text += "  PRIMARY KEY (" + quote_list(table.key) + ")\n);\n";
  return text + "CREATE INDEX IF NOT EXISTS " +
         quote_name(("qz_" + split_table(table.table).second).substr(0, 50) + "_group") + " ON " + name +
         " (qz_origin, qz_group);\n";
}

std::string create_history(const adapter::TargetTable& table) {
  return "CREATE TABLE IF NOT EXISTS " + quote_table(table.history_table) + " (\n" + columns_of(table) +
         "  qz_origin text NOT NULL,\n  qz_group text NOT NULL,\n  qz_operation text NOT NULL,  -- upsert, delete\n"
         "  qz_epoch bigint NOT NULL,\n  qz_sequence bigint NOT NULL,\n  qz_ordinal bigint NOT NULL,\n"
         "  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)\n);\n";
}

}  // namespace

adapter::Plan plan_target(const adapter::TargetSpec& spec) {
  const std::string user = user_of(spec.connection);
  const std::string role = quote_name(user.empty() ? own_name(spec.name) : user);
  adapter::Plan plan;
  plan.install = "-- Qianzhi received tables, target " + spec.name +
                 ". Run by the DBA; safe to run again.\nBEGIN;\n\n"
                 "-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.\n"
                 "CREATE TABLE IF NOT EXISTS qianzhi_mark (\n  subscription text NOT NULL,\n  origin text NOT NULL,\n"
                 "  epoch bigint NOT NULL,\n  sequence bigint NOT NULL,\n  digest text NOT NULL,\n"
                 "  state bytea NOT NULL,\n  PRIMARY KEY (subscription, origin)\n);\n\n";
  plan.grants = "-- A role that can log in and change the received tables; nothing else.\nCREATE ROLE " + role +
                " LOGIN NOINHERIT CONNECTION LIMIT 6;\n-- Set its password with: \\password " + role +
                "\nGRANT SELECT, INSERT, UPDATE ON qianzhi_mark TO " + role + ";\n";
  plan.uninstall =
      "-- Removes the received rows. qianzhi_mark is shared with other targets of this database and stays.\n"
      "BEGIN;\n";
  for (const auto& table : spec.tables) {
    plan.install += create_received(table) + "\n";
    plan.grants += "GRANT SELECT, INSERT, UPDATE, DELETE ON " + quote_table(table.table) + " TO " + role + ";\n";
    plan.uninstall += "DROP TABLE IF EXISTS " + quote_table(table.table) + ";\n";
    if (table.mode != adapter::ApplyMode::history) continue;
    plan.install += create_history(table) + "\n";
    plan.grants += "GRANT SELECT, INSERT ON " + quote_table(table.history_table) + " TO " + role + ";\n";
    plan.uninstall += "DROP TABLE IF EXISTS " + quote_table(table.history_table) + ";\n";
  }
  plan.grants +=
      "-- Large batches go through a temporary table: needs TEMPORARY on the database (granted to all by default).\n";
  plan.install += "COMMIT;\n";
  plan.uninstall += "COMMIT;\nDROP OWNED BY " + role + ";\nDROP ROLE " + role + ";\n";
  plan.leftovers = target_leftovers(spec);
  return plan;
}

}  // namespace qianzhi::postgresql
