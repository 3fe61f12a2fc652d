// Inside brackets, and the pieces both contexts share: quotes, comments, reserved characters.
#include <algorithm>
#include <array>

#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/scanner.h"

namespace qianzhi::yaml {

namespace {

constexpr std::string_view flow_signs = ",[]{}";

struct FullWidth {
  std::string_view sign;
  char ascii;
};

constexpr std::array<FullWidth, 12> full_width = {{{"“", '"'},
                                                   {"”", '"'},
                                                   {"‘", '\''},
                                                   {"’", '\''},
                                                   {"＂", '"'},
                                                   {"＇", '\''},
                                                   {"｛", '{'},
                                                   {"｝", '}'},
                                                   {"［", '['},
                                                   {"］", ']'},
                                                   {"，", ','},
                                                   {"＃", '#'}}};

}  // namespace

void Scanner::flow(std::size_t at) {
  while (at < line_.size()) {
    at = skip_spaces(at);
    if (at >= line_.size()) return;
    const char c = line_[at];
    if (c == '#' && (at == 0 || line_[at - 1] == ' ')) {
      is_rest_empty(at);
      return;
    }
    if (c == '"' || c == '\'') {
      const std::size_t end = quoted(at);
      if (end == std::string::npos) return brackets_.clear();
      scalar_in_flow(at, end);
      at = end;
    } else if (c == '[' || c == '{') {
      open_bracket(at++);
    } else if (c == ']' || c == '}') {
      close_bracket(at++);
      if (brackets_.empty()) return after_brackets(at);
    } else if (c == ',') {
      end_entry();
      ++at;
    } else if (c == ':' && (is_colon(at) || brackets_.back().has_scalar)) {
      brackets_.back().has_colon = true;
      brackets_.back().has_scalar = false;
      ++at;
    } else {
      at = flow_plain(at);
      if (brackets_.empty()) return;
    }
  }
}

void Scanner::open_bracket(std::size_t at) {
  if (!brackets_.empty()) scalar_in_flow(at, at + 1);
  Bracket bracket;
  bracket.open = line_[at];
  bracket.place = place(at, 1);
  if (!indents_.empty()) bracket.line_indent = indents_.back();
  if (indents_.size() > 1 && indents_.back() == at) bracket.line_indent = indents_[indents_.size() - 2];
  brackets_.push_back(bracket);
  if (brackets_.size() + indents_.size() == max_document_depth + 1) {
    fatal("QZ-CFG-020", at, 1, "嵌套太深（最多 64 级）", "nested too deep (64 levels at most)");
  }
}

void Scanner::close_bracket(std::size_t at) {
  end_entry();
  const char wanted = brackets_.back().open == '{' ? '}' : ']';
  if (line_[at] != wanted) {
    fatal("QZ-CFG-002", at, 1, std::string("括号不配对，这里应为 \"") + wanted + "\"",
          std::string("brackets do not match; \"") + wanted + "\" is expected here");
  }
  brackets_.pop_back();
}

void Scanner::end_entry() {
  Bracket& bracket = brackets_.back();
  if (bracket.open == '{' && bracket.has_entry && !bracket.has_colon) {
    scan_.is_fatal = true;
    diagnostics_->error("QZ-CFG-002", bracket.entry, "花括号中每一项要写成 \"键: 值\"",
                        "each entry in braces is \"key: value\"");
  }
  bracket.has_entry = bracket.has_scalar = bracket.has_colon = false;
}

void Scanner::scalar_in_flow(std::size_t at, std::size_t end) {
  Bracket& bracket = brackets_.back();
  if (bracket.has_scalar) {
    fatal("QZ-CFG-002", at, end - at, "前一项之后缺少逗号", "a comma is missing behind the entry before");
  }
  if (!bracket.has_entry) bracket.entry = place(at, end - at);
  bracket.has_entry = bracket.has_scalar = true;
}

std::size_t Scanner::flow_plain(std::size_t at) {
  is_full_width_start(at);
  if (is_reserved(at)) {
    const std::size_t next = std::min(line_.find_first_of(flow_signs, at), line_.size());
    return std::max(next, at + 1);
  }
  const auto ends = [&](std::size_t i) {
    if (flow_signs.find(line_[i]) != std::string_view::npos || is_colon(i)) return true;
    if (line_[i] == ':' && i + 1 < line_.size() && flow_signs.find(line_[i + 1]) != std::string_view::npos) return true;
    return line_[i] == '#' && i > at && line_[i - 1] == ' ';
  };
  std::size_t end = at;
  bool has_wide_comma = false;
  for (; end < line_.size() && !ends(end); ++end) {
    if (end > at && (starts(end, "，") || starts(end, "｝") || starts(end, "］"))) is_full_width_start(end);
    has_wide_comma = has_wide_comma || starts(end, "，");
  }
  Bracket& bracket = brackets_.back();
  if (end == at) return at + 1;
  if (bracket.open == '{' && bracket.has_colon && is_colon(end) && !has_wide_comma) {
    fatal("QZ-CFG-002", at, end - at, "前一项之后缺少逗号，或值中有 \": \" 而没有加引号",
          "a comma is missing behind the entry before, or a value with \": \" is not quoted");
  }
  scalar_in_flow(at, end);
  if (bracket.open == '{' && !bracket.has_colon) {
    if (mend_colon(at, end, true) || (!is_colon(end) && mend_space(at, end) != std::string::npos)) {
      bracket.has_colon = true;
    }
  }
  return end;
}

void Scanner::after_brackets(std::size_t at) {
  const std::size_t next = skip_spaces(at);
  if (is_rest_empty(next)) return;
  fatal("QZ-CFG-002", next, 1, "右括号之后还有内容", "more follows behind the closing bracket");
}

bool Scanner::is_flow_torn() {
  const std::size_t at = skip_spaces(0);
  if (at >= line_.size() || line_[at] == '#' || line_[at] == ']' || line_[at] == '}') return false;
  if (at > brackets_.front().line_indent) return false;
  complain_open_bracket();
  return true;
}

void Scanner::complain_open_bracket() {
  scan_.is_fatal = true;
  diagnostics_->error("QZ-CFG-002", brackets_.back().place, "这个括号没有关闭", "this bracket is never closed");
  brackets_.clear();
}

std::size_t Scanner::quoted(std::size_t at) {
  const char quote = line_[at];
  for (std::size_t i = at + 1; i < line_.size(); ++i) {
    if (quote == '"' && line_[i] == '\\') {
      const bool is_known = i + 1 < line_.size() &&
                            std::string_view("0abtnvfre \"/\\N_LPxuU").find(line_[i + 1]) != std::string_view::npos;
      if (!is_known) {
        fatal("QZ-CFG-006", i, 2, "双引号中的 \"\\\" 有特殊含义", "a backslash has a special meaning in double quotes",
              "改用单引号，或写成 \\\\ (use single quotes, or write \\\\)");
      }
      ++i;
    } else if (quote == '\'' && line_[i] == '\'' && starts(i + 1, "'")) {
      ++i;
    } else if (line_[i] == quote) {
      quotes_.emplace_back(at, i + 1);
      return i + 1;
    }
  }
  fatal("QZ-CFG-006", at, 1, "引号没有关闭（引号要在同一行内结束）",
        "the quote is never closed (it must end on the same line)",
        quote == '"' ? "在值的末尾补上 \" (end the value with \")" : "在值的末尾补上 ' (end the value with ')");
  quotes_.emplace_back(at, line_.size());
  // Deeper lines are most likely its rest.
  if (!indents_.empty()) block_scalar_ = indents_.back();
  return std::string::npos;
}

bool Scanner::is_rest_empty(std::size_t at) {
  if (at >= line_.size()) return true;
  if (line_[at] != '#' || (at > 0 && skip_spaces(at - 1) == at - 1)) return false;
  comment_ = at;
  if (at + 1 < line_.size() && line_[at + 1] != ' ' && line_[at + 1] != '\t' && line_[at + 1] != '#') {
    error(
        "QZ-CFG-007", at, line_.size() - at, "\" #\" 之后会被 YAML 当作注释截断",
        "\" #\" starts a comment: the value is cut off here",
        "属于值：给整个值加引号；是注释：# 后面加空格 (part of the value: quote it; a comment: put a space behind #)");
  }
  return true;
}

bool Scanner::is_reserved(std::size_t at) {
  const char c = line_[at];
  if (c == '&' || c == '*' || c == '!') {
    fatal("QZ-CFG-011", at, 1, "不支持锚点 (&)、引用 (*) 和标签 (!)",
          "anchors (&), aliases (*) and tags (!) are not supported",
          c == '*' ? "如果是文字，写成 \"*\" (if it is text, write \"*\")"
                   : "如果是文字，加引号 (if it is text, quote it)");
    return true;
  }
  if (c == '@' || c == '`' || c == '%' || c == ',' || c == ']' || c == '}' ||
      (!brackets_.empty() && (c == '|' || c == '>'))) {
    fatal("QZ-CFG-002", at, 1, std::string("值不能以 \"") + c + "\" 开头，要加引号",
          std::string("a value cannot start with \"") + c + "\"; quote it");
    return true;
  }
  return false;
}

bool Scanner::is_full_width_start(std::size_t at) {
  for (const auto& [sign, ascii] : full_width) {
    if (!starts(at, sign)) continue;
    const bool only_inside = ascii == '}' || ascii == ']' || ascii == ',';
    if (only_inside && brackets_.empty()) return false;
    fatal("QZ-CFG-003", at, sign.size(), "这里是中文全角符号 \"" + std::string(sign) + "\"，应为英文 " + ascii,
          "full-width \"" + std::string(sign) + "\"; use the ASCII " + std::string(1, ascii),
          "如果它属于文字，给整个值加引号 (if it is part of a text, quote the whole value)");
    return true;
  }
  return false;
}

}  // namespace qianzhi::yaml
