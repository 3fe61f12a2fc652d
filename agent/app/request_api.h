// Requests to other departments for programs of this one, over HTTP on loopback, as JSON. packaging/REQUESTS.md tells
// how it is used.
//   POST /api/requests       {"service", "purpose", "basis", "questions": [{ITEM: TEXT, ...}, ...]} and, if wanted,
//   "case",
//                            "person", "within", "to": [AGENT, ...], "appeal": ID. 201 and {"id": ID}; with a header
//                            Idempotency-Key that was used before: 200 and the id of then.
//   GET  /api/requests       the newest ones of this token
//   GET  /api/requests/ID    one, with what is answered so far; "over": nothing more will come
// Every call needs Authorization: Bearer TOKEN, which says who asks and what it may ask; one token does not see what
// another one asked. Errors are {"code", "zh", "en", "detail"}.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/flow/requests.h"
#include "agent/store/store.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/web/http.h"

namespace qianzhi::app {

inline constexpr std::size_t longest_api_body = 1U << 20U;  // octets

class RequestApi {
 public:
  // All must outlive it. No tokens: everything is answered with 404.
  RequestApi(const std::vector<config::ApiToken>& tokens, flow::Requests& requests, const store::Store& store)
      : tokens_(tokens), requests_(requests), store_(store) {}

  // Whether this is a call of this interface.
  static bool is_meant(const web::Request& request);
  // What a caller is told while there is no agent.
  static web::Reply unavailable(const Error& error);
  // Thread-safe; does not throw.
  web::Reply answer(const web::Request& request) const;

 private:
  web::Reply route(const web::Request& request) const;
  const config::ApiToken* token_of(const web::Request& request) const;  // null: none
  web::Reply ask(const web::Request& request, const config::ApiToken& token) const;
  web::Reply list(const config::ApiToken& token) const;
  web::Reply show(const std::string& id, const config::ApiToken& token) const;

  const std::vector<config::ApiToken>& tokens_;
  flow::Requests& requests_;
  const store::Store& store_;
};

}  // namespace qianzhi::app
