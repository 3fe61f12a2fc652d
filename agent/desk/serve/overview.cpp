#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

constexpr std::string_view all_stages[] = {"open", "assigned", "warned", "urged", "visited"};

std::string figure(std::int64_t number, const std::string& label, const std::string& where, std::string_view kind) {
  return "<li><a href=\"" + where + "\"><b" + (kind.empty() ? "" : " class=\"" + std::string(kind) + "\"") + ">" +
         html::grouped(static_cast<std::uint64_t>(number)) + "</b><span>" + label + "</span></a></li>\n";
}

std::string figures_of(const Visit& visit, const CaseOverview& overview, const std::string& rule) {
  const OpenCases& all = overview.all;
  std::string text = "<ul class=\"figures\">";
  text += figure(all.open, visit.text("在办案件", "open cases"), address("/cases", {{"rule", rule}}), "");
  text += figure(all.overdue, visit.text("已逾期", "overdue"), address("/cases", {{"rule", rule}, {"due", "late"}}),
                 all.overdue == 0 ? "" : "fail");
  text += figure(all.due_today, visit.text("今日到期", "due today"),
                 address("/cases", {{"rule", rule}, {"due", "today"}}), all.due_today == 0 ? "" : "warn");
  for (const std::string_view stage : all_stages) {
    const auto found = all.stages.find(std::string(stage));
    if (found != all.stages.end())
      text += figure(found->second, escaped(state_words(visit, stage)),
                     address("/cases", {{"rule", rule}, {"state", std::string(stage)}}), "");
  }
  return text + "</ul>\n";
}

// A linked number; none stands out less.
std::string linked(std::int64_t number, const std::string& where) {
  if (number == 0) return "<span class=\"none\">0</span>";
  return "<a href=\"" + where + "\">" + html::grouped(static_cast<std::uint64_t>(number)) + "</a>";
}

std::string by_group(const Visit& visit, const std::string& title, std::string_view parameter,
                     const std::map<std::string, OpenCases>& groups, const std::string& rule) {
  std::vector<std::string> heads = {title, visit.text("在办", "open"), visit.text("逾期", "overdue"),
                                    visit.text("今日到期", "due today")};
  for (const std::string_view stage : all_stages) heads.push_back(escaped(state_words(visit, stage)));
  Sheet sheet(visit.text("按", "By ") + title, heads);
  sheet.numbers({1, 2, 3, 4, 5, 6, 7, 8});
  for (const auto& [name, cases] : groups) {
    const std::string& group = name;
    const auto where = [&](std::string_view more, const std::string& value) {
      return address("/cases", {{"rule", rule}, {parameter, group}, {more, value}});
    };
    std::vector<std::string> cells = {group.empty() ? visit.text("（无）", "(none)") : escaped(group),
                                      linked(cases.open, where("x", "")), linked(cases.overdue, where("due", "late")),
                                      linked(cases.due_today, where("due", "today"))};
    for (const std::string_view stage : all_stages) {
      const auto found = cases.stages.find(std::string(stage));
      cells.push_back(linked(found == cases.stages.end() ? 0 : found->second, where("state", std::string(stage))));
    }
    sheet.row(cells);
  }
  return "<section>" + sheet.html() + "</section>\n";
}

std::string rule_links(const Visit& visit, const std::string& chosen) {
  const auto& rules = visit.rooms.cases.work.cases.rules;
  if (rules.size() < 2) return {};
  std::string text = "<p class=\"tabs\">";
  const auto link = [&](const std::string& rule, const std::string& label) {
    text += "<a href=\"" + address("/", {{"rule", rule}}) + "\"" + (rule == chosen ? " aria-current=\"true\"" : "") +
            ">" + escaped(label) + "</a> ";
  };
  link("", visit.text("全部规则", "All rules"));
  for (const CaseRule& rule : rules) link(rule.rule, rule_words(visit, rule.rule));
  return text + "</p>\n";
}

}  // namespace

web::Reply overview_page(Visit& visit) {
  const std::string rule = visit.parameter("rule");
  std::string content = verdict_html(visit);
  CaseOverview overview;
  {
    const Door::Pass pass = visit.rooms.cases.door.enter();
    overview = visit.rooms.cases.desk.overview(visit.account->id, rule);
  }
  content += figures_of(visit, overview, rule) + rule_links(visit, rule);
  if (overview.all.open == 0)
    content += "<p class=\"none after\">" + visit.text("没有在办案件。", "No open cases.") + "</p>\n";
  else
    content += by_group(visit, visit.text("区划", "area"), "area", overview.areas, rule) +
               by_group(visit, visit.text("承办单位", "office"), "office", overview.offices, rule);
  content += "<p class=\"actions\"><a class=\"action\" href=\"" + address("/cases", {{"mine", "1"}, {"rule", rule}}) +
             "\">" + visit.text("我的案件", "My cases") + "</a>";
  if (visit.is_head())
    content += "<a class=\"action\" href=\"/cases/new\">" + visit.text("人工立案", "Open a case") + "</a>";
  if (visit.is_everywhere() && !visit.rooms.cases.work.cases.rules.empty())
    content +=
        "<a class=\"action\" href=\"/figures\">" + visit.text("登记与催办统计", "Registrations and urging") + "</a>";
  return framed(visit, visit.pick("总览", "Overview"), "/", content + "</p>\n");
}

}  // namespace qianzhi::desk::serve
