#include "hub-protocol/html/frame.h"

namespace qianzhi::html {

namespace {

// That of agent/status/web/icon.svg.
constexpr std::string_view icon =
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='7' fill='%231b5fa8'/%3E%3Cpath d='M7 11h13m-5-5 5 5-5 5M25 21H12m5-5-5 5 5 5' fill='none' stroke='%23fff' "
    "stroke-width='2.6' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

std::string head_of(const Frame& frame) {
  return "<!doctype html>\n<html lang=\"" + text_of(frame.language, "zh-CN", "en") +
         "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" +
         escaped(frame.title) + " · " + escaped(frame.product) + "</title><link rel=\"icon\" href=\"" +
         std::string(icon) +
         "\"><link rel=\"stylesheet\" href=\"/page.css?v=" QIANZHI_VERSION "\"></head><body class=\"office\">\n";
}

std::string navigation_of(const Frame& frame) {
  if (frame.parts.empty()) return {};
  std::string text = "<nav aria-label=\"" + text_of(frame.language, "主导航", "Main") + "\"><ul>";
  for (const Part& part : frame.parts)
    text += "<li><a href=\"" + std::string(part.path) + "\"" + (part.path == frame.at ? " aria-current=\"page\"" : "") +
            ">" + escaped(part.title) + "</a></li>";
  return text + "</ul></nav>\n";
}

std::string_view sign_of(std::string_view state) {
  if (state == "ok") return "●";
  if (state == "busy") return "▶";
  return state == "fail" ? "✕" : "▲";
}

}  // namespace

std::string framed(const Frame& frame) {
  const std::string place = frame.place.empty() ? std::string() : "<p><small>" + escaped(frame.place) + "</small></p>";
  return head_of(frame) + "<a class=\"skip\" href=\"#main\">" + text_of(frame.language, "跳到正文", "Skip to content") +
         "</a>\n<header><div class=\"brand\"><img alt=\"\" width=\"36\" height=\"36\" src=\"" + std::string(icon) +
         "\"><div><p class=\"product\">" + escaped(frame.product) + "</p>" + place + "</div></div><div class=\"who\">" +
         frame.controls + "</div></header>\n<div class=\"frame" + (frame.parts.empty() ? " alone" : "") + "\">\n" +
         navigation_of(frame) + "<main id=\"main\"><h1>" + escaped(frame.title) + "</h1>\n" + frame.content +
         "</main></div>\n<footer>" + text_of(frame.language, "截至 ", "As of ") + escaped(frame.as_of) +
         " · Qianzhi " QIANZHI_VERSION "</footer></body></html>\n";
}

std::string verdict(std::string_view state, std::string_view word, const std::string& sentence, const std::string& more,
                    std::string_view attributes) {
  return "<section class=\"verdict " + std::string(state) + "\" " + std::string(attributes) +
         "><p class=\"word\"><span class=\"sign\" aria-hidden=\"true\">" + std::string(sign_of(state)) +
         "</span> <strong>" + escaped(word) + "</strong></p><div class=\"body\"><p class=\"sentence\">" + sentence +
         "</p>" + more + "</div></section>\n";
}

}  // namespace qianzhi::html
