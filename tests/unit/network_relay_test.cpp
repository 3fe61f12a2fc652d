// Where a pair of gateways carries TCP between agent and hub (packaging/SM.md), and what neither end ever connects to.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "cut_proxy.h"
#include "https_world.h"
#include "hub-protocol/base/error.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

HttpsLinkOptions through(const World& world, const CutProxy& relay, const std::string& agent) {
  HttpsLinkOptions options = world.link_options(agent);
  options.url = "https://localhost:" + std::to_string(relay.port());
  return options;
}

std::string said(HttpsLink& link) {
  return code_of([&] { link.post({}); });
}

// Listens on loopback and accepts nobody.
class Bait {
 public:
  Bait() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Bait() { close(listener_); }
  Bait(const Bait&) = delete;
  Bait& operator=(const Bait&) = delete;
  std::string url(const std::string& scheme) const { return scheme + "://localhost:" + std::to_string(port_) + "/x"; }
  std::uint16_t port() const { return port_; }
  bool was_called() const {
    pollfd waited{listener_, POLLIN, 0};
    return poll(&waited, 1, 0) > 0;
  }

 private:
  int listener_;
  std::uint16_t port_ = 0;
};

}  // namespace

TEST_CASE(
    "P43 A11 A15 A16 through a gateway that carries TCP the caller is who its certificate says, and nobody else") {
  World world;
  TestCa foreign(world.dir.path(), "foreign");
  foreign.issue({"x", agent_uri("a")});
  world.ca.issue({"y", agent_uri("a")});  // the right CA and name, a key that nobody registered
  world.start();
  const CutProxy relay(world.server->port());
  HttpsLink a(through(world, relay, "a"));
  HttpsLink b(through(world, relay, "b"));
  CHECK(said(a).empty());
  CHECK(said(b).empty());
  CHECK(world.exchange.callers() == std::vector<std::string>{"a", "b"});
  HttpsLink x(through(world, relay, "x"));
  CHECK(said(x) == "QZ-LINK-010");
  CHECK_NOTHROW(world.await_report("QZ-LINK-105"));
  HttpsLink y(through(world, relay, "y"));
  CHECK(said(y) == "QZ-LINK-010");
  CHECK_NOTHROW(world.await_report("QZ-LINK-103"));
  // All come from one address; one that is disabled takes nobody else along.
  world.exchange.admit("a", {}, false);
  CHECK(said(a) == "QZ-LINK-010");
  CHECK(said(b).empty());
  CHECK(world.exchange.callers() == std::vector<std::string>{"a", "b", "b"});
  CHECK(relay.passed(Way::to_client) > 0);
}

TEST_CASE("P43 A15 a gateway that ends TLS itself is refused by both ends, whatever certificate it has") {
  World world;
  world.start();
  // Towards the agent: with a certificate of its own CA for the hub's name, of the exchange's CA for its own name, or
  // an agent's.
  World gateway;
  const std::string kind = GENERATE("its own CA", "its own name", "an agent's certificate");
  if (kind == "its own name") world.ca.issue({"gateway", "DNS:gateway.example", "serverAuth"});
  if (kind == "an agent's certificate") world.ca.issue({"gateway", agent_uri("gateway")});
  if (kind != "its own CA") gateway.options.files = world.files("gateway");
  gateway.start();
  INFO(kind);
  HttpsLinkOptions options = world.link_options("a");
  options.url = "https://localhost:" + std::to_string(gateway.server->port());
  HttpsLink link(options);
  CHECK(said(link) == "QZ-LINK-004");
  CHECK(gateway.exchange.posts() == 0);
  // Towards the hub: as itself, with a certificate that the exchange's CA gave it.
  world.ca.issue({"inside", agent_uri("gateway")});
  CHECK(code_of([&] { world.link("inside")->post({}); }) == "QZ-LINK-010");
  CHECK_NOTHROW(world.await_report("QZ-LINK-102"));
  CHECK(world.exchange.posts() == 0);
}

TEST_CASE("A25 what a certificate points to is never fetched, by neither end: lists, OCSP, issuers") {
  World world;
  const Bait bait;
  const std::string url = bait.url("http");
  CertificateSpec hub{"hub", "DNS:localhost,IP:127.0.0.1", "serverAuth"};
  hub.points_to = url;
  world.ca.issue(hub);
  CertificateSpec agent{"a", agent_uri("a")};
  const std::string places[] = {url, "file:///etc/passwd", "ldap://localhost/x"};
  agent.points_to = places[GENERATE(0, 1, 2)];
  world.exchange.admit("a", {world.ca.issue(agent)});
  world.ca.write_revocations("crl.pem", {});
  world.options.files.crl = world.dir / "crl.pem";
  world.start();
  const auto link = world.link("a");
  CHECK(said(*link).empty());
  world.server->reload();
  CHECK(said(*link).empty());
  // One that is refused makes nobody look either.
  CertificateSpec revoked{"r", agent_uri("b")};
  revoked.points_to = url;
  world.exchange.admit("b", {world.ca.issue(revoked)});
  world.ca.write_revocations("crl.pem", {"r"});
  world.server->reload();
  CHECK(code_of([&] { world.link("r")->post({}); }) == "QZ-LINK-010");
  CHECK_FALSE(bait.was_called());
}

TEST_CASE("A25 a hub that answers with another address is not followed there") {
  World world;
  const Bait bait;
  const std::string elsewhere = bait.url("https");
  const std::string places[] = {elsewhere, "file:///etc/passwd", "http://169.254.169.254/x"};
  const std::string place = places[GENERATE(0, 1, 2)];
  const std::string answer = "HTTP/1.1 307 Temporary Redirect\r\nLocation: " + place + "\r\nContent-Length: 0\r\n\r\n";
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener, 8) == 0);
  REQUIRE(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  std::thread hub([&] {
    RawServerSide side(std::make_shared<const TlsContext>(world.files("hub"), TlsRole::server),
                       accept(listener, nullptr, nullptr));
    if (side.shake_hands() && !side.read_request().empty()) side.write(answer);
  });
  HttpsLinkOptions options;
  options.url = "https://localhost:" + std::to_string(ntohs(address.sin_port));
  options.certificate = world.dir / "a.crt";
  options.private_key = world.dir / "a.key";
  options.trust = world.ca.certificate();
  HttpsLink link(options);
  CHECK(said(link) == "QZ-LINK-007");
  hub.join();
  close(listener);
  CHECK_FALSE(bait.was_called());
}

TEST_CASE("A25 an address of the hub that is no https URL is refused before anything is opened") {
  World world;
  const Bait bait;
  HttpsLinkOptions options;
  options.certificate = world.dir / "a.crt";
  options.private_key = world.dir / "a.key";
  options.trust = world.ca.certificate();
  const std::string port = std::to_string(bait.port());
  for (const std::string& url :
       {bait.url("http"), bait.url("ftp"), std::string("file:///etc/passwd"), std::string("http://169.254.169.254/"),
        "https://localhost:" + port + "/../x", "https://user:secret@localhost:" + port,
        "https://localhost:" + port + "\r\nHost: x", "https://localhost:" + port + "@169.254.169.254",
        "https://local host:" + port, std::string("//localhost:" + port), std::string("localhost:" + port)}) {
    INFO(url);
    options.url = url;
    CHECK(code_of([&] { HttpsLink(options).post({}); }) == "QZ-LINK-012");
  }
  CHECK_FALSE(bait.was_called());
}
