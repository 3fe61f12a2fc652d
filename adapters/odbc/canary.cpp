#include "adapters/odbc/canary.h"

#include "adapters/odbc/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

std::string in_row(const Dialect& dialect) {
  return " WHERE " + quote_name(dialect, adapter::canary_id) + " = " + std::to_string(adapter::canary_row);
}

}  // namespace

// The forgotten table has one row, so a SELECT of it gives one in every dialect.
std::string canary_sql(const Dialect& dialect, const adapter::SourceSpec& spec) {
  if (spec.canary.empty()) return {};
  const std::string table = quote_table(dialect, spec.canary);
  const std::string id = quote_name(dialect, adapter::canary_id);
  const std::string beat = quote_name(dialect, adapter::canary_beat);
  const std::string create = odbc::fill(dialect.create_own, {{"l", name_literal(spec.canary)}});
  return "-- The canary: when nothing else changes the agent writes into this row, and looks whether that is "
         "captured.\n" +
         create + " " + table + " (\n  " + id + " INTEGER NOT NULL PRIMARY KEY,\n  " + beat +
         " VARCHAR(64) NOT NULL\n);\n" + "INSERT INTO " + table + " (" + id + ", " + beat + ") SELECT " +
         std::to_string(adapter::canary_row) + ", '-' FROM " + forgotten_name(dialect, spec.name) +
         " WHERE NOT EXISTS (SELECT 1 FROM " + table + ");\n" + std::string(dialect.end_of_batch) + "\n";
}

std::string canary_grant(const Dialect& dialect, const adapter::SourceSpec& spec, const std::string& account) {
  if (spec.canary.empty() || dialect.grants_user.empty()) return {};
  return "-- The canary: this one row is all that the agent ever writes beside its own journal.\nGRANT UPDATE ON " +
         quote_table(dialect, spec.canary) + " TO " + account + ";\n";
}

std::string drop_canary_sql(const Dialect& dialect, const adapter::SourceSpec& spec) {
  if (spec.canary.empty()) return {};
  const bool knows_if = dialect.journal.drop_tables.find("IF EXISTS") != std::string_view::npos;
  return std::string(knows_if ? "DROP TABLE IF EXISTS " : "DROP TABLE ") + quote_table(dialect, spec.canary) + ";\n";
}

void write_beat(const adapter::SourceSpec& spec, const std::string& text) {
  Session session(spec.connection, Purpose::beat);
  const Dialect& dialect = session.dialect();
  const std::uint64_t changed = session.run("UPDATE " + quote_table(dialect, spec.canary) + " SET " +
                                                quote_name(dialect, adapter::canary_beat) + " = ?" + in_row(dialect),
                                            Parameters().add(text), "writing the canary");
  if (changed != 1) throw Error(ErrorKind::misuse, "QZ-ADP-025", "table " + spec.canary + " has lost its row");
  session.commit();
}

void check_canary(Session& session, const adapter::SourceSpec& spec, Findings& findings) {
  const Dialect& dialect = session.dialect();
  Rows rows = session.query("SELECT " + quote_name(dialect, adapter::canary_beat) + " FROM " +
                                quote_table(dialect, spec.canary) + in_row(dialect),
                            Parameters(), "looking at the canary");
  if (!rows.next())
    findings.error("QZ-ADP-025", "table " + spec.canary + " has lost its row", canary_sql(dialect, spec));
}

}  // namespace qianzhi::odbc
