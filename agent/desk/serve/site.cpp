#include "agent/desk/serve/site.h"

#include <algorithm>
#include <charconv>
#include <exception>

#include "agent/desk/lookup/digest.h"
#include "agent/desk/serve/api.h"
#include "agent/desk/serve/health.h"
#include "agent/desk/serve/pages.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::desk::serve {

namespace {

constexpr const char* plain_type = "text/plain; charset=utf-8";
constexpr const char* session_cookie = "qz_desk_session";
constexpr const char* language_cookie = "qz_desk_language";

[[noreturn]] void refuse_form(const char* why) { throw Error(ErrorKind::rejected, "QZ-DSK-224", why); }

html::Language chosen_language(const web::Request& request) {
  const std::string_view chosen = request.cookie(language_cookie);
  return html::language_of(chosen.empty() ? request.header("accept-language") : chosen);
}

// A page of ours, not of another site.
std::string own_path(std::string_view back) {
  const bool is_path = back.size() > 1 && back[0] == '/' && back[1] != '/' && back[1] != '\\';
  return is_path && back.find_first_of("\r\n") == std::string_view::npos ? std::string(back) : "/";
}

std::optional<web::Reply> numbered_page(Visit& visit, const std::string& path) {
  if (path == "/cases/new") return new_case_page(visit, {}, nullptr);
  if (path.compare(0, 7, "/cases/") == 0)
    if (const auto id = number_in(std::string_view(path).substr(7))) return case_page(visit, *id, {}, nullptr);
  constexpr std::string_view reports = "/reports/";
  if (path.compare(0, reports.size(), reports) != 0) return std::nullopt;
  std::string id = path.substr(reports.size());
  const bool is_csv = id.size() > 4 && id.compare(id.size() - 4, 4, ".csv") == 0;
  if (is_csv) id.resize(id.size() - 4);
  return report_page(visit, id, is_csv);
}

// The first part that this account has.
web::Reply start_page(Visit& visit) {
  if (visit.has_cases()) return overview_page(visit);
  if (visit.may_look_up()) return lookup_page(visit, nullptr);
  throw Error(ErrorKind::rejected, "QZ-DSK-121", "neither in case_staff nor with a role for lookups");
}

// Parts between slashes: "/cases/12/urge" -> cases, 12, urge.
std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    steps.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return steps;
}

}  // namespace

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end.ec != std::errc() || end.ptr != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

int status_of(const Error& error) {
  const std::string& code = error.code();
  if (code == "QZ-DSK-121" || code == "QZ-DSK-211" || code == "QZ-DSK-217" || code == "QZ-DSK-224") return 403;
  if (code == "QZ-DSK-120" || code == "QZ-DSK-003") return 404;
  if (code == "QZ-DSK-107" || code == "QZ-DSK-122" || code == "QZ-DSK-126" || code == "QZ-DSK-127" ||
      code == "QZ-DSK-205")
    return 409;
  switch (error.kind()) {
    case ErrorKind::rejected:
    case ErrorKind::misuse: return 400;
    case ErrorKind::full: return 429;
    case ErrorKind::unavailable: return 503;
    case ErrorKind::corrupt: break;
  }
  return 500;
}

std::optional<web::Reply> page_reply(Visit& visit) {
  const std::string& path = visit.request.path;
  if (path == "/") return start_page(visit);
  if (path == "/cases") return case_list_page(visit, visit.request.query);
  if (path == "/reports") return reports_page(visit);
  if (path == "/figures") return figures_page(visit, false);
  if (path == "/figures.csv") return figures_page(visit, true);
  if (path == "/notices") return notices_page(visit, nullptr);
  if (path == "/feeds") return feeds_page(visit);
  if (path == "/health") return health_page(visit);
  if (path == "/review") return review_page(visit, nullptr);
  if (path == "/lookup") return lookup_page(visit, nullptr);
  return numbered_page(visit, path);
}

std::optional<web::Reply> form_reply(Visit& visit, const web::Fields& form) {
  const std::vector<std::string> steps = steps_of(visit.request.path);
  if (visit.request.path == "/cases") return case_list_page(visit, form);
  if (visit.request.path == "/cases/new") return new_case_reply(visit, form);
  if (visit.request.path == "/lookup") return lookup_page(visit, &form);
  if (steps.size() == 2 && steps[0] == "review") return review_form_reply(visit, steps[1], form);
  const auto id = steps.size() == 3 ? number_in(steps[1]) : std::nullopt;
  if (id && steps[0] == "cases") return case_form_reply(visit, *id, steps[2], form);
  if (id && steps[0] == "notices") return notice_form_reply(visit, *id, steps[2]);
  return std::nullopt;
}

bool Site::is_own_host(std::string_view host) const {
  // The listener on loopback has looked already.
  return !config_.has_tls() || web::names_own_host(host, config_.hosts);
}

// A page of another site may send a form here; its browser says from where.
bool Site::is_own_origin(const web::Request& request) const {
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  const std::string_view origin = request.header("origin");
  const std::string own = (config_.has_tls() ? "https://" : "http://") + std::string(request.header("host"));
  return origin == own || (origin.empty() && request.path.compare(0, 5, "/api/") == 0);
}

std::string Site::cookie(const std::string& name, const std::string& value, const char* more) const {
  return name + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (config_.has_tls() ? "; Secure" : "") + more;
}

web::Reply Site::ready() {
  const Door::Pass pass = rooms_.cases.door.enter();
  std::string codes;
  for (const Complaint& complaint : complaints_of(health_facts(rooms_.cases, rooms_.facts.poll, clock_.now())))
    if (complaint.is_failure) codes += complaint.code + "\n";
  return {codes.empty() ? 200 : 503, plain_type, codes.empty() ? "ok\n" : codes};
}

web::Reply Site::api(Visit& visit) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given = visit.request.header("authorization");
  visit.account = given.substr(0, scheme.size()) == scheme ? sessions_.by_token(given.substr(scheme.size())) : nullptr;
  if (visit.account == nullptr) {
    web::Reply reply = api_error(401, "QZ-DSK-217");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
  }
  visit.staff = rooms_.cases.work.cases.person(visit.account->id);
  return api_reply(visit);
}

web::Reply Site::sign_in(Visit& visit) {
  const auto fields = web::form_from(visit.request.body);
  const Account* account = fields ? sessions_.by_token(field_of(*fields, "token")) : nullptr;
  if (account == nullptr) {
    const Error refused(ErrorKind::rejected, "QZ-DSK-217", "sign-in");
    return sign_in_page(visit, &refused);
  }
  web::Reply reply = web::redirect_to("/");
  reply.headers.emplace_back("Set-Cookie", cookie(session_cookie, sessions_.open(*account), ""));
  return reply;
}

web::Reply Site::sign_out(const web::Request& request) {
  sessions_.close(request.cookie(session_cookie));
  web::Reply reply = web::redirect_to("/sign-in");
  reply.headers.emplace_back("Set-Cookie", cookie(session_cookie, "", "; Max-Age=0"));
  return reply;
}

web::Reply Site::form(Visit& visit) {
  const auto fields = web::form_from(visit.request.body);
  if (!fields) return error_page(visit, Error(ErrorKind::rejected, "QZ-DSK-225", "no form"));
  if (!lookup::are_equal(field_of(*fields, "csrf"), visit.csrf)) refuse_form("token");
  if (visit.request.path == "/sign-out") return sign_out(visit.request);
  const auto reply = form_reply(visit, *fields);
  return reply ? *reply : not_found_page(visit);
}

web::Reply Site::routed(const web::Request& request) {
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (!is_get && request.method != "POST") return {405, plain_type, "QZ-DSK-225\n"};
  if (request.path == "/livez") return {200, plain_type, "ok\n"};
  if (!is_own_host(request.header("host"))) refuse_form("host");
  if (request.path == "/readyz") return ready();
  if (!is_get && !is_own_origin(request)) refuse_form("origin");
  if (request.path == "/page.css") return {200, "text/css; charset=utf-8", page_style(), {}, true};
  Visit visit{rooms_, clock_, random_, request, chosen_language(request), nullptr, {}, nullptr};
  if (request.path.compare(0, 5, "/api/") == 0) return api(visit);
  if (request.path == "/language") {
    web::Reply reply = web::redirect_to(own_path(request.parameter("back")));
    const std::string language = request.parameter("to") == "en" ? "en" : "zh";
    reply.headers.emplace_back("Set-Cookie", cookie(language_cookie, language, ""));
    return reply;
  }
  const std::string_view session = request.cookie(session_cookie);
  if (const auto visitor = sessions_.by_session(session)) {
    visit.account = visitor->account;
    visit.csrf = visitor->csrf;
    visit.staff = rooms_.cases.work.cases.person(visitor->account->id);
  }
  if (request.path == "/sign-in") return is_get ? sign_in_page(visit, nullptr) : sign_in(visit);
  if (visit.account == nullptr) return web::redirect_to(session.empty() ? "/sign-in" : "/sign-in?ended=1");
  try {
    if (!is_get) return form(visit);
    const auto reply = page_reply(visit);
    return reply ? *reply : not_found_page(visit);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected && error.kind() != ErrorKind::full) log("serve", error);
    return error_page(visit, error);
  }
}

web::Reply Site::answer(const web::Request& request) {
  try {
    return routed(request);
  } catch (const Error& error) {
    log("serve " + request.address, error);
    return {status_of(error), plain_type, error.code() + "\n"};
  } catch (const std::exception& fault) {
    log(LogLevel::error, "serve", fault.what());
    return {500, plain_type, "QZ-DSK-225\n"};
  }
}

}  // namespace qianzhi::desk::serve
