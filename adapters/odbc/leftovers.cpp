#include "adapters/odbc/journal_tables.h"
#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

namespace {

// Literals, as the catalogue writes the names.
std::string literals(const Dialect& dialect, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list.append(list.empty() ? "" : ", ").append(name_literal(folded(dialect, name)));
  return list.empty() ? "''" : list;
}

std::string account_name(const adapter::Connection& connection, const std::string& name) {
  const std::string user = user_of(connection);
  return user.empty() ? "qianzhi_" + name : user;
}

}  // namespace

Granted granted_for_reading(const Dialect& dialect, const adapter::SourceSpec& spec) {
  Granted granted;
  for (const adapter::SourceTable& table : spec.tables)
    granted.emplace_back("SELECT", quote_table(dialect, table.table));
  return granted;
}

std::string drop_account(const Dialect& dialect, const std::string& account, const Granted& granted) {
  if (dialect.drop_user.empty()) return {};
  std::string text = "-- The account, as the grants script made it.\n";
  for (const auto& [rights, table] : granted)
    text += odbc::fill(dialect.revoke, {{"r", rights}, {"x", table}, {"u", account}});
  return text + odbc::fill(dialect.drop_user, {{"u", account}});
}

std::string source_leftovers(const Dialect& dialect, const adapter::SourceSpec& spec) {
  std::vector<std::string> triggers;
  std::vector<std::string> sources;
  for (const adapter::SourceTable& table : spec.tables) {
    for (const char kind : trigger_kinds(dialect) + std::string(dialect.watermark.triggers) + "fw")
      triggers.push_back(trigger_name(dialect, spec.name, table.table, kind));
    sources.push_back(split_table(dialect, table.table).second);
  }
  const std::string own = "qianzhi_" + spec.name;
  return odbc::fill(dialect.leftovers,
                    {{"tables", literals(dialect, {own + "_journal", own + "_forgotten", own + "_marks"})},
                     {"triggers", literals(dialect, triggers)},
                     {"sources", literals(dialect, sources)},
                     {"account", literals(dialect, {account_name(spec.connection, spec.name)})}});
}

std::string target_leftovers(const Dialect& dialect, const adapter::TargetSpec& spec) {
  std::vector<std::string> tables;
  for (const adapter::TargetTable& table : spec.tables) {
    tables.push_back(split_table(dialect, table.table).second);
    if (!table.history_table.empty()) tables.push_back(split_table(dialect, table.history_table).second);
  }
  return odbc::fill(dialect.leftovers, {{"tables", literals(dialect, tables)},
                                        {"triggers", "''"},
                                        {"sources", "''"},
                                        {"account", literals(dialect, {account_name(spec.connection, spec.name)})}});
}

}  // namespace qianzhi::odbc
