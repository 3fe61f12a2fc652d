#include "adapters/postgresql/watermark_plan.h"

#include "adapters/postgresql/journal.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"

namespace qianzhi::postgresql {

namespace {

std::string mark_function(const std::string& name, const adapter::SourceTable& table) {
  return "qianzhi." + quote_name(capture_name(name + "_mark", table.table));
}

std::string mark_trigger_name(const std::string& name) { return quote_name(mark_trigger + name); }

std::string mark_columns(const adapter::SourceTable& table) {
  std::vector<std::string> columns = table.key;
  columns.insert(columns.begin(), table.watermark);
  return "(" + quote_list(columns) + ")";
}

std::string mark_index(const adapter::SourceTable& table) {
  return quote_name(("qianzhi_mark_" + split_table(table.table).second).substr(0, 60));
}

}  // namespace

std::string mark_index_sql(const adapter::SourceTable& table) {
  return "CREATE INDEX CONCURRENTLY " + mark_index(table) + " ON " + quote_table(table.table) + " " +
         mark_columns(table) + ";";
}

// The column begins empty, so that no row is written anew; those that are there now come with the first refill.
std::string keep_mark_sql(const std::string& name, const adapter::SourceTable& table) {
  const std::string quoted = quote_table(table.table);
  const std::string column = quote_name(table.watermark);
  const std::string function = mark_function(name, table);
  const std::string trigger = mark_trigger_name(name);
  return "ALTER TABLE " + quoted + " ADD COLUMN IF NOT EXISTS " + column + " xid8;\nCREATE OR REPLACE FUNCTION " +
         function + "() RETURNS trigger LANGUAGE plpgsql\nAS $qianzhi$\nBEGIN\n" + "  NEW." + column +
         " := pg_catalog.pg_current_xact_id();\n  RETURN NEW;\nEND\n$qianzhi$;\nDROP TRIGGER IF EXISTS " + trigger +
         " ON " + quoted + ";\nCREATE TRIGGER " + trigger + " BEFORE INSERT OR UPDATE ON " + quoted +
         "\n  FOR EACH ROW EXECUTE FUNCTION " + function + "();\nALTER TABLE " + quoted + " ENABLE ALWAYS TRIGGER " +
         trigger +
         ";\n-- On a large table make it beforehand, by itself, with CREATE INDEX CONCURRENTLY: it waits for\n" +
         "-- nobody and blocks nobody.\nCREATE INDEX IF NOT EXISTS " + mark_index(table) + " ON " + quoted + " " +
         mark_columns(table) + " WHERE " + column + " IS NOT NULL;\n";
}

adapter::Plan plan_watermark(const adapter::SourceSpec& spec) {
  const std::string role = role_of(spec);
  std::string own;
  std::string theirs;
  std::string undo;
  for (const adapter::SourceTable& table : spec.tables) {
    if (!is_own_mark(table)) {
      theirs += "--   " + mark_index_sql(table) + "\n";
      continue;
    }
    own += keep_mark_sql(spec.name, table) + "\n";
    const std::string quoted = quote_table(table.table);
    undo += "DROP TRIGGER IF EXISTS " + mark_trigger_name(spec.name) + " ON " + quoted + ";\nDROP FUNCTION IF EXISTS " +
            mark_function(spec.name, table) + "();\nALTER TABLE " + quoted + " DROP COLUMN IF EXISTS " +
            quote_name(table.watermark) + ";\n";
  }
  adapter::Plan plan;
  plan.install = "-- Qianzhi source " + spec.name +
                 ": reads the rows whose watermark grew. It sees no deletes, no TRUNCATE, and no row whose\n"
                 "-- watermark was not set; a comparison (reconcile) finds those.\n";
  if (!own.empty())
    plan.install +=
        "-- What: a column that holds the number of the transaction which wrote the row, kept by a trigger.\n"
        "-- Locks: each table for a moment, against reading and writing. Running it again is safe.\n\nBEGIN;\n"
        "CREATE SCHEMA IF NOT EXISTS qianzhi;\n" +
        own + "COMMIT;\n";
  if (!theirs.empty())
    plan.install +=
        "-- Nothing has to be installed for the other tables. Without an index that begins with the watermark\n"
        "-- each look reads all of a table:\n" +
        theirs;
  plan.grants = comparison_grants(spec, role);
  if (!theirs.empty())
    plan.grants +=
        "-- To see when open transactions began, where a watermark is a time. It also shows the statements of\n"
        "-- other sessions; a watermark that holds transaction numbers does without.\nALTER ROLE " +
        role + " INHERIT;\nGRANT pg_read_all_stats TO " + role + ";\n";
  plan.uninstall = "-- First stop the agent.\n" + (undo.empty() ? undo : "BEGIN;\n" + undo + "COMMIT;\n") +
                   "DROP OWNED BY " + role + ";\nDROP ROLE " + role + ";\n";
  return plan;
}

}  // namespace qianzhi::postgresql
