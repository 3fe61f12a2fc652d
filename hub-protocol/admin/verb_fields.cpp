#include "hub-protocol/admin/verb_fields.h"

#include <algorithm>

#include "hub-protocol/admin/call.h"

namespace qianzhi::admin {

namespace {

using Kind = VerbField::Kind;

// One word of a usage, without its brackets.
struct UsageWord {
  std::string text;
  bool is_optional = false;
  bool opens = false;  // a bracket, so that what follows belongs to it
  bool closes = false;
};

std::optional<std::vector<UsageWord>> usage_words(std::string_view usage) {
  std::vector<UsageWord> words;
  bool inside = false;
  for (std::string& text : split_words(usage)) {
    UsageWord word;
    if (text.front() == '[') {
      if (inside) return std::nullopt;
      inside = word.opens = true;
      text.erase(0, 1);
    }
    word.is_optional = inside;
    if (!text.empty() && text.back() == ']') {
      if (!inside) return std::nullopt;
      inside = false;
      word.closes = true;
      text.pop_back();
    }
    if (text.empty() || text == "|" || text.find_first_of("[]()") != std::string::npos ||
        text.find("...") != std::string::npos)
      return std::nullopt;
    word.text = text;
    words.push_back(word);
  }
  if (inside) return std::nullopt;
  return words;
}

bool is_option(std::string_view text) { return text.substr(0, 2) == "--"; }

bool is_literal(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

// "system|security|audit", "four-eyes"; none for "TITLE" and "VERB,VERB|none".
std::vector<std::string> choices_in(std::string_view text) {
  std::vector<std::string> choices;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    choices.emplace_back(text.substr(0, end));
    if (!is_literal(choices.back())) return {};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return choices;
}

std::string quoted(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\r\n\"'") == std::string::npos) return word;
  if (word.find('"') == std::string::npos) return "\"" + word + "\"";
  if (word.find('\'') == std::string::npos) return "'" + word + "'";
  // Each part between double quotes as a whole: what is cut inside a character is no text any more.
  std::string text = "\"";
  for (const char c : word) text += c == '"' ? std::string("\"'\"'\"") : std::string(1, c);
  return text + "\"";
}

}  // namespace

std::optional<std::vector<VerbField>> fields_of(std::string_view usage) {
  const auto words = usage_words(usage);
  if (!words) return std::nullopt;
  std::vector<VerbField> fields;
  for (std::size_t i = 0; i < words->size(); ++i) {
    const UsageWord& word = (*words)[i];
    VerbField field{Kind::positional, word.text, choices_in(word.text), !word.is_optional};
    if (is_option(word.text)) {
      const bool has_value =
          !word.closes && i + 1 < words->size() && !is_option((*words)[i + 1].text) && !(*words)[i + 1].opens;
      field = {has_value ? Kind::option : Kind::flag, word.text.substr(2), {}, !word.is_optional};
      if (has_value) field.choices = choices_in((*words)[++i].text);
    }
    // The file that the command line reads; here its content is sent along.
    if (field.kind == Kind::positional || field.name != "from") fields.push_back(field);
  }
  return fields;
}

std::vector<std::string> words_in(const std::vector<VerbField>& fields, const Fields& form) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto found = form.find("f" + std::to_string(i));
    if (found == form.end() || found->second.empty()) continue;
    if (fields[i].kind != Kind::positional) words.push_back("--" + fields[i].name);
    if (fields[i].kind != Kind::flag) words.push_back(found->second);
  }
  return words;
}

std::vector<std::string> values_of(const std::vector<VerbField>& fields, const std::vector<std::string>& words) {
  std::vector<std::string> values(fields.size());
  std::size_t next = 0;  // positional field
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_option(words[i])) {
      for (std::size_t at = 0; at < fields.size(); ++at) {
        if (fields[at].kind == Kind::positional || fields[at].name != words[i].substr(2)) continue;
        if (fields[at].kind == Kind::flag)
          values[at] = "1";
        else if (i + 1 < words.size())
          values[at] = words[++i];
        break;
      }
      continue;
    }
    while (next < fields.size() && fields[next].kind != Kind::positional) ++next;
    if (next < fields.size()) values[next++] = words[i];
  }
  return values;
}

std::string joined_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + quoted(word);
  return text;
}

}  // namespace qianzhi::admin
