#include "agent/desk/cases/case_notices.h"

namespace qianzhi::desk {

bool tell_case(NoticeBox& box, CaseStore& store, const CaseNotice& notice, std::string_view word, const CaseFile& file,
               Micros now) {
  if (notice.outlet.empty()) return false;
  Fields values;
  if (file.finding != 0) {
    std::string detail;
    {
      sqlite::Statement statement = store.database().prepare("SELECT detail FROM main.finding WHERE id = ?1");
      statement.bind(1, file.finding);
      if (statement.step()) detail = statement.text(0);
    }
    values = fields_in(store.database(), detail).value_or(Fields());
  }
  values["number"] = std::to_string(file.id);
  values["rule"] = file.rule;
  values["subject"] = file.subject;
  values["party"] = file.party;
  values["area"] = file.area;
  values["title"] = file.title;
  values["kind"] = file.kind;
  values["since"] = file.since;
  values["due"] = file.due;
  values["office"] = file.office;
  values["assignee"] = file.assignee;
  values["urges"] = std::to_string(file.urges);
  std::string subject = std::to_string(file.id) + "/" + std::to_string(file.reopened);
  if (word == "urge") subject += "/" + std::to_string(file.urges);
  const std::string event = std::string("case:").append(word);
  return box.add({notice.outlet, event, subject, json_of(render(notice.fields, values))}, now);
}

}  // namespace qianzhi::desk
