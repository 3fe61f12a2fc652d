#include "hub-protocol/web/loopback.h"

#include <Poco/Clock.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>

#include <array>
#include <istream>
#include <optional>

#include "hub-protocol/base/error.h"

namespace qianzhi::web {

namespace {

namespace net = Poco::Net;

const Poco::Timespan loopback_patience(3, 0);
const Poco::Timespan farewell_wait(1, 0);
constexpr std::size_t most_farewell = 4U << 20U;

std::optional<net::IPAddress> address_of(const std::string& host) {
  net::IPAddress address;
  // What tryParse() takes for a failure.
  if (host == "::") return net::IPAddress(net::IPAddress::IPv6);
  if (!net::IPAddress::tryParse(host == "localhost" ? "127.0.0.1" : host, address)) return std::nullopt;
  return address;
}

// A page of another site must not read ours through a name that it points at 127.0.0.1; a literal address cannot be
// pointed anywhere.
bool names_loopback(std::string host) {
  const std::size_t colon = host.rfind(':');
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) host.resize(colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return is_loopback(host);
}

Reply loopback_refusal(int status, const char* why) { return {status, "text/plain; charset=utf-8", why}; }

// Who speaks JSON is refused in JSON.
Reply unread(const net::HTTPServerRequest& raw, int status) {
  const std::string& type = raw.getContentType();
  if (type.substr(0, type.find(';')) != "application/json") return loopback_refusal(status, "QZ-PAGE-003\n");
  return {status, "application/json; charset=utf-8", "{\"code\":\"QZ-PAGE-003\"}\n"};
}

// The head in the form that all our listeners read.
std::string block_of(const net::HTTPServerRequest& raw) {
  std::string block = raw.getMethod() + " " + raw.getURI() + " " + raw.getVersion() + "\r\n";
  for (const auto& [name, value] : raw) block.append(name).append(": ").append(value).append("\r\n");
  return block;
}

// has_body: something of the request may be left unread.
Reply reply_to(net::HTTPServerRequest& raw, const LoopbackOptions& options,
               const std::function<Reply(const Request&)>& answer, bool& has_body) {
  if (!names_loopback(raw.get("Host", "")))
    return loopback_refusal(403, "请用 http://127.0.0.1 打开 / open it as http://127.0.0.1\n");
  std::optional<Request> request = request_from(block_of(raw));
  if (!request) return unread(raw, 400);
  request->address = raw.clientAddress().host().toString();
  // A body without a stated length, or with too much, is not read: the connection ends with the reply.
  if (request->method == "POST" && raw.getChunkedTransferEncoding()) return unread(raw, 411);
  if (request->method == "POST" && raw.hasContentLength()) {
    const std::streamsize size = raw.getContentLength();
    if (size < 0 || static_cast<std::size_t>(size) > options.body_limit) return unread(raw, 413);
    request->body.resize(static_cast<std::size_t>(size));
    raw.stream().read(request->body.data(), size);
    if (raw.stream().gcount() != size) return unread(raw, 408);
    has_body = false;
  }
  return answer(*request);
}

// A connection that is closed with something unread is reset, and a refusal sent before may never be read.
void take_leave(net::StreamSocket& socket) {
  const Poco::Clock began;
  std::array<char, 8192> rest{};
  std::size_t taken = 0;
  try {
    socket.shutdownSend();
    socket.setReceiveTimeout(farewell_wait);
    while (taken < most_farewell && began.elapsed() < farewell_wait.totalMicroseconds()) {
      const int count = socket.receiveBytes(rest.data(), static_cast<int>(rest.size()));
      if (count <= 0) return;
      taken += static_cast<std::size_t>(count);
    }
  } catch (const Poco::Exception&) {
    // Gone, or silent for too long.
  }
}

struct Service {
  LoopbackOptions options;
  std::function<Reply(const Request&)> answer;
};

class LoopbackHandler final : public net::HTTPRequestHandler {
 public:
  explicit LoopbackHandler(const Service& service) : service_(service) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    // Poco's own timeout covers reading only.
    auto* real = dynamic_cast<net::HTTPServerRequestImpl*>(&request);
    if (real != nullptr) real->socket().setSendTimeout(loopback_patience);
    bool has_body = request.hasContentLength() || request.getChunkedTransferEncoding();
    const Reply reply = reply_to(request, service_.options, service_.answer, has_body);
    response.setStatus(static_cast<net::HTTPResponse::HTTPStatus>(reply.status));
    response.setReason(reason_of(reply.status));
    response.setContentType(reply.type);
    for (const auto& [name, value] : standing_headers(reply)) response.set(std::string(name), std::string(value));
    response.set("Content-Security-Policy", service_.options.policy);
    for (const auto& [name, value] : reply.headers) response.add(name, value);
    response.setKeepAlive(false);
    if (request.getMethod() == "HEAD" || reply.status == 304) {
      response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
      response.send();
    } else if (real != nullptr && has_body) {
      response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
      response.send().write(reply.body.data(), static_cast<std::streamsize>(reply.body.size())).flush();
      take_leave(real->socket());
    } else {
      response.sendBuffer(reply.body.data(), reply.body.size());
    }
  }

 private:
  const Service& service_;
};

class LoopbackFactory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit LoopbackFactory(Service service) : service_(std::move(service)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& /*request*/) override {
    return new LoopbackHandler(service_);
  }

 private:
  Service service_;
};

net::ServerSocket loopback_socket(const std::string& host, std::uint16_t port) {
  if (!is_loopback(host)) throw Error(ErrorKind::misuse, "QZ-PAGE-001", host);
  const net::SocketAddress address(*address_of(host), port);
  try {
    // Never shared: with SO_REUSEPORT, which Poco sets by itself, two programs would answer in turns on one port.
    net::ServerSocket socket;
    socket.bind(address, true, false);
    socket.listen(64);
    return socket;
  } catch (const Poco::Exception& failure) {
    throw Error(ErrorKind::unavailable, "QZ-PAGE-002", address.toString() + ": " + failure.displayText());
  }
}

net::HTTPServerParams::Ptr loopback_parameters(int connections) {
  net::HTTPServerParams::Ptr values = new net::HTTPServerParams;
  values->setMaxThreads(connections);
  values->setMaxQueued(32);
  values->setTimeout(loopback_patience);
  return values;
}

}  // namespace

bool is_loopback(const std::string& host) {
  const auto address = address_of(host);
  return address && address->isLoopback();
}

bool is_address(const std::string& host) { return address_of(host).has_value(); }

struct LoopbackListener::State {
  State(const LoopbackOptions& options, std::function<Reply(const Request&)> answer)
      : pool(2, options.connections),
        socket(loopback_socket(options.host, options.port)),
        server(new LoopbackFactory({options, std::move(answer)}), pool, socket,
               loopback_parameters(options.connections)) {}

  Poco::ThreadPool pool;
  net::ServerSocket socket;
  net::HTTPServer server;
};

LoopbackListener::LoopbackListener(const LoopbackOptions& options, std::function<Reply(const Request&)> answer)
    : state_(std::make_unique<State>(options, std::move(answer))) {
  state_->server.start();
}

LoopbackListener::~LoopbackListener() { stop(); }

std::uint16_t LoopbackListener::port() const { return state_->socket.address().port(); }

void LoopbackListener::stop() { state_->server.stopAll(true); }

}  // namespace qianzhi::web
