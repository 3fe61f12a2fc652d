#include "agent/desk/serve/health.h"

#include <sys/stat.h>

#include "agent/desk/serve/pages.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/html/frame.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

std::string part_words(const Visit& visit, std::string_view part) {
  if (part == "turn") return visit.text("数据比对程序", "the desk");
  if (part == "days off") return visit.text("休息日", "days off");
  if (part == "records") return visit.text("基础库", "base records");
  if (part == "suggestions") return visit.text("匹配建议", "suggestions of matches");
  if (part == "work") return visit.text("案件与通知", "cases and notices");
  if (part.substr(0, 5) == "rule/") return visit.text("规则 ", "rule ") + rule_words(visit, part.substr(5));
  if (part.substr(0, 5) == "feed/") return visit.text("公开数据 ", "feed ") + std::string(part.substr(5));
  return std::string(part);
}

std::string title_of_code(const Visit& visit, const std::string& code) {
  const auto known = explain(code);
  return known ? visit.text(known->title_zh, known->title_en) : code;
}

HealthFacts facts_of(Visit& visit) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  return health_facts(visit.rooms.cases, visit.rooms.facts.poll, visit.clock.now());
}

std::string complaint_html(const Visit& visit, const Complaint& complaint) {
  std::string text = escaped(title_of_code(visit, complaint.code));
  if (!complaint.part.empty()) text = escaped(part_words(visit, complaint.part)) + visit.text("：", ": ") + text;
  text += " <code>" + escaped(complaint.code) + "</code>";
  if (complaint.since != 0)
    text += " <small>" + visit.text("自 ", "since ") + beijing_text(complaint.since) + "（" +
            html::age_text(complaint.since, visit.clock.now(), visit.language) + "）</small>";
  return text;
}

std::string verdict_of(const Visit& visit, const std::vector<Complaint>& complaints) {
  if (complaints.empty())
    return html::verdict("ok", visit.text("正常", "Well"),
                         visit.text("比对、案件和通知都在正常进行。", "Comparison, cases and notices go on."));
  const Complaint& worst = complaints.front();
  const auto known = explain(worst.code);
  std::string more;
  if (known)
    more += "<dl><div><dt>" + visit.text("原因", "Cause") + "</dt><dd>" +
            escaped(visit.pick(known->cause_zh, known->cause_en)) + "</dd></div><div><dt>" +
            visit.text("下一步", "Next") + "</dt><dd>" + escaped(visit.pick(known->next_zh, known->next_en)) +
            "</dd></div></dl>";
  if (complaints.size() > 1 && visit.is_everywhere())
    more += "<p><a href=\"/health\">" +
            visit.text("还有 " + std::to_string(complaints.size() - 1) + " 项",
                       std::to_string(complaints.size() - 1) + " more") +
            "</a></p>";
  return html::verdict(worst.is_failure ? "fail" : "warn",
                       worst.is_failure ? visit.text("故障", "Failed") : visit.text("注意", "Attention"),
                       complaint_html(visit, worst), more);
}

std::string parts_html(const Visit& visit, const std::vector<PartState>& parts) {
  Sheet sheet(visit.text("各部分", "Parts"), {visit.text("部分", "Part"), visit.text("状态", "State"),
                                              visit.text("最近完成", "Last done"), visit.text("说明", "Detail")});
  for (const PartState& state : parts) {
    const bool is_well = state.failed == 0;
    sheet.row(
        {escaped(part_words(visit, state.part)),
         is_well
             ? "<span class=\"state ok\"><span aria-hidden=\"true\">●</span> " + visit.text("正常", "well") + "</span>"
             : "<span class=\"state fail\"><span aria-hidden=\"true\">✕</span> " +
                   escaped(title_of_code(visit, state.code)) + "</span> <code>" + escaped(state.code) + "</code>",
         state.well == 0 ? "–" : "<span class=\"whole\">" + beijing_text(state.well) + "</span>",
         visit.is_head() ? escaped(state.detail) : std::string()});
  }
  return "<section>" + sheet.html() + "</section>\n";
}

Micros changed_at(const std::filesystem::path& file) {
  Micros newest = 0;
  for (const char* end : {"", "-wal"}) {
    struct stat status {};
    if (::stat((file.string() + end).c_str(), &status) == 0 && status.st_size > 0)
      newest = std::max(newest, Micros{status.st_mtim.tv_sec} * 1'000'000 + status.st_mtim.tv_nsec / 1000);
  }
  return newest;
}

std::string received_html(const Visit& visit) {
  if (visit.rooms.facts.received.empty()) return {};
  Sheet sheet(visit.text("收到的数据", "Received data"),
              {visit.text("名称", "Name"), visit.text("最近写入", "Last written")});
  for (const ReceivedFile& file : visit.rooms.facts.received) {
    const Micros time = changed_at(file.file);
    sheet.row({escaped(file.name), time == 0
                                       ? visit.text("没有文件", "no file")
                                       : "<span class=\"whole\">" + beijing_text(time) + "</span> <small>" +
                                             html::age_text(time, visit.clock.now(), visit.language) + "</small>"});
  }
  return "<section>" + sheet.html() + "</section>\n";
}

std::string rejected_html(Visit& visit) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  sqlite::Statement rows = visit.rooms.cases.database.prepare(
      "SELECT source, key, code, reason, time FROM main.case_rejected WHERE resolved = 0 ORDER BY time DESC LIMIT 50");
  Sheet sheet(visit.text("没有采用的办理结果", "Outcomes that were not applied"),
              {visit.text("来源", "Source"), visit.text("主键", "Key"), visit.text("原因", "Reason"),
               visit.text("时间", "Time")});
  while (rows.step())
    sheet.row({escaped(rows.text(0)), escaped(rows.text(1)),
               escaped(title_of_code(visit, rows.text(2))) + " <code>" + escaped(rows.text(2)) + "</code>",
               "<span class=\"whole\">" + beijing_text(rows.integer(4)) + "</span>"});
  return sheet.empty() ? std::string() : "<section>" + sheet.html() + "</section>\n";
}

}  // namespace

std::string verdict_html(Visit& visit) { return verdict_of(visit, complaints_of(facts_of(visit))); }

web::Reply health_page(Visit& visit) {
  {
    const Door::Pass pass = visit.rooms.cases.door.enter();
    visit.rooms.cases.desk.admit(visit.account->id, "health", CaseRole::viewer);
  }
  const HealthFacts facts = facts_of(visit);
  const std::vector<Complaint> complaints = complaints_of(facts);
  std::string content = verdict_of(visit, complaints);
  if (complaints.size() > 1) {
    content += "<ul class=\"findings\">";
    for (const Complaint& complaint : complaints)
      content += "<li class=\"" + std::string(complaint.is_failure ? "fail" : "warn") + "\">" +
                 complaint_html(visit, complaint) + "</li>\n";
    content += "</ul>\n";
  }
  content += parts_html(visit, facts.parts) + received_html(visit) + (visit.is_head() ? rejected_html(visit) : "");
  return framed(visit, visit.pick("运行状况", "State"), "/health", content);
}

}  // namespace qianzhi::desk::serve
