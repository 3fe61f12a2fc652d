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
std::string cookie_name(const Request& request) {
  const std::string host(request.header("host"));
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  return "qianzhi_" + (has_port ? host.substr(colon + 1) : "80");
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
  const auto& all = documents();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Asset& asset) { return asset.path == request.parameter("name"); });
  if (found == all.end()) return no_such_page();
  return {200, html_type, std::string(found->plain)};
}

// A page of another site may send forms here, but it cannot say that it is ours.
bool is_own_origin(const Request& request) {
  const std::string_view origin = request.header("origin");
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && origin.substr(scheme + 3) == request.header("host");
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
    return route(request);
  } catch (const Error& error) {
    return error_reply(status_of(error), error.code(), error.detail());
  }
}

Reply Site::route(const Request& request) {
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
  return {401, html_type, sign_in_html(language_in(request, "zh"), false)};
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
  if (!session) return {401, html_type, sign_in_html(language_in(request, "zh"), true)};
  Reply reply = web::redirect_to("/");
  reply.headers.emplace_back("Set-Cookie",
                             cookie_name(request) + "=" + *session + "; Path=/; HttpOnly; SameSite=Strict");
  return reply;
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
    return {200, text_type, "ok\n"};
  }
  if (visitor->role != Role::operating) return {403, text_type, "QZ-PAGE-007\n"};
  if (!parts_.act) return no_such_page();
  log(LogLevel::notice, "page", visitor->user + ": " + readable(verb) + " " + readable(field("argument")));
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
