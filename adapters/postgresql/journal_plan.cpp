#include "adapters/postgresql/journal_plan.h"

#include "adapters/postgresql/canary.h"
#include "adapters/postgresql/journal.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/session.h"

namespace qianzhi::postgresql {

namespace {

// Every name and operator below is written with its schema: the function has the rights of its owner, and a writer's
// search_path must not say what it calls. A SET clause would do that too, and costs more than all the rest.
constexpr const char* equals = " OPERATOR(pg_catalog.=) ";

// As the server shows a value, which a cast to text would not always do: char(n) keeps its blanks.
std::string shown(const std::string& value) { return "pg_catalog.format('%s', " + value + ")"; }

std::string texts(const std::string& row, const std::vector<std::string>& columns) {
  if (columns.empty()) return "NULL";
  std::string array;
  for (const std::string& column : columns) {
    const std::string value = row + "." + quote_name(column);
    array += (array.empty() ? "" : ", ") + ("CASE WHEN " + value + " IS NOT NULL THEN " + shown(value) + " END");
  }
  return "ARRAY[" + array + "]";
}

std::string entry(const std::string& name, const adapter::SourceTable& table, char operation, const std::string& key,
                  const std::string& old) {
  return "INSERT INTO " + journal_name(name) + " (tbl, op, key, old) VALUES (" + quote_text(table.table) + ", '" +
         operation + "', " + (key.empty() ? "NULL" : texts(key, table.key)) + ", " +
         (old.empty() ? "NULL" : texts(old, table.old_columns)) + ");\n";
}

std::string function_name(const std::string& name, const adapter::SourceTable& table) {
  return "qianzhi." + quote_name(capture_name(name, table.table));
}

std::string trigger_name(const char* kind, const std::string& name) { return quote_name(kind + name); }

// Settings that change how values are shown are the same for every writer (pitfall 11), where a column's type minds.
std::string settings_sql(const std::string& name, const adapter::SourceTable& table) {
  std::string columns;
  for (const auto* list : {&table.key, &table.old_columns})
    for (const std::string& column : *list) columns += (columns.empty() ? "" : ", ") + quote_text(column);
  std::string text = "DO $qianzhi$ BEGIN IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = " +
                     quote_text(quote_table(table.table)) + "::regclass\n  AND attname IN (" + columns +
                     ") AND atttypid <> ALL ('" + std::string(indifferent_types) + "'::oid[])) THEN\n";
  for (const char* setting : {"timezone = 'UTC'", "datestyle = 'ISO'", "intervalstyle = 'iso_8601'",
                              "extra_float_digits = 3", "bytea_output = 'hex'"})
    text += "  ALTER FUNCTION " + function_name(name, table) + "() SET " + setting + ";\n";
  return text + "END IF; END $qianzhi$;\n";
}

std::string tables_sql(const adapter::SourceSpec& spec) {
  return "CREATE SCHEMA IF NOT EXISTS qianzhi;\n\n"
         "-- Changes: the key of each row, and what partition and filter columns held before. tx says when an entry "
         "may\n"
         "-- be read; salt tells it from another one with the same number that is written after a restore.\n"
         "CREATE TABLE IF NOT EXISTS " +
         journal_name(spec.name) +
         " (\n  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
         "  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),\n  tbl text NOT NULL,\n"
         "  op text NOT NULL,  -- i, u, d; t: TRUNCATE; x: capture was installed here\n  key text[],\n  old text[],\n"
         "  at timestamptz NOT NULL DEFAULT clock_timestamp(),\n"
         "  salt double precision NOT NULL DEFAULT random()\n);\n\n"
         "-- Up to where the agent has read and removed it.\nCREATE TABLE IF NOT EXISTS " +
         forgotten_name(spec.name) +
         " (\n  id int PRIMARY KEY CHECK (id = 1),\n  lower xid8 NOT NULL,\n  upper xid8 NOT NULL,\n"
         "  seq bigint NOT NULL,\n  identity text NOT NULL\n);\nINSERT INTO " +
         forgotten_name(spec.name) +
         " VALUES (1, '0', '0', 0, '0:0:' || md5(random()::text || clock_timestamp()::text))\n"
         "  ON CONFLICT DO NOTHING;\n"
         "-- Entries come and go all the time.\nALTER TABLE " +
         journal_name(spec.name) +
         " SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);\n\n";
}

}  // namespace

std::string capture_source(const std::string& name, const adapter::SourceTable& table) {
  std::string differs;
  for (const std::string& column : table.key) {
    differs += (differs.empty() ? "" : " OR ") +
               (shown("OLD." + quote_name(column)) + " OPERATOR(pg_catalog.<>) " + shown("NEW." + quote_name(column)));
  }
  return "\nBEGIN\n"
         "  -- What Qianzhi's own writer applies is not captured.\n"
         "  IF pg_catalog.current_setting('qianzhi.writer', true)" +
         std::string(equals) + "'on' THEN\n    RETURN NULL;\n  END IF;\n  IF TG_OP" + equals + "'INSERT' THEN\n    " +
         entry(name, table, 'i', "NEW", "") + "  ELSIF TG_OP" + std::string(equals) + "'DELETE' THEN\n    " +
         entry(name, table, 'd', "OLD", "OLD") + "  ELSIF TG_OP" + std::string(equals) + "'TRUNCATE' THEN\n    " +
         entry(name, table, 't', "", "") + "  ELSIF " + differs + " THEN\n    " +
         entry(name, table, 'd', "OLD", "OLD") + "    " + entry(name, table, 'i', "NEW", "") + "  ELSE\n    " +
         entry(name, table, 'u', "NEW", "OLD") + "  END IF;\n  RETURN NULL;\nEND\n";
}

std::string capture_sql(const std::string& name, const adapter::SourceTable& table) {
  const std::string function = function_name(name, table);
  const std::string quoted = quote_table(table.table);
  const std::string rows = trigger_name(row_trigger, name);
  const std::string truncate = trigger_name(truncate_trigger, name);
  return "CREATE OR REPLACE FUNCTION " + function +
         "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER\nAS $qianzhi$" + capture_source(name, table) +
         "$qianzhi$;\n" + settings_sql(name, table) + "REVOKE ALL ON FUNCTION " + function +
         "() FROM PUBLIC;\nDROP TRIGGER IF EXISTS " + rows + " ON " + quoted + ";\nCREATE TRIGGER " + rows +
         " AFTER INSERT OR UPDATE OR DELETE ON " + quoted + "\n  FOR EACH ROW EXECUTE FUNCTION " + function +
         "();\nDROP TRIGGER IF EXISTS " + truncate + " ON " + quoted + ";\nCREATE TRIGGER " + truncate +
         " AFTER TRUNCATE ON " + quoted + "\n  FOR EACH STATEMENT EXECUTE FUNCTION " + function +
         "();\n-- Also where a session says that it only replays (session_replication_role).\nALTER TABLE " + quoted +
         " ENABLE ALWAYS TRIGGER " + rows + ";\nALTER TABLE " + quoted + " ENABLE ALWAYS TRIGGER " + truncate + ";\n";
}

adapter::Plan plan_journal(const adapter::SourceSpec& spec) {
  const std::string role = role_of(spec);
  adapter::Plan plan;
  plan.install =
      "-- Qianzhi source " + spec.name +
      ": capture by triggers. Run as the owner of the tables, in the database to be read.\n"
      "-- What: one journal table in the schema qianzhi, and two triggers a table that write the key of each changed\n"
      "-- row. They run with the rights of their owner: the applications need no right more than they have.\n"
      "-- Locks: each table for a moment, against writing. Running it again is safe; the tables are then sent anew,\n"
      "-- because changes may have been missed before.\n\nBEGIN;\n\n" +
      tables_sql(spec) + canary_sql(spec);
  plan.uninstall = "-- First stop the agent. The tables themselves stay.\nBEGIN;\n";
  for (const adapter::SourceTable& table : spec.tables) {
    plan.install += capture_sql(spec.name, table) + "\n";
    for (const char* kind : {row_trigger, truncate_trigger})
      plan.uninstall +=
          "DROP TRIGGER IF EXISTS " + trigger_name(kind, spec.name) + " ON " + quote_table(table.table) + ";\n";
    plan.uninstall += "DROP FUNCTION IF EXISTS " + function_name(spec.name, table) + "();\n";
  }
  for (const adapter::SourceTable& table : spec.tables)
    if (table.table != spec.canary)
      plan.install +=
          "INSERT INTO " + journal_name(spec.name) + " (tbl, op) VALUES (" + quote_text(table.table) + ", 'x');\n";
  plan.install += "\nCOMMIT;\n";
  plan.uninstall += "DROP TABLE IF EXISTS " + journal_name(spec.name) + ", " + forgotten_name(spec.name) + ";\n" +
                    drop_canary_sql(spec) +
                    "COMMIT;\n-- After the last source of this database: DROP SCHEMA IF EXISTS qianzhi;\n"
                    "DROP OWNED BY " +
                    role + ";\nDROP ROLE " + role + ";\n";
  plan.grants =
      comparison_grants(spec, role) +
      "-- And what is needed to read the journal and to remove what was read.\nGRANT USAGE ON SCHEMA qianzhi TO " +
      role + ";\nGRANT SELECT, DELETE ON " + journal_name(spec.name) + " TO " + role + ";\nGRANT SELECT, UPDATE ON " +
      forgotten_name(spec.name) + " TO " + role + ";\n";
  return plan;
}

}  // namespace qianzhi::postgresql
