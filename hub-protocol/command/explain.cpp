#include "hub-protocol/command/explain.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/handbook.h"
#include "hub-protocol/command/nearest.h"
#include "hub-protocol/command/terminal.h"

namespace qianzhi::command {

namespace {

std::string as_code(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text.compare(0, 3, "QZ-") == 0 ? text : "QZ-" + text;
}

Poco::JSON::Object titles_of(const Explanation& one) {
  Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
  object.set("code", std::string(one.code));
  object.set("title_zh", std::string(one.title_zh));
  object.set("title_en", std::string(one.title_en));
  return object;
}

std::string text_of(const auto& json) {
  std::ostringstream out;
  json.stringify(out);
  return out.str() + "\n";
}

std::string paragraph(const std::vector<std::pair<std::string_view, std::string_view>>& lines) {
  std::string text;
  for (const auto& [label, line] : lines) text += std::string(label) + std::string(line) + "\n";
  return text;
}

}  // namespace

std::string explained(const std::string& code, Language language, bool json) {
  const std::string wanted = as_code(code);
  const auto found = explain(wanted);
  if (!found) {
    std::vector<std::string> known;
    for (const Explanation& one : all_explanations()) known.emplace_back(one.code);
    const std::string near = nearest(wanted, known);
    throw Error(ErrorKind::rejected, "QZ-CLI-004", wanted.substr(0, 64), near.empty() ? "" : "explain " + near);
  }
  const Guidance guidance = guidance_of(found->code);
  if (json) {
    Poco::JSON::Object object = titles_of(*found);
    object.set("cause_zh", std::string(found->cause_zh));
    object.set("cause_en", std::string(found->cause_en));
    object.set("next_zh", std::string(found->next_zh));
    object.set("next_en", std::string(found->next_en));
    object.set("safe_zh", std::string(guidance.safe_zh));
    object.set("safe_en", std::string(guidance.safe_en));
    object.set("seen_zh", std::string(guidance.seen_zh));
    object.set("seen_en", std::string(guidance.seen_en));
    return text_of(object);
  }
  std::string text = std::string(found->code) + "\n";
  if (language != Language::en)
    text += paragraph({{"现象: ", found->title_zh},
                       {"原因: ", found->cause_zh},
                       {"数据: ", guidance.safe_zh},
                       {"处理: ", found->next_zh},
                       {"确认: ", guidance.seen_zh}});
  if (language == Language::both) text += "\n";
  if (language != Language::zh)
    text += paragraph({{"What:   ", found->title_en},
                       {"Cause:  ", found->cause_en},
                       {"Data:   ", guidance.safe_en},
                       {"Next:   ", found->next_en},
                       {"Mended: ", guidance.seen_en}});
  return text;
}

std::string all_codes(const std::string& part, Language language, bool json) {
  Poco::JSON::Array array;
  std::string text;
  for (const Explanation& one : all_explanations()) {
    const auto holds = [&](std::string_view in) { return in.find(part) != std::string_view::npos; };
    if (!holds(one.code) && !holds(one.title_zh) && !holds(one.title_en)) continue;
    array.add(titles_of(one));
    text += padded(one.code, 13) + chosen(one.title_zh, one.title_en, language) + "\n";
  }
  return json ? text_of(array) : text;
}

}  // namespace qianzhi::command
