#include <algorithm>
#include <array>

#include "agent/status/headline.h"
#include "agent/status/plain_parts.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi::status {

namespace {

constexpr std::size_t shown_places = 5;

std::string title_of(const std::string& code, Language language) {
  const auto known = explain(code);
  if (!known) return escaped(code);
  return escaped(pick(language, known->title_zh, known->title_en));
}

std::string next_of(const std::string& code, Language language) {
  const auto known = explain(code);
  std::string text = "<p class=\"next\"><b>" + text_of(language, "下一步：", "Next: ") + "</b>";
  if (known) text += escaped(pick(language, known->next_zh, known->next_en)) + " · ";
  return text + code_link(code, language, "qianzhi explain ") + "</p>";
}

std::string since_of(Micros since, Micros now, Language language) {
  if (since == 0) return {};
  return text_of(language, "，始于 ", ", since ") + local_text(since) + text_of(language, "（", " (") +
         age_text(since, now, language) + text_of(language, "）", ")");
}

std::string lasting(Micros since, Micros now, Language language) {
  if (since == 0) return {};
  return text_of(language, "，已持续 ", ", for ") + span_text(now - since, language);
}

std::uint64_t waiting_rows(const Snapshot& snapshot) {
  std::uint64_t rows = 0;
  for (const PublicationStatus& line : snapshot.publications) rows += line.waiting_rows;
  return rows;
}

std::string rows_text(std::uint64_t rows, Language language) {
  if (language == Language::zh) return grouped(rows) + " 行";
  return grouped(rows) + (rows == 1 ? " row" : " rows");
}

std::string received_sentence(const Snapshot& snapshot, Language language) {
  const bool is_zh = language == Language::zh;
  std::uint64_t behind = 0;
  std::uint64_t unheard = 0;
  std::uint64_t empty = 0;
  for (const flow::LaneStatus& lane : snapshot.lanes) {
    if (lane.mark < lane.head) ++behind;
    if (lane.head == Position{}) ++(lane.mark == Position{} ? empty : unheard);
  }
  if (behind != 0)
    return is_zh ? "接收的流中有 " + grouped(behind) + " 个正在追赶。"
                 : "Streams received that are catching up: " + grouped(behind) + ".";
  if (unheard != 0)
    return is_zh ? "接收的流中有 " + grouped(unheard) + " 个尚不知道交换中心的进度。"
                 : "Streams of which the hub's progress is not known yet: " + grouped(unheard) + ".";
  if (empty != 0)
    return is_zh ? "接收的流中有 " + grouped(empty) + " 个尚无数据，其余都已写入本机。"
                 : "Streams received without data yet: " + grouped(empty) + "; the others are written here.";
  return is_zh ? "交换中心已有的数据都已写入本机。" : "What the hub has is written here.";
}

std::string flowing_sentence(const Snapshot& snapshot, Language language) {
  const bool is_zh = language == Language::zh;
  std::string text;
  if (!snapshot.publications.empty()) {
    const std::uint64_t waiting = waiting_rows(snapshot);
    if (waiting == 0)
      text += is_zh ? "提供的数据已全部取得回执。" : "Everything provided has its receipt. ";
    else
      text += is_zh ? rows_text(waiting, language) + "在本机队列中等待回执。"
                    : rows_text(waiting, language) + " in the queue here, waiting for receipts. ";
  }
  if (!snapshot.lanes.empty()) text += received_sentence(snapshot, language);
  if (text.empty()) text = is_zh ? "没有配置提供或接收的主题。" : "No topic is provided or received.";
  return text;
}

std::string quarantine_sentence(const Snapshot& snapshot, Language language) {
  const std::string rows = rows_text(snapshot.quarantined, language);
  return language == Language::zh ? rows + "未通过检查，已隔离；其他数据照常交换。"
                                  : rows + " set aside because a check failed; everything else goes on.";
}

std::string reason_of(const Finding& finding, Micros now, Language language) {
  const Finding::Place& first = finding.places.front();
  std::string text =
      title_of(finding.code, language) + text_of(language, "（", " (") + "<bdi>" + escaped(first.subject) + "</bdi>";
  if (finding.places.size() > 1)
    text +=
        text_of(language, " 等 ", " and ") + (language == Language::zh ? grouped(finding.places.size()) + " 处"
                                                                       : grouped(finding.places.size() - 1) + " more");
  return text + lasting(first.since, now, language) + text_of(language, "）。", "). ");
}

std::string way_in(Verdict verdict, Language language) {
  const bool is_new = verdict == Verdict::not_configured;
  return "<p class=\"next\"><b>" + text_of(language, "下一步：", "Next: ") + "</b><code>" +
         (is_new ? "sudo -u qianzhi qianzhi init" : "sudo -u qianzhi qianzhi enrol") + "</code></p>";
}

}  // namespace

std::string verdict_html(const Snapshot& snapshot, const std::vector<Finding>& findings, Language language) {
  const StateWord word = headline_of(snapshot, findings);
  std::string sentence;
  std::string next;
  const Finding* worst =
      !findings.empty() && findings.front().level != flow::NoticeLevel::info ? &findings.front() : nullptr;
  if (snapshot.verdict == Verdict::not_configured) {
    sentence = text_of(language, "还没有配置，什么也没有读取、没有发送。",
                       "Not configured; nothing is read, nothing is sent.");
    next = way_in(snapshot.verdict, language);
  } else if (snapshot.verdict == Verdict::not_enrolled) {
    sentence = text_of(language, "已有配置，但本机还没有在交换中心登记，不交换数据。",
                       "Configured, but not enrolled with the hub; no data is exchanged.");
    next = way_in(snapshot.verdict, language);
  } else if (worst != nullptr && snapshot.verdict != Verdict::well) {
    sentence = reason_of(*worst, snapshot.time, language);
    next = next_of(worst->code, language);
    const std::uint64_t waiting = waiting_rows(snapshot);
    if (waiting != 0)
      sentence += language == Language::zh ? rows_text(waiting, language) + "已保存在本机队列中。"
                                           : rows_text(waiting, language) + " kept in the queue here.";
  } else if (snapshot.verdict == Verdict::starting) {
    sentence = text_of(language, "正在等待交换中心的目录，取得之前不交换数据。",
                       "Waiting for the hub's directory; nothing is exchanged before it is here.");
    next = next_of("QZ-AGT-021", language);
  } else if (snapshot.quarantined != 0) {
    sentence = quarantine_sentence(snapshot, language);
    next = "<p class=\"next\"><b>" + text_of(language, "下一步：", "Next: ") +
           "</b><code>qianzhi quarantine list</code></p>";
  } else {
    sentence = flowing_sentence(snapshot, language);
  }
  return "<section class=\"verdict " + std::string(word.kind) + "\" id=\"verdict\"><p><strong>" +
         std::string(word.icon) + " " + text_of(language, word.zh, word.en) + "</strong> " + sentence + "</p>" + next +
         "</section>\n";
}

std::string findings_html(const Snapshot& snapshot, const std::vector<Finding>& findings, Language language) {
  if (findings.empty()) return {};
  static constexpr std::array<std::string_view, 3> kinds = {"busy", "warn", "fail"};
  static constexpr std::array<std::string_view, 3> icons = {"ℹ", "▲", "✕"};
  std::string text = "<section id=\"findings\"><h2>" + text_of(language, "需要知道的", "To know") + "</h2>\n";
  for (const Finding& finding : findings) {
    const auto level = static_cast<std::size_t>(finding.level);
    text += "<article><p><span class=\"" + std::string(kinds[level]) + "\">" + std::string(icons[level]) +
            "</span> <b>" + title_of(finding.code, language) + "</b> " + code_link(finding.code, language) + "</p><ul>";
    const std::size_t shown = std::min(finding.places.size(), shown_places);
    for (std::size_t at = 0; at < shown; ++at) {
      const Finding::Place& place = finding.places[at];
      text += "<li><bdi>" + escaped(place.subject) + "</bdi>";
      if (!place.detail.empty()) text += text_of(language, "：", ": ") + "<bdi>" + escaped(place.detail) + "</bdi>";
      text += since_of(place.since, snapshot.time, language) + "</li>";
    }
    if (shown < finding.places.size())
      text += "<li>" + text_of(language, "另有 ", "and ") + grouped(finding.places.size() - shown) +
              text_of(language, " 处", " more") + "</li>";
    text += "</ul>" + next_of(finding.code, language) + "</article>\n";
  }
  return text + "</section>\n";
}

}  // namespace qianzhi::status
