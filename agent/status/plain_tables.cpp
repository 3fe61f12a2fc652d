#include <initializer_list>

#include "agent/status/plain_parts.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi::status {

namespace {

struct Column {
  std::string_view zh;
  std::string_view en;
  bool is_number = false;
};

std::string opening(std::string_view id, const std::string& title, std::initializer_list<Column> columns,
                    Language language) {
  std::string text = "<section id=\"" + std::string(id) + "\"><h2>" + title + "</h2><div class=\"wide\"><table><tr>";
  for (const Column& column : columns)
    text +=
        std::string(column.is_number ? "<th class=\"n\">" : "<th>") + text_of(language, column.zh, column.en) + "</th>";
  return text + "</tr>\n";
}

constexpr std::string_view closing = "</table></div></section>\n";

std::string cell(const std::string& html) { return "<td>" + html + "</td>"; }
std::string number_cell(std::uint64_t value) { return "<td class=\"n\">" + grouped(value) + "</td>"; }
std::string position_cell(const std::string& text) { return "<td class=\"whole\">" + text + "</td>"; }
std::string unknown_number() { return "<td class=\"n\">–</td>"; }

std::string two_lines(std::string_view first, std::string_view second) {
  if (first.empty()) return name_html(second);
  return "<bdi>" + escaped(first) + "</bdi><br><small>" + name_html(second) + "</small>";
}

std::string time_cell(Micros time, Micros now, Language language) {
  if (time == 0) return cell(text_of(language, "尚无", "none yet"));
  return "<td class=\"whole\">" + age_text(time, now, language) + "<br><small>" + local_text(time) + "</small></td>";
}

// With when the source was last shown to be alive, where that says more than the change does.
std::string change_cell(const PublicationStatus& line, Micros now, Language language) {
  if (line.alive <= line.last_change) return time_cell(line.last_change, now, language);
  const std::string change = line.last_change == 0 ? text_of(language, "尚无", "none yet")
                                                   : age_text(line.last_change, now, language) + "<br><small>" +
                                                         local_text(line.last_change) + "</small>";
  return "<td class=\"whole\">" + change + "<br><small>" + text_of(language, "来源畅通 ", "source alive ") +
         age_text(line.alive, now, language) + "</small></td>";
}

std::string code_text(const std::string& code, Language language) {
  const auto known = explain(code);
  std::string text = code_link(code, language);
  if (known) text += " " + escaped(pick(language, known->title_zh, known->title_en));
  return text;
}

// more: HTML below it.
std::string state_cell(const StateWord& state, const std::string& code, Language language,
                       const std::string& more = {}) {
  std::string text = state_html(state, language);
  if (!code.empty()) text += "<br>" + code_link(code, language);
  return cell(text + more);
}

std::string progress_html(const flow::TableProgress& progress, Language language) {
  if (progress.kind == flow::TableProgress::Kind::none) return {};
  const int percent = progress.percent();
  std::string text = "<br><small>";
  if (percent >= 0) text += std::to_string(percent) + " % · ";
  text += grouped(progress.rows) + text_of(language, " 行", " rows");
  if (progress.is_beyond())
    text += text_of(language, "，超过估计", ", more than estimated");
  else if (progress.estimated < 0)
    text += text_of(language, "，总数未知", ", total unknown");
  if (progress.left >= 0)
    text += text_of(language, " · 约剩 ", " · about ") + span_text(progress.left, language) +
            text_of(language, "", " left");
  if (progress.limited_until != 0)
    text += text_of(language, " · 限速至 ", " · limited until ") + local_text(progress.limited_until);
  return text + "</small>";
}

std::string groups_text(const GroupSet& groups, Language language) {
  if (groups.is_every()) return text_of(language, "全部", "all");
  if (groups.is_empty()) return text_of(language, "无", "none");
  if (groups.groups().size() <= 3) return escaped(to_text(groups));
  return grouped(groups.groups().size()) + text_of(language, " 组", " groups");
}

std::string position_text(const Position& position, std::string_view none) {
  return position == Position{} ? std::string(none) : to_text(position);
}

}  // namespace

std::string publications_html(const Snapshot& snapshot, Language language) {
  const std::string title = text_of(language, "提供", "Provided");
  if (snapshot.publications.empty())
    return "<section id=\"publications\"><h2>" + title + "</h2><p>" +
           text_of(language, "没有配置发布：这台机器不提供数据。",
                   "No publication is configured: nothing is provided.") +
           "</p></section>\n";
  std::string text = opening("publications", title + " (" + grouped(snapshot.publications.size()) + ")",
                             {{"主题", "Topic"},
                              {"源表", "Source table"},
                              {"状态", "State"},
                              {"最后变更", "Last change"},
                              {"变更行", "Changed rows", true},
                              {"补传行", "Refilled rows", true},
                              {"已回执行", "Receipted rows", true},
                              {"等待行", "Waiting rows", true},
                              {"隔离行", "Set aside", true},
                              {"回执到 / 最新", "Receipted / last"}},
                             language);
  for (const PublicationStatus& line : snapshot.publications) {
    text += "<tr>" + cell(two_lines(line.title, line.topic)) +
            cell(name_html(line.table) + "<br><small>" + name_html(line.source) + "</small>") +
            state_cell(state_of(line), line.code, language, progress_html(line.progress, language)) +
            change_cell(line, snapshot.time, language);
    const bool is_known = !line.last.empty();
    for (const std::uint64_t rows :
         {line.sealed_rows, line.refilled_rows, line.receipted_rows, line.waiting_rows, line.quarantined})
      text += is_known ? number_cell(rows) : unknown_number();
    text += position_cell(is_known ? escaped(line.receipted + " / " + line.last) : "–") + "</tr>\n";
  }
  return text + std::string(closing);
}

std::string lanes_html(const Snapshot& snapshot, Language language) {
  if (snapshot.lanes.empty()) return {};
  std::string text =
      opening("lanes", text_of(language, "接收", "Received") + " (" + grouped(snapshot.lanes.size()) + ")",
              {{"主题", "Topic"},
               {"来自", "From"},
               {"目标库", "Target"},
               {"状态", "State"},
               {"最近写入", "Last written"},
               {"写入行", "Written rows", true},
               {"删除行", "Removed rows", true},
               {"隔离行", "Set aside", true},
               {"已写入 / 交换中心", "Applied / hub"},
               {"完整 / 授权", "Complete / granted"}},
              language);
  for (const flow::LaneStatus& lane : snapshot.lanes)
    text += "<tr>" + cell(name_html(lane.topic)) + cell(name_html(lane.origin)) + cell(name_html(lane.target)) +
            state_cell(state_of(lane), lane.state_code, language) + time_cell(lane.applied, snapshot.time, language) +
            number_cell(lane.upserted) + number_cell(lane.removed) + number_cell(lane.quarantined) +
            position_cell(position_text(lane.mark, pick(language, "尚无", "none")) + " / " +
                          position_text(lane.head, pick(language, "未知", "unknown"))) +
            cell(groups_text(lane.complete, language) + " / " + groups_text(lane.granted, language)) + "</tr>\n";
  return text + std::string(closing);
}

std::string quarantine_html(const Snapshot& snapshot, Language language) {
  if (snapshot.quarantined == 0) return {};
  std::string text =
      opening("quarantine", text_of(language, "隔离区", "Quarantine") + " (" + grouped(snapshot.quarantined) + ")",
              {{"编号", "Id", true},
               {"环节", "Side"},
               {"主题", "Topic"},
               {"来自", "From"},
               {"原因", "Reason"},
               {"首次出现", "First seen"},
               {"尝试", "Tries", true}},
              language);
  for (const QuarantineLine& line : snapshot.quarantine)
    text += "<tr><td class=\"n\">" + std::to_string(line.id) + "</td>" +
            cell(line.side == "capture" ? text_of(language, "采集", "capture") : text_of(language, "写入", "apply")) +
            cell(name_html(line.topic)) + cell(name_html(line.origin)) +
            cell(code_text(line.code, language) + "<br><small><bdi>" + escaped(line.detail) + "</bdi></small>") +
            time_cell(line.first_seen, snapshot.time, language) + number_cell(line.tries) + "</tr>\n";
  text += "</table></div>";
  if (snapshot.quarantine.size() < snapshot.quarantined)
    text += "<p>" + text_of(language, "只列出前 ", "Only the first ") + grouped(snapshot.quarantine.size()) +
            text_of(language, " 行。", " are listed.") + "</p>";
  return text + "<p class=\"next\"><b>" + text_of(language, "下一步：", "Next: ") +
         "</b><code>qianzhi quarantine show ID</code> · <code>qianzhi quarantine retry ID</code> · "
         "<code>qianzhi quarantine skip ID --reason …</code></p></section>\n";
}

std::string stages_html(const Snapshot& snapshot, Language language) {
  if (snapshot.stages.empty()) return {};
  std::string text =
      opening("stages", text_of(language, "环节", "Stages"),
              {{"环节", "Stage"}, {"状态", "State"}, {"始于", "Since"}, {"运行次数", "Runs", true}}, language);
  for (const flow::StageStatus& stage : snapshot.stages) {
    const bool fails = !stage.error_code.empty();
    text += "<tr>" + cell(name_html(stage.name)) + state_cell(state_of(stage), stage.error_code, language) +
            (fails ? time_cell(stage.error_since, snapshot.time, language) : cell("–")) + number_cell(stage.runs) +
            "</tr>\n";
  }
  return text + std::string(closing);
}

}  // namespace qianzhi::status
