#include "agent/desk/lookup/page.h"

#include "hub-protocol/base/codes.h"

namespace qianzhi::desk::lookup {

namespace {

using html::escaped;
using html::Language;

std::string words(const PageState& state, std::string_view zh, std::string_view en) {
  return html::text_of(state.language, zh, en);
}

std::string framed(const PageState& state, const std::string& content) {
  const bool is_zh = state.language == Language::zh;
  const std::string title = words(state, "本部门数据查询", "Local lookup");
  std::string page = "<!doctype html>\n<html lang=\"" + std::string(is_zh ? "zh-CN" : "en") +
                     "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" +
                     title + "</title><link rel=\"stylesheet\" href=\"/page.css\"></head><body><header><div><h1>" +
                     title + "</h1></div><div>";
  if (state.account != nullptr)
    page += "<form method=\"post\" action=\"/logout\"><p>" + escaped(state.account->id) + " <button>" +
            words(state, "退出", "Sign out") + "</button></p></form>";
  page += std::string("<p><a href=\"/?lang=") + (is_zh ? "en\" lang=\"en\">English" : "zh\" lang=\"zh-CN\">中文") +
          "</a></p></div></header><main>" + content + "</main></body></html>\n";
  return page;
}

std::string refusal(const PageState& state) {
  if (state.code.empty()) return {};
  const auto explanation = explain(state.code);
  std::string text =
      "<section class=\"verdict attention\" role=\"alert\"><p><strong>" + escaped(state.code) + "</strong> ";
  if (explanation)
    text += words(state, explanation->title_zh, explanation->title_en) + "</p><p class=\"next\">" +
            words(state, explanation->next_zh, explanation->next_en);
  return text + "</p></section>";
}

std::string option(const std::string& value, const std::string& label, const std::string& chosen) {
  return "<option value=\"" + escaped(value) + "\"" + (value == chosen ? " selected" : "") + ">" + escaped(label) +
         "</option>";
}

std::string way_label(const PageState& state, SearchBy by) {
  switch (by) {
    case SearchBy::code: return words(state, "代码", "code");
    case SearchBy::name: return words(state, "名称", "name");
    case SearchBy::initials: break;
  }
  return words(state, "拼音首字母", "pinyin initials");
}

std::string field(const std::string& name, const std::string& label, const std::string& value) {
  return "<p><label for=\"" + name + "\">" + label + "</label> <input id=\"" + name + "\" name=\"" + name +
         "\" maxlength=\"200\" autocomplete=\"off\" required value=\"" + escaped(value) + "\"></p>";
}

std::string form(const LookupConfig& config, const PageState& state) {
  std::string text =
      "<form method=\"post\" action=\"/search?lang=" + std::string(state.language == Language::zh ? "zh" : "en") +
      "\"><p><label for=\"subject\">" + words(state, "查什么", "What") +
      "</label> <select id=\"subject\" name=\"subject\">";
  for (const Subject& subject : config.subjects)
    if (state.role->subjects.count(subject.id) != 0)
      text += option(subject.id, words(state, subject.title, subject.title_en), state.question.subject);
  text += "</select> <label for=\"by\">" + words(state, "按", "By") + "</label> <select id=\"by\" name=\"by\">";
  for (const SearchBy by : state.role->search)
    text += option(std::string(word_of(by)), way_label(state, by), state.question.by);
  text += "</select></p>" + field("text", words(state, "内容", "Text"), state.question.text) +
          field("purpose", words(state, "用途（记入日志）", "Purpose (it is kept)"), state.question.purpose);
  return text + "<p><button>" + words(state, "查询", "Search") + "</button></p></form>";
}

std::string results(const LookupConfig& config, const PageState& state) {
  if (!state.answer) return {};
  const Answer& answer = *state.answer;
  const Subject* subject = config.subject(state.question.subject);
  std::string text = "<section><h2>" + words(state, "结果", "Results") + "</h2><p role=\"status\">" +
                     words(state, "找到 ", "Found ") + std::to_string(answer.hits.size());
  if (answer.has_more) text += words(state, " 条，还有更多，请写得更完整", "; there are more: write more of it");
  text += "</p>";
  if (answer.hits.empty() || subject == nullptr) return text + "</section>";
  text += "<div class=\"wide\"><table><thead><tr>";
  for (const auto& [item, value] : answer.hits.front().items) {
    const auto title = subject->titles.find(item);
    text += "<th scope=\"col\">" + escaped(title == subject->titles.end() ? item : title->second) + "</th>";
  }
  text += "</tr></thead><tbody>";
  for (const Hit& hit : answer.hits) {
    text += "<tr>";
    for (const auto& [item, value] : hit.items) text += "<td>" + escaped(value) + "</td>";
    text += "</tr>";
  }
  return text + "</tbody></table></div></section>";
}

}  // namespace

std::string login_page(const PageState& state) {
  return framed(state, refusal(state) + "<form method=\"post\" action=\"/login\"><p><label for=\"token\">" +
                           words(state, "口令", "Token") +
                           "</label> <input id=\"token\" name=\"token\" type=\"password\" autocomplete=\"off\" "
                           "required> <button>" +
                           words(state, "登录", "Sign in") + "</button></p></form>");
}

std::string search_page(const LookupConfig& config, const PageState& state) {
  return framed(state, refusal(state) + form(config, state) + results(config, state));
}

}  // namespace qianzhi::desk::lookup
