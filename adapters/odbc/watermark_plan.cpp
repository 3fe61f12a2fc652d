#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "adapters/sql/watermark_source.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

using adapter::SourceTable;
using adapter::sql::is_own_mark;

// {c_plain}, {i_plain}: names as texts of a literal, without quotes in them.
std::string plain(const Dialect& dialect, const std::string& name) {
  const std::string literal = name_literal(folded(dialect, name));
  return literal.substr(1, literal.size() - 2);
}

std::string in_table(const Dialect& dialect, const std::string& name, const SourceTable& table, std::string_view text) {
  std::vector<std::string> indexed = table.key;
  indexed.insert(indexed.begin(), table.watermark);
  std::string same;
  for (const std::string& part : table.key) {
    const std::string column = quote_name(dialect, part);
    same.append(same.empty() ? "" : " AND ").append(column).append(" = NEW.").append(column);
  }
  const std::string index = trigger_name(dialect, name, table.table, 'k');
  const auto trigger = [&](char kind) { return quote_name(dialect, trigger_name(dialect, name, table.table, kind)); };
  return odbc::fill(with_marks_table(dialect, name, text), {{"x", quote_table(dialect, table.table)},
                                                            {"c", quote_name(dialect, table.watermark)},
                                                            {"c_plain", plain(dialect, table.watermark)},
                                                            {"k", quote_list(dialect, indexed)},
                                                            {"i", quote_name(dialect, index)},
                                                            {"i_plain", plain(dialect, index)},
                                                            {"g_m", trigger('m')},
                                                            {"g_n", trigger('n')},
                                                            {"g_w", trigger('w')},
                                                            {"x_same", same}});
}

}  // namespace

std::string with_marks_table(const Dialect& dialect, const std::string& name, std::string_view text) {
  return odbc::fill(text, {{"w", quote_name(dialect, "qianzhi_" + name + "_marks")}});
}

std::string keep_mark_sql(const Dialect& dialect, const std::string& name, const SourceTable& table, bool has_column) {
  const WatermarkTexts& texts = dialect.watermark;
  return with_marks_table(dialect, name, texts.first) +
         (has_column ? std::string() : in_table(dialect, name, table, texts.install)) +
         in_table(dialect, name, table, texts.keep);
}

adapter::Plan plan_watermark(const Dialect& dialect, const adapter::SourceSpec& spec) {
  const WatermarkTexts& texts = dialect.watermark;
  const std::string account = account_of(dialect, spec.connection, spec.name);
  adapter::Plan plan;
  plan.install =
      heading(dialect, "capture of source " + spec.name + " by a watermark") +
      "-- It sees no deletes, no TRUNCATE and no row whose watermark was not set; a comparison (reconcile)\n"
      "-- finds those. Run as the owner of the tables. What: a column whose value grows with each insert and\n"
      "-- update, and what keeps it. Locks: each table for a moment.\n\n" +
      with_marks_table(dialect, spec.name, texts.first);
  plan.grants = reading_grants(dialect, spec, account) + odbc::fill(texts.grants, {{"u", account}});
  if (texts.first.find("{w}") != std::string_view::npos && !dialect.grants_user.empty())
    plan.grants += with_marks_table(dialect, spec.name, "GRANT SELECT ON {w} TO ") + account + ";\n";
  plan.uninstall = heading(dialect, "removes the watermarks of source " + spec.name + "; the tables themselves stay") +
                   "-- First stop the agent.\n";
  for (const SourceTable& table : spec.tables) {
    if (!is_own_mark(table) && texts.kept_type.empty())
      throw Error(ErrorKind::misuse, "QZ-ODB-018", table.table + "." + table.watermark + " is no column of ours",
                  "watermark: qianzhi_mark");
    if (is_own_mark(table)) {
      plan.install +=
          in_table(dialect, spec.name, table, texts.install) + in_table(dialect, spec.name, table, texts.keep) + "\n";
      plan.uninstall += in_table(dialect, spec.name, table, texts.drop);
    }
    plan.grants += odbc::fill(texts.table_grants, {{"u", account}, {"x", quote_table(dialect, table.table)}});
  }
  plan.uninstall += with_marks_table(dialect, spec.name, texts.drop_last) +
                    drop_account(dialect, account, granted_for_reading(dialect, spec));
  return plan;
}

}  // namespace qianzhi::odbc
