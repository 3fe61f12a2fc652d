#include "adapters/sql/lookup_text.h"

#include <algorithm>
#include <array>

#include "adapters/api/lookup.h"

namespace qianzhi::adapter::sql {

namespace {

// What changes rows, holds them, or gives them elsewhere. A column of such a name must be quoted.
constexpr std::array<std::string_view, 10> refused_words{"CALL", "DELETE", "EXEC",  "EXECUTE", "INSERT",
                                                         "INTO", "LOCK",   "MERGE", "SHARE",   "UPDATE"};

[[noreturn]] void refuse_text(const std::string& why) { throw Error(ErrorKind::misuse, "QZ-ADP-061", why); }

bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit_of_text(char c) { return c >= '0' && c <= '9'; }

bool goes_on(char c) { return begins_word(c) || is_digit_of_text(c); }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

std::string in_capitals(std::string_view word) {
  std::string capitals(word);
  for (char& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return capitals;
}

class Reader {
 public:
  Reader(std::string_view text, const std::vector<std::string>& parameters, const TextStyle& style,
         const std::vector<std::string>& marks)
      : text_(text), parameters_(parameters), style_(style), marks_(marks), used_(parameters.size(), false) {}

  ReadyText read();

 private:
  char at(std::size_t place) const { return place < text_.size() ? text_[place] : '\0'; }
  bool is_next(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  void keep(std::size_t end) {
    ready_.sql.append(text_.substr(at_, end - at_));
    at_ = end;
  }
  bool skip_comment();
  bool skip_quoted();
  std::size_t end_of_quoted(char close, bool backslashes) const;
  bool skip_dollars();
  void take_word();
  void take_number();
  bool take_colon();
  void take_other();
  void place_of(std::string_view name);

  std::string_view text_;
  const std::vector<std::string>& parameters_;
  const TextStyle& style_;
  const std::vector<std::string>& marks_;
  std::vector<bool> used_;
  ReadyText ready_;
  std::size_t at_ = 0;
  bool begun_ = false;  // the first word has come
  bool ended_ = false;  // a semicolon has come
  char before_ = '\0';  // the last octet that is neither blank nor comment
};

bool Reader::skip_comment() {
  const bool dashes = is_next("--");
  if (dashes || (style_.hash_comments && at(at_) == '#')) {
    // MariaDB takes two dashes for a comment only before a blank: the rest could be read in two ways.
    if (dashes && style_.hash_comments && at_ + 2 < text_.size() && !is_blank(text_[at_ + 2]))
      refuse_text("two dashes without a blank behind them");
    at_ = std::min(text_.find('\n', at_), text_.size());
    ready_.sql += ' ';
    return true;
  }
  if (!is_next("/*")) return false;
  if (at(at_ + 2) == '!' || (at(at_ + 2) == 'M' && at(at_ + 3) == '!')) refuse_text("a comment that the server runs");
  // Databases do not agree on comments within comments; what differs is refused.
  const std::size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) refuse_text("a comment without an end");
  if (text_.substr(at_ + 2, end - at_ - 2).find("/*") != std::string_view::npos)
    refuse_text("a comment within a comment");
  at_ = end + 2;
  ready_.sql += ' ';
  return true;
}

std::size_t Reader::end_of_quoted(char close, bool backslashes) const {
  for (std::size_t place = at_ + 1; place < text_.size(); ++place) {
    if (backslashes && text_[place] == '\\') {
      ++place;
    } else if (text_[place] == close) {
      if (at(place + 1) != close) return place + 1;
      ++place;
    }
  }
  refuse_text("a text or name without its closing quote");
}

bool Reader::skip_quoted() {
  const char open = at(at_);
  const bool quoted =
      open == '\'' || open == '"' || (open == '`' && style_.back_quotes) || (open == '[' && style_.brackets);
  if (!quoted) return false;
  const bool escapes = style_.backslashes && open != '`' && open != '[';
  keep(end_of_quoted(open == '[' ? ']' : open, escapes));
  before_ = open;
  return true;
}

// $tag$ ... $tag$; $1 would be a placeholder.
bool Reader::skip_dollars() {
  if (at(at_) != '$' || !style_.dollar_quotes) return false;
  std::size_t end = at_ + 1;
  while (goes_on(at(end))) ++end;
  if (at(end) != '$' || is_digit_of_text(at(at_ + 1))) refuse_text("a placeholder of the database");
  const std::string_view tag = text_.substr(at_, end + 1 - at_);
  const std::size_t close = text_.find(tag, end + 1);
  if (close == std::string_view::npos) refuse_text("a text without its closing dollars");
  keep(close + tag.size());
  before_ = '$';
  return true;
}

void Reader::take_word() {
  std::size_t end = at_;
  while (goes_on(at(end)) || at(end) == '$') ++end;
  const std::string word = in_capitals(text_.substr(at_, end - at_));
  if (!begun_ && word != "SELECT" && word != "WITH") refuse_text("it does not begin with SELECT");
  begun_ = true;
  const bool is_part = before_ == '.';  // of a name with several parts
  if (!is_part && std::find(refused_words.begin(), refused_words.end(), word) != refused_words.end())
    refuse_text("the word " + word);
  before_ = 'a';
  const bool escaped = style_.dollar_quotes && word == "E" && at(end) == '\'';
  keep(end);
  if (escaped) keep(end_of_quoted('\'', true));
}

void Reader::take_number() {
  std::size_t end = at_;
  while (is_digit_of_text(at(end)) || at(end) == '.') ++end;
  keep(end);
  before_ = '0';
}

void Reader::place_of(std::string_view name) {
  const auto found = std::find(parameters_.begin(), parameters_.end(), name);
  if (found == parameters_.end())
    throw Error(ErrorKind::misuse, "QZ-ADP-060", "the text has a parameter that is not declared: " + std::string(name));
  const auto index = static_cast<std::size_t>(found - parameters_.begin());
  used_[index] = true;
  if (style_.places == TextStyle::Places::marks) {
    ready_.places.push_back(index);
    ready_.sql += marks_.empty() ? "?" : marks_[index];
    return;
  }
  ready_.sql += (style_.places == TextStyle::Places::dollar ? "$" : "?") + std::to_string(index + 1);
}

bool Reader::take_colon() {
  if (at(at_) != ':') return false;
  if (at(at_ + 1) == '=') refuse_text("an assignment");
  if (at(at_ + 1) == ':') {
    keep(at_ + 2);
    before_ = ':';
    return true;
  }
  std::size_t end = at_ + 1;
  while (goes_on(at(end))) ++end;
  // Such as a part of an array: a[1:2].
  if (end == at_ + 1 || is_digit_of_text(at(at_ + 1))) {
    keep(at_ + 1);
    before_ = ':';
    return true;
  }
  place_of(text_.substr(at_ + 1, end - at_ - 1));
  at_ = end;
  before_ = 'a';
  return true;
}

void Reader::take_other() {
  const char c = at(at_);
  if (c == ';') {
    ended_ = true;
    ++at_;
    return;
  }
  const bool marks = c == '?' && style_.places != TextStyle::Places::dollar;
  const bool named = style_.places == TextStyle::Places::numbered && (c == '@' || c == '$');
  if (marks || named) refuse_text("a placeholder of the database");
  if (!begun_ && c != '(') refuse_text("it does not begin with SELECT");
  before_ = c;
  keep(at_ + 1);
}

ReadyText Reader::read() {
  if (text_.size() > longest_lookup_text) refuse_text("a text of more than 64 KiB");
  if (text_.find('\0') != std::string_view::npos) refuse_text("a text that holds a NUL");
  while (at_ < text_.size()) {
    if (is_blank(text_[at_])) {
      keep(at_ + 1);
    } else if (skip_comment()) {
      continue;
    } else if (ended_) {
      refuse_text("more than one statement");
    } else if (begins_word(text_[at_])) {
      take_word();
    } else if (is_digit_of_text(text_[at_])) {
      take_number();
    } else if (!skip_quoted() && !skip_dollars() && !take_colon()) {
      take_other();
    }
  }
  if (!begun_) refuse_text("there is no SELECT in it");
  for (std::size_t i = 0; i < used_.size(); ++i)
    if (!used_[i])
      throw Error(ErrorKind::misuse, "QZ-ADP-060", "the text does not use the parameter " + parameters_[i]);
  if (style_.places != TextStyle::Places::marks)
    for (std::size_t i = 0; i < parameters_.size(); ++i) ready_.places.push_back(i);
  return std::move(ready_);
}

}  // namespace

ReadyText ready_text(std::string_view text, const std::vector<std::string>& parameters, const TextStyle& style,
                     const std::vector<std::string>& marks) {
  return Reader(text, parameters, style, marks).read();
}

}  // namespace qianzhi::adapter::sql
