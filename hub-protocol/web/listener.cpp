#include "hub-protocol/web/listener.h"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <exception>
#include <map>
#include <mutex>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/client/http_head.h"
#include "hub-protocol/client/tls_stream.h"

namespace qianzhi::web {

namespace {

using Poco::Net::StreamSocket;

constexpr std::size_t farewell_octets = 1U << 20U;
constexpr int farewell_ms = 1'000;

// A browser has no certificate of ours: whoever speaks here signs in with password and code.
std::shared_ptr<const TlsContext> page_context(const std::filesystem::path& certificate,
                                               const std::filesystem::path& private_key) {
  auto context =
      std::make_shared<const TlsContext>(TlsFiles{certificate, private_key, certificate, {}}, TlsRole::server);
  SSL_CTX_set_verify(context->native(), SSL_VERIFY_NONE, nullptr);
  return context;
}

struct Core {
  Core(const ListenerOptions& given, std::function<Reply(const Request&)> answering, const Clock& time)
      : options(given),
        answer(std::move(answering)),
        clock(time),
        context_(page_context(given.certificate, given.private_key)) {}

  const ListenerOptions options;
  const std::function<Reply(const Request&)> answer;
  const Clock& clock;

  Micros after(int milliseconds, std::uint64_t octets = 0) const {
    return clock.steady() + Micros{milliseconds} * 1000 +
           static_cast<Micros>(octets * 1'000'000 / options.limits.octets_a_second);
  }
  std::shared_ptr<const TlsContext> context() const {
    const std::lock_guard guard(lock_);
    return context_;
  }
  void reload() {
    auto next = page_context(options.certificate, options.private_key);
    const std::lock_guard guard(lock_);
    context_ = std::move(next);
  }
  // Browsers open connections ahead and let them wait: where one address has too many, its oldest of those goes.
  bool enter(int fd, const std::string& address) {
    const std::lock_guard guard(lock_);
    if (closed_ || open_.size() >= options.limits.connections) return false;
    std::size_t held = 0;
    auto oldest = open_.end();
    for (auto each = open_.begin(); each != open_.end(); ++each) {
      if (each->second.address != address || each->second.ended) continue;
      ++held;
      if (!each->second.asks && (oldest == open_.end() || each->second.number < oldest->second.number)) oldest = each;
    }
    if (held >= options.limits.per_address) {
      if (oldest == open_.end()) return false;
      oldest->second.ended = true;
      ::shutdown(oldest->first, SHUT_RDWR);
    }
    open_[fd] = {address, ++entered_};
    return true;
  }
  // Its request has begun: it is not one that waits.
  void asks(int fd) {
    const std::lock_guard guard(lock_);
    open_[fd].asks = true;
  }
  void leave(int fd) {
    const std::lock_guard guard(lock_);
    open_.erase(fd);
  }
  void close() {
    const std::lock_guard guard(lock_);
    closed_ = true;
    for (const auto& [fd, place] : open_) ::shutdown(fd, SHUT_RDWR);
  }

 private:
  mutable std::mutex lock_;
  std::shared_ptr<const TlsContext> context_;
  struct Place {
    std::string address;
    std::uint64_t number = 0;
    bool asks = false;
    bool ended = false;
  };
  std::map<int, Place> open_;  // by descriptor
  std::uint64_t entered_ = 0;
  bool closed_ = false;
};

// One connection: one request, one reply.
class Exchange {
 public:
  Exchange(Core& core, int fd, std::string address)
      : core_(core), fd_(fd), address_(std::move(address)), stream_(core.context(), fd, core.clock) {}

  void serve() {
    const ListenerLimits& limits = core_.options.limits;
    if (stream_.handshake(core_.after(limits.handshake_ms)) != TlsResult::ok) return;
    Request request;
    if (const int fault = read(request); fault != 0) {
      if (fault > 0) send({fault, "text/plain; charset=utf-8", "QZ-PAGE-003\n"}, false);
    } else {
      send(core_.answer(request), request.method == "HEAD");
    }
    stream_.drain(farewell_octets, core_.after(farewell_ms));
  }

 private:
  // 0: whole; -1: nobody is there to be told; else the status that says why not.
  int read(Request& request) {
    const ListenerLimits& limits = core_.options.limits;
    std::string block;
    const Micros deadline = core_.after(limits.head_ms);
    if (!input_.wait(deadline)) return input_.last == TlsResult::timed_out ? 408 : -1;
    core_.asks(fd_);
    const HeadOutcome outcome = input_.read_head(block, deadline);
    if (outcome == HeadOutcome::too_large) return 431;
    if (outcome == HeadOutcome::broken) return input_.last == TlsResult::timed_out ? 408 : -1;
    const std::optional<HttpHead> head = parse_head(block);
    std::optional<Request> parsed = head ? request_from(block) : std::nullopt;
    if (!parsed || head->third != "HTTP/1.1") return 400;
    request = std::move(*parsed);
    request.address = address_;
    if (head->transfer_encoding) return 411;
    const std::uint64_t size = head->content_length.value_or(0);
    if (request.method == "POST" && !head->content_length) return 411;
    if (size > limits.body_limit) return 413;
    if (input_.read_body(request.body, size, core_.after(limits.body_ms, size))) return 0;
    return input_.last == TlsResult::timed_out ? 408 : -1;
  }

  void send(const Reply& reply, bool without_body) {
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " " + reason_of(reply.status) +
                       "\r\nContent-Type: " + reply.type + "\r\nContent-Length: " + std::to_string(reply.body.size()) +
                       "\r\nConnection: close\r\nContent-Security-Policy: " + core_.options.policy + "\r\n";
    for (const auto& [name, value] : standing_headers(reply)) text.append(name).append(": ").append(value) += "\r\n";
    for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
    text += "\r\n";
    if (!without_body) text += reply.body;
    stream_.write(text, core_.after(core_.options.limits.reply_ms, text.size()));
  }

  Core& core_;
  const int fd_;
  const std::string address_;
  TlsStream stream_;
  HttpInput input_{stream_, {}};
};

class Served final : public Poco::Net::TCPServerConnection {
 public:
  Served(const StreamSocket& socket, Core& core) : TCPServerConnection(socket), core_(core) {}
  ~Served() override { core_.leave(socket().impl()->sockfd()); }
  void run() override {
    try {
      Exchange(core_, socket().impl()->sockfd(), socket().peerAddress().host().toString()).serve();
    } catch (const Poco::Exception&) {
      // The other side was gone before its address could be read.
    } catch (const std::exception& fault) {
      log(LogLevel::error, "admin", fault.what());
    }
  }

 private:
  Core& core_;
};

// Never throws: in POCO 1.11 a factory that throws loses a worker for ever.
class Factory final : public Poco::Net::TCPServerConnectionFactory {
 public:
  explicit Factory(Core& core) : core_(core) {}
  Poco::Net::TCPServerConnection* createConnection(const StreamSocket& socket) override {
    return new Served(socket, core_);
  }

 private:
  Core& core_;
};

class Gate final : public Poco::Net::TCPServerConnectionFilter {
 public:
  explicit Gate(Core& core) : core_(core) {}
  bool accept(const StreamSocket& socket) override {
    try {
      return core_.enter(socket.impl()->sockfd(), socket.peerAddress().host().toString());
    } catch (const Poco::Exception&) {
      return false;
    }
  }

 private:
  Core& core_;
};

Poco::Net::ServerSocket listen_on(const ListenerOptions& options) {
  try {
    Poco::Net::ServerSocket socket;
    socket.bind(Poco::Net::SocketAddress(options.host, options.port), true, false);
    socket.listen(64);
    return socket;
  } catch (const Poco::Exception& fault) {
    const std::string where = options.host + ":" + std::to_string(options.port);
    throw Error(ErrorKind::unavailable, "QZ-PAGE-002", where + ": " + fault.displayText());
  }
}

Poco::Net::TCPServerParams::Ptr parameters_of(const ListenerOptions& options) {
  Poco::Net::TCPServerParams::Ptr values(new Poco::Net::TCPServerParams);
  values->setMaxThreads(static_cast<int>(options.limits.connections) + 2);
  values->setMaxQueued(static_cast<int>(options.limits.connections) + 2);
  return values;
}

}  // namespace

void check_files(const std::filesystem::path& certificate, const std::filesystem::path& private_key) {
  page_context(certificate, private_key);
}

struct Listener::State {
  State(const ListenerOptions& options, std::function<Reply(const Request&)> answer, const Clock& clock)
      : core(options, std::move(answer), clock),
        pool(2, static_cast<int>(options.limits.connections) + 4, 10),
        server(new Factory(core), pool, listen_on(options), parameters_of(options)) {
    server.setConnectionFilter(new Gate(core));
    server.start();
  }

  Core core;
  Poco::ThreadPool pool;
  Poco::Net::TCPServer server;
  bool stopped = false;
};

Listener::Listener(const ListenerOptions& options, std::function<Reply(const Request&)> answer, const Clock& clock)
    : state_(std::make_unique<State>(options, std::move(answer), clock)) {}

Listener::~Listener() { stop(); }

std::uint16_t Listener::port() const { return state_->server.socket().address().port(); }

void Listener::reload() { state_->core.reload(); }

void Listener::stop() {
  if (state_->stopped) return;
  state_->stopped = true;
  state_->core.close();
  state_->server.stop();
  state_->pool.joinAll();
}

}  // namespace qianzhi::web
