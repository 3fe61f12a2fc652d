// Who may speak to the hub, and for how long.
#include <openssl/ssl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "https_world.h"
#include "hub-protocol/base/error.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

// The hub reports this code, the agent sees "refused by hub", and no handler hears of it.
void check_refused(World& world, const std::string& agent, const std::string& code) {
  CHECK(code_of([&] { world.link(agent)->post({}); }) == "QZ-LINK-010");
  CHECK_NOTHROW(world.await_report(code));
  CHECK(world.exchange.posts() == 0);
}

// Exit status of a program, -1 if it did not run to its end.
int run(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  if (posix_spawn(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0) return -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("P41 A15 a registered agent is let in and known by its URI name alone") {
  World world;
  world.start();
  world.link("a")->post({});
  world.link("b")->post({});
  CHECK(world.exchange.callers() == std::vector<std::string>{"a", "b"});
  CHECK(world.reports().empty());
}

TEST_CASE("A15 a certificate that TLS must refuse is refused, and the agent is told so at its first read") {
  World world;
  TestCa foreign(world.dir.path(), "foreign");
  const std::string kind = GENERATE("foreign", "expired", "early", "server-only");
  TestCa& issuer = kind == "foreign" ? foreign : world.ca;
  CertificateSpec spec{"x", agent_uri("a")};
  if (kind == "expired") spec.ends = -60;
  if (kind == "early") spec.begins = 3600;
  if (kind == "server-only") spec.purpose = "serverAuth";
  world.exchange.admit("a", {issuer.issue(spec)});
  world.start();
  INFO(kind);
  check_refused(world, "x", "QZ-LINK-105");
}

TEST_CASE("A15 a certificate without exactly one well-formed URI name is refused though its chain is good") {
  World world;
  const std::string kind = GENERATE("two URIs", "URI and DNS", "no name", "NUL inside", "another urn", "empty id");
  Digest key;
  if (kind == "two URIs") key = world.ca.issue({"x", agent_uri("a") + "," + agent_uri("b")});
  if (kind == "URI and DNS") key = world.ca.issue({"x", agent_uri("a") + ",DNS:localhost"});
  if (kind == "no name") key = world.ca.issue({"x", ""});
  if (kind == "NUL inside") key = world.ca.issue_raw_uri({"x", ""}, std::string("urn:qianzhi:agent:a\0.evil", 25));
  if (kind == "another urn") key = world.ca.issue({"x", "URI:urn:qianzhi:hub:a"});
  if (kind == "empty id") key = world.ca.issue({"x", "URI:urn:qianzhi:agent:"});
  world.exchange.admit("a", {key});
  world.start();
  INFO(kind);
  check_refused(world, "x", "QZ-LINK-101");
}

TEST_CASE("A15 a client without a certificate and a TLS 1.2 client are refused in the handshake") {
  World world;
  world.start();
  const int highest = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), highest);
  RawClient client(world);
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), client.fd());
  char octet = 0;
  const bool answered = SSL_connect(ssl.get()) == 1 && SSL_read(ssl.get(), &octet, 1) == 1;
  CHECK_FALSE(answered);
  world.await_report(highest == TLS1_2_VERSION ? "QZ-LINK-106" : "QZ-LINK-105");
}

TEST_CASE("A11 a good certificate whose key or agent the directory does not hold is refused") {
  World world;
  const std::string kind = GENERATE("unknown agent", "disabled agent", "another's key");
  const Digest key = world.ca.issue({"x", agent_uri("c")});
  if (kind == "disabled agent") world.exchange.admit("c", {key}, false);
  if (kind == "another's key") world.exchange.admit("c", {world.ca.issue({"y", agent_uri("c")})});
  world.start();
  INFO(kind);
  check_refused(world, "x", kind == "another's key" ? "QZ-LINK-103" : "QZ-LINK-102");
}

TEST_CASE("A15 a revoked certificate is refused and others are not") {
  World world;
  world.ca.write_revocations("crl.pem", {"b"});
  world.options.files.crl = world.dir / "crl.pem";
  world.start();
  check_refused(world, "b", "QZ-LINK-105");
  world.link("a")->post({});
  CHECK(world.exchange.callers() == std::vector<std::string>{"a"});
}

TEST_CASE("A16 an agent removed from the directory loses the connection it has open") {
  World world;
  world.start();
  const auto link = world.link("a");
  link->post({});
  world.exchange.admit("a", {}, false);
  CHECK(code_of([&] { link->post({}); }) == "QZ-LINK-010");
  CHECK(world.exchange.posts() == 1);
  CHECK(world.reports() == std::vector<std::string>{"QZ-LINK-102"});
}

TEST_CASE("A16 a parked long poll of an agent that is no longer valid ends at once") {
  World world;
  world.start();
  std::string code;
  std::thread waiting([&] {
    wire::FetchRequest request;
    request.set_wait_ms(30'000);
    request.mutable_directory()->set_version(world.exchange.directory().version);
    code = code_of([&] { world.link("a")->fetch(request); });
  });
  world.exchange.await_parked(1);
  world.exchange.admit("a", {}, false);
  waiting.join();
  CHECK(code == "QZ-LINK-010");
}

TEST_CASE("A16 a parked long poll whose certificate is revoked ends though nothing else happens") {
  World world;
  world.ca.write_revocations("crl.pem", {});
  world.options.files.crl = world.dir / "crl.pem";
  world.options.limits.parked_check_ms = 20;
  world.options.limits.longest_wait_ms = 600'000;
  world.start();
  std::string code;
  std::thread waiting([&] {
    wire::FetchRequest request;
    request.set_wait_ms(600'000);
    request.mutable_directory()->set_version(world.exchange.directory().version);
    code = code_of([&] { world.link("a")->fetch(request); });
  });
  world.exchange.await_parked(1);
  world.ca.write_revocations("crl.pem", {"a"});
  world.server->reload();
  waiting.join();
  CHECK(code == "QZ-LINK-010");
}

TEST_CASE("A16 reload under load: certificates and revocations change, no good request fails, open ones are cut") {
  World world;
  world.ca.write_revocations("crl.pem", {});
  world.options.files.crl = world.dir / "crl.pem";
  world.start();
  std::atomic<bool> done{false};
  std::atomic<int> failed{0};
  std::atomic<int> answered{0};
  std::thread load([&] {
    while (!done) {
      const auto fresh = world.link("a");
      for (int i = 0; i < 3; ++i) {
        if (!code_of([&] { fresh->post({}); }).empty()) ++failed;
        ++answered;
      }
    }
  });
  const auto open = world.link("b");
  open->post({});
  for (int round = 0; round < 5; ++round) {
    world.ca.issue({"hub", "DNS:localhost,IP:127.0.0.1", "serverAuth"});
    world.server->reload();
    open->post({});
  }
  world.ca.write_revocations("crl.pem", {"b"});
  world.server->reload();
  const int before = answered;
  CHECK(code_of([&] { open->post({}); }) == "QZ-LINK-010");
  CHECK(code_of([&] { world.link("b")->post({}); }) == "QZ-LINK-010");
  while (answered < before + 6) std::this_thread::yield();
  done = true;
  load.join();
  CHECK(failed == 0);
}

TEST_CASE("A16 reload with a broken file is refused and what was in force stays") {
  World world;
  world.start();
  std::filesystem::resize_file(world.dir / "hub.key", 10);
  CHECK(code_of([&] { world.server->reload(); }) == "QZ-LINK-009");
  CHECK_NOTHROW(world.link("a")->post({}));
}

TEST_CASE("P39 a renewed agent certificate is used at the next connection without a restart") {
  World world;
  world.options.limits.requests_a_connection = 1;
  world.start();
  const auto link = world.link("a");
  link->post({});
  world.exchange.admit("a", {world.ca.issue({"a", agent_uri("a")})});
  CHECK_NOTHROW(link->post({}));
}

TEST_CASE("packaging/pki/make-pki makes certificates that hub and agent accept") {
  World world;
  const std::string pki = (world.dir / "pki").string();
  REQUIRE(run({QIANZHI_SOURCE_DIR "/packaging/pki/make-pki", pki, "c-01"}) == 0);
  world.options.files = {pki + "/hub.crt", pki + "/hub.key", pki + "/ca.crt", {}};
  world.start();
  HttpsLinkOptions options = world.link_options("a");
  options.certificate = pki + "/c-01.crt";
  options.private_key = pki + "/c-01.key";
  options.trust = pki + "/ca.crt";
  CHECK(code_of([&] { HttpsLink(options).post({}); }) == "QZ-LINK-010");
  CHECK(world.reports() == std::vector<std::string>{"QZ-LINK-102"});
  const auto mode = std::filesystem::status(pki + "/c-01-signing.key").permissions();
  CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) ==
        std::filesystem::perms::none);
}
