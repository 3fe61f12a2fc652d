// Lines: what is common to block context and brackets.
#include "hub-protocol/yaml/scan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/scanner.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

constexpr std::size_t max_findings_in_line = 20;

}  // namespace

Scan scan_text(const std::shared_ptr<SourceText>& source, std::string_view text, Diagnostics& diagnostics) {
  return Scanner(source, diagnostics).run(text);
}

Place Scan::place_at(std::size_t line, std::size_t column, std::size_t length) {
  if (line >= lines_.size()) return {source_, lines_.size(), 1, 0};
  const Line& found = lines_[line];
  // Each space that was put in before this octet moved it to the right.
  std::size_t original = column;
  for (std::size_t i = 0; i < found.insertions.size(); ++i) {
    if (found.insertions[i] + i < column) --original;
  }
  original = std::min(original, found.original.size());
  return {source_, line + 1, counter_.before(found.original, original) + 1, length};
}

Scanner::Scanner(std::shared_ptr<SourceText> source, Diagnostics& diagnostics)
    : source_(std::move(source)), diagnostics_(&diagnostics) {}

Scan Scanner::run(std::string_view text) {
  scan_.source_ = source_;
  scan_.text.reserve(text.size() + 1);
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    original_ = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!original_.empty() && original_.back() == '\r') original_.remove_suffix(1);
    ++number_;
    line_ = original_;
    scan_line();
    end_line();
  }
  if (!brackets_.empty()) complain_open_bracket();
  return std::move(scan_);
}

void Scanner::scan_line() {
  quotes_.clear();
  insertions_.clear();
  comment_ = std::string::npos;
  findings_in_line_ = 0;
  if (line_.size() > max_line_octets) {
    // Looking for places in a line takes time with the square of its length.
    fatal("QZ-CFG-020", 0, 1, "这一行太长（最多 8 KiB）", "the line is too long (8 KiB at most)");
    line_.clear();
    return;
  }
  if (in_block_scalar()) {
    quotes_.emplace_back(0, line_.size());
  } else if (!brackets_.empty() && !is_flow_torn()) {
    flow(0);
  } else if (!is_marker()) {
    block_line();
  }
  check_characters();
}

void Scanner::end_line() {
  std::sort(insertions_.begin(), insertions_.end());
  std::size_t from = 0;
  for (const std::size_t at : insertions_) {
    scan_.text.append(line_, from, at - from).append(1, ' ');
    from = at;
  }
  scan_.text.append(line_, from).append(1, '\n');
  scan_.lines_.push_back({original_, insertions_});
}

bool Scanner::in_block_scalar() {
  if (!block_scalar_) return false;
  const std::size_t indent = std::min(line_.find_first_not_of(' '), line_.size());
  if (indent == line_.size() || indent > *block_scalar_) return true;
  block_scalar_.reset();
  return false;
}

bool Scanner::is_marker() {
  const bool is_start = starts(0, "---");
  if (starts(0, "%")) {
    fatal("QZ-CFG-009", 0, line_.size(), "不支持 YAML 指令（以 % 开头的行）",
          "YAML directives (lines that start with %) are not supported", "删除这一行 (delete this line)");
    return true;
  }
  if (!is_start && !starts(0, "...")) return false;
  if (line_.size() > 3 && line_[3] != ' ') return false;
  const std::size_t rest = skip_spaces(3);
  if (is_start && has_content_) {
    fatal("QZ-CFG-009", 0, 3, "一个文件中只能有一个文档，\"---\" 之后的内容会被忽略",
          "a file holds one document; what follows \"---\" would be ignored",
          "分成两个文件，或删除这一行 (split the file, or delete this line)");
  } else if (!is_rest_empty(rest)) {
    fatal("QZ-CFG-002", rest, line_.size() - rest, "\"---\" 和 \"...\" 要单独成行",
          "\"---\" and \"...\" stand alone on their line");
  }
  if (!is_start) has_ended_ = true;
  if (is_start) has_content_ = true;
  indents_.clear();
  expects_child_ = true;
  line_.assign(line_.size(), ' ');
  return true;
}

void Scanner::check_characters() {
  const std::size_t indent = skip_spaces(0);
  for (std::size_t at = 0; at < original_.size();) {
    const Character character = character_at(original_, at);
    if (character.value < 0x20 || character.value >= 0x7F) {
      check_character(at, character.value, character.octets, indent);
    }
    at += character.octets;
  }
}

void Scanner::check_character(std::size_t at, char32_t value, std::size_t octets, std::size_t indent) {
  const bool is_control = (value < 0x20 && value != '\t') || (value >= 0x7F && value < 0xA0) || value == 0x2028 ||
                          value == 0x2029 || (value >= 0x202A && value <= 0x202E) ||
                          (value >= 0x2066 && value <= 0x2069);
  if (is_control) {
    if (control_line_ == number_) return;
    control_line_ = number_;
    if (value == '\r')
      fatal("QZ-CFG-005", at, octets, "这里是单独的回车（旧式 Mac 换行），应为换行",
            "a carriage return alone (line end of old Macs) stands where a line end is needed",
            "修复 (fix): tr '\\r' '\\n' < 旧文件 OLD > 新文件 NEW");
    else
      fatal("QZ-CFG-005", at, octets, "文件中有不可见的控制字符", "the file holds an invisible control character",
            "删除它，或重新输入这一行 (delete it, or type the line again)");
    return;
  }
  const bool is_space = value == 0x3000 || value == 0xA0 || (value >= 0x2000 && value <= 0x200F) || value == 0x202F ||
                        value == 0x205F || value == 0x2060 || value == 0xFEFF;
  if (!is_space && value != '\t') return;
  if (at >= comment_) return;
  // Quotes are in order: only the last one that starts before can hold it.
  const auto after = std::upper_bound(quotes_.begin(), quotes_.end(), at,
                                      [](std::size_t place, const auto& quote) { return place < quote.first; });
  if (after != quotes_.begin() && at < std::prev(after)->second) return;
  if (value == '\t') {
    const bool is_indent = at < indent;
    if (is_indent) scan_.is_fatal = true;
    error("QZ-CFG-004", at, octets,
          is_indent ? "缩进使用了制表符（Tab），YAML 只能用空格缩进" : "这里是制表符（Tab），请改用空格",
          is_indent ? "a tab is used as indentation; YAML takes spaces only" : "a tab; use spaces",
          "修复 (fix): expand -t 2 FILE > FILE.new");
  } else {
    if (at < indent) scan_.is_fatal = true;
    const std::string name = value == 0x3000 ? "全角空格 (U+3000)"
                             : value == 0xA0 ? "不换行空格 (U+00A0)"
                                             : "不可见的空白字符";
    error("QZ-CFG-005", at, octets, "这里是" + name + "，YAML 不把它当作空格",
          value == 0x3000 ? "a full-width space (U+3000), which is no space to YAML"
                          : "an invisible or no-break space, which is no space to YAML",
          "改成普通空格；如果它属于值，给值加引号 (use a plain space, or quote the value it belongs to)");
  }
  replace(at, octets, " ");
}

std::size_t Scanner::skip_spaces(std::size_t at) const {
  while (at < line_.size()) {
    if (line_[at] == ' ' || line_[at] == '\t') {
      ++at;
    } else if (starts(at, "\xE3\x80\x80") || starts(at, "\xE2\x80\x8B") || starts(at, "\xEF\xBB\xBF")) {
      at += 3;
    } else if (starts(at, "\xC2\xA0")) {
      at += 2;
    } else {
      return at;
    }
  }
  return line_.size();
}

void Scanner::replace(std::size_t at, std::size_t octets, std::string_view with) {
  std::string padded(with);
  padded.resize(octets, ' ');
  line_.replace(at, octets, padded);
}

Place Scanner::place(std::size_t at, std::size_t octets) {
  const std::size_t start = std::min(at, original_.size());
  return {source_, number_, counter_.before(original_, start) + 1, count_characters(original_.substr(start, octets))};
}

void Scanner::error(std::string_view code, std::size_t at, std::size_t octets, std::string_view zh, std::string_view en,
                    std::string_view cure) {
  if (++findings_in_line_ > max_findings_in_line) return;
  diagnostics_->error(code, place(at, octets), zh, en, cure);
}

void Scanner::fatal(std::string_view code, std::size_t at, std::size_t octets, std::string_view zh, std::string_view en,
                    std::string_view cure) {
  scan_.is_fatal = true;
  error(code, at, octets, zh, en, cure);
}

}  // namespace qianzhi::yaml
