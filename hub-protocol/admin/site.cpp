#include "hub-protocol/admin/site.h"

#include <algorithm>
#include <exception>

#include "hub-protocol/admin/pages.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::admin {

namespace {

bool is_change(const Request& request) { return request.method != "GET" && request.method != "HEAD"; }

// What a browser sends on behalf of another site says so; a form of ours says where it comes from.
bool is_own_origin(const Request& request) {
  const std::string_view site = request.header("sec-fetch-site");
  const std::string_view origin = request.header("origin");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  if (!origin.empty()) return origin == "https://" + std::string(request.header("host"));
  // No browser: only the API, whose content type no form can send.
  return request.path.compare(0, 5, "/api/") == 0;
}

html::Language language_of(const Request& request) {
  const std::string_view chosen = request.cookie("qianzhi-lang");
  return html::language_of(chosen.empty() ? request.header("accept-language") : chosen);
}

Reply switch_language(const Request& request) {
  const std::string_view back = request.parameter("back");
  const bool is_path = back.size() > 1 && back[0] == '/' && back[1] != '/' && back[1] != '\\';
  Reply reply =
      web::redirect_to(is_path && back.find_first_of("\r\n") == std::string_view::npos ? std::string(back) : "/");
  const std::string language = request.parameter("to") == "en" ? "en" : "zh";
  reply.headers.emplace_back("Set-Cookie", "qianzhi-lang=" + language + "; Path=/; Secure; HttpOnly; SameSite=Lax");
  return reply;
}

}  // namespace

std::string session_cookie_header(std::string_view token) {
  return std::string(session_cookie) + "=" + std::string(token) + "; Path=/; Secure; HttpOnly; SameSite=Strict" +
         (token.empty() ? "; Max-Age=0" : "");
}

int status_of(const Error& error) {
  if (error.code() == "QZ-HUB-283" || error.code() == "QZ-HUB-281") return 401;
  if (error.code() == "QZ-HUB-282") return 429;
  if (error.code() == "QZ-HUB-270" || error.code() == "QZ-HUB-277" || error.code() == "QZ-HUB-278" ||
      error.code() == "QZ-HUB-284" || error.code() == "QZ-HUB-285")
    return 403;
  switch (error.kind()) {
    case ErrorKind::rejected:
    case ErrorKind::misuse: return 400;
    case ErrorKind::unavailable:
    case ErrorKind::full: return 503;
    case ErrorKind::corrupt: return 500;
  }
  return 500;
}

Reply Site::answer(const Request& request) {
  try {
    return answer_checked(request);
  } catch (const Error& error) {
    log("admin " + request.address, error);
    return {status_of(error), "text/plain; charset=utf-8", error.code() + "\n"};
  } catch (const std::exception& fault) {
    log(LogLevel::error, "admin", fault.what());
    return {500, "text/plain; charset=utf-8", "QZ-HUB-288\n"};
  }
}

Reply Site::answer_checked(const Request& request) {
  const bool is_known = request.method == "GET" || request.method == "HEAD" || request.method == "POST" ||
                        (request.method == "DELETE" && request.path == "/api/session");
  if (!is_known) return {405, "text/plain; charset=utf-8", "QZ-HUB-288\n"};
  if (!web::names_own_host(request.header("host"), options_.hosts))
    throw Error(ErrorKind::rejected, "QZ-HUB-284", "host");
  if (is_change(request) && !is_own_origin(request)) throw Error(ErrorKind::rejected, "QZ-HUB-284", "origin");
  if (request.path == "/page.css") return {200, "text/css; charset=utf-8", page_style(), {}, true};
  if (request.path == "/language") return switch_language(request);
  Visit visit{options_,
              desk_,
              entry_,
              registry_,
              clock_,
              request,
              language_of(request),
              entry_.visitor(request.cookie(session_cookie))};
  if (request.path.compare(0, 5, "/api/") == 0) return api_reply(visit);
  return is_change(request) ? form_reply(visit) : page_reply(visit);
}

}  // namespace qianzhi::admin
