#include "hub-protocol/admin/call.h"
#include "hub-protocol/admin/pages.h"
#include "hub-protocol/admin/verb_fields.h"
#include "hub-protocol/html/frame.h"

namespace qianzhi::admin {

namespace {

using accounts::Role;
using html::escaped;

// One's own password is changed on the own account's page.
bool may(const Visit& visit, const VerbInfo& verb) {
  if (verb.name == "account password") return false;
  return verb.role == Role::anyone || verb.role == visit.visitor->account.role;
}

constexpr std::size_t shown_at_most = 20'000;  // of an attachment; all of it: pending show

// Verbs that are about no role but change something.
bool asks_to_confirm(const VerbInfo& verb) {
  return verb.role != Role::anyone || verb.name == "approve" || verb.name == "refuse";
}

// "/verb/grant.add" -> the verb "grant add".
const VerbInfo* verb_at(const Visit& visit) {
  std::string name = visit.request.path.substr(6);
  for (char& c : name)
    if (c == '.') c = ' ';
  return verb_named(visit.desk, name);
}

std::string path_of(const VerbInfo& verb) {
  std::string path = verb.name;
  for (char& c : path)
    if (c == ' ') c = '.';
  return "/verb/" + path;
}

std::string usage(const Visit& visit, const VerbInfo& verb) {
  std::string text =
      "<p class=\"more usage\"><code>qianzhi-hub " + escaped(verb.name + " " + verb.arguments) + "</code>";
  if (verb.role != Role::anyone)
    text += " · " + visit.text(accounts::title_zh(verb.role), accounts::name_of(verb.role)) +
            visit.text("", " administrator");
  return text + "</p>\n";
}

std::string choice_text(const Visit& visit, const std::string& choice) {
  for (const Role role : {Role::system, Role::security, Role::audit})
    if (choice == accounts::name_of(role)) return visit.text(accounts::title_zh(role), choice);
  return escaped(choice);
}

std::string select_html(const Visit& visit, const std::string& attributes, const VerbField& field,
                        const std::string& value) {
  std::string text = "<select " + attributes + ">";
  if (!field.is_required) text += "<option value=\"\">–</option>";
  for (const std::string& choice : field.choices)
    text += "<option value=\"" + escaped(choice) + "\"" + (choice == value ? " selected" : "") + ">" +
            choice_text(visit, choice) + "</option>";
  return text + "</select>";
}

std::string field_html(const Visit& visit, const VerbField& field, std::size_t number, const std::string& value) {
  const std::string id = "f" + std::to_string(number);
  const std::string attributes = "id=\"" + id + "\" name=\"" + id + "\"" + (field.is_required ? " required" : "");
  const std::string optional = field.is_required ? "" : " <small>" + visit.text("可选", "optional") + "</small>";
  if (field.kind == VerbField::Kind::flag)
    return "<p class=\"field flag\"><input type=\"checkbox\" value=\"1\" " + attributes +
           (value.empty() ? "" : " checked") + "><label for=\"" + id + "\">" + key_html(visit, field.name) +
           "</label></p>";
  std::string key = field.name;
  for (char& c : key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '-') c = '_';
  }
  const std::string control =
      field.choices.empty()
          ? "<input " + attributes + " spellcheck=\"false\" autocomplete=\"off\" value=\"" + escaped(value) + "\">"
          : select_html(visit, attributes, field, value);
  return "<p class=\"field\"><label for=\"" + id + "\">" + key_html(visit, key) + optional + "</label>" + control +
         "</p>";
}

std::string words_html(const Visit& visit, std::string_view words) {
  return "<p class=\"field\"><label for=\"words\">" + visit.text("参数", "Arguments") +
         "</label><input id=\"words\" name=\"words\" class=\"long\" spellcheck=\"false\" autocomplete=\"off\" "
         "aria-describedby=\"words-hint\" value=\"" +
         escaped(words) + "\"><small id=\"words-hint\">" +
         visit.text("以空格分开；含空格的内容加引号", "between spaces; put what holds spaces in quotes") +
         "</small></p>";
}

std::string form_of(const Visit& visit, const VerbInfo& verb, std::string_view words, std::string_view attachment) {
  std::string text = "<form method=\"post\" action=\"" + path_of(verb) + "\" class=\"card\">" + token_field(visit);
  if (const auto fields = fields_of(verb.arguments)) {
    const std::vector<std::string> values = values_of(*fields, split_words(words));
    for (std::size_t i = 0; i < fields->size(); ++i) text += field_html(visit, (*fields)[i], i, values[i]);
  } else {
    text += words_html(visit, words);
  }
  if (verb.arguments.find("--from") != std::string::npos || !attachment.empty())
    text += "<p class=\"field\"><label for=\"attachment\">" +
            visit.text("文件内容（代替 --from）", "The file's content (instead of --from)") +
            "</label><textarea id=\"attachment\" name=\"attachment\" rows=\"8\">" + escaped(attachment) +
            "</textarea></p>";
  return text + "<p><button>" +
         (asks_to_confirm(verb) ? visit.text("下一步：核对", "Next: check it") : visit.text("执行", "Run")) +
         "</button></p></form>\n";
}

// What a decision is about: the verb that waits under this number, and what came with it.
std::string waiting_html(const Visit& visit, const VerbInfo& verb, const std::string& words) {
  const std::vector<std::string> parts = split_words(words);
  if ((verb.name != "approve" && verb.name != "refuse") || parts.empty()) return {};
  try {
    const auto shown = json_from(visit.run({"pending", "show", parts[0], "--json"}));
    // What came with it may be no text at all.
    if (!shown) return answer_html(visit, visit.run({"pending", "show", parts[0]}).substr(0, shown_at_most));
    std::string text = "<p><code>" + escaped(shown->text_of("verb")) + "</code></p><p>" +
                       visit.text("提出人 ", "Asked by ") + escaped(shown->text_of("asked_by")) + "</p>";
    if (const std::string attachment = shown->text_of("attachment"); !attachment.empty())
      text += answer_html(visit, attachment.substr(0, shown_at_most)) +
              (attachment.size() > shown_at_most ? "<p>…</p>" : "");
    return text;
  } catch (const Error& error) {
    return error_html(visit, error);
  }
}

std::string confirm_form(const Visit& visit, const VerbInfo& verb, const std::string& words,
                         std::string_view attachment) {
  std::string more = "<p><code>" + escaped(verb.name + " " + words) + "</code></p>" + waiting_html(visit, verb, words);
  if (!attachment.empty())
    more += "<p>" + visit.text("附件 ", "Attachment ") + html::octets_text(attachment.size()) + "</p>";
  more += "<form method=\"post\" action=\"" + path_of(verb) + "\">" + token_field(visit) +
          "<input type=\"hidden\" name=\"confirmed\" value=\"1\"><input type=\"hidden\" name=\"words\" value=\"" +
          escaped(words) + "\"><textarea name=\"attachment\" hidden>" + escaped(attachment) +
          "</textarea><p class=\"actions\"><button>" + visit.text("确认执行", "Confirm") + "</button> <a href=\"" +
          path_of(verb) + "?words=" + web::url_encoded(words) + "\">" + visit.text("返回修改", "Go back") +
          "</a></p></form>";
  return html::verdict("warn", visit.text("确认", "Confirm"), visit.text("请核对后确认：", "Check and confirm:"), more,
                       "aria-label=\"" + visit.text("确认", "Confirm") + "\"");
}

Reply verb_framed(const Visit& visit, const VerbInfo& verb, const std::string& content, int status = 200) {
  return framed(visit, visit.pick(verb.zh, verb.en), "/verbs", usage(visit, verb) + content, status);
}

}  // namespace

std::string verb_link(const Visit& visit, std::string_view verb, const std::string& words, std::string_view label) {
  const VerbInfo* found = verb_named(visit.desk, verb);
  if (found == nullptr || !may(visit, *found)) return {};
  return "<a class=\"action\" href=\"" + path_of(*found) + (words.empty() ? "" : "?words=" + web::url_encoded(words)) +
         "\">" + escaped(label) + "</a>";
}

Reply verb_page(const Visit& visit) {
  const VerbInfo* verb = verb_at(visit);
  if (verb == nullptr) return not_found_page(visit);
  if (!may(visit, *verb))
    return verb_framed(visit, *verb, error_html(visit, Error(ErrorKind::rejected, "QZ-HUB-270", "")), 403);
  return verb_framed(visit, *verb, form_of(visit, *verb, visit.request.parameter("words"), ""));
}

Reply verb_form_reply(Visit& visit, const Fields& form) {
  const VerbInfo* verb = verb_at(visit);
  if (verb == nullptr) return not_found_page(visit);
  const auto field = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  std::string words = field("words");
  const auto fields = fields_of(verb->arguments);
  if (fields && form.count("words") == 0) words = joined_words(words_in(*fields, form));
  const std::string attachment = field("attachment");
  if (asks_to_confirm(*verb) && field("confirmed") != "1")
    return verb_framed(visit, *verb, confirm_form(visit, *verb, words, attachment));
  std::vector<std::string> all = name_words(verb->name);
  for (std::string& word : split_words(words)) all.push_back(std::move(word));
  try {
    const std::string answer = call_verb(visit, all, attachment, "page.call");
    std::string content;
    if (asks_to_confirm(*verb))
      content += "<div class=\"notice ok\" role=\"status\"><p><strong><span aria-hidden=\"true\">●</span> " +
                 visit.text("已执行", "Done") + "</strong> <code>" + escaped(verb->name + " " + words) +
                 "</code></p></div>\n";
    content += answer_html(visit, answer) + "<p class=\"after\"><a href=\"" + path_of(*verb) +
               "?words=" + web::url_encoded(words) + "\">" + visit.text("再次执行", "Again") + "</a> · <a href=\"/\">" +
               visit.text("回到总览", "To the overview") + "</a></p>\n";
    return verb_framed(visit, *verb, content);
  } catch (const Error& error) {
    return verb_framed(visit, *verb, error_html(visit, error) + form_of(visit, *verb, words, attachment),
                       status_of(error));
  }
}

Reply verbs_page(const Visit& visit) {
  std::string content = "<p>" +
                        visit.text("本中心的全部操作；灰色的属于其他角色。命令行用法相同：",
                                   "Everything this hub does; what belongs to another role is grey. The same on the "
                                   "command line: ") +
                        "<code>qianzhi-hub …</code></p>\n<ul class=\"verbs\">";
  for (const VerbInfo& verb : visit.desk.verbs) {
    const bool allowed = may(visit, verb);
    content +=
        "<li" + std::string(allowed ? "" : " class=\"other\"") + ">" +
        (allowed ? "<a href=\"" + path_of(verb) + "\">" + escaped(verb.name) + "</a>"
                 : "<span>" + escaped(verb.name) + "</span>") +
        " <small>" + escaped(visit.pick(verb.zh, verb.en)) +
        (verb.role == Role::anyone ? ""
                                   : " · " + visit.text(accounts::title_zh(verb.role), accounts::name_of(verb.role))) +
        "</small></li>\n";
  }
  return framed(visit, visit.pick("全部操作", "All actions"), "/verbs", content + "</ul>\n");
}

}  // namespace qianzhi::admin
