// agent/status over real sockets: what is served, to whom, and what is refused.
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "agent/status/page_server.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/codes.h"
#include "tests/browser/page_samples.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using namespace qianzhi::status;

namespace {

namespace net = Poco::Net;

std::string read_all(net::StreamSocket& socket) {
  std::string text;
  std::array<char, 4096> part{};
  for (int got = 1; got > 0;) {
    got = socket.receiveBytes(part.data(), int{part.size()});
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

net::StreamSocket connect_to(const PageServer& server) {
  net::StreamSocket socket(net::SocketAddress("127.0.0.1", server.port()));
  socket.setReceiveTimeout(Poco::Timespan(30, 0));
  return socket;
}

void send(net::StreamSocket& socket, const std::string& text) {
  socket.sendBytes(text.data(), static_cast<int>(text.size()));
}

// The whole reply to these octets.
std::string ask(const PageServer& server, const std::string& request) {
  net::StreamSocket socket = connect_to(server);
  send(socket, request);
  return read_all(socket);
}

std::string get(const PageServer& server, const std::string& target, const std::string& host = "127.0.0.1",
                const std::string& method = "GET") {
  return ask(server, method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
}

std::string status_of(const std::string& reply) { return reply.substr(0, reply.find("\r\n")); }
std::string body_of(const std::string& reply) { return reply.substr(reply.find("\r\n\r\n") + 4); }
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

PageServer serve(Snapshot (*sample)()) { return {"127.0.0.1", 0, open_site(sample)}; }

Poco::JSON::Object::Ptr parse(const std::string& text) {
  return Poco::JSON::Parser().parse(text).extract<Poco::JSON::Object::Ptr>();
}

}  // namespace

TEST_CASE("E: the data of the page is JSON whose 64-bit numbers are text") {
  const auto server = serve(test::attention_sample);
  const std::string reply = get(server, "/api/status");
  CHECK(has(reply, "Content-Type: application/json"));
  const auto object = parse(body_of(reply));
  CHECK(object->getValue<std::string>("agent") == "commerce-front-01");
  CHECK(object->getValue<std::string>("verdict") == "attention");
  CHECK(object->getValue<std::string>("time") == "1772418600000000");
  CHECK(object->get("time").isString());
  CHECK(object->getValue<std::string>("queue_limit") == "21474836480");
  CHECK(object->getValue<std::string>("quarantined") == "3");
  const auto publication = object->getArray("publications")->getObject(0);
  CHECK(publication->get("sealed_rows").isString());
  CHECK(publication->getValue<std::string>("sealed_rows") == "9007199254740993");
  CHECK(publication->getValue<std::string>("waiting_rows") == "4120");
  const auto lane = object->getArray("lanes")->getObject(0);
  CHECK(lane->getValue<std::string>("mark") == "1.217");
  CHECK(lane->getValue<std::string>("head") == "1.230");
  CHECK_FALSE(lane->getValue<bool>("at_head"));
  const auto line = object->getArray("quarantine")->getObject(2);
  CHECK(line->getValue<std::string>("id") == "9");
  CHECK(line->getValue<std::string>("code") == "QZ-ADP-033");
  CHECK(object->getArray("stages")->getObject(1)->getValue<std::string>("error_code") == "QZ-LINK-002");
}

TEST_CASE("E: progress is in the data, and what is not known is left out") {
  const auto server = serve(test::failed_sample);
  const auto publications = parse(body_of(get(server, "/api/status")))->getArray("publications");
  const auto progress = publications->getObject(2)->getObject("progress");
  CHECK(progress->getValue<std::string>("kind") == "refill");
  CHECK(progress->getValue<std::string>("rows") == "120000");
  CHECK(progress->getValue<std::string>("estimated") == "1000000");
  CHECK(progress->getValue<int>("percent") == 12);
  CHECK(progress->getValue<std::string>("rate") == "200");
  CHECK(progress->getValue<std::string>("left") == "18000000000");
  const auto none = publications->getObject(0)->getObject("progress");
  CHECK(none->getValue<std::string>("kind").empty());
  CHECK_FALSE(none->has("percent"));
  CHECK_FALSE(none->has("left"));
}

TEST_CASE("E: text of a database that is no UTF-8 leaves the data valid") {
  Snapshot snapshot = test::well_sample();
  snapshot.name = "\xB9\xA4\xC9\xCC \"quoted\" \x01";
  const auto object = parse(to_json(snapshot));
  CHECK(has(object->getValue<std::string>("name"), "\"quoted\" \xEF\xBF\xBD"));
}

TEST_CASE("A: a page of another site cannot read the page through a name that points here") {
  const auto server = serve(test::well_sample);
  for (const std::string host : {"evil.example", "127.0.0.1.evil.example", "evil.example:8420", "10.0.0.1", "0.0.0.0",
                                 "[2001:db8::1]", "localhost.evil.example", "", "[", "127.0.0.1@evil.example"}) {
    INFO(host);
    const std::string reply = get(server, "/api/status", host);
    CHECK(status_of(reply) == "HTTP/1.1 403 Forbidden");
    CHECK_FALSE(has(reply, "commerce"));
  }
  CHECK(status_of(ask(server, "GET / HTTP/1.0\r\n\r\n")) == "HTTP/1.0 403 Forbidden");
  for (const std::string host :
       {"127.0.0.1", "127.0.0.1:8420", "localhost", "localhost:1", "[::1]:8420", "127.8.0.1"}) {
    INFO(host);
    CHECK(status_of(get(server, "/api/status", host)) == "HTTP/1.1 200 OK");
  }
}

TEST_CASE("A: nothing can be changed through the page") {
  const auto server = serve(test::well_sample);
  for (const std::string method : {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "ANYTHING"}) {
    INFO(method);
    const std::string reply = get(server, "/plain", "127.0.0.1", method);
    CHECK(status_of(reply) == "HTTP/1.1 405 Method Not Allowed");
    CHECK(has(reply, "Allow: GET, HEAD"));
  }
  const std::string head = get(server, "/", "127.0.0.1", "HEAD");
  CHECK(status_of(head) == "HTTP/1.1 200 OK");
  CHECK(body_of(head).empty());
  CHECK_FALSE(has(head, "Content-Length: 0"));
}

TEST_CASE("A: what follows a request in its connection is never taken for another request") {
  const auto server = serve(test::well_sample);
  const std::string second = "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  const std::string reply = ask(server, "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n" + second);
  CHECK(status_of(reply) == "HTTP/1.1 405 Method Not Allowed");
  CHECK_FALSE(has(reply, "200 OK"));
}

TEST_CASE("E: every reply forbids inline scripts and other origins, and data is not kept") {
  const auto server = serve(test::well_sample);
  for (const std::string target :
       {"/", "/plain?lang=en", "/page.css", "/api/status", "/livez", "/nothing", "/../etc"}) {
    INFO(target);
    const std::string reply = get(server, target);
    CHECK(has(reply, "Content-Security-Policy: default-src 'none'; script-src 'self'; connect-src 'self'"));
    CHECK_FALSE(has(reply, "unsafe"));
    CHECK(has(reply, "X-Content-Type-Options: nosniff"));
    CHECK(has(reply, "Cache-Control: no-store"));
  }
  CHECK(status_of(get(server, "/nothing")) == "HTTP/1.1 404 Not Found");
  CHECK(body_of(get(server, "/livez")) == "ok\n");
}

TEST_CASE("A: the page is never offered beyond the machine") {
  for (const std::string host : {"0.0.0.0", "::", "10.0.0.1", "192.0.2.1", "2001:db8::1", "exchange.example", ""}) {
    INFO(host);
    CHECK(test::thrown_by([&] { PageServer(host, 0, open_site(test::well_sample)); }) == "misuse QZ-PAGE-001");
  }
  CHECK(test::thrown_by([&] { PageServer("localhost", 0, open_site(test::well_sample)); }) == "nothing");
  CHECK(test::thrown_by([&] { PageServer("127.0.0.2", 0, open_site(test::well_sample)); }) == "nothing");
}

TEST_CASE("E: a port in use is named as such") {
  const auto server = serve(test::well_sample);
  CHECK(test::thrown_by([&] { PageServer("127.0.0.1", server.port(), open_site(test::well_sample)); }) ==
        "unavailable QZ-PAGE-002");
  CHECK(explain("QZ-PAGE-001"));
  CHECK(explain("QZ-PAGE-002"));
}

TEST_CASE("A: clients that stop in the middle do not stop the page") {
  const auto server = serve(test::well_sample);
  SystemClock clock;
  const Micros begin = clock.steady();
  std::vector<net::StreamSocket> slow;
  for (int count = 0; count < 16; ++count) {
    slow.push_back(connect_to(server));
    send(slow.back(), count % 2 == 0 ? "GET / HTTP/1.1\r\nHost: 127" : "G");
  }
  for (int count = 0; count < 3; ++count) CHECK(status_of(get(server, "/")) == "HTTP/1.1 200 OK");
  // They are cut after 3 s of silence. Before that they must still be held: the page answered beside them.
  const bool is_held = !slow.front().poll(Poco::Timespan(0, 0), net::Socket::SELECT_READ);
  CHECK((is_held || clock.steady() - begin > 2'500'000));
  CHECK_FALSE(has(read_all(slow.front()), "200 OK"));
}

TEST_CASE("E: a queue file that cannot be read is told, not hidden") {
  const PageServer server("127.0.0.1", 0, open_site([]() -> Snapshot {
                            throw Error(ErrorKind::corrupt, "QZ-AGT-012", "record 7\r\nX-Forged: 1");
                          }));
  const std::string reply = get(server, "/plain");
  CHECK(status_of(reply) == "HTTP/1.1 503 Service Unavailable");
  CHECK(has(body_of(reply), "QZ-AGT-012 record 7"));
  CHECK(status_of(get(server, "/livez")) == "HTTP/1.1 200 OK");
}

TEST_CASE("E: a page that was stopped lets go of its port") {
  PageServer first("127.0.0.1", 0, open_site(test::well_sample));
  net::StreamSocket held = connect_to(first);
  const std::uint16_t port = first.port();
  first.stop();
  first.stop();
  CHECK(port != 0);
}
