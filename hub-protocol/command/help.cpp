#include "hub-protocol/command/help.h"

#include <algorithm>

#include "hub-protocol/command/outcome.h"
#include "hub-protocol/command/terminal.h"

namespace qianzhi::command {

namespace {

constexpr std::size_t first_column = 30;

std::string names_of(const OptionInfo& option) {
  std::string text;
  for (const std::string& name : option.names) text += (text.empty() ? "" : ", ") + name;
  if (option.names.empty()) return option.word;
  return option.word.empty() ? text : text + " " + option.word;
}

std::string remarks_of(const OptionInfo& option, Language language) {
  std::string text = in_language(option.text, language);
  for (std::size_t i = 0; i < option.choices.size(); ++i)
    text += (i == 0 ? (text.empty() ? "" : "  ") : " | ") + option.choices[i];
  if (!option.standard.empty()) text += "  [" + option.standard + "]";
  if (option.is_required && !option.names.empty()) text += chosen("（必需）", " (required)", language);
  return text;
}

class Sheet {
 public:
  Sheet(Language language, bool paints) : language_(language), paints_(paints) {}

  void heading(std::string_view zh, std::string_view en) {
    text_ += "\n" + painted(chosen(zh, en, language_) + ":", Colour::bold, paints_) + "\n";
  }
  void line(const std::string& left, const std::string& right) {
    const bool fits = width_of(left) + 2 < first_column;
    text_ += fits ? padded("  " + left, first_column) : "  " + left + "\n" + std::string(first_column, ' ');
    text_ += right + "\n";
  }
  void plain(const std::string& text) { text_ += text + "\n"; }
  void options(const std::vector<OptionInfo>& options) {
    for (const OptionInfo& option : options) line(names_of(option), remarks_of(option, language_));
  }
  void examples(const std::vector<Example>& examples) {
    if (examples.empty()) return;
    heading("例", "examples");
    for (const Example& example : examples) {
      plain("  " + painted(example.line, Colour::bold, paints_));
      if (!example.text.empty()) plain("      " + in_language(example.text, language_));
    }
  }
  Language language() const { return language_; }
  const std::string& text() const { return text_; }

 private:
  Language language_;
  bool paints_;
  std::string text_;
};

void add_verbs(Sheet& sheet, const VerbInfo& verb) {
  if (verb.verbs.empty()) return;
  sheet.heading("命令", "verbs");
  for (const VerbInfo& below : verb.verbs) sheet.line(below.name(), in_language(below.text, sheet.language()));
}

}  // namespace

std::string synopsis_of(const VerbInfo& verb, Language language) {
  std::string text = verb.path;
  const bool is_top = verb.path.find(' ') == std::string::npos;
  // A few verbs do something alone and have verbs below them, too.
  const bool has_own = !is_top && !(verb.options.empty() && verb.words.empty());
  if (!verb.verbs.empty() && !has_own) return text + " " + chosen("命令", "VERB", language) + " [...]";
  for (const OptionInfo& option : verb.options)
    if (option.is_required) text += " " + option.names.back() + (option.word.empty() ? "" : " " + option.word);
  const bool has_more =
      std::any_of(verb.options.begin(), verb.options.end(), [](const OptionInfo& one) { return !one.is_required; });
  if (has_more) text += " " + chosen("[选项]", "[options]", language);
  for (const OptionInfo& word : verb.words) {
    const std::string shown = word.word + (word.repeats ? "..." : "");
    text += word.is_required ? " " + shown : " [" + shown + "]";
  }
  return text;
}

std::string help_of(const VerbInfo& verb, const VerbInfo& top, Language language, bool paints) {
  Sheet sheet(language, paints);
  const bool is_top = verb.path == top.path;
  sheet.plain(
      painted(chosen("用法: ", "usage: ", language == Language::both ? Language::en : language), Colour::bold, paints) +
      synopsis_of(verb, language));
  sheet.plain("  " + in_language(verb.text, language));
  add_verbs(sheet, verb);
  if (!verb.words.empty()) {
    sheet.heading("参数", "words");
    sheet.options(verb.words);
  }
  if (!verb.options.empty() && !is_top) {
    sheet.heading("选项", "options");
    sheet.options(verb.options);
  }
  sheet.heading("通用选项", "options of every verb");
  sheet.options(top.options);
  sheet.examples(verb.examples);
  if (is_top) {
    sheet.heading("退出状态", "exit status");
    for (const StatusText& one : all_statuses())
      sheet.line(std::to_string(one.status), in_language(one.text, language));
    sheet.plain("\n" + chosen("每个命令的说明: ", "help of a verb: ", language) + top.path + " help " +
                chosen("命令", "VERB", language) + "   man " + top.path);
  }
  return sheet.text();
}

}  // namespace qianzhi::command
