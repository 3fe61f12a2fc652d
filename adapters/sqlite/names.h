// Names in statements, and those of what the install scripts create.
#pragma once

#include <string>
#include <string_view>

#include "adapters/sql/sql_text.h"

namespace qianzhi::adapter::lite {

inline std::string id(std::string_view name) { return sql::identifier(sql::sqlite, name); }

inline constexpr const char* guard_table = "qianzhi_guard";
inline constexpr const char* mark_table = "qianzhi_mark";

inline std::string journal_table(const std::string& name) { return "qianzhi_" + name + "_journal"; }
inline std::string forgotten_table(const std::string& name) { return "qianzhi_" + name + "_forgotten"; }

}  // namespace qianzhi::adapter::lite
