#include "agent/status/page_server.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "hub-protocol/base/error.h"
#include "hub-protocol/html/style.h"

namespace qianzhi::status {

namespace net = Poco::Net;

namespace {

// A page of another site must not read ours through a name that it points at 127.0.0.1; a literal address cannot be
// pointed anywhere.
bool is_loopback_name(std::string host) {
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  if (host == "localhost") return true;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  net::IPAddress address;
  return net::IPAddress::tryParse(host, address) && address.isLoopback();
}

struct Reply {
  int status = 200;
  std::string reason = "OK";
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

constexpr const char* text_type = "text/plain; charset=utf-8";

// What the link of the page asks for, else what the configuration says.
Language language_in(std::string_view query, const std::string& configured) {
  if (query == "lang=zh") return Language::zh;
  if (query == "lang=en") return Language::en;
  return language_of(configured);
}

Reply page_reply(std::string_view query, const Snapshot& snapshot) {
  return {200, "OK", "text/html; charset=utf-8", to_plain_html(snapshot, language_in(query, snapshot.language))};
}

Reply reply_to(const std::string& method, std::string_view target, const std::function<Snapshot()>& snapshot) {
  if (method != "GET" && method != "HEAD") return {405, "Method Not Allowed", text_type, "GET only\n"};
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  if (path == "/livez") return {200, "OK", text_type, "ok\n"};
  if (path == "/api/status") return {200, "OK", "application/json; charset=utf-8", to_json(snapshot())};
  if (path == "/") return page_reply(query, snapshot());
  if (path == "/page.css") return {200, "OK", "text/css; charset=utf-8", std::string(html::base_style())};
  return {404, "Not Found", text_type, "no such page\n"};
}

Reply answer(const net::HTTPServerRequest& request, const std::function<Snapshot()>& snapshot) {
  if (!is_loopback_name(request.get("Host", "")))
    return {403, "Forbidden", text_type, "请用 http://127.0.0.1 打开 / open it as http://127.0.0.1\n"};
  try {
    return reply_to(request.getMethod(), request.getURI(), snapshot);
  } catch (const Error& error) {
    return {503, "Service Unavailable", text_type, error.code() + " " + readable(error.detail()) + "\n"};
  }
}

const Poco::Timespan patience(3, 0);

// Poco's own timeout covers reading only.
void cut_when_idle(net::HTTPServerRequest& request) {
  auto* real = dynamic_cast<net::HTTPServerRequestImpl*>(&request);
  if (real != nullptr) real->socket().setSendTimeout(patience);
}

class Handler final : public net::HTTPRequestHandler {
 public:
  explicit Handler(const std::function<Snapshot()>& snapshot) : snapshot_(snapshot) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    cut_when_idle(request);
    const Reply reply = answer(request, snapshot_);
    response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(reply.status), reply.reason);
    response.setContentType(reply.type);
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                 "frame-ancestors 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cache-Control", "no-store");
    // Whatever body came is not read: the connection ends so that it cannot become the next request.
    response.setKeepAlive(false);
    if (reply.status == 405) response.set("Allow", "GET, HEAD");
    if (request.getMethod() == "HEAD") {
      response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
      response.send();
    } else {
      response.sendBuffer(reply.body.data(), reply.body.size());
    }
  }

 private:
  const std::function<Snapshot()>& snapshot_;
};

class Factory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(std::function<Snapshot()> snapshot) : snapshot_(std::move(snapshot)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& /*request*/) override {
    return new Handler(snapshot_);
  }

 private:
  std::function<Snapshot()> snapshot_;
};

net::ServerSocket listen_on(const std::string& host, std::uint16_t port) {
  net::IPAddress parsed;
  if (!net::IPAddress::tryParse(host == "localhost" ? "127.0.0.1" : host, parsed) || !parsed.isLoopback())
    throw Error(ErrorKind::misuse, "QZ-PAGE-001", host);
  const net::SocketAddress address(parsed, port);
  try {
    // Never shared: with SO_REUSEPORT, which Poco sets by itself, two agents would answer in turns on one port.
    net::ServerSocket socket;
    socket.bind(address, true, false);
    socket.listen(64);
    return socket;
  } catch (const Poco::Exception& failure) {
    throw Error(ErrorKind::unavailable, "QZ-PAGE-002", address.toString() + ": " + failure.displayText());
  }
}

}  // namespace

struct PageServer::State {
  State(const net::ServerSocket& listener, std::function<Snapshot()> snapshot)
      : pool(2, 24), socket(listener), server(new Factory(std::move(snapshot)), pool, socket, parameters()) {}

  static net::HTTPServerParams::Ptr parameters() {
    net::HTTPServerParams::Ptr values = new net::HTTPServerParams;
    values->setMaxThreads(24);
    values->setMaxQueued(32);
    values->setTimeout(patience);
    return values;
  }

  Poco::ThreadPool pool;
  net::ServerSocket socket;
  net::HTTPServer server;
};

PageServer::PageServer(const std::string& host, std::uint16_t port, std::function<Snapshot()> snapshot)
    : state_(std::make_unique<State>(listen_on(host, port), std::move(snapshot))) {
  state_->server.start();
}

PageServer::~PageServer() { stop(); }

std::uint16_t PageServer::port() const { return state_->socket.address().port(); }

void PageServer::stop() { state_->server.stopAll(true); }

}  // namespace qianzhi::status
