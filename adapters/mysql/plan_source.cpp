#include <algorithm>

#include "adapters/mysql/journal_plan.h"
#include "adapters/mysql/leftovers.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "adapters/mysql/session.h"
#include "adapters/mysql/watermark_plan.h"

namespace qianzhi::mysql {

namespace {

void add_new_names(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const auto& name : more)
    if (!name.empty() && std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
}

// Columns of a table that may be listed more than once.
std::vector<std::string> read_columns_of(const adapter::SourceSpec& spec, const std::string& table) {
  std::vector<std::string> columns;
  for (const adapter::SourceTable& entry : spec.tables) {
    if (entry.table != table) continue;
    add_new_names(columns, entry.columns);
    add_new_names(columns, entry.key);
    add_new_names(columns, entry.old_columns);
    if (!entry.watermark.empty()) add_new_names(columns, {entry.watermark});
  }
  return columns;
}

adapter::Plan plan_log(const adapter::SourceSpec& spec) {
  const std::string account = account_of(spec.connection, spec.name);
  adapter::Plan plan;
  plan.install =
      "-- Qianzhi source " + spec.name +
      ": capture from the binary log. Nothing is created in the database.\n"
      "-- The server must write it in full. In the configuration, group [mariadbd], then restart once:\n"
      "--   log_bin = binlog\n--   server_id = 1              -- a number of its own in your network\n"
      "--   binlog_format = ROW\n--   binlog_row_image = FULL\n--   binlog_row_metadata = FULL\n"
      "--   binlog_checksum = CRC32\n--   expire_logs_days = 7       -- longer than the agent may ever stand still\n"
      "-- All but log_bin and server_id can be set without a restart; sessions that are open keep theirs:\n"
      "SET GLOBAL binlog_format = 'ROW';\nSET GLOBAL binlog_row_image = 'FULL';\n"
      "SET GLOBAL binlog_row_metadata = 'FULL';\n";
  plan.grants =
      reading_grants(spec) +
      "-- The binary log and its position. REPLICATION SLAVE lets the account read all changes of this server:\n"
      "-- keep its password like a DBA's.\n"
      "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO " +
      account + ";\n";
  plan.uninstall = "-- First stop the agent.\nDROP USER IF EXISTS " + account + ";\n";
  return plan;
}

adapter::Plan plan_comparison(const adapter::SourceSpec& spec) {
  adapter::Plan plan;
  plan.install = "-- Qianzhi source " + spec.name + ": nothing is to be installed, the tables are read and compared.\n";
  plan.grants = reading_grants(spec);
  plan.uninstall = "-- First stop the agent.\nDROP USER IF EXISTS " + account_of(spec.connection, spec.name) + ";\n";
  return plan;
}

}  // namespace

std::string account_of(const adapter::Connection& connection, const std::string& name) {
  const std::string user = user_of(connection);
  return name_literal(user.empty() ? "qianzhi_" + check_source_name(name) : user) + "@'%'";
}

std::string full_table(const adapter::Connection& connection, const std::string& table) {
  const auto [schema, name] = split_table(table);
  const std::string database = database_of(connection);
  if (schema.empty() && database.empty()) return quote_name(name);
  return quote_name(schema.empty() ? database : schema) + "." + quote_name(name);
}

std::string reading_grants(const adapter::SourceSpec& spec) {
  const std::string account = account_of(spec.connection, spec.name);
  std::string text =
      "-- An account that reads the listed columns; nothing else. Narrow '%' to the address of the front-end server.\n"
      "CREATE USER IF NOT EXISTS " +
      account + " WITH MAX_USER_CONNECTIONS 6;\n-- Set its password: SET PASSWORD FOR " + account +
      " = PASSWORD('...');\n";
  std::vector<std::string> done;
  for (const adapter::SourceTable& table : spec.tables) {
    if (std::find(done.begin(), done.end(), table.table) != done.end()) continue;
    done.push_back(table.table);
    text += "GRANT SELECT (" + quote_list(read_columns_of(spec, table.table)) + ") ON " +
            full_table(spec.connection, table.table) + " TO " + account + ";\n";
  }
  return text;
}

adapter::Plan plan_source(const adapter::SourceSpec& spec) {
  check_source_name(spec.name);
  adapter::Plan plan;
  switch (spec.mode) {
    case adapter::CaptureMode::log: plan = plan_log(spec); break;
    case adapter::CaptureMode::journal: plan = plan_journal(spec); break;
    case adapter::CaptureMode::snapshot_only: plan = plan_comparison(spec); break;
    case adapter::CaptureMode::watermark: plan = plan_watermark(spec); break;
  }
  plan.leftovers = source_leftovers(spec);
  return plan;
}

}  // namespace qianzhi::mysql
