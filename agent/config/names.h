// What adapters know a source by.
#pragma once

#include <string>

namespace qianzhi::config {

// [a-z0-9_]+: names the slot, journal, triggers and canary of a source, which allow no more than that.
inline std::string source_name(const std::string& agent, const std::string& source) {
  std::string name = agent + "_" + source;
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    else if (!plain)
      c = '_';
  }
  return name;
}

}  // namespace qianzhi::config
