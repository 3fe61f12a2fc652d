#include "adapters/postgresql/source_preflight.h"

#include <algorithm>

#include "adapters/postgresql/canary.h"
#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/findings.h"
#include "adapters/postgresql/journal_plan.h"
#include "adapters/postgresql/journal_tables.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/session.h"
#include "adapters/postgresql/slot.h"
#include "adapters/postgresql/watermark_preflight.h"

namespace qianzhi::postgresql {

namespace {

using adapter::SourceTable;

void check_server(Session& session, const std::string& slot, Findings& findings) {
  const Result found = session.query(
      "SELECT current_setting('wal_level'), current_setting('server_encoding'),"
      " current_setting('synchronous_standby_names'), current_setting('max_slot_wal_keep_size'),"
      " current_setting('max_replication_slots')::int - (SELECT count(*) FROM pg_replication_slots),"
      " current_setting('max_wal_senders')::int - (SELECT count(*) FROM pg_stat_replication),"
      " EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1), pg_is_in_recovery()",
      Parameters().add(slot), "reading settings");
  if (found.view(0, 0) != "logical")
    findings.error("QZ-PG-020", "wal_level is " + found.text(0, 0),
                   "ALTER SYSTEM SET wal_level = 'logical';  -- then restart the server");
  if (found.view(0, 1) == "SQL_ASCII")
    findings.error("QZ-PG-035", "server_encoding is SQL_ASCII: the server does not know its own text", "");
  if (found.view(0, 2).find('*') != std::string_view::npos)
    findings.warning("QZ-PG-038", "synchronous_standby_names is '*': commits could wait for this agent",
                     "ALTER SYSTEM SET synchronous_standby_names = '...';  -- name the standbys");
  if (found.view(0, 3) == "-1")
    findings.notice("QZ-PG-037", "max_slot_wal_keep_size is not set: a stopped agent can fill the disk with log",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf();");
  if (found.integer(0, 4) <= 0 && !found.truth(0, 6))
    findings.error("QZ-PG-021", "no replication slot is free",
                   "ALTER SYSTEM SET max_replication_slots = 20;  -- then restart the server");
  if (found.integer(0, 5) <= 0)
    findings.error("QZ-PG-022", "no WAL sender is free",
                   "ALTER SYSTEM SET max_wal_senders = 20;  -- then restart the server");
  if (found.truth(0, 7)) findings.error("QZ-PG-036", "this server is a standby: its log cannot be decoded", "");
}

void check_role(Session& session, Findings& findings) {
  const Result found = session.run(
      "SELECT quote_ident(rolname), rolreplication OR rolsuper, rolsuper FROM pg_roles WHERE rolname = current_user",
      "looking at the role");
  if (!found.truth(0, 1))
    findings.error("QZ-PG-028", "role " + found.text(0, 0) + " may not replicate",
                   "ALTER ROLE " + found.text(0, 0) + " REPLICATION;");
  if (found.truth(0, 2))
    findings.warning("QZ-PG-030", "role " + found.text(0, 0) + " is a superuser and could do anything",
                     "ALTER ROLE " + found.text(0, 0) + " NOSUPERUSER REPLICATION;");
}

void check_rights(Session& session, const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  std::vector<std::string> missing;
  for (const auto& column : wanted.columns) {
    const Result found = session.query("SELECT has_column_privilege($1::oid, $2, 'SELECT')",
                                       Parameters().add(std::int64_t{table.oid}).add(column), "looking at rights");
    if (!found.truth(0, 0)) missing.push_back(column);
  }
  const Result schema = session.query("SELECT has_schema_privilege($1, 'USAGE'), quote_ident(current_user)",
                                      Parameters().add(table.schema), "looking at rights");
  if (!schema.truth(0, 0))
    findings.error("QZ-PG-029", "no USAGE on schema " + table.schema,
                   "GRANT USAGE ON SCHEMA " + quote_name(table.schema) + " TO " + schema.text(0, 1) + ";");
  if (!missing.empty())
    findings.error("QZ-PG-029", "no SELECT on some columns of " + wanted.table,
                   "GRANT SELECT (" + quote_list(missing) + ") ON " + quote_table(wanted.table) + " TO " +
                       schema.text(0, 1) + ";");
}

void check_key(const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  const bool has_null = std::any_of(wanted.key.begin(), wanted.key.end(), [&](const std::string& name) {
    const CatalogColumn* column = table.find(name);
    return column != nullptr && !column->not_null;
  });
  if (has_null || !table.has_unique_key(wanted.key))
    findings.error("QZ-ADP-016",
                   "no unique index on exactly the key columns of " + wanted.table + ", or they may be NULL",
                   "ALTER TABLE " + quote_table(wanted.table) + " ADD PRIMARY KEY (" + quote_list(wanted.key) + ");");
}

void check_identity(const SourceTable& wanted, const CatalogTable& table, const std::string& name, Findings& findings) {
  const bool any = std::any_of(table.columns.begin(), table.columns.end(),
                               [](const CatalogColumn& column) { return column.in_identity; });
  if (!any)
    return findings.error("QZ-PG-027",
                          "table " + wanted.table +
                              " has no replica identity: publishing it makes the department's UPDATE and DELETE fail",
                          identity_sql(wanted, name));
  std::vector<std::string> needed = wanted.key;
  needed.insert(needed.end(), wanted.old_columns.begin(), wanted.old_columns.end());
  for (const auto& column_name : needed) {
    const CatalogColumn* column = table.find(column_name);
    if (column == nullptr || column->in_identity) continue;
    return findings.error("QZ-PG-026", "the replica identity of " + wanted.table + " lacks column " + column_name,
                          identity_sql(wanted, name));
  }
}

bool check_columns(const SourceTable& wanted, const CatalogTable& table, bool log, Findings& findings) {
  bool complete = true;
  std::vector<std::string> columns = wanted.columns;
  columns.insert(columns.end(), wanted.old_columns.begin(), wanted.old_columns.end());
  for (const auto& name : columns) {
    const CatalogColumn* column = table.find(name);
    if (column == nullptr) {
      findings.error("QZ-ADP-011", "there is no column " + name + " in " + wanted.table, "");
      complete = false;
    } else if (log && column->generated) {
      findings.error("QZ-PG-034", "column " + name + " of " + wanted.table + " is generated: it is never in the log",
                     "");
    }
  }
  return complete;
}

void check_table(Session& session, const SourceTable& wanted, const std::string& name, bool log, Findings& findings) {
  const auto table = find_table(session, wanted.table);
  if (!table) return findings.error("QZ-ADP-011", "there is no table " + wanted.table, "");
  const bool complete = check_columns(wanted, *table, log, findings);
  check_key(wanted, *table, findings);
  if (complete) check_rights(session, wanted, *table, findings);
  if (!log) return;
  check_identity(wanted, *table, name, findings);
  if (table->persistence != 'p')
    findings.error("QZ-PG-031", "table " + wanted.table + " is unlogged or temporary: its changes are not in the log",
                   "ALTER TABLE " + quote_table(wanted.table) + " SET LOGGED;");
  if (table->kind == 'p')
    findings.warning("QZ-PG-033",
                     "table " + wanted.table +
                         " is partitioned: DETACH and TRUNCATE of one partition are not seen; reconcile afterwards",
                     "");
  else if (table->kind != 'r')
    findings.error("QZ-PG-031", wanted.table + " is not a table: it has no changes in the log", "");
}

void check_published(Session& session, const adapter::SourceSpec& spec, const SourceTable& table, Findings& findings) {
  const std::string name = own_name(spec.name);
  const auto found = find_table(session, table.table);
  if (!found) return;
  std::vector<std::string> identity;
  for (const auto& column : found->columns)
    if (column.in_identity) identity.push_back(column.name);
  const Result row = session.query(
      "SELECT attnames::text[] @> $3::text[], attnames::text[] @> $4::text[], rowfilter IS NOT NULL,"
      " $3::text[] @> attnames::text[]"
      " FROM pg_publication_tables WHERE schemaname = $1 AND tablename = $2 AND pubname = $5",
      Parameters()
          .add(found->schema)
          .add(found->name)
          .add(array_text(published_columns(spec, table.table)))
          .add(array_text(identity))
          .add(name),
      "looking at the publication");
  const std::string cure = "ALTER PUBLICATION " + quote_name(name) + " SET TABLE " + published_tables_sql(spec) + ";";
  if (row.rows() == 0 || !row.truth(0, 0))
    return findings.error("QZ-PG-024", "publication " + name + " does not cover all listed columns of " + table.table,
                          cure);
  if (!row.truth(0, 1))
    findings.error("QZ-PG-027",
                   "publication " + name + " does not cover the replica identity of " + table.table +
                       ": UPDATE and DELETE of the department fail",
                   identity_sql(table, spec.name));
  if (row.truth(0, 2)) findings.error("QZ-PG-032", "publication " + name + " filters the rows of " + table.table, cure);
  // Full identity wants every column published.
  if (!row.truth(0, 3) && found->identity != 'f')
    findings.warning("QZ-PG-025", "publication " + name + " publishes columns of " + table.table + " that nobody uses",
                     cure);
}

void check_publication(Session& session, const adapter::SourceSpec& spec, Findings& findings) {
  const std::string name = own_name(spec.name);
  const Result found = session.query(
      "SELECT puballtables, pubinsert AND pubupdate AND pubdelete AND pubtruncate FROM pg_publication"
      " WHERE pubname = $1",
      Parameters().add(name), "looking for the publication");
  if (found.rows() == 0) return findings.error("QZ-PG-023", "there is no publication " + name, publication_sql(spec));
  if (!found.truth(0, 1))
    findings.error("QZ-PG-024", "publication " + name + " leaves out some kinds of change",
                   "ALTER PUBLICATION " + quote_name(name) + " SET (publish = 'insert, update, delete, truncate');");
  if (found.truth(0, 0))
    findings.warning("QZ-PG-025", "publication " + name + " publishes every table of the database",
                     "DROP PUBLICATION " + quote_name(name) + ";\n" + publication_sql(spec));
  for (const auto& table : spec.tables) check_published(session, spec, table, findings);
}

void check_journal(Session& session, const adapter::SourceSpec& spec, Findings& findings) {
  const std::string journal = journal_name(spec.name);
  const std::string forgotten = forgotten_name(spec.name);
  const Result rights = session.query(
      "SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL,"
      " has_table_privilege(to_regclass($1), 'SELECT') AND has_table_privilege(to_regclass($1), 'DELETE'),"
      " has_table_privilege(to_regclass($2), 'SELECT') AND has_table_privilege(to_regclass($2), 'UPDATE'),"
      " quote_ident(current_user)",
      Parameters().add(journal).add(forgotten), "looking for the journal");
  const std::string role = rights.text(0, 3);
  if (!rights.truth(0, 0))
    return findings.error("QZ-ADP-012", "there is no table " + journal + " or " + forgotten,
                          plan_journal(spec).install);
  if (!rights.truth(0, 1))
    findings.error("QZ-PG-029", "no SELECT or DELETE on " + journal,
                   "GRANT SELECT, DELETE ON " + journal + " TO " + role + ";");
  if (!rights.truth(0, 2))
    findings.error("QZ-PG-029", "no SELECT or UPDATE on " + forgotten,
                   "GRANT SELECT, UPDATE ON " + forgotten + " TO " + role + ";");
  JournalTables tables(spec);
  for (const adapter::TableEvent& event : tables.look(session))
    if (event.kind == adapter::TableEventKind::unseen_changes)
      findings.error("QZ-ADP-013", event.detail, capture_sql(spec.name, spec.tables[event.table]));
  for (const SourceTable& table : spec.tables)
    if (const auto found = find_table(session, table.table); found && found->kind == 'p')
      findings.warning("QZ-PG-033",
                       "table " + table.table +
                           " is partitioned: DETACH and TRUNCATE of one partition are not seen; reconcile afterwards",
                       "");
  if (session.run("SELECT pg_is_in_recovery()", "looking at the server").truth(0, 0))
    findings.error("QZ-PG-036", "this server is a standby: what was read cannot be removed there", "");
}

}  // namespace

std::vector<adapter::Finding> preflight_source(const adapter::SourceSpec& spec) {
  Findings findings;
  Session session(spec.connection, Purpose::read);
  const bool log = spec.mode == adapter::CaptureMode::log;
  findings.ok("connected");
  if (log) {
    check_server(session, own_name(spec.name), findings);
    check_role(session, findings);
    check_publication(session, spec, findings);
    // The pg_hba line for replication is only known to work by trying.
    Session replication(spec.connection, Purpose::replicate);
    findings.ok("replication connections are accepted");
  }
  for (const auto& table : spec.tables) check_table(session, table, spec.name, log, findings);
  if (spec.mode == adapter::CaptureMode::journal) check_journal(session, spec, findings);
  if (spec.mode == adapter::CaptureMode::watermark) check_watermarks(session, spec, findings);
  check_canary(session, spec, findings);
  return findings.take();
}

}  // namespace qianzhi::postgresql
