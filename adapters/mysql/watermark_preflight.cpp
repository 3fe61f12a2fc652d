#include "adapters/mysql/watermark_preflight.h"

#include <algorithm>

#include "adapters/mysql/catalog.h"
#include "adapters/mysql/installed_triggers.h"
#include "adapters/mysql/journal_plan.h"
#include "adapters/mysql/names.h"
#include "adapters/mysql/plan.h"
#include "adapters/mysql/watermark.h"
#include "adapters/mysql/watermark_plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

using adapter::SourceTable;

// The installed triggers; none can be told where the function is missing, or may not be run.
std::map<std::string, std::string> known_triggers(Session& session, const adapter::SourceSpec& spec) {
  try {
    return installed_triggers(session, spec);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse) throw;
    return {};
  }
}

bool has_index(Session& session, const CatalogTable& table, const std::string& column) {
  return session
      .query(
          "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?"
          " AND COLUMN_NAME = ? AND SEQ_IN_INDEX = 1",
          Parameters().add(table.schema).add(table.name).add(column), "looking at a watermark")
      .truth(0, 0);
}

// A time is only as good as nobody sets it.
void check_time(Session& session, const SourceTable& wanted, const CatalogColumn& column, Findings& findings) {
  const std::string name = wanted.table + "." + wanted.watermark;
  if (!column.not_null) findings.warning("QZ-MY-043", name + " may be NULL: changes of such rows are not seen", "");
  const Result found =
      session.run("SELECT @@global.secure_timestamp, @@global.time_zone", "looking at the server's settings");
  if (found.text(0, 0) != "YES" && found.text(0, 0) != "REPLICATION")
    findings.warning("QZ-MY-045",
                     "every session may set its own time, and so write " + name + " where nothing is looked for",
                     "in the configuration: secure_timestamp = YES; then restart; or use a watermark qianzhi_mark");
  if (column.form == Form::datetime)
    findings.warning("QZ-MY-045",
                     name + " holds the local time of the session that wrote it; it is read as the server's (" +
                         found.text(0, 1) + ")",
                     "no program may set time_zone; or use a column of type TIMESTAMP or a watermark qianzhi_mark");
}

void check_watermark(Session& session, const adapter::SourceSpec& spec, const SourceTable& wanted, const Rights& rights,
                     Findings& findings) {
  const auto table = find_table(session, wanted.table);
  if (!table) return;
  const CatalogColumn* column = table->find(wanted.watermark);
  const std::string grant = "GRANT SELECT (" + quote_name(wanted.watermark) + ") ON " + quote_name(table->schema) +
                            "." + quote_name(table->name) + " TO " + rights.account() + ";";
  if (column == nullptr)
    return findings.error("QZ-ADP-011",
                          "there is no column " + wanted.watermark + " in " + wanted.table + ", or no right to it",
                          grant + (is_own_mark(wanted) ? "\n" + keep_mark_sql(spec, wanted) : ""));
  if (!has_index(session, *table, wanted.watermark))
    findings.warning("QZ-MY-041",
                     "no index begins with " + wanted.watermark + ": each look reads all of " + wanted.table,
                     mark_index_sql(wanted));
  if (!rights.has("SELECT", table->schema, table->name, {wanted.watermark}))
    findings.error("QZ-MY-029", "no SELECT on column " + wanted.watermark + " of " + wanted.table, grant);
  if (const auto kind = mark_kind(*column); kind && *kind != MarkKind::number)
    check_time(session, wanted, *column, findings);
}

void check_triggers(Session& session, const adapter::SourceSpec& spec, const Rights& rights, Findings& findings) {
  if (std::none_of(spec.tables.begin(), spec.tables.end(), is_own_mark)) return;
  try {
    installed_triggers(session, spec);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse) throw;
    if (error.code() == "QZ-MY-003")
      return findings.error("QZ-MY-029", "no EXECUTE on function " + triggers_function(spec.name),
                            "GRANT EXECUTE ON FUNCTION " + full_table(spec.connection, triggers_function(spec.name)) +
                                " TO " + rights.account() + ";");
  }
  for (const adapter::TableEvent& event : unkept_marks(session, spec))
    findings.error("QZ-ADP-013", event.detail,
                   triggers_function_sql(spec) + keep_mark_sql(spec, spec.tables[event.table]));
}

}  // namespace

std::vector<adapter::TableEvent> unkept_marks(Session& session, const adapter::SourceSpec& spec) {
  std::vector<adapter::TableEvent> events;
  std::map<std::string, std::string> installed;
  std::map<std::string, std::string> digests;  // of bodies
  for (std::size_t i = 0; i < spec.tables.size(); ++i) {
    const SourceTable& table = spec.tables[i];
    if (!is_own_mark(table)) continue;
    if (digests.empty()) installed = known_triggers(session, spec);
    std::string& wanted = digests[mark_body(table)];
    if (wanted.empty()) wanted = body_digest(session, mark_body(table));
    for (const char event : std::string(mark_events)) {
      const auto found = installed.find(trigger_name(spec.name, table.table, event));
      if (found != installed.end() && found->second == wanted) continue;
      events.push_back({i,
                        adapter::TableEventKind::unseen_changes,
                        "a trigger that keeps " + table.watermark + " of " + table.table + " is missing or altered",
                        {}});
      break;
    }
  }
  return events;
}

void check_watermarks(Session& session, const adapter::SourceSpec& spec, const Rights& rights, Findings& findings) {
  for (const SourceTable& wanted : spec.tables) check_watermark(session, spec, wanted, rights, findings);
  try {
    marks_of(session, spec);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::misuse) throw;
    findings.error(error.code(), error.detail(), "");
  }
  check_triggers(session, spec, rights, findings);
  if (!rights.has_global("PROCESS"))
    findings.error("QZ-MY-028", "no PROCESS: open transactions cannot be seen",
                   "GRANT PROCESS ON *.* TO " + rights.account() + ";");
  else if (session
               .run("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Slave%'",
                    "looking at the server")
               .truth(0, 0))
    findings.error("QZ-MY-044", "this server applies the changes of another one", "use the address of that one");
}

}  // namespace qianzhi::mysql
