// Notices on their way out over the network, to real servers.
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>

#include "agent/desk/outlets/cut_off.h"
#include "agent/desk/outlets/mail_outlet.h"
#include "agent/desk/outlets/webhook_outlet.h"
#include "desk_outlet_servers.h"
#include "desk_outlet_support.h"
#include "https_pki.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

struct KilledHere {};

struct NetWorld : OutletWorld {
  TestCa ca{dir.path(), "ca"};
  NetWorld() { ca.issue({"server", "DNS:localhost", "serverAuth"}); }
  std::filesystem::path server() const { return dir / "server"; }

  void hook(const std::string& url, const std::string& more = {}) {
    outlets = outlets_of("outlets:\n  - {id: w, kind: webhook, url: \"" + url +
                         "\", timeout: 3s, trust: " + path("ca.crt") + more + "}\n");
  }
  void mail(std::uint16_t port, const std::string& more) {
    outlets =
        outlets_of("outlets:\n  - {id: m, kind: smtp, host: localhost, port: " + std::to_string(port) +
                   ", timeout: 3s, from: desk@tax.example, to_field: mail, trust: " + path("ca.crt") + more + "}\n");
  }
  // The process ends at this point, as far as desk.db and the outlets can tell.
  void stop_at(const std::string& point) {
    CHECK_THROWS_AS(run([&](std::string_view at) {
                      if (at == point) throw KilledHere();
                    }),
                    KilledHere);
    open();
  }
};

const std::string letter =
    R"({"mail":"firm@example.com","text":"请于 2004-03-31 前办理\n.\n谢谢","title":"税务登记\r\nBcc: x@y"})";

}  // namespace

TEST_CASE("S2.3 a webhook gets the notice over TLS, signed, with the same key at every try") {
  NetWorld world;
  const WebServer server({{503, "7"}, {200}}, world.server());
  world.write("key", "secret\n");
  world.write("bearer", "token-1");
  world.hook(server.url(),
             ", signature: {file: " + world.path("key") + "}, bearer: {file: " + world.path("bearer") + "}");
  world.add("w", "A");
  CHECK(world.run().later == 1);
  CHECK(world.box->find(1)->next - world.clock.now() >= 7'000'000);
  world.clock.pass(3600'000'000);
  CHECK(world.run().sent == 1);
  const auto seen = server.seen();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].target == "/notices?a=1");
  CHECK(seen[0].headers.at("Idempotency-Key") == world.token(1));
  CHECK(seen[1].headers.at("Idempotency-Key") == world.token(1));
  CHECK(seen[0].body == seen[1].body);
  CHECK(seen[1].headers.at("Authorization") == "Bearer token-1");
  const std::string seconds = std::to_string(world.clock.now() / 1'000'000);
  CHECK(seen[1].headers.at("Qianzhi-Signature") ==
        "t=" + seconds + ",v1=" + desk::hmac_sha256_hex("secret", seconds + "." + seen[1].body));
  // RFC 4231, test case 2.
  CHECK(desk::hmac_sha256_hex("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("a webhook is sent again after a death in between, under the same key") {
  NetWorld world;
  const WebServer server;
  world.hook(server.url());
  world.add("w", "A");
  world.stop_at("notice.marked");
  CHECK(server.seen().empty());
  world.stop_at("notice.sent");
  CHECK(world.run().sent == 1);
  REQUIRE(server.seen().size() == 2);
  CHECK(server.seen()[0].headers.at("Idempotency-Key") == server.seen()[1].headers.at("Idempotency-Key"));
}

TEST_CASE("a receiver that knows no keys gets no second try once it may have the notice") {
  NetWorld world;
  const WebServer server({{200, "", "", true}});
  world.hook(server.url(), ", idempotent: false");
  world.add("w", "A");
  CHECK(world.run().uncertain == 1);
  CHECK(world.state(1) == "uncertain");
  world.add("w", "B");
  world.stop_at("notice.sent");
  CHECK(world.run().sent == 0);
  CHECK(world.state(2) == "uncertain");
  // Nobody listened, so nobody has it.
  {
    const WebServer gone;
    world.hook(gone.url(), ", idempotent: false");
  }
  world.add("w", "C");
  CHECK(world.run().later == 1);
}

TEST_CASE("a webhook follows no redirect and gives up what is refused for good") {
  NetWorld world;
  const WebServer other;
  const WebServer server({{302, "", other.url()}, {400}, {429, "30"}, {500}});
  world.hook(server.url());
  for (const char* subject : {"1", "2", "3"}) world.add("w", subject);
  const desk::SendCounts counts = world.run();
  CHECK(counts.failed == 2);
  CHECK(counts.later == 1);
  CHECK(world.result(1) == "QZ-DSK-102 HTTP 302");
  CHECK(world.box->find(3)->next - world.clock.now() == 30'000'000);
  CHECK(other.seen().empty());
}

TEST_CASE("a webhook goes to no server that the trusted CA has not named so") {
  NetWorld world;
  const WebServer server({{}}, world.server());
  world.hook(server.url("127.0.0.1"));
  world.add("w", "A");
  CHECK(world.run().later == 1);
  const TestCa other(world.dir.path(), "other");
  world.clock.pass(3600'000'000);
  world.outlets = outlets_of("outlets:\n  - {id: w, kind: webhook, url: \"" + server.url() +
                             "\", trust: " + world.path("other.crt") + "}\n");
  CHECK(world.run().later == 1);
  CHECK(server.seen().empty());
}

TEST_CASE("A: webhooks reach no link-local, multicast or unspecified address, in whatever form") {
  for (const char* bad : {"169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "255.255.255.255",
                          "0.0.0.0", "::", "ff02::1", "no address"})
    CHECK(!desk::may_reach(bad));
  for (const char* good : {"127.0.0.1", "::1", "10.1.2.3", "203.0.113.9", "2001:db8::1"}) CHECK(desk::may_reach(good));
  for (const char* bad : {"https://169.254.169.254/latest", "http://[fe80::1]/", "ftp://a/", "file:///etc/passwd",
                          "https://", "https://a@b/", "http://far.example/", "https://b/#f"})
    CHECK(!desk::is_webhook_url(bad, false));
  CHECK(desk::is_webhook_url("http://far.example/", true));
  CHECK(desk::is_webhook_url("http://127.0.0.1:8080/x", false));
}

TEST_CASE("S2.3 a mail has its subject in UTF-8, an id of its own and no header that a row made") {
  NetWorld world;
  const MailServer server(MailMood::takes, world.server(), true);
  world.mail(server.port(), ", security: starttls");
  world.add("m", "A", letter);
  CHECK(world.run().sent == 1);
  CHECK(server.was_encrypted());
  REQUIRE(server.mails().size() == 1);
  const std::string text = server.mails()[0];
  INFO(text);
  CHECK(text.find("\nMessage-ID: <" + world.token(1).substr(0, 32) + "@tax.example>\n") != std::string::npos);
  CHECK(text.find("=?UTF-8?") != std::string::npos);
  CHECK(text.find("\nBcc:") == std::string::npos);
  CHECK(text.find("To: <firm@example.com>") != std::string::npos);
}

TEST_CASE("mail over TLS from the first octet, and none to a server with another name") {
  NetWorld world;
  world.ca.issue({"stranger", "DNS:stranger.example", "serverAuth"});
  const MailServer server(MailMood::takes, world.server());
  world.mail(server.port(), ", security: tls");
  world.add("m", "A", letter);
  CHECK(world.run().sent == 1);
  const MailServer stranger(MailMood::takes, world.dir / "stranger");
  world.mail(stranger.port(), ", security: tls");
  world.add("m", "B", letter);
  CHECK(world.run().later == 1);
  CHECK(stranger.mails().empty());
  const MailServer plain(MailMood::takes);
  world.mail(plain.port(), ", security: starttls");
  world.clock.pass(3600'000'000);
  CHECK(world.run().later == 1);
  CHECK(plain.mails().empty());
}

TEST_CASE("what a mail server answers, or that it does not, decides whether a mail is tried again") {
  NetWorld world;
  const auto outcome_at = [&](MailMood mood, const std::string& subject) {
    const MailServer server(mood);
    world.mail(server.port(), ", security: none");
    world.add("m", subject, letter);
    world.run();
    const auto all = world.box->list(std::nullopt, 1);
    const std::string state = std::string(name_of(all[0].state)) + " " + all[0].result.substr(0, 10);
    if (all[0].state != desk::NoticeState::failed) world.box->drop(all[0].id, 0);
    return state;
  };
  CHECK(outcome_at(MailMood::busy, "1") == "waiting QZ-DSK-101");
  CHECK(outcome_at(MailMood::no_receiver, "2") == "failed QZ-DSK-102");
  CHECK(outcome_at(MailMood::dies, "3") == "uncertain QZ-DSK-103");
}

TEST_CASE("A: no mail to an address that holds more than one, or a command") {
  for (const char* bad : {"", "a", "@b", "a@", "a@b@c", "a@b, c@d", "a b@c", "<a@b>", "a@b\r\nRCPT TO:<x@y>", "张@b"})
    CHECK(!desk::is_mail_address(bad));
  CHECK(desk::is_mail_address("firm.name+1@example.com"));
  NetWorld world;
  const MailServer server(MailMood::takes);
  world.mail(server.port(), ", security: none");
  world.add("m", "A", R"({"mail":"a@b\r\nRCPT TO:<x@y>","text":"x"})");
  CHECK(world.run().failed == 1);
  CHECK(server.mails().empty());
}

TEST_CASE("P: a receiver that sends an octet now and then holds up nobody for longer than the whole may take") {
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const timeval long_time{10, 0};
  setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &long_time, sizeof long_time);
  char octet = 0;
  { const desk::CutOff gone_before(ends[0], 3'600'000'000); }
  REQUIRE(send(ends[1], "x", 1, 0) == 1);
  CHECK(recv(ends[0], &octet, 1, 0) == 1);
  const desk::CutOff cut_off(ends[0], 20'000);
  CHECK(recv(ends[0], &octet, 1, 0) == 0);  // -1 after ten seconds if nobody cut it off
  close(ends[0]);
  close(ends[1]);
}
