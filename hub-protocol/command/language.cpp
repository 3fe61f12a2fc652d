#include "hub-protocol/command/language.h"

#include <cstdlib>

namespace qianzhi::command {

namespace {

constexpr std::string_view between = " / ";

}  // namespace

Language language_named(std::string_view name) {
  if (name.substr(0, 2) == "zh") return Language::zh;
  return name.substr(0, 2) == "en" ? Language::en : Language::both;
}

Language language_of_environment() {
  for (const char* name : {"QIANZHI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale = value;
    if (locale == "C" || locale == "POSIX" || locale.substr(0, 2) == "C.") return Language::both;
    return language_named(locale) == Language::zh ? Language::zh : Language::en;
  }
  return Language::both;
}

std::string in_language(std::string_view text, Language language) {
  const std::size_t mark = text.find(between);
  if (mark == std::string_view::npos || language == Language::both) return std::string(text);
  return std::string(language == Language::zh ? text.substr(0, mark) : text.substr(mark + between.size()));
}

std::string chosen(std::string_view zh, std::string_view en, Language language) {
  if (language == Language::zh) return std::string(zh);
  if (language == Language::en) return std::string(en);
  return std::string(zh) + std::string(between) + std::string(en);
}

}  // namespace qianzhi::command
