#include "agent/desk/lookup/site.h"

#include <chrono>

#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/html/style.h"

namespace qianzhi::desk::lookup {

namespace {

constexpr const char* json_type = "application/json; charset=utf-8";
constexpr std::chrono::seconds patience(3);
constexpr const char* plain_type = "text/plain; charset=utf-8";
constexpr std::string_view session_cookie = "qz_desk_session";

Reply plain(int status, const char* text) { return {status, plain_type, text}; }

Reply to_start() { return {303, plain_type, "", {{"Location", "/"}}}; }

std::string field_in(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

Question question_in(const Fields& fields) {
  return {field_in(fields, "subject"), field_in(fields, "by"), field_in(fields, "text"), field_in(fields, "purpose")};
}

int status_of(const Error& error) {
  if (error.kind() == ErrorKind::full) return 429;
  if (error.kind() != ErrorKind::rejected) return 503;
  return error.code() == "QZ-DSK-211" ? 403 : 400;
}

// A page of another site may send a form here; its browser says from where.
bool is_own_origin(const Request& request) {
  return request.header("origin") == "http://" + std::string(request.header("host"));
}

std::string session_header(const std::string& id, const char* more) {
  return std::string(session_cookie) + "=" + id + "; Path=/; HttpOnly; SameSite=Strict" + more;
}

std::string to_json(const Answer& answer) {
  std::string text = "{\"hits\":[";
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    text += i == 0 ? "{" : ",{";
    for (std::size_t j = 0; j < answer.hits[i].items.size(); ++j) {
      const auto& [item, value] = answer.hits[i].items[j];
      text += (j == 0 ? "" : ",") + json_text(item) + ":" + json_text(html::readable(value));
    }
    text += "}";
  }
  return text + "],\"more\":" + (answer.has_more ? "true" : "false") + "}\n";
}

Reply json_error(int status, const std::string& code) {
  return {status, json_type, "{\"code\":" + json_text(code) + "}\n"};
}

}  // namespace

Site::Site(const LookupConfig& config, Search& search, Sessions& sessions)
    : config_(config), search_(search), sessions_(sessions) {}

Reply Site::page_reply(const Request& request, PageState& state) {
  state.language = html::language_of(field_in(request.query, "lang"));
  if (state.account == nullptr) return {state.code.empty() ? 200 : 403, "text/html; charset=utf-8", login_page(state)};
  state.role = &config_.roles.at(state.account->role);
  return {200, "text/html; charset=utf-8", search_page(config_, state)};
}

Reply Site::login(const Request& request) {
  const auto fields = web::form_from(request.body);
  const Account* account = fields ? sessions_.by_token(field_in(*fields, "token")) : nullptr;
  if (account == nullptr) {
    PageState state;
    state.code = "QZ-DSK-217";
    return page_reply(request, state);
  }
  Reply reply = to_start();
  reply.headers.emplace_back("Set-Cookie", session_header(sessions_.open(*account), ""));
  return reply;
}

Reply Site::logout(const Request& request) {
  sessions_.close(std::string(request.cookie(session_cookie)));
  Reply reply = to_start();
  reply.headers.emplace_back("Set-Cookie", session_header("", "; Max-Age=0"));
  return reply;
}

Reply Site::page_search(const Request& request) {
  PageState state;
  state.account = sessions_.by_session(std::string(request.cookie(session_cookie)));
  const auto fields = web::form_from(request.body);
  if (!fields) return plain(400, "not a form\n");
  if (state.account == nullptr) return to_start();
  state.question = question_in(*fields);
  int status = 200;
  try {
    state.answer = search_.ask(*state.account, state.question);
  } catch (const Error& error) {
    state.code = error.code();
    status = status_of(error);
  }
  Reply reply = page_reply(request, state);
  reply.status = status;
  return reply;
}

Reply Site::api_search(const Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view given = request.header("authorization");
  const Account* account =
      given.substr(0, scheme.size()) == scheme ? sessions_.by_token(given.substr(scheme.size())) : nullptr;
  if (account == nullptr) {
    Reply reply = json_error(401, "QZ-DSK-217");
    reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    return reply;
  }
  const bool is_json = request.header("content-type").substr(0, 16) == "application/json";
  const auto fields = is_json ? json_from(request.body) : web::form_from(request.body);
  if (!fields) return json_error(400, "QZ-DSK-212");
  try {
    return {200, json_type, to_json(search_.ask(*account, question_in(*fields)))};
  } catch (const Error& error) {
    return json_error(status_of(error), error.code());
  }
}

Reply Site::routed(const Request& request) {
  if (request.method == "GET" || request.method == "HEAD") {
    if (request.path == "/livez") return plain(200, "ok\n");
    if (request.path == "/page.css") return {200, "text/css; charset=utf-8", std::string(html::base_style())};
    if (request.path != "/") return plain(404, "no such page\n");
    PageState state;
    state.account = sessions_.by_session(std::string(request.cookie(session_cookie)));
    return page_reply(request, state);
  }
  if (request.method != "POST") return plain(405, "GET or POST\n");
  if (request.path == "/api/search")
    return request.header("origin").empty() || is_own_origin(request) ? api_search(request)
                                                                      : plain(403, "other origin\n");
  if (!is_own_origin(request)) return plain(403, "other origin\n");
  if (request.path == "/login") return login(request);
  if (request.path == "/logout") return logout(request);
  if (request.path == "/search") return page_search(request);
  return plain(404, "no such page\n");
}

Reply Site::answer(const Request& request) {
  // While the index is built, for instance.
  const std::unique_lock lock(mutex_, patience);
  if (!lock) return plain(503, "busy\n");
  try {
    return routed(request);
  } catch (const Error& error) {
    log("lookup", error);
    return plain(503, "not available\n");
  }
}

}  // namespace qianzhi::desk::lookup
