#include "agent/app/config_text.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

namespace qianzhi::app {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr char failed_code[] = "QZ-CFG-121";

Object in_order() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

template <typename Json>
std::string line_of(const Json& json) {
  std::ostringstream text;
  json.stringify(text);
  return text.str() + "\n";
}

Poco::UInt64 number(std::size_t value) { return static_cast<Poco::UInt64>(value); }

std::size_t failures(const std::vector<TrialResult>& results) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const TrialResult& one) { return !one.mismatches.empty(); }));
}

}  // namespace

std::string changes_json(const std::vector<config::Change>& changes, bool applied) {
  Array array;
  for (const config::Change& change : changes) {
    Object one = in_order();
    one.set("path", change.path);
    one.set("before", change.before);
    one.set("after", change.after);
    one.set("line", number(change.line));
    one.set("effect", std::string(config::name_of(change.effect)));
    array.add(one);
  }
  Object whole = in_order();
  whole.set("applied", applied);
  whole.set("changes", array);
  return line_of(whole);
}

std::string changes_text(const std::vector<config::Change>& changes, bool applied) {
  std::string text;
  for (const config::Change& change : changes) {
    text += "  " + change.path;
    if (!change.before.empty() || !change.after.empty())
      text +=
          ": " + (change.before.empty() ? "-" : change.before) + " → " + (change.after.empty() ? "-" : change.after);
    if (change.line != 0) text += "  （第 " + std::to_string(change.line) + " 行 line）";
    text += "\n    " + std::string(config::text_of(change.effect)) + "\n";
  }
  const std::string count = std::to_string(changes.size());
  if (changes.empty())
    text =
        "配置没有变化；密钥和目录已重新读取 / nothing in the configuration is another; keys and catalogue were read "
        "again\n";
  if (!applied && changes.empty()) return "配置没有变化 / nothing is another\n";
  if (!applied) return text + "共 " + count + " 处，未应用 / " + count + " in all, not applied\n";
  return text + "已应用 / applied: " + count + "\n";
}

std::string trials_json(const std::vector<TrialResult>& results) {
  Array array;
  for (const TrialResult& result : results) {
    Array differences;
    for (const Mismatch& mismatch : result.mismatches) {
      Object one = in_order();
      one.set("what", mismatch.what);
      one.set("expected", mismatch.expected);
      one.set("got", mismatch.got);
      differences.add(one);
    }
    Object one = in_order();
    one.set("name", result.name);
    one.set("line", number(result.line));
    one.set("passed", result.mismatches.empty());
    if (!result.mismatches.empty()) one.set("code", failed_code);
    one.set("differences", differences);
    array.add(one);
  }
  Object whole = in_order();
  whole.set("tests", number(results.size()));
  whole.set("failed", number(failures(results)));
  whole.set("results", array);
  return line_of(whole);
}

std::string trials_text(const std::vector<TrialResult>& results) {
  std::string text;
  for (const TrialResult& result : results) {
    text += (result.mismatches.empty() ? std::string(" ✓ ") : std::string(" ✕ ") + failed_code + " ") + result.name +
            "  （第 " + std::to_string(result.line) + " 行 line）\n";
    for (const Mismatch& mismatch : result.mismatches)
      text += "     " + mismatch.what + ": 应为 expected " + mismatch.expected + "，得到 got " + mismatch.got + "\n";
  }
  const std::string all = std::to_string(results.size());
  const std::string failed = std::to_string(failures(results));
  return text + "共 " + all + " 个试验，" + failed + " 个没有通过 / " + all + " tests, " + failed + " failed\n";
}

}  // namespace qianzhi::app
