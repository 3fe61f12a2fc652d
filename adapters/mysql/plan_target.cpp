#include <algorithm>

#include "adapters/mysql/leftovers.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "adapters/mysql/session.h"

namespace qianzhi::mysql {

namespace {

// Compares octet by octet, blanks at the end included, whatever the database's collation is (pitfall 25).
constexpr const char* exact_text = " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
constexpr std::uint32_t longest_varchar = 1'000;  // characters; more is TEXT, which does not count for the row's size
constexpr std::uint32_t longest_key_text = 190;   // characters where none is given

std::string text_type(const Item& item, bool is_key) {
  if (is_key) return "varchar(" + std::to_string(item.length == 0 ? longest_key_text : item.length) + ")" + exact_text;
  if (item.length == 0 || item.length > longest_varchar) return std::string("longtext") + exact_text;
  return "varchar(" + std::to_string(item.length) + ")" + exact_text;
}

std::string type_of(const Item& item, bool is_key) {
  switch (item.type) {
    case ItemType::integer: return "bigint";
    case ItemType::decimal:
      return item.length == 0 ? "decimal(65, 10)"
                              : "decimal(" + std::to_string(item.length) + ", " + std::to_string(item.scale) + ")";
    case ItemType::date: return "date";
    case ItemType::timestamp: return "datetime(6)";
    case ItemType::boolean: return "boolean";
    case ItemType::bytes:
      if (is_key) return "varbinary(" + std::to_string(item.length == 0 ? longest_key_text : item.length) + ")";
      return "longblob";
    case ItemType::year: return std::string("varchar(4)") + exact_text;
    case ItemType::text:
    case ItemType::code:
    case ItemType::digits: break;
  }
  return text_type(item, is_key);
}

std::string title_comment(const Item& item) {
  std::string title = item.title;
  std::replace_if(
      title.begin(), title.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return title.empty() ? "" : "  -- " + title;
}

std::string item_columns(const adapter::TargetTable& table) {
  std::string text;
  for (const auto& item : table.columns) {
    const bool is_key = std::find(table.key.begin(), table.key.end(), item.id) != table.key.end();
    text += "  " + quote_name(item.id) + " " + type_of(item, is_key) + (is_key ? " NOT NULL," : " NULL,") +
            title_comment(item) + "\n";
  }
  return text;
}

std::string create_received(const adapter::TargetTable& table) {
  std::string text = "CREATE TABLE IF NOT EXISTS " + quote_table(table.table) + " (\n" + item_columns(table) +
                     "  qz_origin varchar(128)" + exact_text + " NOT NULL,  -- agent that sent the row\n" +
                     "  qz_group varchar(500)" + exact_text + " NOT NULL,  -- partition value it was granted under\n" +
                     "  qz_seen varchar(128)" + exact_text + " NOT NULL DEFAULT '',  -- refill that last touched it\n";
  if (table.mode == adapter::ApplyMode::soft_delete) text += "  qz_deleted boolean NOT NULL DEFAULT 0,\n";
  return text + "  PRIMARY KEY (" + quote_list(table.key) +
         "),\n  KEY qz_group (qz_origin, qz_group)\n) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;\n";
}

std::string create_history(const adapter::TargetTable& table) {
  return "CREATE TABLE IF NOT EXISTS " + quote_table(table.history_table) + " (\n" + item_columns(table) +
         "  qz_origin varchar(128)" + exact_text + " NOT NULL,\n  qz_group varchar(500)" + exact_text +
         " NOT NULL,\n  qz_operation varchar(10) NOT NULL,  -- upsert, delete\n"
         "  qz_epoch bigint unsigned NOT NULL,\n  qz_sequence bigint unsigned NOT NULL,\n"
         "  qz_ordinal bigint unsigned NOT NULL,\n"
         "  PRIMARY KEY (qz_origin, qz_epoch, qz_sequence, qz_ordinal)\n"
         ") ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;\n";
}

}  // namespace

adapter::Plan plan_target(const adapter::TargetSpec& spec) {
  const std::string account = account_of(spec.connection, spec.name);
  adapter::Plan plan;
  plan.install = "-- Qianzhi received tables, target " + spec.name +
                 ". Run by the DBA in the database of the target; safe to run again.\n\n"
                 "-- Progress of each subscription; changes in the same transaction as the rows. Never edit it.\n"
                 "CREATE TABLE IF NOT EXISTS qianzhi_mark (\n  subscription varchar(190)" +
                 std::string(exact_text) + " NOT NULL,\n  origin varchar(128)" + exact_text +
                 " NOT NULL,\n  epoch bigint unsigned NOT NULL,\n  sequence bigint unsigned NOT NULL,\n"
                 "  digest varchar(64) NOT NULL,\n  state longblob NOT NULL,\n"
                 "  turns bigint unsigned NOT NULL,  -- transactions applied\n"
                 "  PRIMARY KEY (subscription, origin)\n) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;\n\n";
  plan.grants =
      "-- An account that changes the received tables; nothing else. Narrow '%' to the address of the\n"
      "-- front-end server.\nCREATE USER IF NOT EXISTS " +
      account + " WITH MAX_USER_CONNECTIONS 6;\n-- Set its password: SET PASSWORD FOR " + account +
      " = PASSWORD('...');\nGRANT SELECT, INSERT, UPDATE ON " + full_table(spec.connection, mark_table) + " TO " +
      account + ";\n";
  plan.uninstall =
      "-- Removes the received rows. qianzhi_mark is shared with other targets of this database and stays.\n";
  for (const auto& table : spec.tables) {
    plan.install += create_received(table) + "\n";
    plan.grants += "GRANT SELECT, INSERT, UPDATE, DELETE ON " + full_table(spec.connection, table.table) + " TO " +
                   account + ";\n";
    plan.uninstall += "DROP TABLE IF EXISTS " + quote_table(table.table) + ";\n";
    if (table.mode != adapter::ApplyMode::history) continue;
    plan.install += create_history(table) + "\n";
    plan.grants += "GRANT SELECT, INSERT, UPDATE ON " + full_table(spec.connection, table.history_table) + " TO " +
                   account + ";\n";
    plan.uninstall += "DROP TABLE IF EXISTS " + quote_table(table.history_table) + ";\n";
  }
  plan.uninstall += "DROP USER IF EXISTS " + account + ";\n";
  plan.leftovers = target_leftovers(spec);
  return plan;
}

}  // namespace qianzhi::mysql
