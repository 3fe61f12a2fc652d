// How this program was built, for `version` and the support bundle.
#pragma once

#include <string>
#include <vector>

namespace qianzhi::command {

struct Fact {
  std::string name;  // of the JSON field
  std::string text;  // "中文 / English"
  std::string value;
};

std::vector<Fact> build_facts();
// All of them, a line each, below the program's name and version.
std::string facts_text(const std::string& program);

}  // namespace qianzhi::command
