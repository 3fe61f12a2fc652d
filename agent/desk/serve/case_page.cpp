#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

std::string pair_html(const std::string& name, const std::string& value) {
  if (value.empty()) return {};
  return "<div><dt>" + name + "</dt><dd>" + value + "</dd></div>";
}

std::string case_link(std::int64_t id) {
  return "<a href=\"/cases/" + std::to_string(id) + "\">" + std::to_string(id) + "</a>";
}

std::string ended_by(const Visit& visit, const CaseRule* rule, std::string_view by) {
  if (by == "registered") return visit.text("已登记，自动结案", "registered, closed by itself");
  if (by == "outcome") return visit.text("按办理结果", "by its outcome");
  if (by == "exempt") return visit.text("免办", "exempted");
  if (by == "person") return visit.text("人工终止", "given up");
  return escaped(outcome_words(visit, rule, by));
}

std::string summary(const Visit& visit, const CaseFile& file, const CaseRule* rule) {
  std::string text = "<dl class=\"pairs card\">" + pair_html(visit.text("编号", "Number"), std::to_string(file.id)) +
                     pair_html(visit.text("规则", "Rule"), escaped(rule_words(visit, file.rule))) +
                     pair_html(visit.text("对象号码", "Subject"), escaped(file.subject)) +
                     pair_html(visit.text("责任部门", "Party"), escaped(file.party)) +
                     pair_html(visit.text("区划", "Area"), escaped(file.area)) +
                     pair_html(visit.text("类别", "Kind"), escaped(file.kind)) +
                     pair_html(visit.text("起算日", "Since"), escaped(file.since)) +
                     pair_html(visit.text("期限", "Due"), due_html(visit, file)) +
                     pair_html(visit.text("承办单位", "Office"), escaped(file.office)) +
                     pair_html(visit.text("承办人", "Assignee"), escaped(file.assignee)) +
                     pair_html(visit.text("用途", "Purpose"), escaped(file.purpose)) +
                     pair_html(visit.text("法律依据", "Legal basis"), escaped(file.basis));
  const std::string counts = visit.text("催办 ", "urged ") + std::to_string(file.urges) +
                             visit.text(" 次，上门 ", ", visited ") + std::to_string(file.visits) +
                             visit.text(" 次", "");
  if (file.urges + file.visits > 0) text += pair_html(visit.text("办理", "Work"), counts);
  if (!file.outcome.empty())
    text += pair_html(visit.text("结果", "Outcome"), escaped(outcome_words(visit, rule, file.outcome)) + " <small>" +
                                                         escaped(file.outcome_time) + "</small>");
  text += pair_html(visit.text("免办理由", "Exempt because"), escaped(file.exempt_reason));
  if (file.is_closed())
    text += pair_html(visit.text("结案", "Closed"),
                      ended_by(visit, rule, file.closed_by) + " <small>" + beijing_text(file.closed) + "</small>");
  if (file.on_time)
    text += pair_html(visit.text("按时", "On time"), *file.on_time ? visit.text("是", "yes") : visit.text("否", "no"));
  if (file.appeal_of != 0) text += pair_html(visit.text("复核自", "Second check of"), case_link(file.appeal_of));
  return text + "</dl>\n";
}

std::string persons_html(const Visit& visit, const std::vector<CasePerson>& persons) {
  if (persons.empty()) return {};
  Sheet sheet(visit.text("当事人", "Persons"), {visit.text("姓名", "Name"), visit.text("证件", "Document")});
  for (const CasePerson& person : persons) sheet.row({escaped(person.name), escaped(person.document)});
  return "<section>" + sheet.html() + "</section>\n";
}

std::string evidence_html(Visit& visit, const CaseView& view) {
  if (view.detail.empty()) return {};
  const auto fields = fields_in(visit.rooms.cases.database, view.detail);
  if (!fields || fields->empty()) return {};
  Sheet sheet(visit.text("依据：比对发现的内容", "Evidence: what the comparison found"),
              {visit.text("数据项", "Item"), visit.text("内容", "Value")});
  for (const auto& [item, value] : *fields) sheet.row({escaped(item_words(visit, item)), escaped(value)});
  return "<section>" + sheet.html() + "</section>\n";
}

std::string history_html(const Visit& visit, const CaseView& view, const CaseRule* rule) {
  Sheet sheet(visit.text("经过", "History"), {visit.text("时间", "Time"), visit.text("何人", "Who"),
                                              visit.text("事项", "What"), visit.text("内容", "Note")});
  for (const CaseStep& step : view.steps) {
    std::string note = escaped(step.note);
    if (step.what == "closed") note = ended_by(visit, rule, step.note);
    if (const auto second = number_in(step.note); step.what == "appealed" && second) note = case_link(*second);
    sheet.row({"<span class=\"whole\">" + beijing_text(step.time) + "</span>",
               step.who == "desk" ? visit.text("（自动）", "(by itself)") : escaped(step.who),
               escaped(step_words(visit, rule, step.what)), note});
  }
  return "<section>" + sheet.html() + "</section>\n";
}

// What the one who reads it should do now.
std::string next_step(const Visit& visit, const CaseFile& file) {
  if (file.is_closed()) return visit.text("已结案，无须办理。", "It is closed, nothing is to be done.");
  if (file.level != "warning")
    return visit.text(
        "已提醒企业。期限过后自动预警，之后才能催办和上门。",
        "The firm was noticed. After the due day it is warned by itself; then it can be urged and visited.");
  if (file.state == "visited")
    return visit.text("登记上门结果；企业办理登记后自动结案。",
                      "Note the outcome of the visit; the case closes by itself when the firm registers.");
  return visit.text("催办，或上门核实并登记结果；企业办理登记后自动结案。",
                    "Urge, or visit and note the outcome; the case closes by itself when the firm registers.");
}

std::string told_done(const Visit& visit) {
  struct Done {
    std::string_view name;
    std::string_view zh;
    std::string_view en;
  };
  constexpr Done all[] = {{"assign", "已分派", "It is assigned"},
                          {"urge", "已催办", "It was urged"},
                          {"visit", "已登记上门", "The visit is noted"},
                          {"outcome", "结果已登记", "The outcome is noted"},
                          {"exempt", "已免办并结案", "It is exempted and closed"},
                          {"appeal", "复核案件已立", "The second check is open"},
                          {"close", "已终止并结案", "It is given up and closed"},
                          {"note", "备注已保存", "The note is kept"},
                          {"person", "当事人已增加", "The person is added"},
                          {"open", "案件已立", "The case is open"}};
  const std::string done = visit.parameter("done");
  for (const Done& one : all)
    if (one.name == done) return done_html(visit, visit.pick(one.zh, one.en));
  return {};
}

}  // namespace

web::Reply case_page(Visit& visit, std::int64_t id, const web::Fields& tried, const Error* error) {
  CaseView view;
  std::string evidence;
  {
    const Door::Pass pass = visit.rooms.cases.door.enter();
    view = visit.rooms.cases.desk.show(visit.account->id, id);
    evidence = evidence_html(visit, view);
  }
  const CaseRule* rule = visit.rooms.cases.work.cases.rule(view.file.rule);
  std::string content = error == nullptr ? told_done(visit) : error_html(visit, *error);
  content += "<p class=\"lead\">" + state_html(visit, view.file.state) + " " + next_step(visit, view.file) + "</p>\n" +
             summary(visit, view.file, rule) + case_forms(visit, view, rule, tried) +
             persons_html(visit, view.persons) + evidence + history_html(visit, view, rule);
  const std::string title = view.file.title.empty() ? view.file.subject : view.file.title;
  return framed(visit, title, "/cases", content, error == nullptr ? 200 : status_of(*error));
}

}  // namespace qianzhi::desk::serve
