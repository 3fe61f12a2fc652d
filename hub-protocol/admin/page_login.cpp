#include "hub-protocol/accounts/totp.h"
#include "hub-protocol/admin/pages.h"

namespace qianzhi::admin {

namespace {

using html::escaped;

std::string input(std::string_view id, std::string_view label, std::string_view attributes,
                  std::string_view hint = {}) {
  const std::string name(id);
  std::string text = "<p class=\"field\"><label for=\"" + name + "\">" + std::string(label) + "</label><input id=\"" +
                     name + "\" name=\"" + name + "\" " + std::string(attributes);
  if (!hint.empty()) text += " aria-describedby=\"" + name + "-hint\"";
  text += ">";
  if (!hint.empty()) text += "<small id=\"" + name + "-hint\">" + std::string(hint) + "</small>";
  return text + "</p>";
}

constexpr std::string_view code_attributes =
    "inputmode=\"numeric\" autocomplete=\"one-time-code\" maxlength=\"7\" pattern=\"[0-9 ]*\"";

std::string password_form(const Visit& visit) {
  return "<form method=\"post\" action=\"/account/password\" class=\"card\">" + token_field(visit) +
         input("present", visit.pick("现用密码", "Present password"),
               "type=\"password\" required autocomplete=\"current-password\"") +
         input("next", visit.pick("新密码", "New password"),
               "type=\"password\" required minlength=\"12\" autocomplete=\"new-password\"",
               visit.pick("至少 12 个字符，含大写、小写、数字、其他字符中的三类，不含账户名",
                          "12 characters or more, three of upper case, lower case, digits and others, without the "
                          "account's name")) +
         input("again", visit.pick("再次输入新密码", "New password again"),
               "type=\"password\" required autocomplete=\"new-password\"") +
         "<p><button>" + visit.text("更换密码", "Change the password") + "</button></p></form>\n";
}

// In groups of four, as it is typed.
std::string grouped_secret(const std::string& secret) {
  std::string text;
  for (std::size_t i = 0; i < secret.size(); ++i) text += (i != 0 && i % 4 == 0 ? " " : "") + secret.substr(i, 1);
  return text;
}

std::string second_factor_form(const Visit& visit) {
  const Bytes secret = visit.entry.begin_second_factor(*visit.visitor);
  const std::string uri = accounts::otpauth_uri(secret, visit.visitor->account.name, visit.options.title_en);
  return "<div class=\"card\"><p>" +
         visit.text("在手机的身份验证器中添加账户，选择“按时间”，录入以下密钥：",
                    "Add an account to the authenticator on your phone, time based, with this key:") +
         "</p><p><code class=\"secret\" id=\"secret\">" + grouped_secret(accounts::base32(secret)) +
         "</code></p><p><a href=\"" + escaped(uri) + "\">" +
         visit.text("在本机的验证器中打开", "Open in an authenticator on this machine") +
         "</a></p><form method=\"post\" action=\"/account/second-factor\">" + token_field(visit) +
         input("code", visit.pick("验证器显示的 6 位动态码", "The six digits it shows"),
               std::string(code_attributes) + " required") +
         "<p><button>" + visit.text("启用第二因素", "Use this second factor") + "</button></p></form></div>\n";
}

}  // namespace

Reply sign_in_page(const Visit& visit, const Error* error) {
  std::string content;
  int status = 200;
  if (error != nullptr) {
    content += error_html(visit, *error);
    status = status_of(*error);
  } else if (visit.request.parameter("ended") == "1") {
    content += "<div class=\"notice warn\" role=\"status\"><p><strong><span aria-hidden=\"true\">▲</span> " +
               visit.text("会话已结束，请重新登录。没有提交任何内容。",
                          "The session ended, sign in again. Nothing was sent.") +
               "</strong></p></div>\n";
  }
  content += "<form method=\"post\" action=\"/sign-in\" class=\"card narrow\">" +
             input("name", visit.pick("账户名", "Account"),
                   "required autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"") +
             input("password", visit.pick("密码", "Password"),
                   "type=\"password\" required autocomplete=\"current-password\"") +
             input("code", visit.pick("动态码", "One-time code"), code_attributes,
                   visit.pick("首次登录时留空", "Leave it empty at the first sign-in")) +
             "<p><button>" + visit.text("登录", "Sign in") + "</button></p></form>\n<p class=\"more\">" +
             visit.text("忘记密码或遗失手机：请联系安全管理员。连续失败会锁定，等待时间逐次加倍。",
                        "Password forgotten or phone lost: ask a security administrator. Repeated failures lock, each "
                        "time for longer.") +
             "</p>\n";
  return framed(visit, visit.pick("登录", "Sign in"), "", content, status);
}

Reply account_page(const Visit& visit, const Error* error) {
  const accounts::Account& account = visit.visitor->account;
  std::string content = error != nullptr ? error_html(visit, *error) : "";
  const bool has_factor = !account.totp_secret.empty();
  if (!visit.visitor->is_complete)
    content += "<div class=\"notice busy\" role=\"status\"><p><strong><span aria-hidden=\"true\">◔</span> " +
               visit.text("首次登录：请更换初始密码，再设置第二因素，然后即可使用。",
                          "First sign-in: change the initial password, then set up a second factor.") +
               "</strong></p></div>\n";
  content += "<dl><div><dt>" + visit.text("账户", "Account") + "</dt><dd>" + escaped(account.name) +
             "</dd></div><div><dt>" + visit.text("角色", "Role") + "</dt><dd>" +
             visit.text(accounts::title_zh(account.role), accounts::name_of(account.role)) + "</dd></div><div><dt>" +
             visit.text("密码更换于", "Password changed") + "</dt><dd>" + html::local_text(account.password_time) +
             "</dd></div><div><dt>" + visit.text("第二因素", "Second factor") + "</dt><dd>" +
             (has_factor ? visit.text("● 已启用", "● in use") : visit.text("○ 未设置", "○ not set up")) +
             "</dd></div></dl>\n";
  if (account.password_is_initial || has_factor)
    content += "<section><h2>" + visit.text("更换密码", "Change the password") + "</h2>\n" + password_form(visit) +
               "</section>\n";
  else
    content += "<section><h2>" + visit.text("设置第二因素", "Set up the second factor") + "</h2>\n" +
               second_factor_form(visit) + "</section>\n";
  return framed(visit, visit.pick("我的账户", "My account"), "/account", content,
                error != nullptr ? status_of(*error) : 200);
}

}  // namespace qianzhi::admin
