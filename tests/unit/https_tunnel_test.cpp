// The way to the hub through an HTTP proxy.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <mutex>
#include <thread>

#include "hub-protocol/base/error.h"
#include "tests/unit/https_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// A proxy that answers as it is told, and passes octets on after an answer of 2xx. One connection at a time.
class TestProxy {
 public:
  using Answer = std::function<std::string(const std::string& head)>;

  TestProxy(std::uint16_t hub, Answer answer) : hub_(hub), answer_(std::move(answer)) {
    REQUIRE(pipe(stop_.data()) == 0);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~TestProxy() {
    close(stop_[1]);
    thread_.join();
    close(stop_[0]);
    close(listener_);
  }
  TestProxy(const TestProxy&) = delete;
  TestProxy& operator=(const TestProxy&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string head() const {
    const std::lock_guard lock(mutex_);
    return head_;
  }

 private:
  bool await(int fd) const {
    std::array<pollfd, 2> waited{{{fd, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
    poll(waited.data(), waited.size(), -1);
    return waited[1].revents == 0;
  }
  void run() {
    while (await(listener_)) {
      const int client = accept(listener_, nullptr, nullptr);
      serve(client);
      close(client);
    }
  }
  void serve(int client) {
    std::string head;
    for (char octet = 0; head.find("\r\n\r\n") == std::string::npos; head += octet)
      if (!await(client) || recv(client, &octet, 1, 0) != 1) return;
    {
      const std::lock_guard lock(mutex_);
      head_ = head;
    }
    const std::string answer = answer_(head);
    if (answer == "silence") {
      await(stop_[0]);
      return;
    }
    send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    if (answer.rfind("HTTP/1.1 2", 0) != 0) return;
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(hub_);
    if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) relay(client, server);
    close(server);
  }
  void relay(int client, int server) const {
    for (;;) {
      std::array<pollfd, 3> waited{{{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
      poll(waited.data(), waited.size(), -1);
      if (waited[2].revents != 0) return;
      for (int i = 0; i < 2; ++i) {
        if (waited[static_cast<std::size_t>(i)].revents == 0) continue;
        std::array<char, 8192> octets{};
        const ssize_t got = recv(i == 0 ? client : server, octets.data(), octets.size(), 0);
        if (got <= 0) return;
        send(i == 0 ? server : client, octets.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL);
      }
    }
  }

  std::uint16_t hub_;
  Answer answer_;
  std::array<int, 2> stop_{};
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::string head_;
  std::thread thread_;
};

std::string code_through(const HttpsLinkOptions& options) {
  try {
    HttpsLink(options).post({});
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

}  // namespace

TEST_CASE("S4 a hub is reached through an HTTP proxy, with a login that is told to the proxy alone") {
  World world;
  world.start();
  TestProxy proxy(world.server->port(), [](const std::string& head) {
    const bool known = head.find("Proxy-Authorization: Basic cWlhbnpoaTplaW4gUGHDn3dvcnQ6\r\n") != std::string::npos;
    return known ? "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n"
                 : "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
  });
  HttpsLinkOptions options = world.link_options("a");
  options.proxy = proxy.url();
  CHECK(code_through(options) == "QZ-LINK-014");
  options.proxy_login = {"qianzhi", "ein Paßwort:"};
  HttpsLink link(options);
  CHECK_NOTHROW(link.post({}));
  // On the kept connection the proxy is not asked again.
  CHECK_NOTHROW(link.post({}));
  const std::string target = "localhost:" + std::to_string(world.server->port());
  CHECK(proxy.head().rfind("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n", 0) == 0);
}

TEST_CASE("A15 behind a proxy the hub must still be who it is") {
  World world;
  world.ca.issue({"hub", "DNS:hub.example", "serverAuth"});
  world.start();
  TestProxy proxy(world.server->port(), [](const std::string&) { return "HTTP/1.1 200 OK\r\n\r\n"; });
  HttpsLinkOptions options = world.link_options("a");
  options.proxy = proxy.url();
  CHECK(code_through(options) == "QZ-LINK-004");
  CHECK(world.exchange.posts() == 0);
}

TEST_CASE("what a proxy says is not believed: refusals, nonsense, no end, silence") {
  World world;
  world.start();
  const auto code = [&](const std::string& answer) {
    TestProxy proxy(world.server->port(), [&](const std::string&) { return answer; });
    HttpsLinkOptions options = world.link_options("a");
    options.proxy = proxy.url();
    options.connect_timeout_ms = 500;
    INFO(answer.substr(0, 60));
    return code_through(options);
  };
  CHECK(code("HTTP/1.1 403 Forbidden\r\n\r\n") == "QZ-LINK-014");
  CHECK(code("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\n\r\n") == "QZ-LINK-014");
  CHECK(code("HTTP/1.1 502 Bad Gateway\r\n\r\n") == "QZ-LINK-013");
  CHECK(code("SSH-2.0-OpenSSH_9.2\r\n\r\n") == "QZ-LINK-013");
  CHECK(code("HTTP/1.1 20x OK\r\n\r\n") == "QZ-LINK-013");
  CHECK(code("HTTP/1.1 2000 OK\r\n\r\n") == "QZ-LINK-013");
  CHECK(code("HTTP/1.1 200 OK\r\n" + std::string(9000, 'x')) == "QZ-LINK-013");
  CHECK(code("") == "QZ-LINK-013");
  CHECK(code("silence") == "QZ-LINK-013");
  CHECK(code("HTTP/1.1 200 OK\r\n\r\nnot TLS at all, and long enough to be read as a record") == "QZ-LINK-003");
}

TEST_CASE("the address of a proxy is http, a host and perhaps a port") {
  CHECK(parse_proxy_url("http://10.0.0.1:8080").port == "8080");
  CHECK(parse_proxy_url("http://proxy.local/").port == "3128");
  CHECK(parse_proxy_url("http://[::1]").host == "::1");
  for (const char* url : {"https://proxy:1", "proxy:3128", "http://", "http://u:p@proxy:1", "http://proxy:0"})
    CHECK_THROWS_AS(parse_proxy_url(url), Error);
}
