// Names of what the install scripts create.
#pragma once

#include <string>

namespace qianzhi::adapter::lite {

inline constexpr const char* guard_table = "qianzhi_guard";
inline constexpr const char* mark_table = "qianzhi_mark";

inline std::string journal_table(const std::string& name) { return "qianzhi_" + name + "_journal"; }
inline std::string forgotten_table(const std::string& name) { return "qianzhi_" + name + "_forgotten"; }

}  // namespace qianzhi::adapter::lite
