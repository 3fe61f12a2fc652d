#include "agent/status/page_server.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi::status {

namespace net = Poco::Net;

namespace {

// A page of another site must not read ours through a name that it points at 127.0.0.1.
bool is_loopback_name(std::string host) {
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  return host == "127.0.0.1" || host == "localhost" || host == "[::1]";
}

struct Reply {
  int status = 200;
  std::string reason = "OK";
  std::string type = "text/plain; charset=utf-8";
  std::string body;
};

Reply reply_to(const std::string& method, const std::string& path, const std::function<Snapshot()>& snapshot) {
  if (method != "GET" && method != "HEAD") return {405, "Method Not Allowed", "text/plain", "GET only\n"};
  if (path == "/livez") return {200, "OK", "text/plain", "ok\n"};
  if (path == "/api/status") return {200, "OK", "application/json; charset=utf-8", to_json(snapshot())};
  if (path == "/") return {200, "OK", "text/html; charset=utf-8", to_plain_html(snapshot())};
  if (path == "/page.css") return {200, "OK", "text/css; charset=utf-8", std::string(plain_style())};
  return {404, "Not Found", "text/plain", "no such page\n"};
}

class Handler final : public net::HTTPRequestHandler {
 public:
  explicit Handler(const std::function<Snapshot()>& snapshot) : snapshot_(snapshot) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    Reply reply;
    if (!is_loopback_name(request.getHost()))
      reply = {403, "Forbidden", "text/plain; charset=utf-8",
               "请用 http://127.0.0.1 打开 / open it as http://127.0.0.1\n"};
    else
      reply = reply_to(request.getMethod(), request.getURI(), snapshot_);
    response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(reply.status), reply.reason);
    response.setContentType(reply.type);
    response.set("Content-Security-Policy",
                 "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cache-Control", "no-store");
    // Whatever body came is not read: the connection ends so that it cannot become the next request.
    response.setKeepAlive(false);
    response.sendBuffer(reply.body.data(), request.getMethod() == "HEAD" ? 0 : reply.body.size());
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
  const net::SocketAddress address(host, port);
  if (!address.host().isLoopback()) throw Error(ErrorKind::misuse, "QZ-PAGE-001", host);
  try {
    return net::ServerSocket(address, 64);
  } catch (const Poco::Exception& failure) {
    throw Error(ErrorKind::unavailable, "QZ-PAGE-002", address.toString() + ": " + failure.displayText());
  }
}

}  // namespace

struct PageServer::State {
  State(net::ServerSocket listener, std::function<Snapshot()> snapshot)
      : pool(2, 8), socket(std::move(listener)), server(new Factory(std::move(snapshot)), pool, socket, parameters()) {}

  static net::HTTPServerParams::Ptr parameters() {
    net::HTTPServerParams::Ptr values = new net::HTTPServerParams;
    values->setMaxThreads(8);
    values->setMaxQueued(32);
    values->setTimeout(Poco::Timespan(10, 0));
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
