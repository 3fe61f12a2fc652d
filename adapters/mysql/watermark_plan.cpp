#include "adapters/mysql/watermark_plan.h"

#include <algorithm>

#include "adapters/mysql/installed_triggers.h"
#include "adapters/mysql/journal_plan.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"

namespace qianzhi::mysql {

namespace {

std::string schema_prefix(const adapter::SourceTable& table) {
  const std::string schema = split_table(table.table).first;
  return schema.empty() ? "" : quote_name(schema) + ".";
}

std::string mark_index(const adapter::SourceTable& table) { return quote_name("qianzhi_by_" + table.watermark); }

std::string trigger_of(const adapter::SourceSpec& spec, const adapter::SourceTable& table, char event) {
  return schema_prefix(table) + quote_name(trigger_name(spec.name, table.table, event));
}

constexpr const char* install_own =
    "-- What: an invisible column that holds a number of the server's counter, drawn for each row as it is written, "
    "and\n"
    "-- two triggers a table that set it. Programs that do not name the column do not see it. An UPDATE that changes\n"
    "-- nothing else now writes its row, too: columns with ON UPDATE CURRENT_TIMESTAMP follow.\n"
    "-- Who: an account with ALTER, INDEX, TRIGGER and CREATE ROUTINE. Locks: each table for a moment; the index is\n"
    "-- built while it is read and written. Running it again is safe.\n\n";

}  // namespace

std::string mark_body(const adapter::SourceTable& table) {
  return "SET NEW." + quote_name(table.watermark) + " = UUID_SHORT()";
}

std::string mark_index_sql(const adapter::SourceTable& table) {
  std::vector<std::string> columns = table.key;
  columns.insert(columns.begin(), table.watermark);
  return "ALTER TABLE " + quote_table(table.table) + " ADD INDEX IF NOT EXISTS " + mark_index(table) + " (" +
         quote_list(columns) + "), ALGORITHM=INPLACE, LOCK=NONE;";
}

// The column begins empty, so that no row is written anew; those that are there now come with the first refill.
std::string keep_mark_sql(const adapter::SourceSpec& spec, const adapter::SourceTable& table) {
  const std::string quoted = quote_table(table.table);
  std::string text = "ALTER TABLE " + quoted + " ADD COLUMN IF NOT EXISTS " + quote_name(table.watermark) +
                     " bigint unsigned INVISIBLE NULL;\n" + mark_index_sql(table) + "\n";
  for (const char event : std::string(mark_events))
    text += "CREATE OR REPLACE TRIGGER " + trigger_of(spec, table, event) + " BEFORE " +
            (event == 'm' ? "INSERT" : "UPDATE") + " ON " + quoted + " FOR EACH ROW\n" + mark_body(table) + ";\n";
  return text;
}

adapter::Plan plan_watermark(const adapter::SourceSpec& spec) {
  const std::string account = account_of(spec.connection, spec.name);
  std::string own;
  std::string theirs;
  std::string undo_triggers;
  std::string undo_columns;
  for (const adapter::SourceTable& table : spec.tables) {
    if (!is_own_mark(table)) {
      theirs += "--   " + mark_index_sql(table) + "\n";
      continue;
    }
    own += keep_mark_sql(spec, table) + "\n";
    for (const char event : std::string(mark_events))
      undo_triggers += "DROP TRIGGER IF EXISTS " + trigger_of(spec, table, event) + ";\n";
    const std::string alter = "ALTER TABLE " + quote_table(table.table) + " DROP ";
    undo_columns += alter + "INDEX IF EXISTS " + mark_index(table) + ";\n" + alter + "COLUMN IF EXISTS " +
                    quote_name(table.watermark) + ";\n";
  }
  adapter::Plan plan;
  plan.install = "-- Qianzhi source " + spec.name +
                 ": reads the rows whose watermark grew. It sees no deletes, no TRUNCATE, nothing that a foreign\n"
                 "-- key cascades and no row whose watermark was not set; a comparison (reconcile) finds those.\n";
  if (!own.empty()) plan.install += install_own + triggers_function_sql(spec) + own;
  if (!theirs.empty())
    plan.install +=
        "-- Nothing has to be installed for the other tables: the server sets their watermarks. Without an index that\n"
        "-- begins with the watermark each look reads all of a table:\n" +
        theirs;
  plan.grants = reading_grants(spec);
  if (!own.empty())
    plan.grants += "-- To see that the triggers are there.\nGRANT EXECUTE ON FUNCTION " +
                   full_table(spec.connection, triggers_function(spec.name)) + " TO " + account + ";\n";
  plan.grants +=
      "-- To see which statements and transactions are open: a row is read only when none can commit an earlier one.\n"
      "GRANT PROCESS ON *.* TO " +
      account + ";\n";
  // Triggers first: without its column a trigger would make the department's writes fail.
  plan.uninstall = "-- First stop the agent. The tables themselves stay.\n" + undo_triggers + undo_columns;
  if (!own.empty()) plan.uninstall += "DROP FUNCTION IF EXISTS " + quote_name(triggers_function(spec.name)) + ";\n";
  plan.uninstall += "DROP USER IF EXISTS " + account + ";\n";
  return plan;
}

}  // namespace qianzhi::mysql
