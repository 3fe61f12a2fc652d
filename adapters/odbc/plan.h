// SQL for the DBA. Text only; nothing here connects.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/odbc/dialect.h"

namespace qianzhi::odbc {

adapter::Plan plan_source(const adapter::SourceSpec& spec);
adapter::Plan plan_target(const adapter::TargetSpec& spec);

// First lines of every script: for what, and whether its dialect was ever tried on a real server.
std::string heading(const Dialect& dialect, const std::string& what);
// The account, quoted: as the options say, else by the name of the source or target.
std::string account_of(const Dialect& dialect, const adapter::Connection& connection, const std::string& name);
// What only reading takes.
std::string reading_grants(const Dialect& dialect, const adapter::SourceSpec& spec, const std::string& account);

// Triggers of a table, and what else stands in their script; journal_plan.cpp.
std::string capture_sql(const Dialect& dialect, const std::string& name, const adapter::SourceTable& table);
adapter::Plan plan_journal(const Dialect& dialect, const adapter::SourceSpec& spec);

// Of a source that is read by a watermark; watermark_plan.cpp. Throws Error(misuse, QZ-ODB-018) for a column that is
// neither ours nor kept by the server.
adapter::Plan plan_watermark(const Dialect& dialect, const adapter::SourceSpec& spec);
// Column, index and triggers of one table; has_column: the column is there.
std::string keep_mark_sql(const Dialect& dialect, const std::string& name, const adapter::SourceTable& table,
                          bool has_column);
// A text of the dialect with {w} filled.
std::string with_marks_table(const Dialect& dialect, const std::string& name, std::string_view text);

// Plan::leftovers; leftovers.cpp.
std::string source_leftovers(const Dialect& dialect, const adapter::SourceSpec& spec);
std::string target_leftovers(const Dialect& dialect, const adapter::TargetSpec& spec);
// The account's end, for the uninstall script; rights and quoted table, as granted on what stays.
using Granted = std::vector<std::pair<std::string, std::string>>;
std::string drop_account(const Dialect& dialect, const std::string& account, const Granted& granted);
Granted granted_for_reading(const Dialect& dialect, const adapter::SourceSpec& spec);

}  // namespace qianzhi::odbc
