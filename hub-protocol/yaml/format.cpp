#include "hub-protocol/yaml/format.h"

#include <algorithm>
#include <vector>

#include "hub-protocol/yaml/csv.h"
#include "hub-protocol/yaml/document.h"
#include "hub-protocol/yaml/format_line.h"
#include "hub-protocol/yaml/utf8.h"

namespace qianzhi::yaml {

namespace {

constexpr std::size_t step = 2;  // columns a level

std::vector<std::string_view> lines_in(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t spaces_before(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }
bool is_empty(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

struct OutLine {
  std::string text;  // with its indentation, without its comment
  std::string comment;
  std::size_t comment_column = 0;  // where it stood
};

// Lines and what the levels of the document were and are.
class Formatter {
 public:
  explicit Formatter(std::string_view text) : lines_(lines_in(text)) {}

  // False: a form that is better left alone.
  bool run() {
    while (at_ < lines_.size()) {
      if (is_empty(lines_[at_])) {
        blank();
        ++at_;
        continue;
      }
      const bool inside = depth_ > 0;
      LineParts parts = take_line_apart(lines_[at_], depth_);
      comments.push_back(parts.comment);
      if (comments.back().empty()) comments.pop_back();
      if (parts.has_width) return false;
      if (inside)
        continuation(parts);
      else if (parts.content.empty() && parts.dashes.empty())
        comment(parts);
      else
        content(parts);
      ++at_;
      if (parts.opens_block) block_text();
    }
    while (!out_.empty() && out_.back().text.empty() && out_.back().comment.empty()) out_.pop_back();
    return true;
  }

  std::string result() {
    for (std::size_t i = 0; i < out_.size();) i = place_comments(i);
    return std::move(result_);
  }

  std::vector<std::string> comments;

 private:
  struct Level {
    std::size_t was = 0;
    std::size_t is = 0;
    bool list = false;
  };

  void blank() {
    if (!out_.empty() && !(out_.back().text.empty() && out_.back().comment.empty())) out_.emplace_back();
  }

  // The column for what stood at `was`.
  std::size_t level(std::size_t was, bool list) {
    while (!levels_.empty() &&
           (levels_.back().was > was || (levels_.back().was == was && levels_.back().list && !list)))
      levels_.pop_back();
    if (levels_.empty()) {
      levels_.push_back({was, 0, list});
    } else if (levels_.back().was < was || (list && !levels_.back().list)) {
      levels_.push_back({was, levels_.back().is + step, list});
    }
    return levels_.back().is;
  }

  void content(const LineParts& parts) {
    std::string text;
    base_was_ = parts.indent;
    if (parts.dashes.empty()) {
      base_is_ = level(parts.indent, false);
      text.append(base_is_, ' ');
    } else {
      for (const std::size_t dash : parts.dashes) {
        const std::size_t column = level(dash, true);
        if (text.empty()) base_is_ = column;
        text.resize(std::max(text.size(), column), ' ');
        text += "-";
      }
      if (!parts.content.empty()) text.resize(level(parts.start, false), ' ');
    }
    out_.push_back({text + parts.content, parts.comment, parts.comment_column});
  }

  // Inside of brackets that an earlier line opened: as far from it as it was.
  void continuation(const LineParts& parts) {
    const std::size_t more = parts.indent > base_was_ ? parts.indent - base_was_ : step;
    out_.push_back({parts.content.empty() ? std::string() : std::string(base_is_ + more, ' ') + parts.content,
                    parts.comment, parts.comment_column});
    if (parts.content.empty()) out_.back() = {std::string(base_is_ + more, ' ') + parts.comment, {}, 0};
  }

  // A line of its own goes with the next line, or in line with the comment above it.
  void comment(const LineParts& parts) {
    if (!out_.empty() && !out_.back().comment.empty() && out_.back().comment_column == parts.comment_column &&
        parts.comment_column > 0) {
      out_.push_back({{}, parts.comment, parts.comment_column});
      return;
    }
    std::size_t next = at_ + 1;
    while (next < lines_.size() && (is_empty(lines_[next]) || lines_[next][spaces_before(lines_[next])] == '#')) ++next;
    out_.push_back({std::string(column_of_comment(parts.indent, next), ' ') + parts.comment, {}, 0});
  }

  std::size_t column_of_comment(std::size_t was, std::size_t next) {
    const std::size_t next_was = next < lines_.size() ? spaces_before(lines_[next]) : 0;
    if (was > next_was)
      for (const Level& one : levels_)
        if (one.was == was && one.was > next_was) return one.is;
    if (next >= lines_.size()) return levels_.empty() || was == 0 ? 0 : levels_.front().is;
    const std::vector<Level> kept = levels_;
    const std::string_view line = lines_[next];
    const bool list = line.substr(next_was, 2) == "- " || line.substr(next_was) == "-";
    const std::size_t column = level(next_was, list);
    levels_ = kept;
    return column;
  }

  void block_text() {
    const std::size_t parent = levels_.back().was;
    std::size_t first = at_;
    while (first < lines_.size() && is_empty(lines_[first])) ++first;
    const std::size_t was = first < lines_.size() ? spaces_before(lines_[first]) : 0;
    if (was <= parent) return;
    std::size_t empty = 0;
    for (; at_ < lines_.size() && (is_empty(lines_[at_]) || spaces_before(lines_[at_]) >= was); ++at_) {
      const bool is_short = lines_[at_].size() <= was;
      empty = is_empty(lines_[at_]) ? empty + 1 : 0;
      out_.push_back(
          {is_short ? std::string() : std::string(levels_.back().is + step, ' ').append(lines_[at_].substr(was)),
           {},
           0});
    }
    // Blank lines behind it are between this and what follows.
    for (; empty > 1; --empty) out_.pop_back();
  }

  // Writes a run of lines whose comments stood in line with each other; where the next run begins.
  std::size_t place_comments(std::size_t begin) {
    std::size_t end = begin + 1;
    std::size_t width = shown_width(out_[begin].text);
    if (!out_[begin].comment.empty())
      for (; end < out_.size() && !out_[end].comment.empty() && out_[end].comment_column == out_[begin].comment_column;
           ++end)
        width = std::max(width, shown_width(out_[end].text));
    for (std::size_t i = begin; i < end; ++i) {
      result_ += out_[i].text;
      if (!out_[i].comment.empty())
        result_.append(width + step - shown_width(out_[i].text), ' ').append(out_[i].comment);
      result_ += '\n';
    }
    return end;
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::vector<Level> levels_;
  std::size_t base_was_ = 0;
  std::size_t base_is_ = 0;
  std::vector<OutLine> out_;
  std::string result_;
};

bool is_same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.text != b.text || a.quoted != b.quoted || a.items.size() != b.items.size() ||
      a.entries.size() != b.entries.size())
    return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!is_same(a.items[i], b.items[i])) return false;
  for (std::size_t i = 0; i < a.entries.size(); ++i)
    if (a.entries[i].key != b.entries[i].key || !is_same(a.entries[i].value, b.entries[i].value)) return false;
  return true;
}

}  // namespace

std::optional<std::string> format_document(const std::filesystem::path& name, std::string_view text,
                                           Diagnostics& diagnostics) {
  const auto before = parse_document(name, text, diagnostics);
  if (!before || diagnostics.has_errors()) return std::nullopt;
  if (text.substr(0, 3) == byte_order_mark) text.remove_prefix(3);
  Formatter formatter(text);
  if (formatter.run()) {
    std::string result = formatter.result();
    Formatter again(result);
    Diagnostics ignored;
    const auto after = parse_document(name, result, ignored);
    if (after && !ignored.has_errors() && is_same(*before, *after) && again.run() &&
        again.comments == formatter.comments && again.result() == result)
      return result;
  }
  diagnostics.error("QZ-CFG-120", {before->place.source, 0, 0, 0}, "这个文件的写法不能自动整理，没有改动",
                    "this file is written in a form that cannot be put in order automatically; nothing was changed",
                    "例如块文本写明了缩进数字 (for example a block scalar with a digit for its indentation)");
  return std::nullopt;
}

}  // namespace qianzhi::yaml
