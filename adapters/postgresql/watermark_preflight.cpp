#include "adapters/postgresql/watermark_preflight.h"

#include "adapters/postgresql/catalog.h"
#include "adapters/postgresql/names.h"
#include "adapters/postgresql/plan.h"
#include "adapters/postgresql/watermark.h"
#include "adapters/postgresql/watermark_plan.h"

namespace qianzhi::postgresql {

namespace {

using adapter::SourceTable;

void check_watermark(Session& session, const std::string& name, const SourceTable& wanted, Findings& findings) {
  const auto table = find_table(session, wanted.table);
  if (!table) return;
  const CatalogColumn* column = table->find(wanted.watermark);
  if (column == nullptr)
    return findings.error("QZ-ADP-011", "there is no column " + wanted.watermark + " in " + wanted.table,
                          is_own_mark(wanted) ? keep_mark_sql(name, wanted) : "");
  const auto kind = watermark_kind(column->type);
  if (!kind) return findings.error("QZ-PG-045", wanted.table + "." + wanted.watermark + " is " + column->type_text, "");
  const Result found = session.query(
      "SELECT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
      " WHERE i.indrelid = $1::oid AND i.indisvalid AND a.attname = $2),"
      " has_column_privilege($1::oid, $2, 'SELECT'), pg_has_role('pg_read_all_stats', 'USAGE'),"
      " quote_ident(current_user)",
      Parameters().add(std::int64_t{table->oid}).add(wanted.watermark), "looking at a watermark");
  const std::string role = found.text(0, 3);
  if (!found.truth(0, 0))
    findings.warning("QZ-PG-047",
                     "no index begins with " + wanted.watermark + ": each look reads all of " + wanted.table,
                     mark_index_sql(wanted));
  if (!found.truth(0, 1))
    findings.error(
        "QZ-PG-029", "no SELECT on column " + wanted.watermark + " of " + wanted.table,
        "GRANT SELECT (" + quote_name(wanted.watermark) + ") ON " + quote_table(wanted.table) + " TO " + role + ";");
  if (*kind != WatermarkKind::transaction && !found.truth(0, 2))
    findings.error("QZ-PG-043", "role " + role + " does not see when other transactions began",
                   "ALTER ROLE " + role + " INHERIT; GRANT pg_read_all_stats TO " + role + ";");
  if (!is_own_mark(wanted) && !column->not_null)
    findings.warning("QZ-PG-048",
                     wanted.table + "." + wanted.watermark + " may be NULL: changes of such rows are not seen",
                     "ALTER TABLE " + quote_table(wanted.table) + " ALTER COLUMN " + quote_name(wanted.watermark) +
                         " SET NOT NULL;");
}

}  // namespace

std::vector<adapter::TableEvent> unkept_marks(Session& session, const adapter::SourceSpec& spec) {
  std::vector<std::string> names;
  std::vector<std::size_t> tables;
  for (std::size_t i = 0; i < spec.tables.size(); ++i)
    if (is_own_mark(spec.tables[i])) {
      names.push_back(quote_table(spec.tables[i].table));
      tables.push_back(i);
    }
  std::vector<adapter::TableEvent> events;
  if (tables.empty()) return events;
  const Result found = session.attempt_prepared(
      "SELECT to_regclass(w.tbl) IS NULL OR EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
      " WHERE t.tgrelid = to_regclass(w.tbl) AND t.tgname = $2 AND (t.tgenabled = 'A' OR c.relkind = 'p'))"
      " FROM unnest($1::text[]) WITH ORDINALITY AS w(tbl, n) ORDER BY w.n",
      {}, Parameters().add(array_text(names)).add(mark_trigger + spec.name), "looking at the triggers");
  session.check(found, "looking at the triggers");
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (!found.truth(static_cast<int>(i), 0))
      events.push_back({tables[i],
                        adapter::TableEventKind::unseen_changes,
                        "the trigger that keeps " + spec.tables[tables[i]].watermark + " of " +
                            spec.tables[tables[i]].table + " is missing or disabled",
                        {}});
  return events;
}

void check_watermarks(Session& session, const adapter::SourceSpec& spec, Findings& findings) {
  for (const SourceTable& wanted : spec.tables) check_watermark(session, spec.name, wanted, findings);
  for (const adapter::TableEvent& event : unkept_marks(session, spec))
    findings.error("QZ-ADP-013", event.detail, keep_mark_sql(spec.name, spec.tables[event.table]));
}

}  // namespace qianzhi::postgresql
