#include <algorithm>

#include "adapters/odbc/catalog.h"
#include "adapters/odbc/findings.h"
#include "adapters/odbc/journal_tables.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "adapters/odbc/preflight.h"
#include "adapters/odbc/scopes.h"
#include "adapters/odbc/source.h"
#include "adapters/odbc/watermark_tables.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::SourceTable;

void check_key(const Dialect& dialect, const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  const bool nullable = std::any_of(wanted.key.begin(), wanted.key.end(), [&](const std::string& name) {
    const CatalogColumn* column = table.find(dialect, name);
    return column != nullptr && column->nullable;
  });
  if (nullable || !table.has_unique_key(dialect, wanted.key))
    findings.error("QZ-ADP-016",
                   "no unique index on exactly the key columns of " + wanted.table + ", or they may be NULL",
                   "ALTER TABLE " + quote_table(dialect, wanted.table) + " ADD PRIMARY KEY (" +
                       quote_list(dialect, wanted.key) + ");");
}

// Triggers write what a session shows of a value, so that must not depend on the session's settings (pitfall 11).
void check_shown(const Dialect& dialect, const SourceTable& wanted, const CatalogTable& table, Findings& findings) {
  std::vector<std::string> columns = wanted.key;
  columns.insert(columns.end(), wanted.old_columns.begin(), wanted.old_columns.end());
  for (const std::string& name : columns) {
    const CatalogColumn* column = table.find(dialect, name);
    if (column == nullptr) continue;
    if (column->form == Form::bytes || column->form == Form::instant || column->form == Form::real)
      findings.error("QZ-ODB-015",
                     "column " + name + " of " + wanted.table + " is a key, partition or filter column of type " +
                         column->type + ", which a journal cannot hold",
                     "");
  }
}

void check_table(Session& session, const SourceTable& wanted, bool journal, Findings& findings) {
  const Dialect& dialect = session.dialect();
  const auto table = find_table(session, wanted.table);
  if (!table) return findings.error("QZ-ADP-011", "there is no table " + wanted.table, "");
  std::vector<std::string> columns = wanted.columns;
  columns.insert(columns.end(), wanted.old_columns.begin(), wanted.old_columns.end());
  bool complete = true;
  for (const std::string& name : columns)
    if (table->find(dialect, name) == nullptr) {
      findings.error("QZ-ADP-011", "there is no column " + name + " in " + wanted.table, "");
      complete = false;
    }
  check_key(dialect, wanted, *table, findings);
  if (journal) check_shown(dialect, wanted, *table, findings);
  if (!complete) return;
  try {
    KeysetReader reader(dialect, wanted.table, *table, wanted.columns, wanted.key, "");
    reader.read(session, {}, {1, 1});
  } catch (const Error& error) {
    findings.error(error.code(), "table " + wanted.table + " cannot be read: " + error.detail(), "");
    throw;
  }
}

void check_cascades(Session& session, const std::string& table, Findings& findings) {
  const auto [schema, name] = split_table(session.dialect(), table);
  Rows rows = session.query(std::string(session.dialect().journal.cascades_sql), Parameters().add(schema).add(name),
                            "looking at foreign keys");
  while (rows.next())
    findings.warning(
        "QZ-ODB-017",
        "foreign key " + std::string(rows.text(0)) + " of " + table + " changes rows by itself, and fires no trigger",
        "compare from time to time: reconcile");
}

void check_journal(Session& session, const adapter::SourceSpec& spec, Findings& findings) {
  const Dialect& dialect = session.dialect();
  const Journal journal(dialect, spec.name);
  JournalTables tables(dialect, spec);
  try {
    journal.forgotten(session);
    journal.newest(session);
    if (dialect.journal.fence != FenceKind::none) journal.fence(session);
  } catch (const Error& error) {
    return findings.error(error.code(), error.detail(), plan_journal(dialect, spec).install);
  }
  for (const adapter::TableEvent& event : tables.look(session))
    if (event.kind == adapter::TableEventKind::unseen_changes)
      findings.error("QZ-ADP-013", event.detail, capture_sql(dialect, spec.name, spec.tables[event.table]));
  if (!dialect.journal.cascades_sql.empty())
    for (const SourceTable& table : spec.tables) check_cascades(session, table.table, findings);
  if (dialect.journal.more.find("TRUNCATE") == std::string_view::npos)
    findings.notice("QZ-ODB-016", "TRUNCATE is not seen by triggers here, nor are cascades of foreign keys everywhere",
                    "compare from time to time: qianzhi resync");
}

// What reading by the watermark takes, tried; and what keeps it.
void check_watermark(Session& session, const std::string& name, const SourceTable& wanted, Findings& findings) {
  const Dialect& dialect = session.dialect();
  const auto table = find_table(session, wanted.table);
  if (!table) return;
  const bool own = adapter::sql::is_own_mark(wanted);
  const bool has_column = table->find(dialect, wanted.watermark) != nullptr;
  if (const std::string problem = unfit_mark(dialect, wanted, *table); !problem.empty())
    return findings.error(has_column ? "QZ-ODB-018" : "QZ-ADP-011", problem,
                          own && !has_column ? keep_mark_sql(dialect, name, wanted, false) : "");
  if (own && lacks_mark_trigger(session, name, wanted))
    findings.error("QZ-ADP-013",
                   "a trigger that keeps " + wanted.watermark + " of " + wanted.table +
                       " is missing, disabled or hidden by a missing right",
                   keep_mark_sql(dialect, name, wanted, true));
}

// Whether the server tells what a fence is made of.
void check_fence(const adapter::SourceSpec& spec, Findings& findings) {
  const Dialect& dialect = dialect_of(spec.connection);
  Session session(spec.connection, Purpose::read);
  try {
    if (dialect.watermark.kind == MarkKind::listed) {
      const SystemClock clock;
      adapter::SystemWaiter waiter;
      writer_lists(session, clock, waiter);
    } else {
      session.query(with_marks_table(dialect, spec.name, dialect.watermark.fence_sql), {}, "asking for the fence");
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse) throw;
    const std::string account = account_of(dialect, spec.connection, spec.name);
    findings.error(error.code(), error.detail(), odbc::fill(dialect.watermark.grants, {{"u", account}}));
  }
}

}  // namespace

void check_dialect(const Dialect& dialect, Findings& findings) {
  if (!dialect.tested)
    findings.notice("QZ-ODB-006", "the dialect " + std::string(dialect.name) + " was never tested on a real server",
                    "");
}

std::vector<adapter::Finding> preflight_source(const adapter::SourceSpec& spec) {
  Findings findings;
  check_dialect(dialect_of(spec.connection), findings);
  // Some databases let nothing more be done in a transaction in which something failed.
  const auto alone = [&](const auto& check) {
    try {
      Session session(spec.connection, Purpose::read);
      const Snapshot snapshot(session);
      check(session);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::misuse) throw;
      const bool told = findings.has(error.code());
      if (!told) findings.error(error.code(), error.detail(), "");
    }
  };
  const bool journal = spec.mode == adapter::CaptureMode::journal;
  alone([&](Session&) { findings.ok("connected"); });
  for (const SourceTable& table : spec.tables)
    alone([&](Session& session) { check_table(session, table, journal, findings); });
  if (journal) alone([&](Session& session) { check_journal(session, spec, findings); });
  if (spec.mode == adapter::CaptureMode::watermark) {
    for (const SourceTable& table : spec.tables)
      alone([&](Session& session) { check_watermark(session, spec.name, table, findings); });
    check_fence(spec, findings);
  }
  return findings.take();
}

}  // namespace qianzhi::odbc
