#include "adapters/mysql/canary.h"

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

std::string canary_sql(const adapter::SourceSpec& spec) {
  if (spec.canary.empty()) return {};
  const std::string table = full_table(spec.connection, spec.canary);
  return "-- The canary: when nothing else changes the agent writes into this row, and looks whether that is "
         "captured.\n"
         "CREATE TABLE IF NOT EXISTS " +
         table +
         " (id int NOT NULL PRIMARY KEY, beat varchar(64) CHARACTER SET utf8mb4 NOT NULL) ENGINE=InnoDB;\n"
         "INSERT IGNORE INTO " +
         table + " (id, beat) VALUES (" + std::to_string(adapter::canary_row) + ", '-');\n\n";
}

std::string canary_grant(const adapter::SourceSpec& spec, const std::string& account) {
  if (spec.canary.empty()) return {};
  return "-- The canary: this column of this one row is all that the agent ever writes beside its own journal.\n"
         "GRANT UPDATE (beat) ON " +
         full_table(spec.connection, spec.canary) + " TO " + account + ";\n";
}

std::string drop_canary_sql(const adapter::SourceSpec& spec) {
  return spec.canary.empty() ? "" : "DROP TABLE IF EXISTS " + full_table(spec.connection, spec.canary) + ";\n";
}

void write_beat(const adapter::SourceSpec& spec, const std::string& text) {
  Session session(spec.connection, Purpose::write);
  session.run("SET SESSION lock_wait_timeout=5, innodb_lock_wait_timeout=5, max_statement_time=10",
              "preparing a session");
  const Result done = session.query(
      "UPDATE " + quote_table(spec.canary) + " SET beat = ? WHERE id = " + std::to_string(adapter::canary_row),
      Parameters().add(text), "writing the canary");
  if (done.affected() != 1) throw Error(ErrorKind::misuse, "QZ-ADP-025", "table " + spec.canary + " has lost its row");
}

void check_canary(Session& session, const adapter::SourceSpec& spec, const Rights& rights, Findings& findings) {
  if (spec.canary.empty()) return;
  const auto table = find_table(session, spec.canary);
  if (!table) return;
  if (!rights.has("UPDATE", table->schema, table->name, {adapter::canary_beat}))
    findings.error("QZ-MY-029", "no UPDATE on " + spec.canary, canary_grant(spec, rights.account()));
  if (!rights.has("SELECT", table->schema, table->name, {adapter::canary_id, adapter::canary_beat})) return;
  const Result row =
      session.run("SELECT 1 FROM " + quote_table(spec.canary) + " WHERE id = " + std::to_string(adapter::canary_row),
                  "looking at the canary");
  if (row.rows() == 0) findings.error("QZ-ADP-025", "table " + spec.canary + " has lost its row", canary_sql(spec));
}

}  // namespace qianzhi::mysql
