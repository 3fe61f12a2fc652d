#include "adapters/mysql/journal_plan.h"

#include <algorithm>

#include "adapters/mysql/installed_triggers.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "adapters/mysql/session.h"
#include "adapters/sql/fingerprint.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t longest_trigger_name = 64;
constexpr const char* all_events = "iud";

std::string column_of(char kind, std::size_t i) { return quote_name(kind + std::to_string(i)); }

// INSERT INTO journal (tbl, op, k0, o0) VALUES ('t', 'u', NEW.id, OLD.area)
std::string entry_sql(const adapter::SourceSpec& spec, const adapter::SourceTable& table, char operation,
                      const std::string& key, const std::string& old) {
  std::string columns = "tbl, op";
  std::string values = name_literal(table.table) + ", '" + operation + "'";
  for (std::size_t i = 0; i < table.key.size(); ++i) {
    columns += ", " + column_of('k', i);
    values += ", " + key + "." + quote_name(table.key[i]);
  }
  for (std::size_t i = 0; i < table.old_columns.size() && !old.empty(); ++i) {
    columns += ", " + column_of('o', i);
    values += ", " + old + "." + quote_name(table.old_columns[i]);
  }
  return "INSERT INTO " + full_table(spec.connection, journal_table(spec.name)) + " (" + columns + ") VALUES (" +
         values + ");";
}

std::size_t most_of(const adapter::SourceSpec& spec, bool keys) {
  std::size_t most = 0;
  for (const adapter::SourceTable& table : spec.tables)
    most = std::max(most, keys ? table.key.size() : table.old_columns.size());
  return most;
}

std::string create_tables(const adapter::SourceSpec& spec) {
  const std::string journal = quote_name(journal_table(spec.name));
  const std::string forgotten = quote_name(forgotten_table(spec.name));
  std::string text =
      "-- Changes: the key of each row, and what partition and filter columns held before, as octets. salt tells an\n"
      "-- entry from another one with the same number that is written after a restore.\nCREATE TABLE IF NOT EXISTS " +
      journal +
      " (\n  seq bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,\n"
      "  tbl varchar(130) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,\n"
      "  op char(1) NOT NULL,  -- i, u, d; x: capture was installed here\n"
      "  at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),\n  salt double NOT NULL DEFAULT (RAND())\n"
      ") ENGINE=InnoDB;\n";
  for (const bool keys : {true, false})
    for (std::size_t i = 0; i < most_of(spec, keys); ++i)
      text += "ALTER TABLE " + journal + " ADD COLUMN IF NOT EXISTS " + column_of(keys ? 'k' : 'o', i) +
              " longblob NULL;\n";
  return text + "\n-- Up to where the agent has read and removed it.\nCREATE TABLE IF NOT EXISTS " + forgotten +
         " (\n  id int NOT NULL PRIMARY KEY,\n  seq bigint unsigned NOT NULL,\n  identity varchar(100) NOT NULL,\n"
         "  looks bigint unsigned NOT NULL\n) ENGINE=InnoDB;\nINSERT IGNORE INTO " +
         forgotten + " VALUES (1, 0, CONCAT('0:', MD5(CONCAT(RAND(), SYSDATE(6)))), 0);\n\n";
}

}  // namespace

std::string trigger_name(const std::string& source, const std::string& table, char event) {
  std::string whole = "qianzhi_" + source + "_" + split_table(table).second;
  if (whole.size() + 2 > longest_trigger_name) {
    adapter::sql::Fingerprint print;
    print.add(whole);
    whole = "qianzhi_" + source.substr(0, 30) + "_" + print.hex().substr(0, 16);
  }
  return whole + "_" + event;
}

std::string trigger_body(const adapter::SourceSpec& spec, const adapter::SourceTable& table, char event) {
  std::string body = "IF @qianzhi_writer IS NULL THEN\n";
  if (event == 'i') {
    body += "  " + entry_sql(spec, table, 'i', "NEW", "") + "\n";
  } else if (event == 'd') {
    body += "  " + entry_sql(spec, table, 'd', "OLD", "OLD") + "\n";
  } else {
    std::string same;
    for (const std::string& column : table.key)
      same += (same.empty() ? "" : " AND ") + ("BINARY OLD." + quote_name(column) + " <=> BINARY NEW.") +
              quote_name(column);
    body += "  IF " + same + " THEN\n    " + entry_sql(spec, table, 'u', "NEW", "OLD") + "\n  ELSE\n    " +
            entry_sql(spec, table, 'd', "OLD", "OLD") + "\n    " + entry_sql(spec, table, 'i', "NEW", "") +
            "\n  END IF;\n";
  }
  return body + "END IF";
}

std::string triggers_sql(const adapter::SourceSpec& spec, const adapter::SourceTable& table) {
  std::string text = "DELIMITER //\n";
  for (const char* event = all_events; *event != '\0'; ++event) {
    const std::string schema = split_table(table.table).first;
    const char* when = *event == 'i' ? "INSERT" : *event == 'u' ? "UPDATE" : "DELETE";
    text += "CREATE OR REPLACE TRIGGER " + (schema.empty() ? "" : quote_name(schema) + ".") +
            quote_name(trigger_name(spec.name, table.table, *event)) + " AFTER " + when + " ON " +
            quote_table(table.table) + " FOR EACH ROW\n" + trigger_body(spec, table, *event) + "//\n";
  }
  return text + "DELIMITER ;\n";
}

adapter::Plan plan_journal(const adapter::SourceSpec& spec) {
  const std::string account = account_of(spec.connection, spec.name);
  const std::string journal = full_table(spec.connection, journal_table(spec.name));
  const std::string forgotten = full_table(spec.connection, forgotten_table(spec.name));
  adapter::Plan plan;
  plan.install =
      "-- Qianzhi source " + spec.name +
      ": capture by triggers. Run with the command-line client, in the database to be read, by an account\n"
      "-- with CREATE, TRIGGER, CREATE ROUTINE and the rights of the tables.\n"
      "-- What: a journal table, and three triggers a table that write the key of each changed row. They run with the\n"
      "-- rights of who runs this script: the applications need no right more than they have.\n"
      "-- Not seen by triggers: TRUNCATE, what foreign keys cascade, and bulk loads that skip triggers.\n"
      "-- Locks: each table for a moment. Running it again is safe; the tables are then sent anew, because changes "
      "may\n"
      "-- have been missed before.\n\n" +
      create_tables(spec) + triggers_function_sql(spec);
  plan.uninstall = "-- First stop the agent. The tables themselves stay.\n";
  for (const adapter::SourceTable& table : spec.tables) {
    plan.install += triggers_sql(spec, table) + "\n";
    const std::string schema = split_table(table.table).first;
    for (const char* event = all_events; *event != '\0'; ++event)
      plan.uninstall += "DROP TRIGGER IF EXISTS " + (schema.empty() ? "" : quote_name(schema) + ".") +
                        quote_name(trigger_name(spec.name, table.table, *event)) + ";\n";
  }
  for (const adapter::SourceTable& table : spec.tables)
    plan.install += "INSERT INTO " + journal + " (tbl, op) VALUES (" + name_literal(table.table) + ", 'x');\n";
  plan.uninstall += "DROP FUNCTION IF EXISTS " + quote_name(triggers_function(spec.name)) + ";\nDROP TABLE IF EXISTS " +
                    quote_name(journal_table(spec.name)) + ", " + quote_name(forgotten_table(spec.name)) +
                    ";\nDROP USER IF EXISTS " + account + ";\n";
  plan.grants = reading_grants(spec) +
                "-- And what is needed to read the journal and to remove what was read.\nGRANT SELECT, DELETE ON " +
                journal + " TO " + account + ";\nGRANT SELECT, UPDATE ON " + forgotten + " TO " + account +
                ";\nGRANT EXECUTE ON FUNCTION " + full_table(spec.connection, triggers_function(spec.name)) + " TO " +
                account +
                ";\n-- To see which transactions are open: an entry is read only when none can commit an earlier one.\n"
                "GRANT PROCESS ON *.* TO " +
                account + ";\n";
  return plan;
}

}  // namespace qianzhi::mysql
