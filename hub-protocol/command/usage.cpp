#include "hub-protocol/command/usage.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace qianzhi::command {

namespace {

std::vector<std::string> parts_of(std::string_view text, char mark) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(mark), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool is_option(const std::string& word) { return word.compare(0, 2, "--") == 0; }

// system|security, but not DATE|none or a|b,c.
std::vector<std::string> choices_in_usage(const std::string& value) {
  const bool are_words = std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '|';
  });
  if (!are_words || value.find('|') == std::string::npos) return {};
  return parts_of(value, '|');
}

// The values themselves go on as they were typed.
CLI::Option* take(CLI::App& verb, const std::string& name, bool is_required, const std::string& text) {
  return verb
      .add_option_function<std::string>(
          name, [](const std::string&) {}, text)
      ->required(is_required);
}

// CLI11 takes letters, digits and dashes.
std::string plain_name(const std::string& word) {
  std::string name;
  for (const char c : word) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!fits) break;
    name += c;
  }
  return name;
}

class Declaration {
 public:
  Declaration(CLI::App& verb, const std::function<std::string(std::string_view)>& text_of)
      : verb_(verb), text_of_(text_of) {}

  // What stands together: an option with its value, or a word; all of one pair of brackets.
  void add(const std::vector<std::string>& group, bool is_optional) {
    for (std::size_t at = 0; at < group.size(); ++at) {
      if (is_option(group[at]))
        add_option(group, at, !is_optional);
      else
        add_word(group[at], !is_optional);
    }
  }

 private:
  void add_option(const std::vector<std::string>& words, std::size_t& at, bool is_required) {
    const std::vector<std::string> names = parts_of(words[at], '|');
    const bool has_value = at + 1 < words.size() && !is_option(words[at + 1]) && names.size() == 1;
    for (const std::string& name : names) {
      if (name == "--json") continue;
      const std::string text = text_of_(std::string_view(name).substr(2));
      if (!has_value) {
        verb_.add_flag_callback(
            name, [] {}, text);
        continue;
      }
      const std::string& value = words[++at];
      CLI::Option* option = take(verb_, name, is_required, text)->type_name(value);
      const std::vector<std::string> choices = choices_in_usage(value);
      if (!choices.empty()) option->type_name("WORD")->check(CLI::IsMember(choices));
    }
  }

  void add_word(const std::string& word, bool is_required) {
    const std::string name = plain_name(word);
    if (word.find("...") != std::string::npos) {
      verb_
          .add_option_function<std::vector<std::string>>(
              name, [](const std::vector<std::string>&) {}, "")
          ->required(is_required);
      return;
    }
    CLI::Option* option = take(verb_, name, is_required, "");
    if (name == "DIR" || name == "FILE") option->type_name(name);
    const bool is_literal = word.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
    if (is_literal) option->check(CLI::IsMember(parts_of(word, '|')));
  }

  CLI::App& verb_;
  const std::function<std::string(std::string_view)>& text_of_;
};

}  // namespace

void declare(CLI::App& verb, std::string_view usage, const std::function<std::string(std::string_view)>& text_of) {
  Declaration declaration(verb, text_of);
  bool is_optional = false;
  std::vector<std::string> group;
  const auto finish = [&] {
    declaration.add(group, is_optional);
    group.clear();
  };
  for (std::string word : parts_of(usage, ' ')) {
    // Each bracket and each word outside of brackets is a group; a value belongs to the option before it.
    const bool opens = word.front() == '[';
    const bool is_value = group.size() == 1 && is_option(group.front()) && !is_option(word);
    if (opens || (!is_optional && !is_value)) finish();
    is_optional = is_optional || opens;
    const bool closes = word.back() == ']';
    word.erase(std::remove_if(word.begin(), word.end(), [](char c) { return c == '[' || c == ']'; }), word.end());
    group.push_back(word);
    if (!closes) continue;
    finish();
    is_optional = false;
  }
  finish();
}

}  // namespace qianzhi::command
