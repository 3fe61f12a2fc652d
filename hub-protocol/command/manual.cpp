#include "hub-protocol/command/manual.h"

#include "hub-protocol/command/help.h"
#include "hub-protocol/command/outcome.h"

namespace qianzhi::command {

namespace {

// roff: a backslash and a hyphen are written with a backslash, and no line of text begins with a point or a quote.
std::string escaped(std::string_view text) {
  std::string kept;
  for (const char c : text) {
    if (c == '\\') {
      kept += "\\e";
    } else if (c == '-') {
      kept += "\\-";
    } else {
      if (kept.empty() && (c == '.' || c == '\'')) kept += "\\&";
      kept += c == '\n' ? ' ' : c;
    }
  }
  return kept;
}

class Page {
 public:
  explicit Page(Language language) : language_(language) {}

  void macro(const std::string& text) { text_ += text + "\n"; }
  void section(std::string_view zh, std::string_view en) { macro(".SH " + chosen(zh, en, language_)); }
  void say(const std::string& text) { text_ += escaped(in_language(text, language_)) + "\n"; }
  void option(const OptionInfo& option) {
    std::string head;
    for (const std::string& name : option.names) head += (head.empty() ? "" : ", ") + ("\\fB" + escaped(name) + "\\fR");
    if (!option.word.empty()) head += (head.empty() ? "" : " ") + ("\\fI" + escaped(option.word) + "\\fR");
    macro(".TP\n" + head);
    std::string text = in_language(option.text, language_);
    for (std::size_t i = 0; i < option.choices.size(); ++i)
      text += (i == 0 ? (text.empty() ? "" : ": ") : " | ") + option.choices[i];
    if (!option.standard.empty()) text += " [" + option.standard + "]";
    macro(text.empty() ? "\\&" : escaped(text));
  }
  void verb(const VerbInfo& verb) {
    macro(".SS \"" + escaped(verb.path.substr(verb.path.find(' ') + 1)) + "\"");
    macro("\\fB" + escaped(synopsis_of(verb, language_)) + "\\fR");
    macro(".PP");
    say(verb.text);
    for (const OptionInfo& word : verb.words) option(word);
    for (const OptionInfo& one : verb.options) option(one);
    examples(verb.examples);
  }
  void examples(const std::vector<Example>& examples) {
    for (const Example& example : examples) {
      macro(".PP");
      if (!example.text.empty()) say(example.text);
      macro(".RS 4\n.nf\n" + escaped(example.line) + "\n.fi\n.RE");
    }
  }
  Language language() const { return language_; }
  const std::string& text() const { return text_; }

 private:
  Language language_;
  std::string text_;
};

}  // namespace

std::string manual_of(const VerbInfo& top, Language language) {
  Page page(language == Language::zh ? Language::zh : Language::en);
  std::string title = top.path;
  for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  // Without a date: the same sources give the same page.
  page.macro(".TH " + escaped(title) + " 1 \"\" \"qianzhi " QIANZHI_VERSION "\" \"Qianzhi\"");
  page.section("名称", "NAME");
  page.macro(escaped(top.path) + " \\- " + escaped(in_language(top.text, page.language())));
  page.section("概要", "SYNOPSIS");
  page.macro("\\fB" + escaped(synopsis_of(top, page.language())) + "\\fR");
  const bool has_verbs = !top.verbs.empty();
  page.section(has_verbs ? "通用选项" : "选项", has_verbs ? "OPTIONS OF EVERY VERB" : "OPTIONS");
  for (const OptionInfo& option : top.options) page.option(option);
  if (!has_verbs) return page.text();
  page.section("命令", "VERBS");
  each_verb(top, [&](const VerbInfo& verb) {
    if (verb.path != top.path) page.verb(verb);
  });
  page.section("JSON", "JSON");
  page.say(
      "--json 时标准输出恰好是一个 JSON 值；只回答文字的命令给出 status 与 text 两个字段，出错时给出 "
      "code、kind、status、detail、hint、title_zh、title_en、cause_zh、cause_en、next_zh、next_en。 / "
      "With --json standard output is exactly one JSON value. A verb that answers with text gives the fields status "
      "and "
      "text; an error gives code, kind, status, detail, hint, title_zh, title_en, cause_zh, cause_en, next_zh, "
      "next_en.");
  page.section("退出状态", "EXIT STATUS");
  for (const StatusText& one : all_statuses()) {
    page.macro(".TP\n\\fB" + std::to_string(one.status) + "\\fR");
    page.say(std::string(one.text));
  }
  page.section("环境变量", "ENVIRONMENT");
  page.macro(".TP\n\\fBQIANZHI_LANG\\fR, \\fBLC_ALL\\fR, \\fBLC_MESSAGES\\fR, \\fBLANG\\fR");
  page.say("说明的语言：第一个有值的为准 / Language of what is told: the first that is set.");
  page.macro(".TP\n\\fBNO_COLOR\\fR");
  page.say("有值时不用颜色；颜色只用于终端 / If set there are no colours; they are for terminals only.");
  return page.text();
}

}  // namespace qianzhi::command
