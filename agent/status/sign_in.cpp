#include "agent/status/sign_in.h"

#include "agent/status/plain_parts.h"

namespace qianzhi::status {

namespace {

// body: whole elements.
std::string door_html(Language language, const std::string& why, const std::string& body) {
  const bool is_zh = language == Language::zh;
  return head_html(language, text_of(language, "登录 · 前置", "Sign in · Qianzhi")) +
         "<body class=\"door\"><main><h1>" + text_of(language, "前置机状态页", "Status of the front-end server") +
         "</h1><p id=\"why\" role=\"status\">" + why + "</p>" + body + "<p class=\"more\">" +
         (is_zh ? "<a href=\"/?lang=en\" lang=\"en\">English</a>" : "<a href=\"/?lang=zh\" lang=\"zh-CN\">中文</a>") +
         "</p></main></body></html>\n";
}

std::string field_html(const std::string& id, const std::string& label, const std::string& kind) {
  return "<p><label for=\"" + id + "\">" + label + "</label><br><input id=\"" + id + "\" name=\"" + id + "\" " + kind +
         " required maxlength=\"200\"></p>";
}

}  // namespace

std::string sign_in_html(Language language, SignInTrouble trouble) {
  const std::string why =
      trouble == SignInTrouble::none
          ? text_of(language, "登录后才能查看。登录可能已过期。", "Sign in to look. A session may have ended.")
          : text_of(language, "链接无效：已用过、已超过 60 秒，或不完整。",
                    "This link is used up, older than 60 s, or not whole.");
  return door_html(
      language, why,
      "<p>" +
          text_of(language, "在这台服务器上运行下面的命令，60 秒内打开它给出的链接：",
                  "On this server run the command below, and open its link within 60 s:") +
          "</p><pre><code>sudo -u qianzhi qianzhi web</code></pre><p class=\"more\">" +
          text_of(
              language,
              "远程查看：先用 ssh -L 转发本页端口，或由管理员配置 status.remote。链接只能用一次，不要转发给别人。",
              "From afar: forward this port with ssh -L, or have status.remote configured. A link works once; do not "
              "pass it on.") +
          "</p>");
}

std::string sign_in_form_html(Language language, SignInTrouble trouble) {
  std::string why = text_of(language, "请登录。登录可能已过期。", "Please sign in. A session may have ended.");
  if (trouble == SignInTrouble::refused)
    why = text_of(language, "账户名或密码不对（QZ-PAGE-008）。", "Wrong name or password (QZ-PAGE-008).");
  if (trouble == SignInTrouble::locked)
    why = text_of(language, "失败次数太多，请稍后再试（QZ-PAGE-009）。",
                  "Too many failures; try again later (QZ-PAGE-009).");
  return door_html(
      language, why,
      "<form method=\"post\" action=\"/sign-in?lang=" + text_of(language, "zh", "en") + "\">" +
          field_html("name", text_of(language, "账户名", "Name"), "autocomplete=\"username\" autocapitalize=\"none\"") +
          field_html("password", text_of(language, "密码", "Password"),
                     "type=\"password\" autocomplete=\"current-password\"") +
          "<p><button type=\"submit\">" + text_of(language, "登录", "Sign in") +
          "</button></p></form><p class=\"more\">" +
          text_of(language, "没有账户？在前置机上运行 qianzhi account add。",
                  "No account? On the front-end server run qianzhi account add.") +
          "</p>");
}

}  // namespace qianzhi::status
