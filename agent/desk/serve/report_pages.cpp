#include "agent/desk/cases/case_statistics.h"
#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

std::string period_form(const Visit& visit, const std::string& path, const std::string& more, bool is_required) {
  const std::string attributes = is_required ? "type=\"date\" required" : "type=\"date\"";
  return "<form method=\"get\" action=\"" + escaped(path) + "\" class=\"filters\">" + more +
         input("from", visit.text("起始日期", "First day"), attributes, visit.parameter("from")) +
         input("to", visit.text("截止日期", "Last day"), attributes, visit.parameter("to")) +
         "<p class=\"field\"><button>" + visit.text("生成", "Make") + "</button></p></form>\n";
}

std::string csv_link(const Visit& visit, const std::string& where) {
  return "<p class=\"actions\"><a class=\"action\" href=\"" + where + "\" download>" +
         visit.text("下载 CSV", "Download CSV") + "</a></p>\n";
}

const Report& report_named(const Visit& visit, const std::string& id) {
  if (visit.rooms.reports != nullptr)
    for (const Report& report : visit.rooms.reports->reports)
      if (report.id == id) return report;
  throw Error(ErrorKind::misuse, "QZ-DSK-003", id);
}

// Reports are about all offices.
void require_reports(Visit& visit, std::string_view what) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  visit.rooms.cases.desk.admit(visit.account->id, what, CaseRole::viewer);
}

CaseGroup group_in(std::string_view name) {
  if (name == "area") return CaseGroup::area;
  if (name == "kind") return CaseGroup::kind;
  if (name == "office") return CaseGroup::office;
  if (name == "party") return CaseGroup::party;
  if (name == "month") return CaseGroup::month;
  return CaseGroup::none;
}

struct FigureOptions {
  std::string rule;
  Days days;
  CaseGroup group = CaseGroup::none;
  bool is_completed = false;
};

// This year, where no period is given.
FigureOptions options_in(const Visit& visit) {
  FigureOptions options;
  const auto& rules = visit.rooms.cases.work.cases.rules;
  options.rule = visit.parameter("rule");
  if (options.rule.empty() && !rules.empty()) options.rule = rules.front().rule;
  const Day today = beijing_day(visit.clock.now());
  const std::string from = visit.parameter("from");
  const std::string to = visit.parameter("to");
  const auto first = day_from(from.empty() ? date_text(today).substr(0, 4) + "-01-01" : from);
  const auto last = day_from(to.empty() ? date_text(today) : to);
  if (!first || !last) throw Error(ErrorKind::misuse, "QZ-DSK-006", "a day");
  options.days = {*first, *last + 1};
  options.group = group_in(visit.parameter("by"));
  options.is_completed = visit.parameter("of") == "completed";
  return options;
}

std::string figures_table(Visit& visit, const FigureOptions& options, const std::string& title) {
  CaseStore& store = visit.rooms.cases.store;
  const CaseRule* rule = visit.rooms.cases.work.cases.rule(options.rule);
  if (!options.is_completed) {
    Sheet sheet(title,
                {visit.text("分组", "Group"), visit.text("收到", "Received"), visit.text("按时登记", "On time"),
                 visit.text("逾期登记", "Late"), visit.text("免办", "Exempt"), visit.text("查找不到", "Not found"),
                 visit.text("其他", "Other"), visit.text("未结", "Open"), visit.text("催办次数", "Urgings"),
                 visit.text("上门次数", "Visits"), visit.text("登记率 %", "Registered %")});
    sheet.numbers({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    for (const ReceivedCases& row : received_cases(store, options.rule, options.days, options.group)) {
      std::vector<std::string> cells{row.group.empty() ? visit.text("合计", "all") : escaped(row.group)};
      for (const std::int64_t number : {row.received.cases, row.on_time.cases, row.late.cases, row.exempt.cases,
                                        row.not_found.cases, row.other.cases, row.open.cases, row.urges, row.visits})
        cells.push_back(html::grouped(static_cast<std::uint64_t>(number)));
      cells.push_back(case_percent(row.on_time.cases + row.late.cases, row.received.cases, 2));
      sheet.row(cells);
    }
    return sheet.html();
  }
  Sheet sheet(title, {visit.text("分组", "Group"), visit.text("结果", "Outcome"), visit.text("案件", "Cases"),
                      visit.text("人数", "Persons"), visit.text("占比 %", "Share %")});
  sheet.numbers({2, 3, 4});
  for (const CompletedCases& row : completed_cases(store, options.rule, options.days, options.group))
    for (const auto& [outcome, count] : row.outcomes)
      sheet.row({row.group.empty() ? visit.text("合计", "all") : escaped(row.group),
                 outcome.empty() ? visit.text("（未登记结果）", "(without outcome)")
                                 : escaped(outcome_words(visit, rule, outcome)),
                 std::to_string(count.cases), std::to_string(count.persons),
                 case_percent(count.cases, row.completed.cases, 2)});
  return sheet.html();
}

}  // namespace

web::Reply reports_page(Visit& visit) {
  require_reports(visit, "reports");
  std::string content = "<ul class=\"list\">";
  if (visit.rooms.reports != nullptr)
    for (const Report& report : visit.rooms.reports->reports)
      content += "<li><a href=\"/reports/" + escaped(web::url_encoded(report.id)) + "\">" +
                 escaped(visit.is_english() ? report.title_en : report.title) + "</a></li>\n";
  if (!visit.rooms.cases.work.cases.rules.empty())
    content += "<li><a href=\"/figures\">" + visit.text("登记与催办统计", "Registrations and urging") +
               "</a></li>\n<li><a href=\"/figures?of=completed\">" + visit.text("办结统计", "Completed cases") +
               "</a></li>\n";
  return framed(visit, visit.pick("报表", "Reports"), "/reports", content + "</ul>\n");
}

web::Reply report_page(Visit& visit, const std::string& id, bool is_csv) {
  require_reports(visit, "report");
  const Report& report = report_named(visit, id);
  const Period period{visit.parameter("from"), visit.parameter("to")};
  for (const std::string& date : {period.from, period.to})
    if (!date.empty() && !day_from(date)) throw Error(ErrorKind::misuse, "QZ-DSK-006", "a day");
  Grid grid;
  {
    ReportRoom& room = *visit.rooms.reports;
    const Door::Pass pass = room.door.enter();
    grid = run_report(room.store, room.judge, report, period, visit.is_english());
  }
  if (is_csv) return csv_reply(id, to_csv(grid));
  const std::string title = visit.is_english() ? report.title_en : report.title;
  grid.title = title;
  const std::string path = "/reports/" + web::url_encoded(id);
  const bool has_dates = !report.is_consistency && !report.base.since.empty();
  std::string content = has_dates ? period_form(visit, path, {}, false) : std::string();
  content += grid_html(grid) + csv_link(visit, address(path + ".csv", {{"from", period.from}, {"to", period.to}}));
  return framed(visit, title, "/reports", content);
}

web::Reply figures_page(Visit& visit, bool is_csv) {
  require_reports(visit, "figures");
  const FigureOptions options = options_in(visit);
  const std::string title = options.is_completed ? visit.text("办结统计", "Completed cases")
                                                 : visit.text("登记与催办统计", "Registrations and urging");
  std::string table;
  {
    const Door::Pass pass = visit.rooms.cases.door.enter();
    CaseStore& store = visit.rooms.cases.store;
    if (is_csv)
      return csv_reply("figures", options.is_completed
                                      ? to_csv(completed_cases(store, options.rule, options.days, options.group))
                                      : to_csv(received_cases(store, options.rule, options.days, options.group)));
    table = figures_table(visit, options, title);
  }
  std::vector<Choice> rules;
  for (const CaseRule& rule : visit.rooms.cases.work.cases.rules)
    rules.push_back({rule.rule, rule_words(visit, rule.rule)});
  const std::vector<Choice> groups{
      {"", visit.text("不分组", "none")},           {"area", visit.text("区划", "area")},
      {"office", visit.text("承办单位", "office")}, {"month", visit.text("月份", "month")},
      {"kind", visit.text("类别", "kind")},         {"party", visit.text("责任部门", "party")}};
  const std::string from = date_text(options.days.first);
  const std::string to = date_text(options.days.end - 1);
  const std::string of = options.is_completed ? "completed" : "";
  std::string content =
      period_form(visit, "/figures",
                  (options.is_completed ? "<input type=\"hidden\" name=\"of\" value=\"completed\">" : "") +
                      select("rule", visit.text("规则", "Rule"), rules, options.rule) +
                      select("by", visit.text("分组", "Group by"), groups, visit.parameter("by")),
                  false) +
      "<p class=\"more\">" + from + " – " + to + "</p>\n" + table +
      csv_link(
          visit,
          address("/figures.csv",
                  {{"rule", options.rule}, {"from", from}, {"to", to}, {"by", visit.parameter("by")}, {"of", of}}));
  return framed(visit, title, "/reports", content);
}

}  // namespace qianzhi::desk::serve
