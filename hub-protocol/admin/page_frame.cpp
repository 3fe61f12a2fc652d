#include "hub-protocol/admin/pages.h"
#include "hub-protocol/base/codes.h"

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

std::string navigation(const Visit& visit, std::string_view at) {
  if (!visit.visitor || !visit.visitor->is_complete) return {};
  std::string text = "<nav aria-label=\"" + visit.text("主导航", "Main") + "\"><ul>";
  for (const View& view : all_views()) {
    if (!is_shown(visit, view)) continue;
    text += "<li><a href=\"" + std::string(view.path) + "\"" + (view.path == at ? " aria-current=\"page\"" : "") + ">" +
            visit.text(view.zh, view.en) + "</a></li>";
  }
  return text + "</ul></nav>\n";
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
  const std::string product = visit.text(visit.options.title, visit.options.title_en);
  Reply reply;
  reply.status = status;
  reply.body = "<!doctype html>\n<html lang=\"" + visit.text("zh-CN", "en") +
               "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" +
               escaped(title) + " · " + escaped(product) +
               "</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/page.css?v=" QIANZHI_VERSION
               "\"></head><body>\n"
               "<a class=\"skip\" href=\"#main\">" +
               visit.text("跳到正文", "Skip to content") + "</a>\n<header><p class=\"product\">" + escaped(product) +
               "</p><div class=\"who\">" + who(visit) + "</div></header>\n" + navigation(visit, at) +
               "<main id=\"main\"><h1>" + escaped(title) + "</h1>\n" + content + "</main>\n<footer>" +
               visit.text("截至 ", "As of ") + html::local_text(visit.clock.now()) + " (" +
               html::zone_text(visit.clock.now()) + ") · Qianzhi " QIANZHI_VERSION "</footer></body></html>\n";
  return reply;
}

Reply not_found_page(const Visit& visit) {
  return framed(visit, visit.pick("没有这个页面", "No such page"), "",
                "<p><a href=\"/\">" + visit.text("回到总览", "To the overview") + "</a></p>\n", 404);
}

}  // namespace qianzhi::admin
