#include "agent/desk/lookup/server.h"

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
#include <istream>
#include <optional>

#include "hub-protocol/base/error.h"

namespace qianzhi::desk::lookup {

namespace net = Poco::Net;

namespace {

constexpr std::streamsize most_of_body = 8192;
const Poco::Timespan lookup_patience(3, 0);

bool names_loopback(std::string host) {
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  if (host == "localhost") return true;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  net::IPAddress address;
  return net::IPAddress::tryParse(host, address) && address.isLoopback();
}

Reply refused(int status, const char* why) { return {status, "text/plain; charset=utf-8", why}; }

// Its length must be stated: what follows is then no second request.
std::optional<std::string> body_of(net::HTTPServerRequest& request) {
  if (request.getChunkedTransferEncoding() || !request.hasContentLength()) return std::nullopt;
  const std::streamsize size = request.getContentLength();
  if (size < 0 || size > most_of_body) return std::nullopt;
  std::string body(static_cast<std::size_t>(size), '\0');
  request.stream().read(body.data(), size);
  if (request.stream().gcount() != size) return std::nullopt;
  return body;
}

Reply reply_to(net::HTTPServerRequest& raw, const std::function<Reply(const Request&)>& answer) {
  Request request;
  request.host = raw.get("Host", "");
  if (!names_loopback(request.host)) return refused(403, "open it as http://127.0.0.1\n");
  request.method = raw.getMethod();
  const std::string& target = raw.getURI();
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  auto query = form_from(std::string_view(target).substr(std::min(mark + 1, target.size())));
  if (!query) return refused(400, "bad address\n");
  request.query = std::move(*query);
  request.origin = raw.get("Origin", "");
  request.authorization = raw.get("Authorization", "");
  request.cookie = raw.get("Cookie", "");
  request.type = raw.getContentType();
  if (request.method == "POST") {
    auto body = body_of(raw);
    if (!body) return refused(413, "a body of at most 8192 octets, with its length\n");
    request.body = std::move(*body);
  }
  return answer(request);
}

class LookupHandler final : public net::HTTPRequestHandler {
 public:
  explicit LookupHandler(const std::function<Reply(const Request&)>& answer) : answer_(answer) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    if (auto* real = dynamic_cast<net::HTTPServerRequestImpl*>(&request))
      real->socket().setSendTimeout(lookup_patience);
    const Reply reply = reply_to(request, answer_);
    response.setStatus(static_cast<net::HTTPResponse::HTTPStatus>(reply.status));
    response.setReason(net::HTTPResponse::getReasonForStatus(response.getStatus()));
    response.setContentType(reply.type);
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    response.set("X-Content-Type-Options", "nosniff");
    // With no-referrer browsers would not say where a form comes from.
    response.set("Referrer-Policy", "same-origin");
    response.set("Cache-Control", "no-store");
    response.setKeepAlive(false);
    for (const auto& [name, value] : reply.headers) response.add(name, value);
    if (request.getMethod() == "HEAD") {
      response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
      response.send();
    } else {
      response.sendBuffer(reply.body.data(), reply.body.size());
    }
  }

 private:
  const std::function<Reply(const Request&)>& answer_;
};

class LookupFactory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit LookupFactory(std::function<Reply(const Request&)> answer) : answer_(std::move(answer)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& /*request*/) override {
    return new LookupHandler(answer_);
  }

 private:
  std::function<Reply(const Request&)> answer_;
};

net::ServerSocket loopback_socket(const std::string& host, std::uint16_t port) {
  net::IPAddress parsed;
  if (!net::IPAddress::tryParse(host == "localhost" ? "127.0.0.1" : host, parsed) || !parsed.isLoopback())
    throw Error(ErrorKind::misuse, "QZ-DSK-218", host);
  const net::SocketAddress address(parsed, port);
  try {
    // Never shared: with SO_REUSEPORT, which Poco sets by itself, two programs would answer in turns on one port.
    net::ServerSocket socket;
    socket.bind(address, true, false);
    socket.listen(64);
    return socket;
  } catch (const Poco::Exception& failure) {
    throw Error(ErrorKind::unavailable, "QZ-DSK-219", address.toString() + ": " + failure.displayText());
  }
}

}  // namespace

struct Server::State {
  State(const net::ServerSocket& listener, std::function<Reply(const Request&)> answer)
      : pool(2, 16), socket(listener), server(new LookupFactory(std::move(answer)), pool, socket, parameters()) {}

  static net::HTTPServerParams::Ptr parameters() {
    net::HTTPServerParams::Ptr values = new net::HTTPServerParams;
    values->setMaxThreads(16);
    values->setMaxQueued(32);
    values->setTimeout(lookup_patience);
    return values;
  }

  Poco::ThreadPool pool;
  net::ServerSocket socket;
  net::HTTPServer server;
};

Server::Server(const std::string& host, std::uint16_t port, std::function<Reply(const Request&)> answer)
    : state_(std::make_unique<State>(loopback_socket(host, port), std::move(answer))) {
  state_->server.start();
}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return state_->socket.address().port(); }

void Server::stop() { state_->server.stopAll(true); }

}  // namespace qianzhi::desk::lookup
