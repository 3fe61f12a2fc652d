#include "agent/status/page_server.h"

#include <string_view>

#include "hub-protocol/base/error.h"
#include "hub-protocol/html/style.h"
#include "hub-protocol/web/loopback.h"

namespace qianzhi::status {

namespace {

using web::Reply;
using web::Request;

constexpr const char* plain_type = "text/plain; charset=utf-8";

// What the link of the page asks for, else what the configuration says.
Language language_in(const Request& request, const std::string& configured) {
  const std::string_view asked = request.parameter("lang");
  return asked == "zh" || asked == "en" ? language_of(asked) : language_of(configured);
}

Reply page_reply(const Request& request, const Snapshot& snapshot) {
  return {200, "text/html; charset=utf-8", to_plain_html(snapshot, language_in(request, snapshot.language))};
}

Reply reply_to(const Request& request, const std::function<Snapshot()>& snapshot) {
  if (request.method != "GET" && request.method != "HEAD")
    return {405, plain_type, "GET only\n", {{"Allow", "GET, HEAD"}}};
  if (request.path == "/livez") return {200, plain_type, "ok\n"};
  if (request.path == "/api/status") return {200, "application/json; charset=utf-8", to_json(snapshot())};
  if (request.path == "/") return page_reply(request, snapshot());
  if (request.path == "/page.css") return {200, "text/css; charset=utf-8", std::string(html::base_style())};
  return {404, plain_type, "no such page\n"};
}

Reply answer(const Request& request, const std::function<Snapshot()>& snapshot) {
  try {
    return reply_to(request, snapshot);
  } catch (const Error& error) {
    return {503, plain_type, error.code() + " " + readable(error.detail()) + "\n"};
  }
}

}  // namespace

struct PageServer::State {
  web::LoopbackListener listener;
};

PageServer::PageServer(const std::string& host, std::uint16_t port, std::function<Snapshot()> snapshot,
                       AlsoAnswered also)
    : state_(new State{{{host, port, also.body_limit},
                        [of = std::move(snapshot), more = std::move(also.answer)](const Request& request) {
                          if (more)
                            if (std::optional<Reply> reply = more(request)) return std::move(*reply);
                          return answer(request, of);
                        }}}) {}

PageServer::~PageServer() = default;

std::uint16_t PageServer::port() const { return state_->listener.port(); }

void PageServer::stop() { state_->listener.stop(); }

}  // namespace qianzhi::status
