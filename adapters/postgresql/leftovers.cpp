#include "adapters/postgresql/leftovers.h"

#include <vector>

#include "adapters/postgresql/journal.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/watermark_plan.h"

namespace qianzhi::postgresql {

namespace {

std::string in_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + quote_text(text);
  return "(" + list + ")";
}

std::string role_query(const adapter::Connection& connection, const std::string& otherwise) {
  const std::string user = user_of(connection);
  return "SELECT 'role ' || rolname FROM pg_roles WHERE rolname = " + quote_text(user.empty() ? otherwise : user);
}

}  // namespace

std::string source_leftovers(const adapter::SourceSpec& spec) {
  const std::string name = own_name(spec.name);
  std::vector<std::string> functions;
  std::string tables;
  for (const adapter::SourceTable& table : spec.tables) {
    functions.push_back(capture_name(spec.name, table.table));
    functions.push_back(capture_name(spec.name + "_mark", table.table));
    const std::string oid = "to_regclass(" + quote_text(quote_table(table.table)) + ")";
    if (is_own_mark(table))
      tables +=
          "UNION ALL SELECT 'column ' || attrelid::regclass || '.' || attname FROM pg_attribute WHERE attrelid = " +
          oid + " AND attname = " + quote_text(table.watermark) + "\n";
    if (spec.mode == adapter::CaptureMode::log && !table.old_columns.empty())
      tables += "UNION ALL SELECT 'replica identity of ' || oid::regclass FROM pg_class WHERE oid = " + oid +
                " AND relreplident <> 'd'\n";
  }
  if (!spec.canary.empty())
    tables += "UNION ALL SELECT 'table ' || oid::regclass FROM pg_class WHERE oid = to_regclass(" +
              quote_text(quote_table(spec.canary)) + ")\n";
  return "SELECT 'replication slot ' || slot_name FROM pg_replication_slots WHERE slot_name = " + quote_text(name) +
         "\nUNION ALL SELECT 'publication ' || pubname FROM pg_publication WHERE pubname = " + quote_text(name) +
         "\nUNION ALL SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE tgname IN " +
         in_list({row_trigger + spec.name, truncate_trigger + spec.name, mark_trigger + spec.name}) +
         "\nUNION ALL SELECT 'function ' || p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = "
         "p.pronamespace\n  WHERE n.nspname = 'qianzhi' AND p.proname IN " +
         in_list(functions) +
         "\nUNION ALL SELECT 'table ' || c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = "
         "c.relnamespace\n"
         "  WHERE n.nspname = 'qianzhi' AND c.relname IN " +
         in_list({spec.name + "_journal", spec.name + "_forgotten"}) + "\n" + tables + "UNION ALL " +
         role_query(spec.connection, name) + ";\n";
}

std::string target_leftovers(const adapter::TargetSpec& spec) {
  std::string query;
  for (const adapter::TargetTable& table : spec.tables)
    for (const std::string& name : {table.table, table.history_table})
      if (!name.empty())
        query += "SELECT 'table ' || oid::regclass FROM pg_class WHERE oid = to_regclass(" +
                 quote_text(quote_table(name)) + ")\nUNION ALL ";
  return query + role_query(spec.connection, "qianzhi_" + spec.name) + ";\n";
}

}  // namespace qianzhi::postgresql
