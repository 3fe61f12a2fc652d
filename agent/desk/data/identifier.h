// Names of tables and columns in SQL.
#pragma once

#include <string>
#include <string_view>

namespace qianzhi::desk {

// In double quotes, with those inside doubled.
inline std::string identifier(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

}  // namespace qianzhi::desk
