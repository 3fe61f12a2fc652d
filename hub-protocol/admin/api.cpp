// POST /api/session signs in, GET tells who, DELETE signs out; GET /api/verbs lists; POST /api/VERB/... carries out.
#include "hub-protocol/admin/call.h"
#include "hub-protocol/admin/json_in.h"
#include "hub-protocol/admin/site.h"
#include "hub-protocol/base/cells.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::admin {

namespace {

Reply json_reply(std::string body, int status = 200) {
  return {status, "application/json; charset=utf-8", std::move(body) + "\n"};
}

Reply error_reply(const Error& error) {
  std::string body = "{\"code\":" + json_text(error.code()) + ",\"detail\":" + json_text(error.detail());
  if (const auto known = explain(error.code()))
    body += ",\"zh\":" + json_text(known->title_zh) + ",\"en\":" + json_text(known->title_en) +
            ",\"next_zh\":" + json_text(known->next_zh) + ",\"next_en\":" + json_text(known->next_en);
  return json_reply(body + "}", status_of(error));
}

JsonNode body_of(const Request& request) {
  const std::string_view type = request.header("content-type");
  std::optional<JsonNode> body;
  if (type.substr(0, type.find(';')) == "application/json") body = json_from(request.body);
  if (!body || body->kind != JsonNode::Kind::object)
    throw Error(ErrorKind::rejected, "QZ-HUB-288", "a JSON object is expected");
  return std::move(*body);
}

const accounts::Visitor& require_visitor(const Visit& visit) {
  if (!visit.visitor) throw Error(ErrorKind::rejected, "QZ-HUB-283", "");
  return *visit.visitor;
}

// The cookie alone may have been sent by a page of somebody else's.
void require_token(const Visit& visit) {
  if (!same_secret(visit.request.header("x-qianzhi-csrf"), require_visitor(visit).csrf))
    throw Error(ErrorKind::rejected, "QZ-HUB-284", "csrf");
}

std::string who(const accounts::Visitor& visitor) {
  return "{\"account\":" + json_text(visitor.account.name) +
         ",\"role\":" + json_text(accounts::name_of(visitor.account.role)) +
         ",\"complete\":" + (visitor.is_complete ? "true" : "false") + ",\"csrf\":" + json_text(visitor.csrf) + "}";
}

Reply session(Visit& visit) {
  if (visit.request.method == "GET") return json_reply(who(require_visitor(visit)));
  if (visit.request.method == "DELETE") {
    require_token(visit);
    visit.entry.sign_out(*visit.visitor);
    Reply reply = json_reply("{}");
    reply.headers.emplace_back("Set-Cookie", session_cookie_header(""));
    return reply;
  }
  const JsonNode body = body_of(visit.request);
  const std::string token =
      visit.entry.sign_in(body.text_of("name"), body.text_of("password"), body.text_of("code"), visit.request.address);
  Reply reply = json_reply(who(*visit.entry.visitor(token)));
  reply.headers.emplace_back("Set-Cookie", session_cookie_header(token));
  return reply;
}

Reply verbs(const Visit& visit) {
  const accounts::Visitor& visitor = require_visitor(visit);
  std::string body = "[";
  for (const VerbInfo& verb : visit.desk.verbs) {
    const bool allowed = verb.role == accounts::Role::anyone || verb.role == visitor.account.role;
    body += std::string(body.size() > 1 ? "," : "") + "{\"name\":" + json_text(verb.name) +
            ",\"arguments\":" + json_text(verb.arguments) + ",\"zh\":" + json_text(verb.zh) +
            ",\"en\":" + json_text(verb.en) + ",\"role\":" + json_text(accounts::name_of(verb.role)) +
            ",\"allowed\":" + (allowed ? "true" : "false") + "}";
  }
  return json_reply(body + "]");
}

// "/api/department/add" with {words: [ID], options: {title: T, force: true}, attachment: "..."}.
std::vector<std::string> words_of(const VerbInfo& verb, const JsonNode& body) {
  std::vector<std::string> words = name_words(verb.name);
  if (const JsonNode* given = body.find("words"))
    for (const JsonNode& word : given->items) words.push_back(word.value);
  if (const JsonNode* options = body.find("options"))
    for (const auto& [name, value] : options->members) {
      if (value.kind == JsonNode::Kind::boolean && value.value == "false") continue;
      words.push_back("--" + name);
      if (value.kind != JsonNode::Kind::boolean) words.push_back(value.value);
    }
  return words;
}

Reply verb(const Visit& visit) {
  require_token(visit);
  std::string name = visit.request.path.substr(5);
  for (char& c : name)
    if (c == '/') c = ' ';
  const VerbInfo* found = verb_named(visit.desk, name);
  if (found == nullptr) return json_reply("{\"code\":\"QZ-HUB-051\"}", 404);
  const JsonNode body = body_of(visit.request);
  const std::string answer = call_verb(visit, words_of(*found, body), body.text_of("attachment"), "api.call");
  if (json_from(answer)) return json_reply("{\"result\":" + answer + "}");
  return json_reply("{\"text\":" + json_text(answer) + "}");
}

}  // namespace

Reply api_reply(Visit& visit) {
  try {
    if (visit.request.path == "/api/session") return session(visit);
    if (visit.request.path == "/api/verbs" && visit.request.method == "GET") return verbs(visit);
    if (visit.request.method == "POST") return verb(visit);
    return json_reply("{\"code\":\"QZ-HUB-051\"}", 404);
  } catch (const Error& error) {
    return error_reply(error);
  }
}

}  // namespace qianzhi::admin
