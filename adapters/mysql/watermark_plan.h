// SQL for the DBA: capture by a watermark column. Text only; nothing here connects.
#pragma once

#include <string>

#include "adapters/api/adapter.h"
#include "adapters/sql/watermark_source.h"

namespace qianzhi::mysql {

using adapter::sql::is_own_mark;

// A watermark of our own is an invisible column that two triggers keep; any other is one that the department has.
adapter::Plan plan_watermark(const adapter::SourceSpec& spec);

// event: 'm' before an insert, 'n' before an update: the last letters of trigger_name().
inline constexpr const char* mark_events = "mn";
// What both run, as the server keeps it. It names no column but its own, and no other table: renaming a column or
// locking tables does not break the department's writes.
std::string mark_body(const adapter::SourceTable& table);
// What makes an own mark of one table hold again; without the function that tells of its triggers.
std::string keep_mark_sql(const adapter::SourceSpec& spec, const adapter::SourceTable& table);
// For the index that reading needs.
std::string mark_index_sql(const adapter::SourceTable& table);

}  // namespace qianzhi::mysql
