#include "adapters/postgresql/canary.h"

#include "adapters/postgresql/names.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

std::string canary_sql(const adapter::SourceSpec& spec) {
  if (spec.canary.empty()) return {};
  const std::string schema = split_table(spec.canary).first;
  const std::string table = quote_table(spec.canary);
  return "-- The canary: when nothing else changes the agent writes into this row, and looks whether that is "
         "captured.\n" +
         (schema.empty() ? "" : "CREATE SCHEMA IF NOT EXISTS " + quote_name(schema) + ";\n") +
         "CREATE TABLE IF NOT EXISTS " + table + " (id int PRIMARY KEY, beat text NOT NULL);\nINSERT INTO " + table +
         " (id, beat) VALUES (" + std::to_string(adapter::canary_row) + ", '-') ON CONFLICT DO NOTHING;\n\n";
}

std::string canary_grant(const adapter::SourceSpec& spec, const std::string& role) {
  if (spec.canary.empty()) return {};
  return "-- The canary: this column of this one row is all that the agent ever writes beside its own journal.\n"
         "GRANT UPDATE (beat) ON " +
         quote_table(spec.canary) + " TO " + role + ";\n";
}

std::string drop_canary_sql(const adapter::SourceSpec& spec) {
  return spec.canary.empty() ? "" : "DROP TABLE IF EXISTS " + quote_table(spec.canary) + ";\n";
}

void write_beat(const adapter::SourceSpec& spec, const std::string& text) {
  Session session(spec.connection, Purpose::write);
  session.run("SET lock_timeout = '5s'; SET statement_timeout = '10s'", "preparing a session");
  const Result done = session.query(
      "UPDATE " + quote_table(spec.canary) + " SET beat = $1 WHERE id = " + std::to_string(adapter::canary_row),
      Parameters().add(text), "writing the canary");
  if (done.affected() != 1) throw Error(ErrorKind::misuse, "QZ-ADP-025", "table " + spec.canary + " has lost its row");
}

void check_canary(Session& session, const adapter::SourceSpec& spec, Findings& findings) {
  if (spec.canary.empty()) return;
  const std::string table = quote_table(spec.canary);
  const Result found = session.query(
      "SELECT has_column_privilege(to_regclass($1), 'beat', 'UPDATE'), quote_ident(current_user)"
      " WHERE to_regclass($1) IS NOT NULL",
      Parameters().add(table), "looking at the canary");
  if (found.rows() == 0) return;
  if (!found.truth(0, 0))
    findings.error("QZ-PG-029", "no UPDATE on " + spec.canary, canary_grant(spec, found.text(0, 1)));
  const Result row = session.attempt("SELECT FROM " + table + " WHERE id = " + std::to_string(adapter::canary_row),
                                     Parameters(), "looking at the canary");
  if (row.is_ok() && row.rows() == 0)
    findings.error("QZ-ADP-025", "table " + spec.canary + " has lost its row", canary_sql(spec));
}

}  // namespace qianzhi::postgresql
