#include "hub-protocol/admin/pages.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/html/frame.h"

namespace qianzhi::admin {

namespace {

using html::escaped;

std::string language_link(const Visit& visit) {
  const std::string back = web::url_encoded(visit.request.method == "GET" ? visit.request.path : "/");
  return visit.language == html::Language::zh
             ? "<a href=\"/language?to=en&amp;back=" + back + "\" lang=\"en\">English</a>"
             : "<a href=\"/language?to=zh&amp;back=" + back + "\" lang=\"zh-CN\">中文</a>";
}

std::string who(const Visit& visit) {
  if (!visit.visitor) return language_link(visit);
  const accounts::Account& account = visit.visitor->account;
  const std::string role = visit.text(accounts::title_zh(account.role), accounts::name_of(account.role));
  return "<a href=\"/account\">" + escaped(account.title.empty() ? account.name : account.title) + "</a><span>" + role +
         visit.text("", " administrator") + "</span>" + language_link(visit) +
         "<form method=\"post\" action=\"/sign-out\">" + token_field(visit) + "<button class=\"quiet\">" +
         visit.text("退出", "Sign out") + "</button></form>";
}

std::vector<html::Part> parts_of(const Visit& visit) {
  std::vector<html::Part> parts;
  if (!visit.visitor || !visit.visitor->is_complete) return parts;
  for (const View& view : all_views())
    if (is_shown(visit, view)) parts.push_back({view.path, visit.text(view.zh, view.en)});
  return parts;
}

}  // namespace

std::string token_field(const Visit& visit) {
  return "<input type=\"hidden\" name=\"csrf\" value=\"" + (visit.visitor ? visit.visitor->csrf : "") + "\">";
}

std::string error_html(const Visit& visit, const Error& error) {
  std::string text = "<div class=\"notice fail\" role=\"alert\"><p><strong><span aria-hidden=\"true\">✕</span> ";
  const auto known = explain(error.code());
  text += known ? visit.text(known->title_zh, known->title_en) : escaped(error.code());
  text += "</strong> <code>" + escaped(error.code()) + "</code></p>";
  if (!error.detail().empty()) text += "<p>" + escaped(error.detail()) + "</p>";
  if (known)
    text += "<p>" + visit.text("下一步：", "Next: ") + escaped(visit.pick(known->next_zh, known->next_en)) + "</p>";
  return text + "</div>\n";
}

Reply framed(const Visit& visit, std::string_view title, std::string_view at, const std::string& content, int status) {
  html::Frame frame;
  frame.language = visit.language;
  frame.product = visit.text(visit.options.title, visit.options.title_en);
  frame.place = visit.text("管理与监督", "Administration");
  frame.title = title;
  frame.controls = who(visit);
  frame.parts = parts_of(visit);
  frame.at = at;
  frame.content = content;
  const Micros now = visit.clock.now();
  frame.as_of = html::local_text(now) + " (" + html::zone_text(now) + ")";
  Reply reply;
  reply.status = status;
  reply.body = html::framed(frame);
  return reply;
}

Reply not_found_page(const Visit& visit) {
  return framed(visit, visit.pick("没有这个页面", "No such page"), "",
                "<p><a href=\"/\">" + visit.text("回到总览", "To the overview") + "</a></p>\n", 404);
}

}  // namespace qianzhi::admin
