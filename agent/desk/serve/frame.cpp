#include "hub-protocol/html/frame.h"
#include "agent/desk/serve/pages.h"
#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi::desk::serve {

namespace {

using html::escaped;

std::vector<html::Part> parts_of(const Visit& visit) {
  std::vector<html::Part> parts;
  if (visit.account == nullptr) return parts;
  const auto add = [&](bool is_shown, std::string_view path, std::string_view zh, std::string_view en) {
    if (is_shown) parts.push_back({path, visit.text(zh, en)});
  };
  const bool all = visit.is_everywhere();
  add(visit.has_cases(), "/", "总览", "Overview");
  add(visit.has_cases(), "/cases", "案件", "Cases");
  add(all, "/reports", "报表", "Reports");
  add(all, "/notices", "通知", "Notices");
  add(all, "/feeds", "公开与事件", "Feeds and events");
  add(visit.may_review(), "/review", "匹配复核", "Matches");
  add(visit.may_look_up(), "/lookup", "查询", "Lookup");
  add(all, "/health", "运行状况", "State");
  return parts;
}

std::string language_link(const Visit& visit) {
  const std::string back = web::url_encoded(visit.request.method == "GET" ? visit.request.path : "/");
  return visit.is_english() ? "<a href=\"/language?to=zh&amp;back=" + back + "\" lang=\"zh-CN\">中文</a>"
                            : "<a href=\"/language?to=en&amp;back=" + back + "\" lang=\"en\">English</a>";
}

std::string who(const Visit& visit) {
  if (visit.account == nullptr) return language_link(visit);
  std::string text = "<b>" + escaped(visit.account->id) + "</b>";
  if (visit.staff != nullptr) {
    const CaseRole role = visit.staff->role;
    text += "<span>" + (role == CaseRole::head      ? visit.text("负责人", "head")
                        : role == CaseRole::officer ? visit.text("经办人", "officer")
                                                    : visit.text("查看", "viewer"));
    for (const std::string& office : visit.staff->offices) text += " · " + escaped(office);
    text += "</span>";
  }
  return text + language_link(visit) + "<form method=\"post\" action=\"/sign-out\">" + token_field(visit) +
         "<button class=\"quiet\">" + visit.text("退出", "Sign out") + "</button></form>";
}

}  // namespace

std::string token_field(const Visit& visit) {
  return "<input type=\"hidden\" name=\"csrf\" value=\"" + escaped(visit.csrf) + "\">";
}

std::string request_fields(const Visit& visit) {
  return token_field(visit) + "<input type=\"hidden\" name=\"request\" value=\"" + to_hex(visit.random.bytes(16)) +
         "\">";
}

std::string error_html(const Visit& visit, const Error& error) {
  const auto known = explain(error.code());
  std::string text = "<div class=\"notice fail\" role=\"alert\"><p><strong><span aria-hidden=\"true\">✕</span> ";
  text += known ? visit.text(known->title_zh, known->title_en) : escaped(error.code());
  text += "</strong> <code>" + escaped(error.code()) + "</code></p>";
  if (known)
    text += "<p>" + escaped(visit.pick(known->cause_zh, known->cause_en)) + "</p><p>" +
            visit.text("下一步：", "Next: ") + escaped(visit.pick(known->next_zh, known->next_en)) + "</p>";
  return text + "</div>\n";
}

std::string done_html(const Visit& /*visit*/, std::string_view text) {
  return "<div class=\"notice ok\" role=\"status\"><p><strong><span aria-hidden=\"true\">✓</span> " + escaped(text) +
         "</strong></p></div>\n";
}

web::Reply framed(const Visit& visit, std::string_view title, std::string_view at, const std::string& content,
                  int status) {
  html::Frame frame;
  frame.language = visit.language;
  frame.product = visit.text("前置 · 数据比对与办理", "Qianzhi desk");
  frame.place = visit.rooms.facts.id;
  frame.title = title;
  frame.controls = who(visit);
  frame.parts = parts_of(visit);
  frame.at = at;
  frame.content = content;
  frame.as_of = beijing_text(visit.clock.now()) + " (UTC+08:00)";
  web::Reply reply;
  reply.status = status;
  reply.body = html::framed(frame);
  return reply;
}

web::Reply error_page(const Visit& visit, const Error& error) {
  return framed(
      visit, visit.pick("没有办成", "Not done"), "",
      error_html(visit, error) + "<p><a href=\"/\">" + visit.text("回到总览", "To the overview") + "</a></p>\n",
      status_of(error));
}

web::Reply not_found_page(const Visit& visit) {
  return framed(visit, visit.pick("没有这个页面", "No such page"), "",
                "<p><a href=\"/\">" + visit.text("回到总览", "To the overview") + "</a></p>\n", 404);
}

web::Reply sign_in_page(const Visit& visit, const Error* error) {
  std::string content;
  if (error != nullptr)
    content = error_html(visit, *error);
  else if (visit.request.parameter("ended") == "1")
    content = "<div class=\"notice warn\" role=\"status\"><p><strong><span aria-hidden=\"true\">▲</span> " +
              visit.text("会话已结束，请重新登录。没有提交任何内容。",
                         "The session ended, sign in again. Nothing was sent.") +
              "</strong></p></div>\n";
  content +=
      "<form method=\"post\" action=\"/sign-in\" class=\"card narrow\">" +
      input("token", visit.pick("口令", "Token"), "type=\"password\" required autocomplete=\"current-password\"", {},
            visit.pick("每个账户一个口令文件，由管理员发放",
                       "Each account has a token file, handed out by the administrator")) +
      "<p><button>" + visit.text("登录", "Sign in") + "</button></p></form>\n<p class=\"more after\">" +
      visit.text("谁看了什么、办了什么，都有记录。", "Who saw and did what is kept.") + "</p>\n";
  return framed(visit, visit.pick("登录", "Sign in"), "", content, error == nullptr ? 200 : 403);
}

}  // namespace qianzhi::desk::serve
