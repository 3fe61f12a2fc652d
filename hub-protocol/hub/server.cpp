#include "hub-protocol/hub/server.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>

#include <exception>

#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/connection.h"
#include "hub-protocol/hub/server_parts.h"

namespace qianzhi::hub {

namespace {

using Poco::Net::StreamSocket;

std::string address_of(const StreamSocket& socket) { return socket.peerAddress().host().toString(); }

// Takes the connection off the guard's list before its base class closes the socket.
class Served final : public Poco::Net::TCPServerConnection {
 public:
  Served(const StreamSocket& socket, ServerCore& core) : TCPServerConnection(socket), core_(core) {}
  ~Served() override { core_.guard.leave(socket().impl()->sockfd()); }

  void run() override {
    try {
      Connection(core_, socket().impl()->sockfd(), address_of(socket())).serve();
    } catch (const Poco::Exception&) {
      // The other side was gone before its address could be read.
    } catch (const std::exception& fault) {
      log(LogLevel::error, "hub", fault.what());
    }
  }

 private:
  ServerCore& core_;
};

// Never throws: in POCO 1.11 a factory that throws loses a worker for ever. The work is left to run().
class Factory final : public Poco::Net::TCPServerConnectionFactory {
 public:
  explicit Factory(ServerCore& core) : core_(core) {}
  Poco::Net::TCPServerConnection* createConnection(const StreamSocket& socket) override {
    return new Served(socket, core_);
  }

 private:
  ServerCore& core_;
};

// Runs in the accepting thread, before a worker is taken.
class Gate final : public Poco::Net::TCPServerConnectionFilter {
 public:
  explicit Gate(ServerCore& core) : core_(core) {}
  bool accept(const StreamSocket& socket) override {
    try {
      return core_.guard.enter(socket.impl()->sockfd(), address_of(socket));
    } catch (const Poco::Exception&) {
      return false;
    }
  }

 private:
  ServerCore& core_;
};

Poco::Net::ServerSocket listen_on(const ServerOptions& options) {
  constexpr int backlog = 1024;
  try {
    Poco::Net::ServerSocket socket;
    socket.bind(Poco::Net::SocketAddress(options.host, options.port), true);
    socket.listen(backlog);
    return socket;
  } catch (const Poco::Exception& fault) {
    const std::string where = options.host + ":" + std::to_string(options.port);
    throw Error(ErrorKind::misuse, "QZ-LINK-112", where + ": " + fault.displayText());
  }
}

Poco::Net::TCPServerParams::Ptr parameters(const ServerOptions& options) {
  // The guard is the limit. POCO drops what exceeds its own without a word, and parks it behind busy threads.
  const int room = static_cast<int>(options.limits.guard.connections) + 16;
  Poco::Net::TCPServerParams::Ptr result(new Poco::Net::TCPServerParams);
  result->setMaxThreads(room);
  result->setMaxQueued(room);
  return result;
}

}  // namespace

struct HubServer::State {
  State(const ServerOptions& options, Handlers handlers, std::function<void(const Error&)> on_fatal, const Clock& clock,
        Audit audit)
      : core(options, std::move(handlers), std::move(on_fatal), clock, std::move(audit)),
        pool(2, static_cast<int>(options.limits.guard.connections) + 16, 10, 1 << 20),
        server(new Factory(core), pool, listen_on(options), parameters(options)) {
    server.setConnectionFilter(new Gate(core));
    server.start();
  }

  ServerCore core;
  Poco::ThreadPool pool;
  Poco::Net::TCPServer server;
  bool stopped = false;
};

HubServer::HubServer(const ServerOptions& options, Handlers handlers, std::function<void(const Error&)> on_fatal,
                     const Clock& clock, Audit audit)
    : state_(std::make_unique<State>(options, std::move(handlers), std::move(on_fatal), clock, std::move(audit))) {}

HubServer::~HubServer() { stop(); }

std::uint16_t HubServer::port() const { return state_->server.socket().address().port(); }

void HubServer::reload() { state_->core.install(state_->core.load()); }

void HubServer::stop() {
  if (state_->stopped) return;
  state_->stopped = true;
  state_->core.guard.close();
  state_->core.handlers.stop_waiting();
  state_->server.stop();
  state_->pool.joinAll();
}

std::size_t HubServer::connections() const { return state_->core.guard.connections(); }

}  // namespace qianzhi::hub
