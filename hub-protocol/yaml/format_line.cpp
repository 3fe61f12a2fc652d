#include "hub-protocol/yaml/format_line.h"

#include <algorithm>

#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_end(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

class LineReader {
 public:
  LineReader(std::string_view line, std::size_t& depth) : line_(without_end(line)), depth_(depth) {}

  LineParts read() {
    skip();
    parts_.indent = at_;
    if (depth_ == 0) dashes();
    parts_.start = at_;
    if (depth_ > 0)
      flow();
    else if (at_ < line_.size() && line_[at_] != '#')
      block();
    skip();
    if (at_ < line_.size()) {
      parts_.comment = line_.substr(at_);
      parts_.comment_column = shown_width(line_.substr(0, at_));
    }
    parts_.content = without_end(parts_.content);
    return std::move(parts_);
  }

 private:
  void skip() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  }

  bool is_end(std::size_t at) const { return at >= line_.size() || is_blank(line_[at]); }

  void dashes() {
    while (at_ < line_.size() && line_[at_] == '-' && is_end(at_ + 1)) {
      parts_.dashes.push_back(at_++);
      skip();
    }
  }

  // Behind the closing quote of the one at `at`.
  std::size_t quoted_end(std::size_t at) const {
    const char quote = line_[at++];
    while (at < line_.size()) {
      const bool is_escape = quote == '"' && line_[at] == '\\';
      const bool is_doubled = quote == '\'' && line_.compare(at, 2, "''") == 0;
      if (is_escape || is_doubled) {
        at += 2;
      } else if (line_[at++] == quote) {
        break;
      }
    }
    return std::min(at, line_.size());
  }

  bool is_quote() const { return at_ < line_.size() && (line_[at_] == '"' || line_[at_] == '\''); }
  bool is_bracket() const { return at_ < line_.size() && (line_[at_] == '{' || line_[at_] == '['); }
  bool is_comment(std::size_t at) const { return line_[at] == '#' && (at == 0 || is_blank(line_[at - 1])); }

  // key: value, or a value alone.
  void block() {
    if (is_bracket()) return flow();
    const std::size_t colon = key_end();
    if (colon != std::string_view::npos) {
      parts_.content.append(without_end(line_.substr(at_, colon - at_))).append(":");
      at_ = colon + 1;
      skip();
      if (at_ >= line_.size() || is_comment(at_)) return;
      parts_.content += ' ';
    }
    value();
  }

  std::size_t key_end() const {
    std::size_t at = at_;
    if (is_quote()) {
      at = quoted_end(at_);
      while (at < line_.size() && is_blank(line_[at])) ++at;
      return at < line_.size() && line_[at] == ':' && is_end(at + 1) ? at : std::string_view::npos;
    }
    for (; at < line_.size() && !is_comment(at); ++at)
      if (line_[at] == ':' && is_end(at + 1)) return at;
    return std::string_view::npos;
  }

  void value() {
    if (is_bracket()) return flow();
    const std::size_t begin = at_;
    if (is_quote()) {
      at_ = quoted_end(at_);
      parts_.content.append(line_.substr(begin, at_ - begin));
      return;
    }
    parts_.opens_block = line_[at_] == '|' || line_[at_] == '>';
    while (at_ < line_.size() && !is_comment(at_)) ++at_;
    const std::string_view text = without_end(line_.substr(begin, at_ - begin));
    parts_.has_width = parts_.opens_block && text.find_first_of("123456789") != std::string_view::npos;
    parts_.content.append(text);
  }

  // Inside of brackets, from here to their end or the line's.
  void flow() {
    while (at_ < line_.size()) {
      skip();
      if (at_ >= line_.size() || is_comment(at_)) return;
      const char c = line_[at_];
      if (c == '{' || c == '[') {
        ++depth_, ++at_;
        parts_.content += c;
      } else if (c == '}' || c == ']') {
        ++at_;
        close(c);
        if (--depth_ == 0) return;
      } else if (c == ',') {
        ++at_;
        parts_.content = without_end(parts_.content);
        parts_.content += ", ";
      } else if (c == ':' && is_separator(at_)) {
        ++at_;
        parts_.content += ": ";
      } else {
        flow_scalar();
      }
    }
  }

  // A bracket that is the first of its line closes one of a line before.
  void close(char c) {
    parts_.content = without_end(parts_.content);
    parts_.content += c;
  }

  bool is_separator(std::size_t at) const {
    return is_end(at + 1) || (at + 1 < line_.size() && std::string_view(",]}[{").find(line_[at + 1]) != npos) ||
           (at > 0 && (line_[at - 1] == '"' || line_[at - 1] == '\''));
  }

  void flow_scalar() {
    const std::size_t begin = at_;
    if (is_quote()) {
      at_ = quoted_end(at_);
    } else {
      while (at_ < line_.size() && std::string_view(",]}[{").find(line_[at_]) == npos &&
             !(line_[at_] == ':' && is_separator(at_)) && !is_comment(at_))
        ++at_;
    }
    parts_.content.append(without_end(line_.substr(begin, at_ - begin)));
  }

  static constexpr std::size_t npos = std::string_view::npos;
  std::string_view line_;
  std::size_t& depth_;
  std::size_t at_ = 0;
  LineParts parts_;
};

}  // namespace

LineParts take_line_apart(std::string_view line, std::size_t& depth) { return LineReader(line, depth).read(); }

std::size_t shown_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    width += display_width(character.value);
    at += character.octets;
  }
  return width;
}

}  // namespace qianzhi::yaml
