// Every stable code with its Chinese and English explanation: what `qianzhi explain CODE` prints.
// The texts live in hub-protocol/base/codes/AREA.def, one QZ_CODE line each. Codes are never renumbered or reused.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace qianzhi {

struct Explanation {
  std::string_view code;      // "QZ-CFG-012"
  std::string_view title_zh;  // one sentence: what is wrong
  std::string_view title_en;
  std::string_view cause_zh;  // why it happens
  std::string_view cause_en;
  std::string_view next_zh;  // what to do now, a command where there is one
  std::string_view next_en;
};

// Nothing if the code is unknown. Views live as long as the program.
std::optional<Explanation> explain(std::string_view code);

// All codes, sorted.
std::vector<Explanation> all_explanations();

}  // namespace qianzhi
