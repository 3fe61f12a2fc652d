#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

std::string joined(const Dialect& dialect, const std::vector<std::string>& parts) {
  std::string text;
  const std::string between = dialect.concat.empty() ? ", " : " " + std::string(dialect.concat) + " ";
  for (const std::string& part : parts) text.append(text.empty() ? "" : between).append(part);
  return dialect.concat.empty() ? "CONCAT(" + text + ")" : text;
}

// "vtext|" with ~ and | escaped, or "n|" for NULL: Journal's texts_of() reads it.
std::string encoded(const Dialect& dialect, std::string_view row, const std::string& column) {
  const std::string value = std::string(row) + quote_name(dialect, column);
  const std::string shown = odbc::fill(dialect.journal.show, {{"c", value}});
  const std::string escaped = "REPLACE(REPLACE(" + shown + ", '~', '~0'), '|', '~1')";
  return "CASE WHEN " + value + " IS NULL THEN 'n|' ELSE " + joined(dialect, {"'v'", escaped, "'|'"}) + " END";
}

std::string encoded(const Dialect& dialect, std::string_view row, const std::vector<std::string>& columns) {
  if (columns.empty()) return "NULL";
  std::vector<std::string> parts;
  parts.reserve(columns.size());
  for (const std::string& column : columns) parts.push_back(encoded(dialect, row, column));
  return parts.size() == 1 ? parts[0] : joined(dialect, parts);
}

std::string compared(const Dialect& dialect, std::string_view form, std::string_view old_row, std::string_view new_row,
                     const std::vector<std::string>& key, std::string_view between) {
  std::string text;
  for (const std::string& column : key) {
    const std::string name = quote_name(dialect, column);
    text.append(text.empty() ? "" : between);
    text += odbc::fill(form, {{"o", std::string(old_row) + name}, {"n", std::string(new_row) + name}});
  }
  return text;
}

// What stands in the texts of one table's triggers.
class TableTexts {
 public:
  TableTexts(const Dialect& dialect, const std::string& name, const adapter::SourceTable& table) {
    const JournalTexts& texts = dialect.journal;
    put("j", journal_name(dialect, name));
    put("f", forgotten_name(dialect, name));
    put("j_plain", "qianzhi_" + name + "_journal");
    put("f_plain", "qianzhi_" + name + "_forgotten");
    put("x", quote_table(dialect, table.table));
    put("l", name_literal(table.table));
    put("n_k", encoded(dialect, texts.new_row, table.key));
    put("o_k", encoded(dialect, texts.old_row, table.key));
    put("o_o", encoded(dialect, texts.old_row, table.old_columns));
    put("was_k", encoded(dialect, "was.", table.key));
    put("was_o", encoded(dialect, "was.", table.old_columns));
    put("differs", compared(dialect, texts.differ, texts.old_row, texts.new_row, table.key, " OR "));
    put("same", compared(dialect, texts.same, texts.old_row, texts.new_row, table.key, " AND "));
    put("was_same", compared(dialect, texts.same, "was.", texts.new_row, table.key, " AND "));
    for (const char kind : {'i', 'u', 'd', 'r', 't', 'b', 'f'})
      put(std::string("g_") + kind, quote_name(dialect, trigger_name(dialect, name, table.table, kind)));
  }
  std::string in(std::string_view text) const {
    std::vector<Filling> fillings;
    fillings.reserve(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) fillings.push_back({names_[i], values_[i]});
    return odbc::fill(text, fillings);
  }

 private:
  void put(std::string name, std::string value) {
    names_.push_back(std::move(name));
    values_.push_back(std::move(value));
  }
  std::vector<std::string> names_;
  std::vector<std::string> values_;
};

}  // namespace

std::string capture_sql(const Dialect& dialect, const std::string& name, const adapter::SourceTable& table) {
  const TableTexts texts(dialect, name, table);
  std::string sql;
  for (const std::string_view text :
       {dialect.journal.insert, dialect.journal.update, dialect.journal.remove, dialect.journal.more})
    sql += texts.in(text);
  return sql;
}

adapter::Plan plan_journal(const Dialect& dialect, const adapter::SourceSpec& spec) {
  const JournalTexts& journal = dialect.journal;
  if (spec.tables.empty()) throw Error(ErrorKind::misuse, "QZ-ADP-010", "a source needs a table");
  const TableTexts common(dialect, spec.name, spec.tables.front());
  const std::string account = account_of(dialect, spec.connection, spec.name);
  adapter::Plan plan;
  plan.install = heading(dialect, "capture of source " + spec.name + " by triggers") +
                 "-- Run as the owner of the tables. What: one journal table, and triggers that write the key of each\n"
                 "-- changed row and what partition and filter columns held before. Locks: each table for a moment.\n"
                 "-- Running it again is safe; the tables are then sent anew, because changes may have been missed.\n"
                 "-- The tables of the journal are made where the script is run: in the schema that the agent's\n"
                 "-- account finds without naming it.\n\n" +
                 common.in(journal.tables) + common.in(journal.first) + "\n";
  plan.uninstall = heading(dialect, "removes the capture of source " + spec.name + "; the tables themselves stay") +
                   "-- First stop the agent.\n";
  for (const adapter::SourceTable& table : spec.tables) {
    plan.install += capture_sql(dialect, spec.name, table) + "\n";
    plan.uninstall += TableTexts(dialect, spec.name, table).in(journal.drop);
  }
  for (const adapter::SourceTable& table : spec.tables)
    plan.install += TableTexts(dialect, spec.name, table).in(journal.installed);
  plan.uninstall += common.in(journal.drop_tables) + drop_account(dialect, account, granted_for_reading(dialect, spec));
  plan.grants = reading_grants(dialect, spec, account);
  if (!journal.grants.empty())
    plan.grants += "-- And what is needed to read the journal and to remove what was read.\n" +
                   odbc::fill(common.in(journal.grants), {{"u", account}});
  for (const adapter::SourceTable& table : spec.tables)
    plan.grants += odbc::fill(TableTexts(dialect, spec.name, table).in(journal.table_grants), {{"u", account}});
  return plan;
}

}  // namespace qianzhi::odbc
