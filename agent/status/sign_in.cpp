#include "agent/status/sign_in.h"

namespace qianzhi::status {

std::string sign_in_html(Language language, bool was_refused) {
  const bool is_zh = language == Language::zh;
  const std::string first =
      was_refused ? text_of(language, "链接无效：已用过、已超过 60 秒，或不完整。",
                            "This link is used up, older than 60 s, or not whole.")
                  : text_of(language, "登录后才能查看。登录可能已过期。", "Sign in to look. A session may have ended.");
  return "<!doctype html>\n<html lang=\"" + text_of(language, "zh-CN", "en") +
         "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" +
         text_of(language, "登录 · 前置", "Sign in · Qianzhi") +
         "</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/page.css\"></head>"
         "<body class=\"door\"><main><h1>" +
         text_of(language, "前置机状态页", "Status of the front-end server") + "</h1><p id=\"why\">" + first +
         "</p><p>" +
         text_of(language, "在这台服务器上运行下面的命令，60 秒内打开它给出的链接：",
                 "On this server run the command below, and open its link within 60 s:") +
         "</p><pre><code>sudo -u qianzhi qianzhi web</code></pre><p class=\"more\">" +
         text_of(language, "远程查看：先用 ssh -L 转发本页端口。链接只能用一次，不要转发给别人。",
                 "From afar: forward this port with ssh -L. A link works once; do not pass it on.") +
         "</p><p class=\"more\">" +
         (is_zh ? "<a href=\"?lang=en\" lang=\"en\">English</a>" : "<a href=\"?lang=zh\" lang=\"zh-CN\">中文</a>") +
         "</p></main></body></html>\n";
}

}  // namespace qianzhi::status
