#include "agent/status/assets.h"
#include "agent/status/plain_parts.h"
#include "agent/status/site.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi::status {

namespace {

std::string address_of(std::string_view name, Language language) {
  return "/plain/documents?" + (name.empty() ? std::string() : "name=" + std::string(name) + "&amp;") +
         text_of(language, "lang=zh", "lang=en");
}

std::string list_html(Language language) {
  std::string text = "<h1>" + text_of(language, "文档", "Documents") + "</h1>\n<ul>";
  for (const Asset& document : documents())
    text += "<li><a href=\"" + address_of(document.path, language) + "\">" + escaped(document.type) + "</a></li>\n";
  return text + "</ul>\n";
}

}  // namespace

std::string code_link(std::string_view code, Language language, std::string_view before) {
  std::string text = "<code>" + escaped(before) + escaped(code) + "</code>";
  if (!explain(code)) return text;
  return "<a href=\"" + address_of("HANDBOOK", language) + "#" + escaped(code) + "\">" + text + "</a>";
}

std::string documents_link(Language language) {
  return "<a href=\"" + address_of({}, language) + "\">" + text_of(language, "文档", "Documents") + "</a>";
}

std::optional<std::string> to_plain_document(std::string_view name, Language language) {
  const bool is_list = name.empty();
  const Asset* found = document_at(name);
  if (found == nullptr && !is_list) return std::nullopt;
  return head_html(language, is_list ? text_of(language, "文档 · 前置", "Documents · Qianzhi") : escaped(found->type)) +
         "<body>\n<nav><a href=\"/plain?" + text_of(language, "lang=zh", "lang=en") + "\">" +
         text_of(language, "状态", "Status") + "</a>" + (is_list ? "" : " · " + documents_link(language)) +
         "</nav>\n<main>\n" + (is_list ? list_html(language) : std::string(found->plain)) + "</main></body></html>\n";
}

}  // namespace qianzhi::status
