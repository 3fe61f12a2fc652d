#include <algorithm>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/findings.h"
#include "adapters/mysql/journal.h"
#include "adapters/mysql/journal_plan.h"
#include "adapters/mysql/journal_tables.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "adapters/mysql/rights.h"
#include "adapters/mysql/source.h"
#include "adapters/mysql/watermark_preflight.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::CaptureMode;
using adapter::SourceTable;

void check_log_settings(Session& session, Findings& findings) {
  const Result found = session.run(
      "SELECT @@global.log_bin, @@global.binlog_format, @@global.binlog_row_image, @@global.binlog_row_metadata,"
      " @@global.binlog_expire_logs_seconds, @@global.server_id",
      "reading settings");
  if (!found.truth(0, 0))
    findings.error("QZ-MY-020", "the server writes no binary log",
                   "in the configuration: log_bin = binlog and a server_id; then restart the server");
  const auto expect = [&](int column, const char* name, const std::string& wanted) {
    if (found.text(0, column) != wanted)
      findings.error("QZ-MY-021", std::string(name) + " is " + found.text(0, column),
                     "SET GLOBAL " + std::string(name) + " = '" + wanted +
                         "';  -- and in the configuration; sessions that are open keep theirs");
  };
  expect(1, "binlog_format", "ROW");
  expect(2, "binlog_row_image", "FULL");
  expect(3, "binlog_row_metadata", "FULL");
  if (found.number(0, 4) == 0)
    findings.notice("QZ-MY-022", "the binary log is kept for ever: it can fill the disk",
                    "SET GLOBAL binlog_expire_logs_seconds = 604800;  -- and in the configuration");
  else if (found.number(0, 4) < 86'400)
    findings.warning(
        "QZ-MY-022",
        "the binary log is kept for less than a day: an agent that stands still longer reads all tables anew",
        "SET GLOBAL binlog_expire_logs_seconds = 604800;  -- and in the configuration");
}

void check_log_rights(const Rights& rights, Findings& findings) {
  for (const char* right : {"REPLICATION SLAVE", "BINLOG MONITOR"})
    if (!rights.has_global(right))
      findings.error("QZ-MY-028", std::string("no ") + right,
                     "GRANT " + std::string(right) + " ON *.* TO " + rights.account() + ";");
}

bool check_source_columns(const SourceTable& wanted, const CatalogTable& table, bool journal, Findings& findings) {
  bool complete = true;
  const auto look = [&](const std::string& name, bool held) {
    const CatalogColumn* column = table.find(name);
    if (column == nullptr) {
      findings.error("QZ-ADP-011", "there is no column " + name + " in " + wanted.table, "");
      complete = false;
    } else if (column->form == Form::unsupported || (held && journal && !is_steady(column->form))) {
      findings.error("QZ-MY-032", "column " + name + " of " + wanted.table + " is " + column->column_type, "");
    }
  };
  for (const auto& name : wanted.columns)
    look(name, std::find(wanted.key.begin(), wanted.key.end(), name) != wanted.key.end());
  for (const auto& name : wanted.old_columns) look(name, true);
  return complete;
}

void check_source_key(const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  const bool has_null = std::any_of(wanted.key.begin(), wanted.key.end(), [&](const std::string& name) {
    const CatalogColumn* column = table.find(name);
    return column != nullptr && !column->not_null;
  });
  if (has_null || !table.has_unique_key(wanted.key))
    findings.error("QZ-ADP-016",
                   "no unique index on exactly the key columns of " + wanted.table + ", or they may be NULL",
                   "ALTER TABLE " + quote_table(wanted.table) + " ADD PRIMARY KEY (" + quote_list(wanted.key) + ");");
}

// Rows that the server changes for a foreign key are in no log and fire no trigger (pitfall 15).
void check_cascades(Session& session, const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  const Result found = session.query(
      "SELECT CONSTRAINT_NAME, REFERENCED_TABLE_NAME, DELETE_RULE, UPDATE_RULE"
      " FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ?"
      " AND (DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') OR UPDATE_RULE IN ('CASCADE', 'SET NULL',"
      " 'SET DEFAULT'))",
      Parameters().add(table.schema).add(table.name), "looking at foreign keys");
  for (int row = 0; row < found.rows(); ++row)
    findings.warning(
        "QZ-MY-030",
        "foreign key " + found.text(row, 0) + " of " + wanted.table + " to " + found.text(row, 1) + " (ON DELETE " +
            found.text(row, 2) + ", ON UPDATE " + found.text(row, 3) + "): rows that it changes are not seen",
        "ALTER TABLE " + quote_table(wanted.table) + " DROP FOREIGN KEY " + quote_name(found.text(row, 0)) +
            ";  -- and delete in the application; or use capture diff for this table");
}

void check_source_table(Session& session, const Rights& rights, const SourceTable& wanted, CaptureMode mode,
                        Findings& findings) {
  const auto table = find_table(session, wanted.table);
  if (!table) return findings.error("QZ-ADP-011", "there is no table " + wanted.table + ", or no right to it", "");
  const bool complete = check_source_columns(wanted, *table, mode == CaptureMode::journal, findings);
  check_source_key(wanted, *table, findings);
  if (complete && !rights.has("SELECT", table->schema, table->name, wanted.columns))
    findings.error("QZ-MY-029", "no SELECT on some columns of " + wanted.table,
                   "GRANT SELECT (" + quote_list(wanted.columns) + ") ON " + quote_name(table->schema) + "." +
                       quote_name(table->name) + " TO " + rights.account() + ";");
  if (table->kind != "VIEW" && table->engine != "InnoDB")
    findings.error("QZ-MY-031",
                   "table " + wanted.table + " is of engine " + table->engine +
                       ": what is read of it and what is told of its changes cannot be brought together",
                   "ALTER TABLE " + quote_table(wanted.table) + " ENGINE=InnoDB;");
  if (mode == CaptureMode::snapshot_only) return;
  if (table->kind != "BASE TABLE")
    findings.error("QZ-MY-033", wanted.table + " is a " + table->kind + ": its changes cannot be captured as they are",
                   "");
  check_cascades(session, wanted, *table, findings);
}

void check_journal_rights(const adapter::SourceSpec& spec, const Rights& rights, Findings& findings) {
  const std::string schema = database_of(spec.connection);
  const auto expect = [&](const std::string& right, const std::string& table) {
    if (!rights.has(right, schema, table))
      findings.error(
          "QZ-MY-029", "no " + right + " on " + table,
          "GRANT " + right + " ON " + quote_name(schema) + "." + quote_name(table) + " TO " + rights.account() + ";");
  };
  for (const char* right : {"SELECT", "DELETE"}) expect(right, journal_table(spec.name));
  for (const char* right : {"SELECT", "UPDATE"}) expect(right, forgotten_table(spec.name));
  if (!rights.has_global("PROCESS"))
    findings.error("QZ-MY-028", "no PROCESS: open transactions cannot be seen",
                   "GRANT PROCESS ON *.* TO " + rights.account() + ";");
}

void check_cluster(Session& session, Findings& findings) {
  const Result cluster = session.run("SHOW GLOBAL VARIABLES LIKE 'wsrep_on'", "looking at the server");
  if (cluster.rows() > 0 && cluster.text(0, 1) == "ON")
    findings.error("QZ-MY-035", "this server is a node of a Galera cluster: numbers do not grow with time there",
                   "use capture log or diff");
}

void check_journal(Session& session, const adapter::SourceSpec& spec, const Rights& rights, Findings& findings) {
  check_journal_rights(spec, rights, findings);
  try {
    Journal(spec).state(session);
    Charsets charsets;
    JournalTables tables(spec, charsets);
    for (const adapter::TableEvent& event : tables.look(session))
      if (event.kind == adapter::TableEventKind::unseen_changes)
        findings.error("QZ-ADP-013", event.detail, triggers_sql(spec, spec.tables[event.table]));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse) throw;
    findings.error("QZ-ADP-012", error.detail(), plan_journal(spec).install);
  }
  check_cluster(session, findings);
  if (session.run("SELECT @@global.read_only", "looking at the server").text(0, 0) != "0")
    findings.error("QZ-MY-036", "this server is read only: what was read cannot be removed there", "");
}

}  // namespace

std::vector<adapter::Finding> preflight_source(const adapter::SourceSpec& spec) {
  Findings findings;
  Session session(spec.connection, Purpose::read);
  findings.ok("connected");
  const Rights rights(session);
  if (spec.mode == CaptureMode::log) {
    check_log_settings(session, findings);
    check_log_rights(rights, findings);
  }
  for (const auto& table : spec.tables) check_source_table(session, rights, table, spec.mode, findings);
  if (spec.mode == CaptureMode::journal) check_journal(session, spec, rights, findings);
  if (spec.mode == CaptureMode::watermark) {
    check_watermarks(session, spec, rights, findings);
    check_cluster(session, findings);
  }
  return findings.take();
}

}  // namespace qianzhi::mysql
