#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

// One thing to be done with a case: a form that opens when it is wanted.
class Form {
 public:
  Form(const Visit& visit, const CaseView& view, const web::Fields& tried)
      : visit_(visit), view_(view), tried_(tried) {}

  std::string html(std::string_view action, const std::string& label, const std::string& fields) const {
    const bool was_tried = field_of(tried_, "action") == action;
    return "<details class=\"card\"" + std::string(was_tried ? " open" : "") + "><summary>" + label +
           "</summary><form method=\"post\" action=\"/cases/" + std::to_string(view_.file.id) + "/" +
           std::string(action) + "\">" + request_fields(visit_) + "<input type=\"hidden\" name=\"version\" value=\"" +
           std::to_string(view_.version) + "\">" + fields + "<p><button>" + label + "</button></p></form></details>\n";
  }
  // What was typed before it was refused.
  std::string tried(std::string_view action, std::string_view name) const {
    return field_of(tried_, "action") == action ? field_of(tried_, name) : std::string();
  }
  std::string note(std::string_view action, const std::string& label, bool is_required) const {
    const std::string name = is_required ? "reason" : "note";
    const std::string id = name + "-" + std::string(action);
    return "<p class=\"field\"><label for=\"" + id + "\">" + label + "</label><textarea id=\"" + id + "\" name=\"" +
           name + "\" rows=\"2\" maxlength=\"1000\"" + (is_required ? " required" : "") + ">" +
           escaped(tried(action, name)) + "</textarea></p>";
  }

 private:
  const Visit& visit_;
  const CaseView& view_;
  const web::Fields& tried_;
};

std::string outcome_form(const Visit& visit, const Form& form, const CaseRule& rule) {
  std::string fields = "<fieldset><legend>" + visit.text("结果", "Outcome") + "</legend>";
  for (const OutcomeKind& kind : rule.outcomes) {
    const std::string id = "outcome-" + kind.id;
    fields += "<p class=\"flag\"><input type=\"radio\" required name=\"outcome\" id=\"" + escaped(id) + "\" value=\"" +
              escaped(kind.id) + "\"" + (form.tried("outcome", "outcome") == kind.id ? " checked" : "") +
              "><label for=\"" + escaped(id) + "\">" + escaped(visit.text(kind.title, kind.title_en)) +
              (kind.ends ? " <small>" + visit.text("（登记后结案）", "(ends the case)") + "</small>" : "") +
              "</label></p>";
  }
  const std::string today = date_text(beijing_day(visit.clock.now()));
  const std::string day = form.tried("outcome", "day");
  fields += "</fieldset>" +
            input("day", visit.text("日期", "Day"), "type=\"date\" required max=\"" + today + "\"",
                  day.empty() ? today : day) +
            form.note("outcome", visit.text("说明", "Note"), false);
  return form.html("outcome", visit.text("登记结果", "Note the outcome"), fields);
}

std::string assign_form(const Visit& visit, const Form& form, const CaseView& view, const CaseRule* rule) {
  std::set<std::string> offices;
  if (rule != nullptr) {
    for (const auto& [area, office] : rule->offices) offices.insert(office);
    if (!rule->default_office.empty()) offices.insert(rule->default_office);
  }
  if (!view.file.office.empty()) offices.insert(view.file.office);
  std::vector<Choice> choices;
  choices.reserve(offices.size());
  for (const std::string& office : offices) choices.push_back({office, office});
  std::vector<Choice> people{{"", visit.text("（未定）", "(nobody yet)")}};
  for (const Staff& staff : visit.rooms.cases.work.cases.staff) people.push_back({staff.user, staff.user});
  const std::string office = form.tried("assign", "office");
  const std::string person = form.tried("assign", "assignee");
  return form.html(
      "assign", visit.text("分派", "Assign"),
      select("office", visit.text("承办单位", "Office"), choices, office.empty() ? view.file.office : office) +
          select("assignee", visit.text("承办人", "Assignee"), people, person.empty() ? view.file.assignee : person));
}

// What an officer may do.
std::string officer_forms(const Visit& visit, const Form& form, const CaseView& view, const CaseRule* rule) {
  std::string text;
  const bool is_warned = !view.file.is_closed() && view.file.level == "warning";
  if (is_warned)
    text += form.html("urge", visit.text("催办", "Urge"), form.note("urge", visit.text("说明", "Note"), false)) +
            form.html("visit", visit.text("登记上门", "Note a visit"),
                      form.note("visit", visit.text("说明", "Note"), false));
  if (!view.file.is_closed() && rule != nullptr) text += outcome_form(visit, form, *rule);
  if (!view.file.is_closed())
    text += form.html("person", visit.text("增加当事人", "Add a person"),
                      input("name-person", visit.text("姓名", "Name"), "required maxlength=\"60\" autocomplete=\"off\"",
                            form.tried("person", "name")) +
                          input("document-person", visit.text("证件号码", "Document"),
                                "maxlength=\"40\" autocomplete=\"off\"", form.tried("person", "document")));
  return text +
         form.html("note", visit.text("添加备注", "Add a note"), form.note("note", visit.text("备注", "Note"), true));
}

std::string head_forms(const Visit& visit, const Form& form, const CaseView& view, const CaseRule* rule) {
  if (view.file.is_closed())
    return view.file.appeal_of != 0
               ? std::string()
               : form.html("appeal", visit.text("申诉复核", "Appeal"),
                           form.note("appeal", visit.text("申诉理由", "Reason of the appeal"), true));
  return assign_form(visit, form, view, rule) +
         form.html("exempt", visit.text("免办", "Exempt"), form.note("exempt", visit.text("理由", "Reason"), true)) +
         form.html("close", visit.text("终止", "Give up"), form.note("close", visit.text("理由", "Reason"), true));
}

// Of a form or the interface; "丙 110..." a line.
std::vector<CasePerson> persons_in(std::string_view text) {
  std::vector<CasePerson> persons;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty()) continue;
    const std::size_t gap = line.find_last_of(" \t,");
    if (gap == std::string_view::npos)
      persons.push_back({std::string(line), {}});
    else
      persons.push_back({std::string(line.substr(0, gap)), std::string(line.substr(gap + 1))});
  }
  return persons;
}

web::Reply back_to(std::int64_t id, std::string_view done) {
  return web::redirect_to("/cases/" + std::to_string(id) + "?done=" + std::string(done));
}

}  // namespace

std::string case_forms(const Visit& visit, const CaseView& view, const CaseRule* rule, const web::Fields& tried) {
  if (visit.staff == nullptr || visit.staff->role < CaseRole::officer) return {};
  const Form form(visit, view, tried);
  return "<section aria-label=\"" + visit.text("办理", "What can be done") + "\" class=\"works\"><h2>" +
         visit.text("办理", "What can be done") + "</h2>\n" + officer_forms(visit, form, view, rule) +
         (visit.is_head() ? head_forms(visit, form, view, rule) : "") + "</section>\n";
}

CaseAsker asker_in(const Visit& visit, const web::Fields& form) {
  const auto version = number_in(field_of(form, "version"));
  return {visit.account->id, version.value_or(0), field_of(form, "request")};
}

std::optional<std::int64_t> case_action(Visit& visit, std::int64_t id, std::string_view action,
                                        const web::Fields& form) {
  const Door::Pass pass = visit.rooms.cases.door.enter();
  CaseDesk& desk = visit.rooms.cases.desk;
  const CaseAsker asker = asker_in(visit, form);
  const std::string reason = field_of(form, "reason");
  const std::string note = field_of(form, "note");
  if (action == "assign")
    desk.assign(asker, id, field_of(form, "office"), field_of(form, "assignee"));
  else if (action == "urge")
    desk.urge(asker, id, note);
  else if (action == "visit")
    desk.visit(asker, id, note);
  else if (action == "outcome")
    desk.outcome(asker, id, field_of(form, "outcome"), field_of(form, "day"), note);
  else if (action == "exempt")
    desk.exempt(asker, id, reason);
  else if (action == "appeal")
    return desk.appeal(asker, id, reason);
  else if (action == "close")
    desk.close(asker, id, reason);
  else if (action == "note")
    desk.note(asker, id, reason);
  else if (action == "person")
    desk.add_person(asker, id, {field_of(form, "name"), field_of(form, "document")});
  else
    return std::nullopt;
  return id;
}

std::int64_t open_case(Visit& visit, const web::Fields& form) {
  NewCase fresh;
  fresh.rule = field_of(form, "rule");
  fresh.subject = field_of(form, "subject");
  fresh.party = field_of(form, "party");
  fresh.area = field_of(form, "area");
  fresh.title = field_of(form, "title");
  fresh.kind = field_of(form, "kind");
  fresh.since = field_of(form, "since");
  fresh.purpose = field_of(form, "purpose");
  fresh.basis = field_of(form, "basis");
  fresh.persons = persons_in(field_of(form, "persons"));
  const Door::Pass pass = visit.rooms.cases.door.enter();
  return visit.rooms.cases.desk.open(asker_in(visit, form), fresh);
}

web::Reply case_form_reply(Visit& visit, std::int64_t id, std::string_view action, const web::Fields& form) {
  try {
    const auto shown = case_action(visit, id, action, form);
    return shown ? back_to(*shown, action) : not_found_page(visit);
  } catch (const Error& error) {
    // Who may not see the case is told no more than that.
    if (error.kind() != ErrorKind::rejected || error.code() == "QZ-DSK-120" || error.code() == "QZ-DSK-121") throw;
    web::Fields tried = form;
    tried["action"] = action;
    return case_page(visit, id, tried, &error);
  }
}

web::Reply new_case_page(Visit& visit, const web::Fields& tried, const Error* error) {
  if (!visit.is_head()) throw Error(ErrorKind::rejected, "QZ-DSK-121", "cases are opened by a head");
  std::vector<Choice> rules;
  for (const CaseRule& rule : visit.rooms.cases.work.cases.rules)
    rules.push_back({rule.rule, rule_words(visit, rule.rule)});
  const auto line = [&](const char* name, std::string_view zh, std::string_view en, const char* attributes) {
    return input(name, visit.pick(zh, en), attributes, field_of(tried, name));
  };
  std::string content = error == nullptr ? std::string() : error_html(visit, *error);
  content += "<form method=\"post\" action=\"/cases/new\" class=\"card\">" + request_fields(visit) +
             select("rule", visit.text("规则", "Rule"), rules, field_of(tried, "rule")) +
             line("subject", "对象号码", "Subject", "required maxlength=\"80\" autocomplete=\"off\"") +
             line("title", "名称", "Name", "maxlength=\"80\" autocomplete=\"off\"") +
             line("party", "责任部门", "Party", "maxlength=\"40\" autocomplete=\"off\"") +
             line("area", "区划", "Area", "maxlength=\"40\" autocomplete=\"off\"") +
             line("since", "起算日（默认今日）", "Since (today if left out)", "type=\"date\"") +
             line("purpose", "用途", "Purpose", "maxlength=\"80\"") +
             line("basis", "法律依据", "Legal basis", "maxlength=\"80\"") +
             "<p class=\"field\"><label for=\"persons\">" +
             visit.text("当事人，每行一人：姓名 证件号码", "Persons, one a line: name, then document") +
             "</label><textarea id=\"persons\" name=\"persons\" rows=\"3\" maxlength=\"4000\">" +
             escaped(field_of(tried, "persons")) + "</textarea></p><p><button>" + visit.text("立案", "Open") +
             "</button></p></form>\n";
  return framed(visit, visit.pick("人工立案", "Open a case"), "/cases", content,
                error == nullptr ? 200 : status_of(*error));
}

web::Reply new_case_reply(Visit& visit, const web::Fields& form) {
  try {
    return back_to(open_case(visit, form), "open");
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected || error.code() == "QZ-DSK-121") throw;
    return new_case_page(visit, form, &error);
  }
}

}  // namespace qianzhi::desk::serve
