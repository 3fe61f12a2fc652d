#include <optional>

#include "adapters/odbc/names.h"
#include "adapters/odbc/plan.h"
#include "adapters/odbc/session.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::odbc {

namespace {

adapter::Plan plan_comparison(const Dialect& dialect, const adapter::SourceSpec& spec) {
  const std::string account = account_of(dialect, spec.connection, spec.name);
  adapter::Plan plan;
  plan.install = heading(dialect, "source " + spec.name + " is compared: nothing has to be installed");
  plan.grants = reading_grants(dialect, spec, account);
  plan.uninstall = heading(dialect, "source " + spec.name + ": nothing was installed") + "-- First stop the agent.\n" +
                   drop_account(dialect, account, granted_for_reading(dialect, spec));
  return plan;
}

}  // namespace

std::string heading(const Dialect& dialect, const std::string& what) {
  std::string text = "-- Qianzhi, " + std::string(dialect.title) + " through ODBC: " + what + ".\n";
  if (!dialect.tested)
    text += "-- NOT TESTED on a real server of this kind (未测试): try it on a copy of the database first.\n";
  return text;
}

std::string account_of(const Dialect& dialect, const adapter::Connection& connection, const std::string& name) {
  const std::string user = user_of(connection);
  return quote_name(dialect, user.empty() ? "qianzhi_" + name : user);
}

std::string reading_grants(const Dialect& dialect, const adapter::SourceSpec& spec, const std::string& account) {
  if (dialect.grants_user.empty())
    return "-- This database knows no users: the account of the agent needs read permission on its file.\n";
  std::string text = "-- An account that can log in and read the listed tables; nothing else.\n" +
                     odbc::fill(dialect.grants_user, {{"u", account}});
  for (const adapter::SourceTable& table : spec.tables)
    text += "GRANT SELECT ON " + quote_table(dialect, table.table) + " TO " + account + ";\n";
  return text;
}

adapter::Plan plan_source(const adapter::SourceSpec& spec) {
  check_name(spec.name);
  const Dialect& dialect = dialect_of(spec.connection);
  const auto plan_mode = [&]() -> std::optional<adapter::Plan> {
    if (spec.mode == adapter::CaptureMode::snapshot_only) return plan_comparison(dialect, spec);
    if (spec.mode == adapter::CaptureMode::journal && dialect.journal.offered) return plan_journal(dialect, spec);
    if (spec.mode == adapter::CaptureMode::watermark && dialect.watermark.kind != MarkKind::none)
      return plan_watermark(dialect, spec);
    return std::nullopt;
  };
  if (auto plan = plan_mode()) {
    plan->leftovers = source_leftovers(dialect, spec);
    return *plan;
  }
  throw Error(ErrorKind::misuse, "QZ-ADP-021", "this way of capture is not offered for " + std::string(dialect.title),
              "use capture: diff");
}

}  // namespace qianzhi::odbc
