// Lines in block context: indentation, `- `, keys and values.
#include <algorithm>
#include <cctype>

#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/scanner.h"

namespace qianzhi::yaml {

namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.');
  });
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string write_as(std::string_view line) { return "改为 (write): " + mask_secrets(trim(line)); }

}  // namespace

void Scanner::block_line() {
  const std::size_t at = skip_spaces(0);
  if (at >= line_.size()) return;
  if (line_[at] == '#') {
    comment_ = at;
    return;
  }
  if (has_ended_) {
    fatal("QZ-CFG-009", at, line_.size() - at, "\"...\" 之后不能再有内容", "nothing may follow \"...\"");
    has_ended_ = false;
  }
  has_content_ = true;
  // How deep a line with tabs or wide spaces is meant to be nobody knows: it may be what the line above waits for.
  const bool is_clear = line_.find_first_not_of(' ') == at;
  const bool still_waits = !is_clear && expects_child_;
  if (is_clear) {
    indent_to(at);
  } else if (indents_.empty()) {
    indents_.push_back(at);
  }
  bool in_sequence = false;
  std::size_t content = at;
  while (line_[content] == '-' && (content + 1 == line_.size() || line_[content + 1] == ' ')) {
    expects_child_ = true;
    in_sequence = true;
    const std::size_t next = skip_spaces(content + 1);
    if (is_rest_empty(next)) return;
    content = next;
    indent_to(content);
    if (scan_.is_fatal && indents_.size() > max_document_depth) return;
  }
  expects_child_ = false;
  block_content(content, in_sequence);
  expects_child_ = expects_child_ || still_waits;
}

void Scanner::indent_to(std::size_t column) {
  if (indents_.empty()) {
    indents_.push_back(column);
  } else if (column > indents_.back()) {
    if (!expects_child_) {
      fatal("QZ-CFG-026", column, 1, "缩进比上一行深，但上一行没有以 \":\" 结尾",
            "indented deeper than the line above, which does not end with \":\"",
            "与同级的键左对齐 (align it with the other keys of its level)");
    }
    indents_.push_back(column);
  } else {
    std::size_t left = column;
    for (; !indents_.empty() && indents_.back() > column; indents_.pop_back()) left = indents_.back();
    if (indents_.empty() || indents_.back() != column) {
      // It goes with the level that was meant, so that the lines of that level are not complained about as well.
      indents_.push_back(left);
      if (column == askew_) return;
      askew_ = column;
      fatal("QZ-CFG-026", column, 1, "缩进与上面任何一级都不对齐", "the indentation matches no level above",
            "与同级的键左对齐 (align it with the other keys of its level)");
    }
  }
  expects_child_ = false;
  if (indents_.size() == max_document_depth + 1) {
    fatal("QZ-CFG-020", column, 1, "嵌套太深（最多 64 级）", "nested too deep (64 levels at most)");
  }
}

void Scanner::block_content(std::size_t at, bool in_sequence) {
  const char c = line_[at];
  if (c == '?' && (at + 1 == line_.size() || line_[at + 1] == ' ')) {
    fatal("QZ-CFG-002", at, 1, "不支持以 \"?\" 开头的复杂键", "complex keys (\"? \") are not supported");
  } else if (c == '"' || c == '\'') {
    const std::size_t end = quoted(at);
    if (end == std::string::npos) return;
    const std::size_t next = skip_spaces(end);
    if (starts(next, full_width_colon)) mend_colon(at, next + full_width_colon.size(), true);
    if (is_colon(next)) {
      value(next + 1);
    } else {
      value_after_quote(end);
    }
  } else if (c == '[' || c == '{') {
    flow(at);
  } else if (c == '|' || c == '>') {
    block_scalar(at);
  } else if (!is_reserved(at) && !is_full_width_start(at)) {
    key_or_scalar(at, in_sequence);
  }
}

void Scanner::key_or_scalar(std::size_t at, bool in_sequence) {
  std::size_t end = plain_end(at);
  if (mend_colon(at, end, !in_sequence && !is_colon(end))) end = plain_end(at);
  if (is_colon(end)) {
    if (trim(std::string_view(line_).substr(at, end - at)) == "<<") {
      fatal("QZ-CFG-011", at, 2, "不支持合并键 \"<<\"", "merge keys (\"<<\") are not supported",
            "把内容写全 (write the content out)");
    }
    value(end + 1);
  } else if (in_sequence) {
    plain_value(at);
  } else {
    bare_line(at);
  }
}

void Scanner::bare_line(std::size_t at) {
  const std::size_t end = plain_end(at);
  const std::size_t colon = mend_space(at, end);
  if (colon != std::string::npos) return value(colon + 1);
  const std::string_view text = trim(std::string_view(line_).substr(at, end - at));
  const std::size_t equals = text.find('=');
  std::string cure = "每行写成 键: 值；文字跨行时用引号或 | (write key: value; quote text or use | for several lines)";
  if (equals != std::string_view::npos && is_word(trim(text.substr(0, equals)))) {
    cure = write_as(std::string(trim(text.substr(0, equals))) + ": " + std::string(trim(text.substr(equals + 1))));
  }
  error("QZ-CFG-002", at, end - at, "这一行不是 \"键: 值\"", "this line is not \"key: value\"", cure);
  is_rest_empty(skip_spaces(end));
  // Blanked, so that the other lines can be checked; what stood here will be missing.
  source_->mark_damaged();
  line_.assign(line_.size(), ' ');
  expects_child_ = true;
}

void Scanner::value(std::size_t at) {
  const std::size_t next = skip_spaces(at);
  if (is_rest_empty(next)) {
    expects_child_ = true;
    return;
  }
  const char c = line_[next];
  if (c == '"' || c == '\'') {
    const std::size_t end = quoted(next);
    if (end != std::string::npos) value_after_quote(end);
  } else if (c == '[' || c == '{') {
    flow(next);
  } else if (c == '|' || c == '>') {
    block_scalar(next);
  } else if (c == '-' && (next + 1 == line_.size() || line_[next + 1] == ' ')) {
    fatal("QZ-CFG-002", next, 1, "列表要从下一行开始写", "a list starts on the next line", "或写成 (or write): [a, b]");
  } else if (!is_reserved(next) && !is_full_width_start(next)) {
    plain_value(next);
  }
}

void Scanner::value_after_quote(std::size_t end) {
  const std::size_t next = skip_spaces(end);
  if (is_rest_empty(next)) return;
  fatal("QZ-CFG-006", next, 1, "引号已经结束，后面还有内容", "the quote has ended, but more follows",
        "引号写在值的末尾；值中的 \" 写成 \\\" (end the quote at the end of the value; write \\\" for \" inside)");
}

void Scanner::block_scalar(std::size_t at) {
  const std::size_t next = std::min(line_.find_first_not_of("|>+-0123456789", at), line_.size());
  if (next < line_.size() && line_[next] != ' ') {
    fatal("QZ-CFG-002", at, 1, "以 | 或 > 开头的值要加引号", "a value that starts with | or > must be quoted");
    return;
  }
  if (!is_rest_empty(skip_spaces(next))) {
    fatal("QZ-CFG-002", at, 1, "以 | 或 > 开头的值要加引号", "a value that starts with | or > must be quoted");
    return;
  }
  // A list entry's own column is no level that its text must pass.
  const bool is_entry = !indents_.empty() && indents_.back() == at;
  if (is_entry) indents_.pop_back();
  block_scalar_ = indents_.empty() ? 0 : indents_.back();
}

void Scanner::plain_value(std::size_t at) {
  const std::size_t end = plain_end(at);
  if (is_colon(end)) {
    fatal("QZ-CFG-002", end, 1, "值中有 \": \"，要给整个值加引号", "the value holds \": \"; quote the whole value");
    return;
  }
  is_rest_empty(skip_spaces(end));
}

std::size_t Scanner::plain_end(std::size_t at) const {
  for (std::size_t i = at; i < line_.size(); ++i) {
    if (is_colon(i)) return i;
    if (line_[i] == '#' && i > at && (line_[i - 1] == ' ' || line_[i - 1] == '\t')) {
      std::size_t end = i;
      while (end > at && (line_[end - 1] == ' ' || line_[end - 1] == '\t')) --end;
      return end;
    }
  }
  return line_.size();
}

bool Scanner::is_colon(std::size_t at) const {
  if (at >= line_.size() || line_[at] != ':') return false;
  return at + 1 == line_.size() || skip_spaces(at + 1) != at + 1;
}

bool Scanner::mend_colon(std::size_t start, std::size_t end, bool any_text) {
  const std::size_t offset = std::string_view(line_).substr(start, end - start).find(full_width_colon);
  if (offset == std::string::npos) return false;
  const std::size_t found = start + offset;
  const std::string_view word = trim(std::string_view(line_).substr(start, found - start));
  if (!any_text && !is_word(word)) return false;
  std::string better(original_.substr(0, found));
  const std::size_t rest = original_.find_first_not_of(' ', found + full_width_colon.size());
  better += ": ";
  if (rest != std::string_view::npos) better += original_.substr(rest);
  error("QZ-CFG-003", found, full_width_colon.size(), "这里是中文全角冒号 \"：\" (U+FF1A)，应为英文 \":\" 加一个空格",
        "full-width colon (U+FF1A); use \":\" and a space", write_as(better));
  replace(found, full_width_colon.size(), ":");
  return true;
}

std::size_t Scanner::mend_space(std::size_t start, std::size_t end) {
  const std::size_t colon = line_.find(':', start);
  if (colon >= end || colon + 1 >= end || !is_word(std::string_view(line_).substr(start, colon - start))) {
    return std::string::npos;
  }
  std::string better(original_);
  better.insert(colon + 1, " ");
  error("QZ-CFG-002", colon, 1, "冒号后面缺少空格", "a space is missing behind the colon", write_as(better));
  insertions_.push_back(colon + 1);
  return colon;
}

}  // namespace qianzhi::yaml
