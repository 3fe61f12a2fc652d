#include "tests/tidy/code.h"

#include <algorithm>
#include <cctype>

namespace qianzhi::tidy {

namespace {

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) { new_line(); }

  Code split() {
    while (at_ < text_.size()) {
      if (text_.substr(at_, 2) == "//") {
        until("\n", &Code::comments, false);
      } else if (text_.substr(at_, 2) == "/*") {
        until("*/", &Code::comments, true);
      } else if (text_[at_] == '"') {
        string();
      } else if (text_[at_] == '\'' && (!is_name(last()) || is_behind_prefix())) {
        quoted('\'');
      } else {
        put(&Code::plain, text_[at_++]);
      }
    }
    return std::move(code_);
  }

 private:
  using Part = std::vector<std::string> Code::*;

  // U'x' and its like; 1'000 is something else.
  bool is_behind_prefix() const {
    const bool is_prefix = last() == 'U' || last() == 'u' || last() == 'L';
    return is_prefix && (at_ < 2 || !is_name(text_[at_ - 2]));
  }

  char last() const { return at_ == 0 ? '\n' : text_[at_ - 1]; }

  void new_line() {
    code_.plain.emplace_back();
    code_.literals.emplace_back();
    code_.comments.emplace_back();
  }

  void put(Part part, char c) {
    if (c == '\n')
      new_line();
    else
      (code_.*part).back().push_back(c);
  }

  void until(std::string_view end, Part part, bool with_end) {
    std::size_t stop = std::min(text_.find(end, at_), text_.size());
    if (with_end) stop = std::min(stop + end.size(), text_.size());
    while (at_ < stop) put(part, text_[at_++]);
  }

  void string() {
    if (last() != 'R') return quoted('"');
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return quoted('"');
    const std::string end = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    at_ = open + 1;
    until(end, &Code::literals, false);
    at_ = std::min(at_ + end.size(), text_.size());
    finish('"');
  }

  void quoted(char quote) {
    const Part part = quote == '"' ? &Code::literals : &Code::comments;
    for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        put(part, text_[at_++]);
      }
      put(part, text_[at_]);
    }
    if (at_ < text_.size() && text_[at_] == quote) ++at_;
    finish(quote);
  }

  void finish(char quote) {
    if (quote == '"') put(&Code::literals, ' ');
    put(&Code::plain, quote);
    put(&Code::plain, quote);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Code code_;
};

enum class Scope { outer, type, function, inner };

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

// The text behind "template <...>".
std::string_view without_template(std::string_view head) {
  if (find_word(head, "template") != 0) return head;
  int depth = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '<') ++depth;
    if (head[i] == '>' && --depth == 0) return without_template(trimmed(head.substr(i + 1)));
  }
  return head;
}

// In "A() : b_{1}, c_{2} {" only the last brace opens the function.
bool is_member_initialiser(std::string_view head) {
  return head.find(") :") != std::string_view::npos && !head.empty() && is_name(head.back());
}

// What a '{' opens, told from the text between it and the end of the statement before.
Scope scope_of(std::string_view head, Scope around) {
  if (around == Scope::function || around == Scope::inner || is_member_initialiser(head)) return Scope::inner;
  head = without_template(head);
  if (find_word(head, "namespace") != std::string_view::npos || find_word(head, "extern") == 0) return Scope::outer;
  for (const std::string_view word : {"class", "struct", "union", "enum"}) {
    if (find_word(head, word) == 0 || find_word(head, "typedef") == 0) return Scope::type;
  }
  return head.find('(') == std::string_view::npos ? Scope::inner : Scope::function;
}

class FunctionFinder {
 public:
  std::vector<Function> find(const Code& code) {
    bool directive = false;
    for (std::size_t line = 0; line < code.plain.size(); ++line) {
      const std::string_view text = code.plain[line];
      directive = directive || trimmed(text).substr(0, 1) == "#";
      if (!directive)
        for (const char c : text) take(c, line + 1);
      head_.push_back(' ');
      directive = directive && !text.empty() && text.back() == '\\';
    }
    return std::move(functions_);
  }

 private:
  void take(char c, std::size_t line) {
    if (c == '(') ++parentheses_;
    if (c == ')' && parentheses_ > 0) --parentheses_;
    if (c == '{') return open(line);
    if (c == '}') return close(line);
    if (c == ';' && parentheses_ == 0) return head_.clear();
    if (trimmed(head_).empty() && c != ' ') begin_ = line;
    head_.push_back(c);
    for (const std::string_view label : {"public:", "private:", "protected:"})
      if (trimmed(head_) == label) head_.clear();
  }

  void open(std::size_t line) {
    const std::string head(trimmed(head_));
    // Braces inside parentheses are initialisers or lambdas of the statement around them.
    const Scope around = scopes_.empty() ? Scope::outer : scopes_.back();
    const Scope scope = parentheses_ > 0 ? Scope::inner : scope_of(head, around);
    if (scope == Scope::function) functions_.push_back({head, head.empty() ? line : begin_, 0});
    scopes_.push_back(scope);
    saved_.push_back(parentheses_);
    parentheses_ = 0;
    if (scope != Scope::inner) head_.clear();
  }

  void close(std::size_t line) {
    if (scopes_.empty()) return;
    if (scopes_.back() == Scope::function) functions_.back().end = line;
    // After an initialiser in braces the statement goes on; after everything else it is over.
    if (scopes_.back() != Scope::inner || (scopes_.size() > 1 && scopes_[scopes_.size() - 2] == Scope::inner))
      head_.clear();
    else
      head_.push_back('}');
    parentheses_ = saved_.back();
    saved_.pop_back();
    scopes_.pop_back();
  }

  std::vector<Function> functions_;
  std::vector<Scope> scopes_;
  std::vector<int> saved_;
  std::string head_;
  std::size_t begin_ = 0;
  int parentheses_ = 0;
};

}  // namespace

Code take_apart(std::string_view text) { return Splitter(text).split(); }

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::size_t find_word(std::string_view line, std::string_view word, std::size_t from) {
  for (std::size_t at = line.find(word, from); at != std::string_view::npos; at = line.find(word, at + 1)) {
    const bool left = at == 0 || !is_name(line[at - 1]);
    const bool right = at + word.size() >= line.size() || !is_name(line[at + word.size()]);
    if (left && right) return at;
  }
  return std::string_view::npos;
}

std::vector<Function> functions_of(const Code& code) { return FunctionFinder().find(code); }

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace qianzhi::tidy
