// A15 and A11 on an address of this machine that is not loopback: nothing may be more lenient or different there. The
// ctest network_test_namespace runs these in a network namespace of their own.
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

#include <array>
#include <catch2/catch.hpp>

#include "https_world.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub_support.h"
#include "recorder.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

// The first IPv4 address of an interface that is up and is not loopback; empty if there is none.
std::string own_address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return {};
  std::string found;
  for (const ifaddrs* each = all; each != nullptr && found.empty(); each = each->ifa_next) {
    const bool usable = each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET &&
                        (each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0;
    if (!usable) continue;
    sockaddr_in address{};
    std::copy_n(reinterpret_cast<const char*>(each->ifa_addr), sizeof address, reinterpret_cast<char*>(&address));
    std::array<char, INET_ADDRSTRLEN> text{};
    if (inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size()) != nullptr) found = text.data();
  }
  freeifaddrs(all);
  return found;
}

// False: said, and nothing is tested.
bool off_loopback(World& world) {
  const std::string address = own_address();
  if (address.empty()) {
    WARN("skipped: this machine has no IPv4 address but loopback");
    return false;
  }
  world.move_to(address);
  return true;
}

struct Bad {
  const char* kind;
  const char* code;  // what the hub reports
};

// Makes x.crt of this kind and tells the directory what it needs to know of it.
void issue(World& world, TestCa& foreign, const std::string& kind) {
  CertificateSpec spec{"x", agent_uri("a")};
  if (kind == "expired") spec.ends = -60;
  if (kind == "early") spec.begins = 3600;
  if (kind == "server-only") spec.purpose = "serverAuth";
  if (kind == "two URIs") spec.alternative_names += "," + agent_uri("b");
  if (kind == "URI and DNS") spec.alternative_names += ",DNS:localhost";
  if (kind == "no name") spec.alternative_names.clear();
  if (kind == "unknown agent") spec.alternative_names = agent_uri("c");
  if (kind == "NUL inside") {
    world.exchange.admit("a", {world.ca.issue_raw_uri({"x", ""}, std::string("urn:qianzhi:agent:a\0.evil", 25))});
  } else if (kind == "another's key") {
    world.ca.issue(spec);
  } else {
    const Digest key = (kind == "foreign" ? foreign : world.ca).issue(spec);
    if (kind != "unknown agent") world.exchange.admit("a", {key});
  }
  world.ca.write_revocations("crl.pem", {kind == "revoked" ? "x" : "b"});
  world.options.files.crl = world.dir / "crl.pem";
}

}  // namespace

TEST_CASE("A15 A11 off loopback each bad client certificate is refused for its own reason", "[address]") {
  World world;
  if (!off_loopback(world)) return;
  TestCa foreign(world.dir.path(), "foreign");
  const Bad bad =
      GENERATE(Bad{"foreign", "QZ-LINK-105"}, Bad{"expired", "QZ-LINK-105"}, Bad{"early", "QZ-LINK-105"},
               Bad{"revoked", "QZ-LINK-105"}, Bad{"server-only", "QZ-LINK-105"}, Bad{"two URIs", "QZ-LINK-101"},
               Bad{"URI and DNS", "QZ-LINK-101"}, Bad{"no name", "QZ-LINK-101"}, Bad{"NUL inside", "QZ-LINK-101"},
               Bad{"unknown agent", "QZ-LINK-102"}, Bad{"another's key", "QZ-LINK-103"});
  INFO(bad.kind << " at " << world.options.host);
  issue(world, foreign, bad.kind);
  world.start();
  CHECK(code_of([&] { world.link("x")->post({}); }) == "QZ-LINK-010");
  CHECK_NOTHROW(world.await_report(bad.code));
  CHECK(world.exchange.posts() == 0);
}

TEST_CASE("A15 off loopback a good agent is let in, one without a certificate or with TLS 1.2 is not", "[address]") {
  World world;
  if (!off_loopback(world)) return;
  world.start();
  world.link("a")->post({});
  CHECK(world.exchange.callers() == std::vector<std::string>{"a"});
  const int highest = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_max_proto_version(context.get(), highest);
  RawClient client(world, world.options.host);
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
  SSL_set_fd(ssl.get(), client.fd());
  char octet = 0;
  const bool answered = SSL_connect(ssl.get()) == 1 && SSL_read(ssl.get(), &octet, 1) == 1;
  CHECK_FALSE(answered);
  world.await_report(highest == TLS1_2_VERSION ? "QZ-LINK-106" : "QZ-LINK-105");
}

TEST_CASE("A15 P41 off loopback a hub from another CA, with another name or expired is not spoken to", "[address]") {
  World world;
  if (!off_loopback(world)) return;
  TestCa foreign(world.dir.path(), "foreign");
  const std::string address = "IP:" + world.options.host;
  const std::string kind = GENERATE("another CA", "another name", "only localhost", "expired", "client certificate");
  if (kind == "another CA") foreign.issue({"hub", address, "serverAuth"});
  if (kind == "another name") world.ca.issue({"hub", "DNS:hub.example,IP:10.99.99.99", "serverAuth"});
  if (kind == "only localhost") world.ca.issue({"hub", "DNS:localhost,IP:127.0.0.1", "serverAuth"});
  if (kind == "expired") world.ca.issue({"hub", address, "serverAuth", -7200, -3600});
  if (kind == "client certificate") world.ca.issue({"hub", address, "clientAuth"});
  world.start();
  INFO(kind);
  CHECK(code_of([&] { world.link("a")->post({}); }) == "QZ-LINK-004");
  CHECK(world.exchange.posts() == 0);
}

TEST_CASE("A14 P43 off loopback an SM2 signature with another signer id is refused, the error names the right one",
          "[address]") {
  const std::string address = own_address();
  if (address.empty()) {
    WARN("skipped: this machine has no IPv4 address but loopback");
    return;
  }
  HubWorld hub;
  TestCa ca(hub.dir.path(), "ca");
  ca.issue({"hub", "IP:" + address, "serverAuth"});
  hub.directory.agents["commerce-01"].tls_keys = {ca.issue({"commerce-01", agent_uri("commerce-01")})};
  hub.directory.expires = 0;
  hub::ServerOptions options;
  options.host = address;
  options.files = {hub.dir / "hub.crt", hub.dir / "hub.key", ca.certificate(), {}};
  hub::HubServer server(
      options, hub::handlers_of(*hub.hub), [](const Error&) { std::abort(); }, hub.clock);
  Recorder link({hub.dir / "commerce-01.crt", hub.dir / "commerce-01.key", ca.certificate(), {}}, server.port(),
                address);
  const seal::SigningKey key = seal::SigningKey::generate(seal::Algorithm::sm2, "gz-commerce");
  const auto verdict = [&](const KeyRecord& registered) {
    hub.register_keys("commerce-01", {registered});
    Chain chain = hub.chain();
    chain.use(key);
    wire::PostRequest request;
    request.set_session(link.session({}).session());
    request.add_batches(chain.begin().octets);
    return link.post(request).verdicts(0);
  };
  const wire::Verdict refused = verdict(seal::SigningKey::from_pem(key.to_pem()).record());
  CHECK(refused.outcome() == wire::INVALID);
  CHECK(refused.detail().find("signer id '1234567812345678'") != std::string::npos);
  CHECK(verdict(key.record()).outcome() == wire::ACCEPTED);
}
