#include <algorithm>
#include <set>

#include "adapters/postgresql/canary.h"
#include "adapters/postgresql/journal_plan.h"
#include "adapters/postgresql/leftovers.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/watermark_plan.h"

namespace qianzhi::postgresql {

namespace {

std::vector<std::string> distinct_tables(const adapter::SourceSpec& spec) {
  std::vector<std::string> tables;
  for (const auto& table : spec.tables)
    if (std::find(tables.begin(), tables.end(), table.table) == tables.end()) tables.push_back(table.table);
  return tables;
}

void add_new(std::vector<std::string>& all, const std::vector<std::string>& more) {
  for (const auto& name : more)
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
}

std::string identity_index(const adapter::SourceTable& table, const std::string& name) {
  return quote_name(("qianzhi_" + name + "_" + split_table(table.table).second).substr(0, 60));
}

bool needs_old_values(const adapter::SourceSpec& spec, const std::string& table) {
  return std::any_of(spec.tables.begin(), spec.tables.end(), [&](const adapter::SourceTable& entry) {
    return entry.table == table && !entry.old_columns.empty();
  });
}

std::string grants_for(const adapter::SourceSpec& spec, const std::string& role) {
  std::string text;
  std::set<std::string> schemas;
  for (const auto& table : distinct_tables(spec)) {
    const std::string schema = split_table(table).first;
    if (!schema.empty() && schemas.insert(schema).second)
      text += "GRANT USAGE ON SCHEMA " + quote_name(schema) + " TO " + role + ";\n";
    text += "GRANT SELECT (" + quote_list(published_columns(spec, table)) + ") ON " + quote_table(table) + " TO " +
            role + ";\n";
  }
  return text + canary_grant(spec, role);
}

}  // namespace

std::string role_of(const adapter::SourceSpec& spec) {
  const std::string user = user_of(spec.connection);
  return quote_name(user.empty() ? own_name(spec.name) : user);
}

std::string array_text(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const auto& text : texts) {
    if (array.size() > 1) array += ',';
    array += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  return array += '}';
}

std::vector<std::string> published_columns(const adapter::SourceSpec& spec, const std::string& table) {
  std::vector<std::string> columns;
  for (const auto& entry : spec.tables) {
    if (entry.table != table) continue;
    add_new(columns, entry.columns);
    add_new(columns, entry.key);
    add_new(columns, entry.old_columns);
  }
  return columns;
}

std::string published_tables_sql(const adapter::SourceSpec& spec) {
  std::string text;
  for (const auto& table : distinct_tables(spec)) {
    text += (text.empty() ? "" : ",\n  ") + quote_table(table);
    if (!needs_old_values(spec, table)) text += " (" + quote_list(published_columns(spec, table)) + ")";
  }
  return text;
}

std::string publication_sql(const adapter::SourceSpec& spec) {
  const std::string name = quote_name(own_name(spec.name));
  const std::string tables = published_tables_sql(spec);
  const std::string kinds = "(publish = 'insert, update, delete, truncate', publish_via_partition_root = true)";
  return "DO $qianzhi$\nBEGIN\n  IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = '" + own_name(spec.name) +
         "') THEN\n  CREATE PUBLICATION " + name + " FOR TABLE\n  " + tables + "\n  WITH " + kinds +
         ";\n  ELSE\n  ALTER PUBLICATION " + name + " SET TABLE\n  " + tables + ";\n  ALTER PUBLICATION " + name +
         " SET " + kinds + ";\n  END IF;\nEND\n$qianzhi$;\n";
}

std::string identity_sql(const adapter::SourceTable& table, const std::string& name) {
  if (table.old_columns.empty())
    return "-- The primary key must be (" + quote_list(table.key) + "); it then is the replica identity by itself.\n" +
           "ALTER TABLE " + quote_table(table.table) + " REPLICA IDENTITY DEFAULT;\n";
  std::vector<std::string> columns = table.key;
  add_new(columns, table.old_columns);
  const std::string index = identity_index(table, name);
  const std::string quoted = quote_table(table.table);
  return "-- Updates and deletes must also carry what (" + quote_list(table.old_columns) +
         ") held before, so the log gets old rows whole.\n"
         "-- Takes an exclusive lock for a moment. A table with this identity must be published with all its columns;\n"
         "-- the adapter drops those that are not listed.\n"
         "ALTER TABLE " +
         quoted +
         " REPLICA IDENTITY FULL;\n"
         "-- Instead, if all columns below are NOT NULL: less log, and only listed columns leave the server.\n"
         "--   CREATE UNIQUE INDEX CONCURRENTLY " +
         index + " ON " + quoted + " (" + quote_list(columns) + ");\n--   ALTER TABLE " + quoted +
         " REPLICA IDENTITY USING INDEX " + index + ";\n--   and in the publication: " + quoted +
         " (columns that qianzhi sample shows)\n";
}

std::string access_lines(const std::string& database, const std::string& role, const std::string& kind) {
  return "-- pg_hba.conf, then SELECT pg_reload_conf()." + kind + "\n--   hostssl  " +
         (database.empty() ? "DATABASE" : database) + "  " + role + "  AGENT_ADDRESS/32  scram-sha-256\n";
}

std::string connect_line(const std::string& database, const std::string& role) {
  return database.empty() ? "" : "GRANT CONNECT ON DATABASE " + quote_name(database) + " TO " + role + ";\n";
}

std::string comparison_grants(const adapter::SourceSpec& spec, const std::string& role) {
  const std::string database = database_of(spec.connection);
  return "-- A role that can log in and read the listed columns; nothing else.\nCREATE ROLE " + role +
         " LOGIN NOINHERIT CONNECTION LIMIT 6;\n-- Set its password with: \\password " + role + "\n" +
         connect_line(database, role) + grants_for(spec, role) + access_lines(database, role, "");
}

// Capture by comparison: a role that reads, and nothing else.
adapter::Plan plan_comparison(const adapter::SourceSpec& spec) {
  const std::string role = role_of(spec);
  adapter::Plan plan;
  plan.install = "-- Qianzhi source " + spec.name + " is compared: nothing has to be installed.\n";
  plan.grants = comparison_grants(spec, role);
  plan.uninstall = "-- First stop the agent.\nDROP OWNED BY " + role + ";\nDROP ROLE " + role + ";\n";
  return plan;
}

namespace {

adapter::Plan plan_log(const adapter::SourceSpec& spec);

adapter::Plan plan_of(const adapter::SourceSpec& spec) {
  if (spec.mode == adapter::CaptureMode::snapshot_only) return plan_comparison(spec);
  if (spec.mode == adapter::CaptureMode::journal) return plan_journal(spec);
  if (spec.mode == adapter::CaptureMode::watermark) return plan_watermark(spec);
  return plan_log(spec);
}

adapter::Plan plan_log(const adapter::SourceSpec& spec) {
  const std::string name = own_name(spec.name);
  const std::string role = role_of(spec);
  const std::string database = database_of(spec.connection);
  adapter::Plan plan;
  plan.install = "-- Qianzhi source " + spec.name +
                 ". Run as the owner of the tables, in the database to be read.\n"
                 "-- Once per server, needs a restart: wal_level = logical; max_replication_slots and max_wal_senders "
                 "with one to\n"
                 "-- spare. Recommended: max_slot_wal_keep_size, so that a stopped agent can never fill the disk.\n"
                 "--   ALTER SYSTEM SET wal_level = 'logical';\n"
                 "--   ALTER SYSTEM SET max_slot_wal_keep_size = '20GB';\n\n";
  std::string identities;
  std::string undo;
  for (const auto& table : spec.tables) {
    identities += identity_sql(table, spec.name) + "\n";
    if (table.old_columns.empty()) continue;
    undo += "ALTER TABLE " + quote_table(table.table) + " REPLICA IDENTITY DEFAULT;\n";
  }
  if (spec.mode == adapter::CaptureMode::log)
    plan.install +=
        canary_sql(spec) + "-- What updates and deletes say about the old row.\n" + identities +
        "-- The publication: these tables and columns leave the server, no others. Takes a short lock that\n"
        "-- does not block reading or writing. Never drop it while the slot is there. It must exist before the agent "
        "makes its slot " +
        name + ".\n" + publication_sql(spec);
  plan.grants =
      "-- A role that can log in, stream the log and read the listed columns; nothing else.\n"
      "-- REPLICATION lets a role stream any publication of this server: keep its password like a DBA's.\n"
      "CREATE ROLE " +
      role + " LOGIN REPLICATION NOINHERIT CONNECTION LIMIT 6;\n-- Set its password with: \\password " + role + "\n" +
      connect_line(database, role) + grants_for(spec, role) +
      access_lines(database, role, " Logical replication matches the database, not 'replication':");
  plan.uninstall =
      "-- First stop the agent. The slot holds log back until it is dropped.\n"
      "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '" +
      name + "';\nDROP PUBLICATION IF EXISTS " + quote_name(name) + ";\n" + undo + drop_canary_sql(spec) +
      (spec.canary.empty() ? "" : "-- After the last source of this database: DROP SCHEMA IF EXISTS qianzhi;\n") +
      "DROP OWNED BY " + role + ";\nDROP ROLE " + role + ";\n";
  return plan;
}

}  // namespace

adapter::Plan plan_source(const adapter::SourceSpec& spec) {
  adapter::Plan plan = plan_of(spec);
  plan.leftovers = source_leftovers(spec);
  return plan;
}

}  // namespace qianzhi::postgresql
