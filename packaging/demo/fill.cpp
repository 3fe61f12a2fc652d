#include "packaging/demo/fill.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

namespace {

constexpr std::string_view name_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

}  // namespace

std::string fill(std::string_view text, const std::map<std::string, std::string, std::less<>>& values) {
  std::string result;
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@')) {
    result += text.substr(0, at);
    text.remove_prefix(at);
    const std::size_t end = text.find_first_not_of(name_letters, 1);
    const bool is_name = end != std::string_view::npos && end > 1 && text[end] == '@';
    if (!is_name) {
      result += '@';
      text.remove_prefix(1);
      continue;
    }
    const auto value = values.find(text.substr(1, end - 1));
    QZ_ASSERT(value != values.end());
    result += value->second;
    text.remove_prefix(end + 1);
  }
  return result + std::string(text);
}

}  // namespace qianzhi::demo
