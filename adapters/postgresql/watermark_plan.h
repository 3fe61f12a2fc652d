// SQL for the DBA: capture by a watermark column. Text only; nothing here connects.
#pragma once

#include <string>
#include <string_view>

#include "adapters/api/adapter.h"

namespace qianzhi::postgresql {

// A watermark whose name begins with this is made by the install script: the number of the transaction that wrote the
// row, kept by a trigger. Any other name is a column that the department has already.
inline constexpr std::string_view own_mark = "qianzhi_";
inline bool is_own_mark(const adapter::SourceTable& table) { return table.watermark.rfind(own_mark, 0) == 0; }

inline constexpr const char* mark_trigger = "qianzhi_mark_";  // + name

adapter::Plan plan_watermark(const adapter::SourceSpec& spec);

// What makes an own mark of one table hold again. name: SourceSpec::name.
std::string keep_mark_sql(const std::string& name, const adapter::SourceTable& table);
// For the index that reading needs; empty where the mark is our own: keep_mark_sql has it.
std::string mark_index_sql(const adapter::SourceTable& table);

}  // namespace qianzhi::postgresql
