#include "agent/app/request_api.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <sstream>

#include "agent/app/request_text.h"
#include "agent/config/loader.h"
#include "agent/config/names.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::app {

namespace {

constexpr std::string_view requests_path = "/api/requests";
constexpr const char* json_type = "application/json; charset=utf-8";
constexpr std::size_t deepest_json = 4;
constexpr std::size_t most_listed_here = 200;
constexpr std::size_t most_questions_asked = 1'000;
constexpr std::size_t longest_idempotency_key = 200;

[[noreturn]] void refuse_body(const std::string& what) { throw Error(ErrorKind::rejected, "QZ-AGT-158", what); }

std::string text_of_json(const Poco::JSON::Object& object) {
  std::ostringstream out;
  object.stringify(out);
  return out.str() + "\n";
}

web::Reply json_reply(int status, const Poco::JSON::Object& object) {
  return {status, json_type, text_of_json(object)};
}

web::Reply error_reply(int status, const std::string& code, const std::string& detail) {
  Poco::JSON::Object object;
  object.set("code", code);
  if (const auto known = explain(code)) {
    object.set("zh", std::string(known->title_zh));
    object.set("en", std::string(known->title_en));
    object.set("next_zh", std::string(known->next_zh));
    object.set("next_en", std::string(known->next_en));
  }
  if (!detail.empty()) object.set("detail", detail);
  web::Reply reply = json_reply(status, object);
  if (status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 429) reply.headers.emplace_back("Retry-After", "10");
  return reply;
}

int status_of(const Error& error) {
  if (error.kind() == ErrorKind::full) return 429;
  if (error.kind() != ErrorKind::rejected) return 503;
  if (error.code() == "QZ-AGT-155") return 404;
  if (error.code() == "QZ-AGT-151" || error.code() == "QZ-AGT-169") return 403;
  return 400;
}

// Takes as long wherever they differ.
bool is_same_secret(std::string_view a, std::string_view b) {
  std::size_t difference = a.size() ^ b.size();
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

// What a caller says of itself goes to the provider as it is: one line of text.
std::string text_in(const Poco::JSON::Object& object, const std::string& name) {
  if (!object.has(name)) return {};
  const Poco::Dynamic::Var value = object.get(name);
  if (!value.isString()) refuse_body(name + " is no text");
  std::string text = value.extract<std::string>();
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    refuse_body(name + " holds control characters");
  return text;
}

Poco::JSON::Object::Ptr object_in(const std::string& body) {
  try {
    Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
    parser.setDepth(deepest_json);
    return parser.parse(body).extract<Poco::JSON::Object::Ptr>();
  } catch (const Poco::Exception&) {
    refuse_body("the body is no JSON object");
  }
}

seal::Questions questions_in(const Poco::JSON::Object& body) {
  const Poco::JSON::Array::Ptr list = body.getArray("questions");
  if (!list || list->size() == 0 || list->size() > most_questions_asked)
    refuse_body("questions: a list of 1 to " + std::to_string(most_questions_asked));
  seal::Questions questions;
  for (unsigned i = 0; i < list->size(); ++i) {
    const Poco::JSON::Object::Ptr one = list->getObject(i);
    if (!one) refuse_body("questions[" + std::to_string(i) + "] is no object");
    if (i == 0) {
      questions.items = one->getNames();
      questions.columns.resize(questions.items.size());
    }
    if (one->size() != questions.items.size()) refuse_body("questions[" + std::to_string(i) + "] has other items");
    for (std::size_t item = 0; item < questions.items.size(); ++item) {
      const std::string& name = questions.items[item];
      if (!one->has(name)) refuse_body("questions[" + std::to_string(i) + "] lacks " + name);
      const std::string text = one->isNull(name) ? std::string() : text_in(*one, name);
      if (text.empty())
        questions.columns[item].append_null();
      else
        questions.columns[item].append(text);
    }
  }
  return questions;
}

void check_names(const Poco::JSON::Object& body) {
  static const std::vector<std::string> known = {"service", "purpose", "basis",  "case",     "person",
                                                 "within",  "to",      "appeal", "questions"};
  for (const std::string& name : body.getNames())
    if (std::find(known.begin(), known.end(), name) == known.end()) refuse_body("unknown: " + name.substr(0, 40));
}

std::string origin_of(const config::ApiToken& token) { return "api/" + token.name; }

flow::InquiryDraft draft_in(const Poco::JSON::Object& body, const config::ApiToken& token) {
  check_names(body);
  flow::InquiryDraft draft;
  draft.service = text_in(body, "service");
  draft.purpose = text_in(body, "purpose");
  draft.basis = text_in(body, "basis");
  draft.questions = questions_in(body);
  draft.questions.case_number = text_in(body, "case");
  const std::string person = text_in(body, "person");
  draft.questions.asker = token.name + (person.empty() ? "" : "/" + person);
  draft.table = origin_of(token);
  if (body.has("to")) {
    const Poco::JSON::Array::Ptr to = body.getArray("to");
    if (!to) refuse_body("to is no list");
    for (const auto& agent : *to) {
      if (!agent.isString()) refuse_body("to holds what is no text");
      draft.providers.push_back(agent.extract<std::string>());
    }
  }
  const std::string within = text_in(body, "within");
  const auto time = config::time_to_answer(within.empty() ? "10m" : within);
  if (!time) refuse_body("within is no time from 1s to 90d");
  draft.within = *time;
  if (const std::string appeal = text_in(body, "appeal"); !appeal.empty()) draft.appeal = from_hex(appeal);
  return draft;
}

Poco::JSON::Object head_json(const flow::Inquiry& inquiry) {
  Poco::JSON::Object object;
  object.set("id", to_hex(inquiry.id));
  object.set("service", inquiry.service);
  object.set("case", inquiry.questions.case_number);
  object.set("made", qianzhi::to_text(inquiry.made));
  object.set("deadline", qianzhi::to_text(inquiry.deadline));
  object.set("questions", static_cast<int>(inquiry.questions.count()));
  object.set("providers", static_cast<int>(inquiry.providers.size()));
  object.set("over", inquiry.is_over());
  return object;
}

std::string secret_of(const config::ApiToken& token) {
  try {
    return config::read_secret(token.secret);
  } catch (const Error& error) {
    log("api " + token.name, error);
    return {};
  }
}

}  // namespace

bool RequestApi::is_meant(const web::Request& request) {
  return request.path == requests_path || request.path.rfind(std::string(requests_path) + "/", 0) == 0;
}

const config::ApiToken* RequestApi::token_of(const web::Request& request) const {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view header = request.header("authorization");
  if (header.substr(0, scheme.size()) != scheme) return nullptr;
  const std::string_view shown = header.substr(scheme.size());
  const config::ApiToken* found = nullptr;
  for (const config::ApiToken& token : tokens_) {
    // A file that is away is its own caller's trouble, and nobody else's.
    const std::string secret = secret_of(token);
    if (secret.size() >= config::shortest_token && is_same_secret(secret, shown)) found = &token;
  }
  return found;
}

web::Reply RequestApi::ask(const web::Request& request, const config::ApiToken& token) const {
  if (request.body.size() > longest_api_body) return error_reply(413, "QZ-PAGE-003", "");
  const std::string_view type = request.header("content-type");
  if (type.substr(0, type.find(';')) != "application/json")
    return error_reply(415, "QZ-AGT-158", "Content-Type: application/json");
  flow::InquiryDraft draft = draft_in(*object_in(request.body), token);
  const bool may_ask = std::find(token.services.begin(), token.services.end(), draft.service) != token.services.end();
  if (!may_ask || (!token.purposes.empty() && token.purposes.count(draft.purpose) == 0))
    throw Error(ErrorKind::rejected, "QZ-AGT-169", draft.service);
  if (!draft.appeal.empty() && requests_.summary(draft.appeal).table != draft.table)
    throw Error(ErrorKind::rejected, "QZ-AGT-155", "appeal");
  const std::string key(request.header("idempotency-key"));
  if (key.size() > longest_idempotency_key) refuse_body("Idempotency-Key is too long");
  if (!key.empty()) draft.rows = {key};
  const auto earlier = [&] { return key.empty() ? std::nullopt : requests_.asked_as(draft.table, key); };
  std::optional<Bytes> id = earlier();
  bool is_new = !id.has_value();
  if (is_new) try {
      id = requests_.ask(draft);
    } catch (const Error&) {
      // Another call with this key may have been quicker.
      id = earlier();
      if (!id) throw;
      is_new = false;
    }
  log(LogLevel::notice, "api " + token.name,
      to_hex(*id) + " " + draft.service + " " + std::to_string(draft.questions.count()) + (is_new ? "" : " again"));
  Poco::JSON::Object object;
  object.set("id", to_hex(*id));
  web::Reply reply = json_reply(is_new ? 201 : 200, object);
  reply.headers.emplace_back("Location", std::string(requests_path) + "/" + to_hex(*id));
  return reply;
}

web::Reply RequestApi::list(const config::ApiToken& token) const {
  Poco::JSON::Array array;
  for (const store::KeptInquiry& kept : store_.inquiries_of(origin_of(token), most_listed_here))
    array.add(head_json(requests_.summary(kept.id)));
  Poco::JSON::Object object;
  object.set("requests", array);
  return json_reply(200, object);
}

web::Reply RequestApi::show(const std::string& id, const config::ApiToken& token) const {
  const bool is_id =
      id.size() == 2 * seal::parcel_id_octets && id.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  // That another one asked it is nobody's business either.
  if (!is_id || requests_.summary(from_hex(id)).table != origin_of(token))
    throw Error(ErrorKind::rejected, "QZ-AGT-155", "");
  return {200, json_type, inquiry_json(requests_.inquiry(from_hex(id))) + "\n"};
}

web::Reply RequestApi::route(const web::Request& request) const {
  if (tokens_.empty()) return error_reply(404, "QZ-AGT-168", "api.callers");
  const config::ApiToken* token = token_of(request);
  if (token == nullptr) return error_reply(401, "QZ-AGT-168", "");
  if (request.path == requests_path && request.method == "POST") return ask(request, *token);
  if (request.method != "GET") return error_reply(405, "QZ-AGT-158", "GET, POST");
  if (request.path == requests_path) return list(*token);
  return show(request.path.substr(requests_path.size() + 1), *token);
}

web::Reply RequestApi::unavailable(const Error& error) { return error_reply(503, error.code(), error.detail()); }

web::Reply RequestApi::answer(const web::Request& request) const {
  try {
    return route(request);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) log("api", error);
    return error_reply(status_of(error), error.code(), error.detail());
  }
}

}  // namespace qianzhi::app
