#include "agent/status/plain_parts.h"
#include "agent/status/site.h"

namespace qianzhi::status {

namespace {

std::string language_switch(Language language) {
  const bool is_zh = language == Language::zh;
  return std::string("<nav>") +
         (is_zh ? "<b>中文</b> · <a href=\"/plain?lang=en\" lang=\"en\">English</a>"
                : "<a href=\"/plain?lang=zh\" lang=\"zh-CN\">中文</a> · <b>English</b>") +
         "</nav>";
}

std::string header(const Snapshot& snapshot, Language language) {
  std::string text =
      "<header><div><h1><bdi>" + escaped(snapshot.name) + "</bdi></h1><p><bdi>" + escaped(snapshot.agent) + "</bdi>";
  if (!snapshot.department.empty())
    text += " · " + text_of(language, "部门 ", "department ") + "<bdi>" + escaped(snapshot.department) + "</bdi>";
  text += " · " + text_of(language, "前置 ", "Qianzhi ") + escaped(snapshot.version) + "</p></div><div>" +
          language_switch(language) + "<p id=\"time\">" + text_of(language, "截至 ", "as of ") +
          local_text(snapshot.time) + " (" + zone_text(snapshot.time) + ")</p></div></header>\n";
  return text;
}

std::string facts(const Snapshot& snapshot, Language language) {
  const std::string unknown = text_of(language, "未知", "unknown");
  std::string text = "<dl id=\"facts\"><div><dt>" + text_of(language, "交换中心", "Hub") + "</dt><dd><bdi>" +
                     escaped(snapshot.hub_url) + "</bdi></dd></div><div><dt>" +
                     text_of(language, "目录版本", "Directory") + "</dt><dd>" +
                     (snapshot.directory_version == 0 ? unknown : grouped(snapshot.directory_version)) +
                     "</dd></div><div><dt>" + text_of(language, "目录有效期至", "Directory valid until") + "</dt><dd>";
  text += snapshot.directory_expires == 0
              ? unknown
              : local_text(snapshot.directory_expires) + text_of(language, "（", " (") +
                    age_text(snapshot.directory_expires, snapshot.time, language) + text_of(language, "）", ")");
  return text + "</dd></div><div><dt>" + text_of(language, "已运行", "Running for") + "</dt><dd>" +
         (snapshot.started == 0 ? unknown : span_text(snapshot.time - snapshot.started, language)) +
         "</dd></div></dl>\n";
}

}  // namespace

std::string head_html(Language language, const std::string& title, std::string_view more) {
  return "<!doctype html>\n<html lang=\"" + text_of(language, "zh-CN", "en") + "\"><head><meta charset=\"utf-8\">" +
         std::string(more) + "<meta name=\"viewport\" content=\"width=device-width\"><title>" + title +
         "</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/page.css\"></head>";
}

std::string to_plain_html(const Snapshot& snapshot, Language language) {
  const std::vector<Finding> findings = findings_of(snapshot);
  return head_html(language, escaped(snapshot.name) + text_of(language, " · 前置", " · Qianzhi"),
                   "<meta http-equiv=\"refresh\" content=\"5\">") +
         "<body>\n" + header(snapshot, language) + "<main>\n" + verdict_html(snapshot, findings, language) +
         path_html(snapshot, language) + facts(snapshot, language) + findings_html(snapshot, findings, language) +
         publications_html(snapshot, language) + lanes_html(snapshot, language) + quarantine_html(snapshot, language) +
         stages_html(snapshot, language) + "</main>\n<footer>" +
         text_of(language, "每 5 秒刷新 · 只读 · 数据接口 ", "Refreshed every 5 s · read-only · data ") +
         "<a href=\"/api/status\">/api/status</a> · " + documents_link(language) + "</footer></body></html>\n";
}

}  // namespace qianzhi::status
