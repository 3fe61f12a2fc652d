#include "agent/status/site.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <sstream>

#include "agent/status/assets.h"
#include "agent/status/metrics.h"
#include "agent/status/sign_in.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/html/style.h"

namespace qianzhi::status {

namespace {

using web::Reply;
using web::Request;

constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* json_type = "application/json; charset=utf-8";
constexpr const char* html_type = "text/html; charset=utf-8";
constexpr Micros kept_for = 1'000'000;
constexpr std::size_t longest_deed = 80;

Reply no_such_page() { return {404, text_type, "no such page\n"}; }

Reply error_reply(int status, const std::string& code, const std::string& detail) {
  return {status, text_type, code + " " + readable(detail) + "\n"};
}

int status_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::rejected: return 409;
    case ErrorKind::misuse: return 400;
    default: return 503;
  }
}

// Cookies know no ports: other agents of this machine have other names.
std::string port_named(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
  return has_port ? std::string(host.substr(colon + 1)) : "80";
}

Reply asset_reply(const Request& request, const Asset& asset) {
  Reply reply{200, std::string(asset.type), {}, {{"ETag", std::string(asset.etag)}}, asset.path != "/"};
  reply.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.header("if-none-match") == asset.etag) {
    reply.status = 304;
    return reply;
  }
  if (request.header("accept-encoding").find("gzip") != std::string_view::npos) {
    reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = asset.gzip;
  } else {
    reply.body = asset.plain;
  }
  return reply;
}

// What the link of the page asks for, else what the configuration says.
Language language_in(const Request& request, const std::string& configured) {
  const std::string_view asked = request.parameter("lang");
  return asked == "zh" || asked == "en" ? language_of(asked) : language_of(configured);
}

Reply documents_reply() {
  Poco::JSON::Array list;
  for (const Asset& document : documents()) {
    Poco::JSON::Object object;
    object.set("name", std::string(document.path));
    object.set("title", std::string(document.type));
    list.add(object);
  }
  std::ostringstream text;
  list.stringify(text);
  return {200, json_type, text.str()};
}

Reply document_reply(const Request& request) {
  const Asset* found = document_at(request.parameter("name"));
  return found == nullptr ? no_such_page() : Reply{200, html_type, std::string(found->plain)};
}

bool same_text(std::string_view a, std::string_view b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t at = 0; at < std::min(a.size(), b.size()); ++at)
    difference = static_cast<unsigned char>(difference | (a[at] ^ b[at]));
  return difference == 0;
}

const Visitor& everybody() {
  static const Visitor visitor{"", Role::viewer, {}, 0, 0};
  return visitor;
}

}  // namespace

const char* const page_policy = web::script_policy;

Reply Site::answer(const Request& request) {
  try {
    if (parts_.also)
      if (std::optional<Reply> reply = parts_.also(request)) return std::move(*reply);
    return route(request);
  } catch (const Error& error) {
    return error_reply(status_of(error), error.code(), error.detail());
  }
}

// A page of another site may send forms here, but it cannot say that it is ours.
bool Site::is_own_origin(const Request& request) const {
  const std::string_view origin = request.header("origin");
  const std::string_view scheme = parts_.entrance != nullptr ? "https://" : "http://";
  return origin.substr(0, scheme.size()) == scheme && origin.substr(scheme.size()) == request.header("host");
}

std::string Site::cookie_name(const Request& request) const {
  return (parts_.entrance != nullptr ? "__Host-qianzhi_" : "qianzhi_") + port_named(request.header("host"));
}

Reply Site::door_page(const Request& request, SignInTrouble trouble) const {
  const Language language = language_in(request, "zh");
  return {401, html_type,
          parts_.entrance != nullptr ? sign_in_form_html(language, trouble) : sign_in_html(language, trouble)};
}

Reply Site::let_in(const Request& request, const std::string& session) const {
  Reply reply = web::redirect_to("/");
  reply.headers.emplace_back("Set-Cookie", cookie_name(request) + "=" + session +
                                               "; Path=/; HttpOnly; SameSite=Strict" +
                                               (parts_.entrance != nullptr ? "; Secure" : ""));
  return reply;
}

Reply Site::route(const Request& request) {
  if (parts_.entrance != nullptr && !web::names_own_host(request.header("host"), parts_.hosts))
    return {403, text_type, "QZ-PAGE-013 " + readable(request.header("host")) + "\n"};
  if (request.method == "POST" && request.path == "/sign-in" && parts_.entrance != nullptr) return sign_in(request);
  const bool is_act = request.method == "POST" && request.path == "/api/do";
  if (!is_act && request.method != "GET" && request.method != "HEAD") {
    return {405, text_type, "GET only\n", {{"Allow", "GET, HEAD"}}};
  }
  if (request.path == "/livez") return {200, text_type, "ok\n"};
  if (request.path == "/page.css") return {200, "text/css; charset=utf-8", std::string(html::base_style())};
  if (request.path == "/in") return enter(request);
  std::optional<Visitor> visitor;
  if (parts_.door == nullptr)
    visitor = everybody();
  else
    visitor = parts_.door->visitor(request.cookie(cookie_name(request)));
  if (request.method == "POST") return act(request, visitor);
  const bool is_for_programs = request.path == "/readyz" || request.path == "/metrics" || request.path == "/api/status";
  if (is_for_programs && (visitor || has_token(request))) return of_program(request);
  if (visitor) return get(request, *visitor);
  if (is_for_programs) return {401, text_type, "QZ-PAGE-005\n", {{"WWW-Authenticate", "Bearer"}}};
  if (request.path.rfind("/api/", 0) == 0) return {401, text_type, "QZ-PAGE-005\n"};
  return door_page(request, SignInTrouble::none);
}

Reply Site::of_program(const Request& request) {
  if (request.path == "/readyz") return readiness();
  if (request.path == "/metrics") return {200, "text/plain; version=0.0.4; charset=utf-8", to_metrics(recent())};
  return {200, json_type, to_json(recent())};
}

Reply Site::get(const Request& request, const Visitor& visitor) {
  const std::string& path = request.path;
  if (path == "/plain") {
    const Snapshot snapshot = recent();
    return {200, html_type, to_plain_html(snapshot, language_in(request, snapshot.language))};
  }
  if (path == "/plain/documents") {  // without a snapshot: a queue that cannot be read is when one needs them
    const auto page = to_plain_document(request.parameter("name"), language_in(request, ""));
    return page ? Reply{200, html_type, *page} : no_such_page();
  }
  if (path == "/api/me") return me(visitor);
  if (path == "/api/history") return history(request);
  if (path == "/api/events")
    return {200, json_type, parts_.history == nullptr ? "[]" : to_json(parts_.history->events())};
  if (path == "/api/codes") return {200, json_type, codes_json()};
  if (path == "/api/config") return {200, json_type, parts_.configuration ? parts_.configuration() : "[]"};
  if (path == "/api/documents") return documents_reply();
  if (path == "/api/document") return document_reply(request);
  if (const auto asset = asset_at(path)) return asset_reply(request, *asset);
  return no_such_page();
}

Reply Site::enter(const Request& request) {
  const auto session =
      parts_.door == nullptr ? std::nullopt : parts_.door->enter(request.method == "GET" ? request.parameter("k") : "");
  return session ? let_in(request, *session) : door_page(request, SignInTrouble::refused);
}

Reply Site::sign_in(const Request& request) {
  if (!is_own_origin(request)) return {403, text_type, "QZ-PAGE-006\n"};
  const auto form = web::form_from(request.body);
  if (!form || form->count("name") == 0 || form->count("password") == 0) return {400, text_type, "QZ-PAGE-003\n"};
  try {
    return let_in(request, parts_.entrance->sign_in(form->at("name"), form->at("password"), request.address));
  } catch (const Error& error) {
    if (error.code() == "QZ-PAGE-009") return door_page(request, SignInTrouble::locked);
    if (error.code() == "QZ-PAGE-008") return door_page(request, SignInTrouble::refused);
    throw;
  }
}

Reply Site::act(const Request& request, const std::optional<Visitor>& visitor) {
  if (!visitor || parts_.door == nullptr) return {401, text_type, "QZ-PAGE-005\n"};
  if (!is_own_origin(request) || !same_text(request.header("x-qianzhi-token"), visitor->csrf))
    return {403, text_type, "QZ-PAGE-006\n"};
  const auto form = web::form_from(request.body);
  if (!form) return {400, text_type, "QZ-PAGE-003\n"};
  const auto field = [&](std::string_view name) {
    const auto found = form->find(name);
    return found == form->end() ? std::string() : found->second;
  };
  const std::string verb = field("verb");
  if (verb == "sign-out") {
    parts_.door->leave(request.cookie(cookie_name(request)));
    log(LogLevel::notice, "page", visitor->user + " signed out");
    return {200, text_type, "ok\n"};
  }
  if (visitor->role != Role::operating) return {403, text_type, "QZ-PAGE-007\n"};
  if (!parts_.act) return no_such_page();
  log(LogLevel::notice, "page", visitor->user + ": " + readable(verb) + " " + readable(field("argument")));
  if (parts_.tell)
    parts_.tell({"QZ-PAGE-014", visitor->user,
                 readable(verb + " " + field("argument")).substr(0, longest_deed) + ", " + request.address});
  return {200, text_type, parts_.act({verb, field("argument")}, *visitor)};
}

Reply Site::me(const Visitor& visitor) {
  Poco::JSON::Object object;
  object.set("user", readable(visitor.user));
  object.set("may_act", visitor.role == Role::operating && parts_.act);
  object.set("csrf", visitor.csrf);
  object.set("signs_in", parts_.door != nullptr);
  std::ostringstream text;
  object.stringify(text);
  return {200, json_type, text.str()};
}

Reply Site::readiness() {
  try {
    const Readiness readiness = readiness_of(recent());
    return {readiness.is_ready ? 200 : 503, text_type, readiness.text};
  } catch (const Error& error) {
    return {503, text_type, "not ready\n" + error.code() + "\n"};
  }
}

Reply Site::history(const Request& request) {
  const Span span = request.parameter("span") == "month" ? Span::month : Span::day;
  return {200, json_type,
          parts_.history == nullptr ? to_json(std::vector<Sample>{}) : to_json(parts_.history->samples(span))};
}

bool Site::has_token(const Request& request) const {
  const std::string& token = parts_.reading_token;
  constexpr std::string_view bearer = "Bearer ";
  const std::string_view header = request.header("authorization");
  return !token.empty() && header.substr(0, bearer.size()) == bearer && same_text(header.substr(bearer.size()), token);
}

Snapshot Site::recent() {
  if (parts_.clock == nullptr) return parts_.snapshot();
  const std::lock_guard guard(lock_);
  const Micros now = parts_.clock->steady();
  if (!kept_ || now - kept_at_ >= kept_for) {
    kept_.reset();
    kept_ = parts_.snapshot();
    kept_at_ = now;
  }
  return *kept_;
}

}  // namespace qianzhi::status
