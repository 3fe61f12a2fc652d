// The trail for people and for syslog.
#include <unistd.h>

#include "hub-protocol/audit/trail.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/cells.h"

namespace qianzhi::audit {

namespace {

std::string details_of(const Entry& entry) {
  std::string text;
  for (const auto& [name, value] : entry.details) text += (text.empty() ? "" : "; ") + name + "=" + value;
  return text;
}

// RFC 5424 section 6.3.3: a value in quotes, with these three escaped.
std::string parameter(std::string_view name, std::string_view value) {
  std::string text = " " + std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == ']') text.push_back('\\');
    text.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  return text + "\"";
}

}  // namespace

std::string to_csv(const std::vector<Line>& lines) {
  std::string text(csv_mark);
  text += csv_line({"序号 sequence", "北京时间 time (Beijing)", "身份类别 actor kind", "操作者 actor", "动作 action",
                    "对象 subject", "结果 outcome", "用途 purpose", "依据 basis", "详情 details", "摘要 digest"});
  for (const Line& line : lines) {
    const Entry& entry = line.stored.entry;
    text += csv_line({std::to_string(line.stored.sequence), beijing_text(line.stored.time),
                      std::string(name_of(entry.actor.kind)), entry.actor.name, entry.action, entry.subject,
                      entry.outcome, entry.purpose, entry.basis, details_of(entry), line.digest.hex()});
  }
  return text;
}

std::string to_json(const std::vector<Line>& lines) {
  std::string text = "[";
  for (const Line& line : lines) {
    const Entry& entry = line.stored.entry;
    text += (&line == &lines.front() ? "" : ",\n") + std::string("{\"sequence\":") +
            std::to_string(line.stored.sequence) + ",\"time\":" + json_text(to_text(line.stored.time)) +
            ",\"actor_kind\":" + json_text(name_of(entry.actor.kind)) + ",\"actor\":" + json_text(entry.actor.name) +
            ",\"action\":" + json_text(entry.action) + ",\"subject\":" + json_text(entry.subject) +
            ",\"outcome\":" + json_text(entry.outcome) + ",\"purpose\":" + json_text(entry.purpose) +
            ",\"basis\":" + json_text(entry.basis) + ",\"details\":[";
    for (const auto& detail : entry.details)
      text += (&detail == &entry.details.front() ? "[" : ",[") + json_text(detail.first) + "," +
              json_text(detail.second) + "]";
    text += "],\"digest\":" + json_text(line.digest.hex()) + "}";
  }
  return text + "]\n";
}

std::string to_table(const std::vector<Line>& lines) {
  std::string text;
  for (const Line& line : lines) {
    const Entry& entry = line.stored.entry;
    text += std::to_string(line.stored.sequence) + "  " + beijing_text(line.stored.time) + "  " + text_of(entry.actor) +
            "  " + entry.action + "  " + entry.subject;
    if (!entry.outcome.empty()) text += "  !" + entry.outcome;
    if (!entry.purpose.empty()) text += "  用途 " + entry.purpose;
    if (!entry.basis.empty()) text += "  依据 " + entry.basis;
    if (!entry.details.empty()) text += "  " + details_of(entry);
    text += "\n";
  }
  return text;
}

std::string to_syslog(const Line& line, std::string_view host) {
  const Entry& entry = line.stored.entry;
  // Facility 13; notice, or warning for what was refused.
  const int priority = 13 * 8 + (entry.outcome.empty() ? 5 : 4);
  std::string text = "<" + std::to_string(priority) + ">1 " + to_text(line.stored.time) + " " +
                     (host.empty() ? "-" : std::string(host)) + " qianzhi-hub " + std::to_string(::getpid()) + " audit";
  // 32473 is the enterprise number that RFC 5612 gives to documentation: no other one is ours.
  text += " [audit@32473" + parameter("sequence", std::to_string(line.stored.sequence)) +
          parameter("actor", text_of(entry.actor)) + parameter("action", entry.action) +
          parameter("subject", entry.subject) + parameter("outcome", entry.outcome) +
          parameter("digest", line.digest.hex()) + "] \xEF\xBB\xBF";
  std::string sentence = text_of(entry.actor) + " " + entry.action + " " + entry.subject;
  if (!entry.purpose.empty()) sentence += " 用途 " + entry.purpose;
  if (!entry.basis.empty()) sentence += " 依据 " + entry.basis;
  if (!entry.details.empty()) sentence += " " + details_of(entry);
  for (char& c : sentence)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return text + sentence;
}

}  // namespace qianzhi::audit
