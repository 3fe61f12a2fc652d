#include "desk_outlet_servers.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DialogSocket.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>

#include <utility>

namespace qianzhi::test {

namespace net = Poco::Net;

namespace {

net::Context::Ptr server_context(const std::filesystem::path& certificate) {
  return new net::Context(net::Context::TLS_SERVER_USE, certificate.string() + ".key", certificate.string() + ".crt",
                          "", net::Context::VERIFY_NONE);
}

net::ServerSocket loopback_socket(const std::filesystem::path& certificate) {
  const net::SocketAddress address("127.0.0.1", 0);
  if (certificate.empty()) return net::ServerSocket(address);
  return net::SecureServerSocket(address, 8, server_context(certificate));
}

}  // namespace

struct WebServer::State {
  std::vector<WebReply> answers;
  bool secure = false;
  mutable std::mutex mutex;
  std::vector<SeenRequest> seen;
  std::unique_ptr<net::HTTPServer> server;

  WebReply take(SeenRequest request) {
    const std::lock_guard lock(mutex);
    seen.push_back(std::move(request));
    const std::size_t at = seen.size() - 1;
    return at < answers.size() ? answers[at] : answers.back();
  }
};

namespace {

class WebHandler final : public net::HTTPRequestHandler {
 public:
  explicit WebHandler(std::function<WebReply(SeenRequest)> take) : take_(std::move(take)) {}
  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    SeenRequest seen;
    seen.target = request.getURI();
    Poco::StreamCopier::copyToString(request.stream(), seen.body);
    for (const auto& [name, value] : request) seen.headers[name] = value;
    const WebReply reply = take_(std::move(seen));
    response.setKeepAlive(false);
    if (reply.cut) {
      dynamic_cast<net::HTTPServerRequestImpl&>(request).socket().shutdown();
      return;
    }
    response.setStatus(static_cast<net::HTTPResponse::HTTPStatus>(reply.status));
    if (!reply.retry_after.empty()) response.set("Retry-After", reply.retry_after);
    if (!reply.location.empty()) response.set("Location", reply.location);
    response.setContentLength(0);
    response.send();
  }

 private:
  std::function<WebReply(SeenRequest)> take_;
};

class WebFactory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit WebFactory(std::function<WebReply(SeenRequest)> take) : take_(std::move(take)) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest& /*request*/) override {
    return new WebHandler(take_);
  }

 private:
  std::function<WebReply(SeenRequest)> take_;
};

}  // namespace

WebServer::WebServer(std::vector<WebReply> answers, const std::filesystem::path& certificate)
    : state_(std::make_unique<State>()) {
  state_->answers = std::move(answers);
  state_->secure = !certificate.empty();
  State* state = state_.get();
  net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
  params->setKeepAlive(false);
  net::HTTPRequestHandlerFactory::Ptr factory =
      new WebFactory([state](SeenRequest seen) { return state->take(std::move(seen)); });
  state_->server = std::make_unique<net::HTTPServer>(factory, loopback_socket(certificate), params);
  state_->server->start();
}

WebServer::~WebServer() { state_->server->stopAll(true); }

std::string WebServer::url(const std::string& host) const {
  return std::string(state_->secure ? "https" : "http") + "://" + host + ":" + std::to_string(state_->server->port()) +
         "/notices?a=1";
}

std::vector<SeenRequest> WebServer::seen() const {
  const std::lock_guard lock(state_->mutex);
  return state_->seen;
}

struct MailServer::State {
  MailMood mood = MailMood::takes;
  net::Context::Ptr context;
  bool starttls = false;
  net::ServerSocket listener;
  std::atomic<bool> ends{false};
  std::atomic<bool> encrypted{false};
  mutable std::mutex mutex;
  std::vector<std::string> mails;
  std::thread thread;

  void run() {
    while (!ends) {
      if (!listener.poll(Poco::Timespan(0, 20000), net::Socket::SELECT_READ)) continue;
      try {
        net::StreamSocket socket = listener.acceptConnection();
        socket.setReceiveTimeout(Poco::Timespan(5, 0));
        speak(socket);
      } catch (const Poco::Exception&) {
        // The client left.
      }
    }
  }

  void speak(const net::StreamSocket& socket) {
    net::DialogSocket dialog(socket);
    encrypted = socket.secure();
    if (mood == MailMood::busy) return dialog.sendMessage("421 busy");
    dialog.sendMessage("220 mail");
    for (std::string line; dialog.receiveMessage(line);) {
      const std::string word = line.substr(0, 4);
      if (word == "EHLO") {
        dialog.sendMessage(starttls && !dialog.secure() ? "250-mail\r\n250 STARTTLS" : "250 mail");
      } else if (word == "STAR") {
        dialog.sendMessage("220 go on");
        const net::SecureStreamSocket secure = net::SecureStreamSocket::attach(dialog, context);
        dialog = net::DialogSocket(secure);
        encrypted = true;
      } else if (word == "RCPT" && mood == MailMood::no_receiver) {
        dialog.sendMessage("550 nobody");
      } else if (word == "DATA") {
        dialog.sendMessage("354 go on");
        if (!take_text(dialog)) return;
      } else {
        dialog.sendMessage(word == "QUIT" ? "221 bye" : "250 ok");
        if (word == "QUIT") return;
      }
    }
  }

  bool take_text(net::DialogSocket& dialog) {
    std::string text;
    for (std::string line; dialog.receiveMessage(line) && line != ".";) text += line + "\n";
    {
      const std::lock_guard lock(mutex);
      mails.push_back(text);
    }
    if (mood == MailMood::dies) return false;
    dialog.sendMessage("250 taken");
    return true;
  }
};

MailServer::MailServer(MailMood mood, const std::filesystem::path& certificate, bool starttls)
    : state_(std::make_unique<State>()) {
  state_->mood = mood;
  state_->starttls = starttls;
  if (!certificate.empty()) state_->context = server_context(certificate);
  state_->listener = loopback_socket(starttls ? std::filesystem::path() : certificate);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

MailServer::~MailServer() {
  state_->ends = true;
  state_->thread.join();
}

std::uint16_t MailServer::port() const { return state_->listener.address().port(); }

std::vector<std::string> MailServer::mails() const {
  const std::lock_guard lock(state_->mutex);
  return state_->mails;
}

bool MailServer::was_encrypted() const { return state_->encrypted; }

}  // namespace qianzhi::test
