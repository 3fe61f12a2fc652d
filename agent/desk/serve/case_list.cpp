#include <algorithm>
#include <set>

#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

constexpr std::size_t cases_a_page = 50;
constexpr std::size_t longest_filter = 200;

void require_short_filters(const web::Fields& fields) {
  for (const auto& [name, value] : fields)
    if (value.size() > longest_filter) throw Error(ErrorKind::rejected, "QZ-DSK-124", "a filter is too long");
}

std::vector<Choice> rule_choices(const Visit& visit) {
  std::vector<Choice> choices{{"", visit.text("全部", "all")}};
  for (const CaseRule& rule : visit.rooms.cases.work.cases.rules)
    choices.push_back({rule.rule, rule_words(visit, rule.rule)});
  return choices;
}

std::vector<Choice> office_choices(const Visit& visit) {
  std::vector<Choice> choices{{"", visit.text("全部", "all")}};
  std::set<std::string> offices;
  for (const CaseRule& rule : visit.rooms.cases.work.cases.rules) {
    for (const auto& [area, office] : rule.offices) offices.insert(office);
    if (!rule.default_office.empty()) offices.insert(rule.default_office);
  }
  for (const std::string& office : offices) {
    const auto& own = visit.staff->offices;
    if (own.empty() || std::find(own.begin(), own.end(), office) != own.end()) choices.push_back({office, office});
  }
  return choices;
}

std::string filter_form(const Visit& visit, const web::Fields& fields) {
  std::vector<Choice> states{{"", visit.text("在办", "open")}};
  for (const char* state : {"open", "assigned", "warned", "urged", "visited", "closed"})
    states.push_back({state, state_words(visit, state)});
  const bool is_mine = field_of(fields, "mine") == "1";
  return "<form method=\"get\" action=\"/cases\" class=\"filters\" role=\"search\">" +
         select("rule", visit.text("规则", "Rule"), rule_choices(visit), field_of(fields, "rule")) +
         input("area", visit.text("区划", "Area"), "maxlength=\"40\" autocomplete=\"off\"", field_of(fields, "area")) +
         select("office", visit.text("承办单位", "Office"), office_choices(visit), field_of(fields, "office")) +
         select("state", visit.text("阶段", "Stage"), states, field_of(fields, "state")) +
         select("due", visit.text("期限", "Due"),
                {{"", visit.text("全部", "all")},
                 {"late", visit.text("已逾期", "overdue")},
                 {"today", visit.text("今日到期", "today")}},
                field_of(fields, "due")) +
         "<p class=\"field flag\"><input type=\"checkbox\" id=\"mine\" name=\"mine\" value=\"1\"" +
         (is_mine ? " checked" : "") + "><label for=\"mine\">" + visit.text("只看我的", "Mine only") +
         "</label></p><p class=\"field\"><button>" + visit.text("筛选", "Filter") + "</button></p></form>\n" +
         // What somebody looks for stands in no address, history or log.
         "<form method=\"post\" action=\"/cases\" class=\"filters\" role=\"search\">" + token_field(visit) +
         input("text", visit.text("名称或号码中的一部分", "Part of the name or number"),
               "maxlength=\"60\" required autocomplete=\"off\"", field_of(fields, "text")) +
         "<p class=\"field\"><button>" + visit.text("查找", "Find") + "</button></p></form>\n";
}

std::string list_html(const Visit& visit, const std::vector<CaseFile>& files) {
  Sheet sheet(visit.text("案件，先到期的在前", "Cases, due first come first"),
              {visit.text("编号", "Number"), visit.text("名称", "Name"), visit.text("号码", "Subject"),
               visit.text("阶段", "Stage"), visit.text("期限", "Due"), visit.text("区划", "Area"),
               visit.text("承办单位", "Office"), visit.text("承办人", "Assignee"), visit.text("结果", "Outcome")});
  for (const CaseFile& file : files) {
    const std::string number = std::to_string(file.id);
    const CaseRule* rule = visit.rooms.cases.work.cases.rule(file.rule);
    sheet.row({"<a href=\"/cases/" + number + "\">" + number + "</a>",
               "<a class=\"title\" href=\"/cases/" + number + "\">" +
                   escaped(file.title.empty() ? file.subject : file.title) + "</a><br><small>" +
                   escaped(rule_words(visit, file.rule)) +
                   (file.appeal_of != 0 ? " · " + visit.text("复核", "second check") : "") + "</small>",
               "<span class=\"whole\">" + escaped(file.subject) + "</span>", state_html(visit, file.state),
               due_html(visit, file), escaped(file.area), escaped(file.office), escaped(file.assignee),
               escaped(outcome_words(visit, rule, file.outcome))});
  }
  return sheet.html();
}

std::string next_page(const Visit& visit, const web::Fields& fields, const CaseFile& last) {
  const std::string place = last.due + "," + std::to_string(last.id);
  const std::string label = visit.text("下一页", "Next page");
  if (!field_of(fields, "text").empty())
    return "<form method=\"post\" action=\"/cases\" class=\"after\">" + token_field(visit) +
           "<input type=\"hidden\" name=\"text\" value=\"" + escaped(field_of(fields, "text")) +
           "\"><input type=\"hidden\" name=\"after\" value=\"" + place + "\"><button class=\"quiet\">" + label +
           "</button></form>\n";
  std::vector<std::pair<std::string_view, std::string>> query;
  for (const char* name : {"rule", "area", "office", "state", "due", "mine"})
    query.emplace_back(name, field_of(fields, name));
  query.emplace_back("after", place);
  return "<p class=\"actions\"><a class=\"action\" href=\"" + address("/cases", query) + "\">" + label + "</a></p>\n";
}

}  // namespace

CaseFilter filter_in(const Visit& visit, const web::Fields& fields) {
  require_short_filters(fields);
  CaseFilter filter;
  filter.rule = field_of(fields, "rule");
  filter.area = field_of(fields, "area");
  filter.office = field_of(fields, "office");
  filter.state = field_of(fields, "state");
  filter.text = field_of(fields, "text");
  if (field_of(fields, "mine") == "1") filter.assignee = visit.account->id;
  const std::string today = date_text(beijing_day(visit.clock.now()));
  const std::string due = field_of(fields, "due");
  if (due == "late") filter.due_before = today;
  if (due == "today") filter.due_on = today;
  // A search goes through those that have ended, too.
  filter.is_open = filter.state.empty() && filter.text.empty();
  return filter;
}

std::optional<CasePlace> place_in(const web::Fields& fields) {
  const std::string text = field_of(fields, "after");
  if (text.empty()) return std::nullopt;
  const std::size_t comma = std::min(text.find(','), text.size() - 1);
  const auto id = number_in(std::string_view(text).substr(comma + 1));
  if (!id) throw Error(ErrorKind::rejected, "QZ-DSK-124", "after");
  return CasePlace{text.substr(0, comma), *id};
}

web::Reply case_list_page(Visit& visit, const web::Fields& fields) {
  std::vector<CaseFile> files;
  {
    const Door::Pass pass = visit.rooms.cases.door.enter();
    files = visit.rooms.cases.desk.list_by_due(visit.account->id, filter_in(visit, fields), place_in(fields),
                                               cases_a_page + 1);
  }
  const bool has_more = files.size() > cases_a_page;
  if (has_more) files.pop_back();
  std::string content = filter_form(visit, fields);
  if (files.empty())
    content += "<p class=\"none after\" role=\"status\">" + visit.text("没有符合条件的案件。", "No case fits this.") +
               "</p>\n";
  else
    content += list_html(visit, files);
  if (has_more) content += next_page(visit, fields, files.back());
  return framed(visit, visit.pick("案件", "Cases"), "/cases", content);
}

}  // namespace qianzhi::desk::serve
