// SQL for the DBA. Text only; nothing here connects.
#pragma once

#include <string>

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

}  // namespace qianzhi::odbc
