// The agent's side: what it says when the hub is away, dies, lies, or is not the hub at all.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <thread>

#include "https_world.h"
#include "hub-protocol/base/error.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

// Shakes hands with one client after another and lets the test say what then goes over each connection.
class ScriptedHub {
 public:
  using Script = std::function<void(int connection, RawServerSide&)>;
  ScriptedHub(const World& world, Script script)
      : context_(std::make_shared<const TlsContext>(world.files("hub"), TlsRole::server)),
        script_(std::move(script)),
        listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    listen(listener_, 8);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ScriptedHub() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  ScriptedHub(const ScriptedHub&) = delete;
  ScriptedHub& operator=(const ScriptedHub&) = delete;

  HttpsLinkOptions options(const World& world) const {
    HttpsLinkOptions result;
    result.url = "https://localhost:" + std::to_string(port_);
    result.certificate = world.dir / "a.crt";
    result.private_key = world.dir / "a.key";
    result.trust = world.ca.certificate();
    return result;
  }
  int connections() const { return connections_; }

 private:
  void run() {
    for (int count = 1;; ++count) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      connections_ = count;
      RawServerSide side(context_, fd);
      if (side.shake_hands()) script_(count, side);
    }
  }

  std::shared_ptr<const TlsContext> context_;
  Script script_;
  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

const std::string empty_reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

}  // namespace

TEST_CASE("the link names the step that failed: no such name, nobody listens, a bad address") {
  World world;
  world.start();
  HttpsLinkOptions options = world.link_options("a");
  options.url = "https://no-such-host.invalid:1";
  CHECK(code_of([&] { HttpsLink(options).post({}); }) == "QZ-LINK-001");
  const auto away = world.link("a");
  world.server.reset();
  CHECK(code_of([&] { away->post({}); }) == "QZ-LINK-002");
  for (const char* url : {"http://localhost:1", "https://", "https://h:0", "https://h:99999", "https://h:1/path",
                          "https://u@h:1", "https://[::1", "https://[::1]x:1"}) {
    options.url = url;
    INFO(url);
    CHECK(code_of([&] { HttpsLink link(options); }) == "QZ-LINK-012");
  }
}

TEST_CASE("A15 P41 a hub from another CA, with another name, or expired is not spoken to, on loopback too") {
  World world;
  TestCa foreign(world.dir.path(), "foreign");
  const std::string kind = GENERATE("another CA", "another name", "expired", "client certificate");
  if (kind == "another CA") foreign.issue({"hub", "DNS:localhost,IP:127.0.0.1", "serverAuth"});
  if (kind == "another name") world.ca.issue({"hub", "DNS:hub.example", "serverAuth"});
  if (kind == "expired") world.ca.issue({"hub", "DNS:localhost", "serverAuth", -7200, -3600});
  if (kind == "client certificate") world.ca.issue({"hub", "DNS:localhost", "clientAuth"});
  world.start();
  INFO(kind);
  CHECK(code_of([&] { world.link("a")->post({}); }) == "QZ-LINK-004");
  CHECK(world.exchange.posts() == 0);
}

TEST_CASE("P41 an IP address in the URL is compared with the certificate's addresses") {
  World world;
  world.start();
  HttpsLinkOptions options = world.link_options("a");
  options.url = "https://127.0.0.1:" + std::to_string(world.server->port());
  CHECK_NOTHROW(HttpsLink(options).post({}));
  world.ca.issue({"hub", "DNS:localhost,IP:127.0.0.3", "serverAuth"});
  world.server->reload();
  CHECK(code_of([&] { HttpsLink(options).post({}); }) == "QZ-LINK-004");
}

TEST_CASE("own certificate files that cannot be used are a misuse that names the file") {
  World world;
  world.start();
  HttpsLinkOptions options = world.link_options("a");
  options.private_key = world.dir / "b.key";
  CHECK(code_of([&] { HttpsLink(options).post({}); }) == "QZ-LINK-009");
  options.private_key = world.dir / "missing.key";
  CHECK(code_of([&] { HttpsLink(options).post({}); }) == "QZ-LINK-009");
}

TEST_CASE("A21 a hub that dies before or inside its reply is unavailable, and the next call works") {
  World world;
  const std::string part =
      GENERATE("", "HTT", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  ScriptedHub hub(world, [&](int connection, RawServerSide& side) {
    side.read_request();
    side.write(connection == 1 ? part : empty_reply);
  });
  HttpsLink link(hub.options(world));
  INFO(part);
  CHECK(code_of([&] { link.post({}); }) == "QZ-LINK-006");
  CHECK(hub.connections() == 1);
  CHECK_NOTHROW(link.post({}));
}

TEST_CASE("A21 a hub that dies while a large request is being sent is an error of that call, never a signal") {
  World world;
  ScriptedHub hub(world, [](int, RawServerSide&) {});
  HttpsLink link(hub.options(world));
  wire::PostRequest request;
  request.add_batches(std::string(12U << 20U, 'x'));
  CHECK(code_of([&] { link.post(request); }) == "QZ-LINK-005");
}

TEST_CASE("P42 a reply that is too large or no answer of a hub is refused before any of it is stored") {
  World world;
  const std::string reply =
      GENERATE("HTTP/1.1 200 OK\r\nContent-Length: 107374182400\r\n\r\n", "220 mail ready\r\n\r\n",
               "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno",
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
               "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xff\xff");
  ScriptedHub hub(world, [&](int, RawServerSide& side) {
    side.read_request();
    side.write(reply);
  });
  HttpsLink link(hub.options(world));
  INFO(reply);
  CHECK(code_of([&] { link.post({}); }) == "QZ-LINK-007");
}

TEST_CASE("a kept connection that turns out dead is opened again once, without a word, and the same request sent") {
  World world;
  std::vector<std::string> requests;
  ScriptedHub hub(world, [&](int connection, RawServerSide& side) {
    requests.push_back(side.read_request());
    side.write(empty_reply);
    if (connection == 1) requests.push_back(side.read_request());  // and dies without an answer
  });
  HttpsLink link(hub.options(world));
  link.post({});
  wire::PostRequest second;
  second.set_session("second");
  CHECK_NOTHROW(link.post(second));
  CHECK(hub.connections() == 2);
  REQUIRE(requests.size() == 3);
  CHECK(requests[1] == requests[2]);
}

TEST_CASE("a fresh connection that dies is not tried again by the link: the pump decides when") {
  World world;
  ScriptedHub hub(world, [](int, RawServerSide& side) { side.read_request(); });
  HttpsLink link(hub.options(world));
  CHECK(code_of([&] { link.post({}); }) == "QZ-LINK-006");
  CHECK(hub.connections() == 1);
}

TEST_CASE("a hub that never answers is given up at the deadline") {
  World world;
  ScriptedHub hub(world, [](int, RawServerSide& side) {
    side.read_request();
    side.read_request();
  });
  HttpsLinkOptions options = hub.options(world);
  options.reply_timeout_ms = 200;
  HttpsLink link(options);
  CHECK(code_of([&] { link.post({}); }) == "QZ-LINK-006");
}

TEST_CASE("interrupt ends a long poll under way and every later call") {
  World world;
  world.start();
  const auto link = world.link("a");
  std::string code;
  std::thread waiting([&] {
    wire::FetchRequest request;
    request.set_wait_ms(30'000);
    request.mutable_directory()->set_version(world.exchange.directory().version);
    code = code_of([&] { link->fetch(request); });
  });
  world.exchange.await_parked(1);
  link->interrupt();
  waiting.join();
  CHECK(code == "QZ-LINK-008");
  CHECK(code_of([&] { link->post({}); }) == "QZ-LINK-008");
}

TEST_CASE("interrupt ends a large request that is being sent, by an error and not by a signal") {
  World world;
  std::atomic<HttpsLink*> sender{nullptr};
  ScriptedHub hub(world, [&](int, RawServerSide& side) {
    sender.load()->interrupt();
    side.read_request();
  });
  HttpsLink link(hub.options(world));
  sender = &link;
  wire::PostRequest request;
  request.add_batches(std::string(12U << 20U, 'x'));
  CHECK(code_of([&] { link.post(request); }) == "QZ-LINK-008");
}

TEST_CASE("a hub's problem arrives with its own code: 4xx rejected, 5xx unavailable") {
  World world;
  world.start();
  const auto [at_hub, at_agent] = GENERATE(table<ErrorKind, ErrorKind>(
      {{ErrorKind::rejected, ErrorKind::rejected}, {ErrorKind::full, ErrorKind::unavailable}}));
  world.exchange.fail_posts_with(Error(at_hub, "QZ-SQL-002", "seen", "next"));
  try {
    world.link("a")->post({});
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == at_agent);
    CHECK(error.code() == "QZ-SQL-002");
    CHECK(error.detail() == "seen");
    CHECK(error.hint() == "next");
  }
}

TEST_CASE("a 12 MiB request and a 12 MiB reply pass whole over one kept connection") {
  World world;
  world.exchange.give_batch(std::string(12U << 20U, 'y'));
  world.start();
  const auto link = world.link("a");
  wire::PostRequest request;
  request.add_batches(std::string(12U << 20U, 'x'));
  for (int i = 0; i < 3; ++i) {
    CHECK_NOTHROW(link->post(request));
    CHECK(link->fetch({}).pages(0).batches(0).size() == 12U << 20U);
  }
  CHECK(world.server->connections() == 1);
}
