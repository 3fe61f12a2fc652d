#include "agent/desk/cases/case_text.h"

#include "hub-protocol/base/cells.h"

namespace qianzhi::desk {

namespace {

std::string pair_text(std::string_view name, std::string_view value) {
  return json_text(name) + ":" + json_text(value);
}

std::string time_text(Micros time) { return time == 0 ? std::string() : beijing_text(time); }

// The members of a case, without the braces.
std::string members_of(const CaseFile& file) {
  std::string json = R"("number":)" + std::to_string(file.id);
  const std::pair<std::string_view, const std::string*> texts[] = {
      {"rule", &file.rule},           {"subject", &file.subject},
      {"party", &file.party},         {"area", &file.area},
      {"title", &file.title},         {"kind", &file.kind},
      {"since", &file.since},         {"level", &file.level},
      {"state", &file.state},         {"office", &file.office},
      {"assignee", &file.assignee},   {"due", &file.due},
      {"purpose", &file.purpose},     {"basis", &file.basis},
      {"outcome", &file.outcome},     {"outcome_time", &file.outcome_time},
      {"closed_by", &file.closed_by}, {"exempt_reason", &file.exempt_reason}};
  for (const auto& [name, text] : texts) json += "," + pair_text(name, *text);
  json += "," + pair_text("opened", time_text(file.opened)) + "," + pair_text("closed", time_text(file.closed));
  json += R"(,"on_time":)" + std::string(!file.on_time ? "null" : *file.on_time ? "true" : "false");
  json += R"(,"urges":)" + std::to_string(file.urges) + R"(,"visits":)" + std::to_string(file.visits);
  json += R"(,"appeal_of":)" + std::to_string(file.appeal_of) + R"(,"persons":)" + std::to_string(file.persons);
  return json;
}

std::string line_text(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return std::string(name).append("  ").append(value).append("\n");
}

}  // namespace

std::string to_text(const std::vector<CaseFile>& files) {
  std::string text;
  for (const CaseFile& file : files) {
    text += std::to_string(file.id) + "  " + file.state + "  " + file.subject + "  " + file.title + "  " +
            (file.area.empty() ? "-" : file.area) + "  " + (file.office.empty() ? "-" : file.office) + "  " +
            (file.due.empty() ? "-" : file.due) + "  " + (file.outcome.empty() ? "-" : file.outcome) + "\n";
  }
  return text;
}

std::string to_text(const CaseView& view, const CaseRule* rule) {
  const CaseFile& file = view.file;
  const OutcomeKind* kind = rule == nullptr ? nullptr : rule->outcome(file.outcome);
  std::string text = line_text("案件 case", std::to_string(file.id)) + line_text("规则 rule", file.rule) +
                     line_text("对象 subject", file.subject) + line_text("名称 title", file.title) +
                     line_text("责任部门 party", file.party) + line_text("区域 area", file.area) +
                     line_text("起算日 since", file.since) + line_text("期限 due", file.due) +
                     line_text("状态 state", file.state) + line_text("承办 office", file.office) +
                     line_text("承办人 assignee", file.assignee) + line_text("用途 purpose", file.purpose) +
                     line_text("依据 basis", file.basis) +
                     line_text("结果 outcome", kind == nullptr ? file.outcome : kind->title + " / " + kind->title_en) +
                     line_text("免办理由 exempt", file.exempt_reason) + line_text("结案 closed", file.closed_by);
  if (file.on_time) text += line_text("按时 on time", *file.on_time ? "是 yes" : "否 no");
  if (file.appeal_of != 0) text += line_text("申诉自 appeal of", std::to_string(file.appeal_of));
  for (const CasePerson& person : view.persons)
    text += line_text("当事人 person", person.name + "  " + person.document);
  for (const CaseStep& step : view.steps)
    text += "  " + beijing_text(step.time) + "  " + step.who + "  " + step.what +
            (step.note.empty() ? std::string() : "  " + step.note) + "\n";
  return text;
}

std::string to_json(const std::vector<CaseFile>& files) {
  std::string json = "[";
  for (const CaseFile& file : files) json.append(json.size() > 1 ? "," : "").append("{" + members_of(file) + "}");
  return json + "]\n";
}

std::string to_json(const CaseView& view) {
  std::string json = "{" + members_of(view.file) + R"(,"version":)" + std::to_string(view.version) + R"(,"people":[)";
  bool first = true;
  for (const CasePerson& person : view.persons) {
    json.append(first ? "{" : ",{").append(pair_text("name", person.name)).append(",");
    json.append(pair_text("document", person.document)).append("}");
    first = false;
  }
  json += R"(],"history":[)";
  first = true;
  for (const CaseStep& step : view.steps) {
    json.append(first ? "{" : ",{").append(pair_text("time", beijing_text(step.time))).append(",");
    json.append(pair_text("who", step.who)).append(",").append(pair_text("what", step.what)).append(",");
    json.append(pair_text("note", step.note)).append("}");
    first = false;
  }
  return json + "]}\n";
}

}  // namespace qianzhi::desk
