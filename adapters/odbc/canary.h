// The canary: a table of ours with one row, which is changed only to see whether that is captured (adapter.h,
// SourceSpec::canary). Text of the plan, the write, and what preflight looks at.
#pragma once

#include <string>

#include "adapters/api/adapter.h"
#include "adapters/odbc/findings.h"
#include "adapters/odbc/session.h"

namespace qianzhi::odbc {

// Makes the table and its row; after the journal's own tables. Empty if the source has no canary.
std::string canary_sql(const Dialect& dialect, const adapter::SourceSpec& spec);
// The one right beside reading; likewise.
std::string canary_grant(const Dialect& dialect, const adapter::SourceSpec& spec, const std::string& account);
std::string drop_canary_sql(const Dialect& dialect, const adapter::SourceSpec& spec);

// In a session of its own, which is not known to triggers as our own writer. Throws what Source::beat() throws.
void write_beat(const adapter::SourceSpec& spec, const std::string& text);

// The table itself is looked at as every other one is.
void check_canary(Session& session, const adapter::SourceSpec& spec, Findings& findings);

}  // namespace qianzhi::odbc
