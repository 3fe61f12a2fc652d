#include "agent/desk/serve/pages.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

std::string way_label(const Visit& visit, lookup::SearchBy by) {
  switch (by) {
    case lookup::SearchBy::code: return visit.text("代码", "code");
    case lookup::SearchBy::name: return visit.text("名称", "name");
    case lookup::SearchBy::initials: break;
  }
  return visit.text("拼音首字母", "pinyin initials");
}

std::string search_form(const Visit& visit, const lookup::LookupConfig& config, const lookup::Role& role,
                        const lookup::Question& question) {
  std::vector<Choice> subjects;
  for (const lookup::Subject& subject : config.subjects)
    if (role.subjects.count(subject.id) != 0)
      subjects.push_back({subject.id, visit.text(subject.title, subject.title_en)});
  std::vector<Choice> ways;
  for (const lookup::SearchBy by : role.search) ways.push_back({std::string(word_of(by)), way_label(visit, by)});
  return "<form method=\"post\" action=\"/lookup\" class=\"filters\" role=\"search\">" + token_field(visit) +
         select("subject", visit.text("查什么", "What"), subjects, question.subject) +
         select("by", visit.text("按", "By"), ways, question.by) +
         input("text", visit.text("内容", "Text"), "maxlength=\"200\" autocomplete=\"off\" required", question.text) +
         input("purpose", visit.text("用途（记入日志）", "Purpose (it is kept)"),
               "maxlength=\"200\" autocomplete=\"off\" required", question.purpose) +
         "<p class=\"field\"><button>" + visit.text("查询", "Search") + "</button></p></form>\n";
}

std::string hits_html(const Visit& visit, const lookup::LookupConfig& config, const lookup::Question& question,
                      const lookup::Answer& answer) {
  std::string text = "<p role=\"status\" class=\"after\">" + visit.text("找到 ", "Found ") +
                     std::to_string(answer.hits.size()) + visit.text(" 条", "");
  if (answer.has_more) text += visit.text("，还有更多，请写得更完整", "; there are more: write more of it");
  text += "</p>\n";
  const lookup::Subject* subject = config.subject(question.subject);
  if (answer.hits.empty() || subject == nullptr) return text;
  std::vector<std::string> heads;
  for (const auto& [item, value] : answer.hits.front().items) {
    const auto title = subject->titles.find(item);
    heads.push_back(escaped(title == subject->titles.end() ? item : title->second));
  }
  Sheet sheet(visit.text("结果", "Results"), heads);
  for (const lookup::Hit& hit : answer.hits) {
    std::vector<std::string> cells;
    for (const auto& [item, value] : hit.items) cells.push_back(escaped(value));
    sheet.row(cells);
  }
  return text + sheet.html();
}

}  // namespace

lookup::Answer lookup_answer(Visit& visit, const lookup::Question& question) {
  if (!visit.may_look_up()) throw Error(ErrorKind::rejected, "QZ-DSK-211", "no role");
  const Door::Pass pass = visit.rooms.lookup->door.enter();
  return visit.rooms.lookup->search.ask({visit.account->id, visit.account->lookup}, question);
}

lookup::Question question_in(const web::Fields& fields) {
  return {field_of(fields, "subject"), field_of(fields, "by"), field_of(fields, "text"), field_of(fields, "purpose")};
}

web::Reply lookup_page(Visit& visit, const web::Fields* asked) {
  if (!visit.may_look_up()) throw Error(ErrorKind::rejected, "QZ-DSK-211", "no role");
  const lookup::LookupConfig& config = visit.rooms.lookup->config;
  const lookup::Role& role = config.roles.at(visit.account->lookup);
  const lookup::Question question = asked == nullptr ? lookup::Question() : question_in(*asked);
  std::string content = search_form(visit, config, role, question);
  int status = 200;
  if (asked != nullptr) try {
      content += hits_html(visit, config, question, lookup_answer(visit, question));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::rejected && error.kind() != ErrorKind::full) throw;
      content = error_html(visit, error) + content;
      status = status_of(error);
    }
  return framed(visit, visit.pick("本部门数据查询", "Local lookup"), "/lookup", content, status);
}

}  // namespace qianzhi::desk::serve
