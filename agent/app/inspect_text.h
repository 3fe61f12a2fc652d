// What check --live, plan and sample have found, as text for a person or JSON for a program.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/app/inspect.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::app {

std::string to_text(const Inspected& one);
// As Diagnostics::json() of the file, and "live": [{"step","text_zh","text_en","findings":[{"severity","code","detail",
// "cure","title_zh","title_en"}]}]; errors and warnings count both.
std::string checked_json(const yaml::Diagnostics& diagnostics, const std::vector<Inspected>& inspected);

struct PlanScript {
  std::string database;  // its name in the configuration
  std::string side;      // "source", "target"
  std::string type;
  std::string text;  // a whole script with its comments; empty: nothing is to be done
};
// [{"database","side","type","part","script"}]
std::string plan_json(const std::vector<PlanScript>& scripts, const std::string& part);

struct SampledRow {
  struct Value {
    std::string item;
    std::string title;
    std::optional<std::string> text;  // masked; nothing: null
  };
  bool is_withheld = false;
  std::string group;  // empty: unknown
  std::vector<Value> values;
};
struct Sampled {
  std::string topic;
  std::vector<SampledRow> rows;
  std::vector<std::pair<std::string, std::string>> faults;  // code, detail
  std::size_t doubtful = 0;  // values with a check digit that does not hold, or a code that is not in its table
};
std::string to_text(const Sampled& sampled);
// {"topic","rows":[{"operation":"sent"|"withheld","group","values":[{"item","title","value"}]}],"faults":[{"code",
// "detail"}],"doubtful_values"}
std::string sampled_json(const Sampled& sampled);

}  // namespace qianzhi::app
