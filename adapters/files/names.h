// Names of tables and columns in the SQL of our own SQLite files.
#pragma once

#include <string>
#include <string_view>

#include "adapters/sql/sql_text.h"

namespace qianzhi::adapter::files {

inline std::string sql_name(std::string_view name) { return sql::identifier(sql::sqlite, name); }

}  // namespace qianzhi::adapter::files
