#include "packaging/demo/table.h"

#include <algorithm>

namespace qianzhi::demo {

namespace {

// Chinese characters take two columns of a terminal.
std::size_t width_of(const std::string& text) {
  std::size_t width = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if ((octet & 0xC0U) != 0x80U) width += octet >= 0xE0U ? 2 : 1;
  }
  return width;
}

// Exactly so wide: what is too long ends in dots.
std::string left(std::string text, std::size_t width) {
  const bool is_long = width_of(text) >= width;
  while (is_long && width_of(text) + 3 > width) {
    while ((static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
    text.pop_back();
  }
  if (is_long) text += "..";
  return text + std::string(width - width_of(text), ' ');
}

std::string right(const std::string& text, std::size_t width) {
  const std::size_t own = width_of(text);
  return std::string(own < width ? width - own : 1, ' ') + text;
}

constexpr std::size_t title_width = 26;
constexpr std::size_t number_width = 9;

struct Line {
  std::uint64_t committed = 0;
  std::uint64_t sealed = 0;
  std::uint64_t receipted = 0;
  std::map<std::string, std::uint64_t> applied;  // by member
  std::uint64_t lag = 0;
};

Line line_of(const Shown& shown, const std::string& topic, const std::vector<std::string>& receivers) {
  Line line;
  line.committed = shown.traffic.committed(topic);
  const PublicationLine* sent = shown.exchange.publication(topic);
  if (sent == nullptr) return line;
  line.sealed = sent->sealed;
  line.receipted = sent->receipted;
  for (const std::string& member : receivers) {
    const LaneLine* lane = shown.exchange.lane(member, topic);
    if (lane == nullptr) continue;
    line.applied[member] = lane->applied;
    line.lag = std::max(line.lag, batches_behind(lane->mark, sent->last));
  }
  return line;
}

std::string title_of(const Shown& shown, const std::string& topic) {
  const std::string department = topic.substr(0, topic.find('.'));
  const auto member = std::find_if(shown.members.begin(), shown.members.end(),
                                   [&](const Member& candidate) { return candidate.id == department; });
  return member->title + " " + shown.titles.at(topic);
}

}  // namespace

std::string live_table(const Shown& shown) {
  std::string text = left("主题 topic", title_width);
  for (const char* name : {"提交", "封装", "回执"}) text += right(name, number_width);
  for (const Member& member : shown.members) text += right("→" + member.title, number_width);
  text += right("滞后", 6) + "\n" + left("", title_width);
  for (const char* name : {"commit", "sealed", "receipt"}) text += right(name, number_width);
  for (const char* name : {"commerce", "quality", "nat.tax", "loc.tax", "stat."}) text += right(name, number_width);
  text += right("lag", 6) + "\n";
  for (const auto& [topic, receivers] : shown.receivers) {
    const Line line = line_of(shown, topic, receivers);
    text += left(title_of(shown, topic), title_width);
    for (const std::uint64_t number : {line.committed, line.sealed, line.receipted})
      text += right(std::to_string(number), number_width);
    for (const Member& member : shown.members) {
      const auto applied = line.applied.find(member.id);
      text += right(applied == line.applied.end() ? "·" : std::to_string(applied->second), number_width);
    }
    text += right(std::to_string(line.lag), 6) + "\n";
  }
  return text;
}

std::string live_line(const Shown& shown) {
  Line sum;
  std::uint64_t applied = 0;
  for (const auto& [topic, receivers] : shown.receivers) {
    const Line line = line_of(shown, topic, receivers);
    sum.committed += line.committed;
    sum.sealed += line.sealed;
    sum.receipted += line.receipted;
    sum.lag += line.lag;
    for (const auto& entry : line.applied) applied += entry.second;
  }
  return "提交 committed " + std::to_string(sum.committed) + "  封装 sealed " + std::to_string(sum.sealed) +
         "  回执 receipted " + std::to_string(sum.receipted) + "  应用 applied " + std::to_string(applied) +
         "  滞后批次 batches behind " + std::to_string(sum.lag);
}

}  // namespace qianzhi::demo
