// The page of a real agent: before there is a configuration, and for who may and may not read it.
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <charconv>
#include <fstream>

#include "tests/crash/exchange.h"

using namespace qianzhi;
using crash::Exchange;
using crash::Who;

namespace {

struct Fetched {
  int status = 0;
  std::string body;
  std::string cookie;
};

Fetched fetch(std::uint16_t port, const std::string& target, const std::string& cookie = {},
              const std::string& host = {}) {
  Poco::Net::HTTPClientSession session("127.0.0.1", port);
  session.setTimeout(Poco::Timespan(20, 0));
  Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, target, Poco::Net::HTTPMessage::HTTP_1_1);
  if (!cookie.empty()) request.set("Cookie", cookie);
  if (!host.empty()) request.setHost(host);
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  Fetched fetched;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), fetched.body);
  fetched.status = response.getStatus();
  fetched.cookie = response.get("Set-Cookie", "");
  fetched.cookie = fetched.cookie.substr(0, fetched.cookie.find(';'));
  return fetched;
}

std::uint16_t port_in(const std::filesystem::path& file) {
  const std::string text = crash::text_of(file);
  std::uint16_t port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat found {};
  return ::stat(file.c_str(), &found) == 0 ? found.st_mode & 0777U : 0U;
}

}  // namespace

TEST_CASE("E7 the page of a running agent opens with its one-time link alone") {
  Exchange exchange;
  exchange.begin(5);
  const std::uint16_t port = port_in(exchange.file("commerce.port"));
  for (const std::string target : {"/", "/plain", "/app.js", "/api/status", "/api/events", "/readyz", "/metrics"}) {
    INFO(target);
    const Fetched refused = fetch(port, target);
    CHECK(refused.status == 401);
    CHECK(refused.body.find("commerce") == std::string::npos);
  }
  CHECK(fetch(port, "/livez").body == "ok\n");
  CHECK(mode_of(exchange.file("commerce.port")) == 0600U);
  CHECK(mode_of(exchange.file("commerce-queue.db.token")) == 0600U);
  CHECK(mode_of(exchange.file("commerce-queue.db.history")) == 0600U);
  CHECK((mode_of(exchange.file("commerce-queue.db.sock")) & 07U) == 0U);

  const crash::Output given = exchange.ask(Who::commerce, {"web"});
  INFO(given.text);
  REQUIRE(given.exit == 0);
  const std::size_t begin = given.text.find("/in?k=");
  REQUIRE(begin != std::string::npos);
  const std::string link = given.text.substr(begin, 6 + 64);
  const Fetched entered = fetch(port, link);
  CHECK(entered.status == 303);
  CHECK(fetch(port, link).status == 401);
  CHECK(fetch(port, "/", entered.cookie).status == 200);
  CHECK(fetch(port, "/api/status", entered.cookie).body.find("\"headline\"") != std::string::npos);
  CHECK(fetch(port, "/api/status", entered.cookie, "evil.example").status == 403);
  CHECK(fetch(port, "/metrics", entered.cookie).body.find("qianzhi_ready 1\n") != std::string::npos);

  const std::string qianzhi = std::filesystem::path(QIANZHI_PROGRAMS) / "qianzhi";
  crash::Program watch({qianzhi, "status", "--watch", "--json", "-c", exchange.config(Who::commerce).string()},
                       exchange.file("watch.log"));
  exchange.await("a status that is watched", [&] {
    return crash::text_of(exchange.file("watch.log")).find("\"headline\":\"idle\"") != std::string::npos;
  });
  watch.signal(15);
  CHECK(watch.wait(30).exit == 0);
}

TEST_CASE("E an agent without a configuration serves a page that says so, and goes on when there is one") {
  Exchange exchange;
  exchange.begin(5);
  const std::filesystem::path config = exchange.file("late.yaml");
  const std::filesystem::path port = exchange.file("late.port");
  const std::string qianzhi = std::filesystem::path(QIANZHI_PROGRAMS) / "qianzhi";
  crash::Program late({qianzhi, "run", "-c", config.string(), "--wait", "--port-file", port.string()},
                      exchange.file("late.log"));
  exchange.await("a page", [&] { return port_in(port) != 0; });
  CHECK(fetch(port_in(port), "/readyz").body == "not ready\nnot_configured\n");
  CHECK(fetch(port_in(port), "/").status == 200);
  const std::string remote =
      "listen: \"127.0.0.1:0\", remote: {listen: \"127.0.0.1:0\", certificate: pki/hub.crt, private_key: {file: "
      "pki/hub.key}}";
  // Identity and databases are those of an agent that is not enrolled: its keys are not there.
  std::string text = crash::text_of(exchange.config(Who::commerce));
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"commerce-queue.db", "late-queue.db"},
                                 {"certificate: pki/", "certificate: nowhere/"},
                                 {"signing_key: {file: pki/", "signing_key: {file: nowhere/"},
                                 {"listen: \"127.0.0.1:0\"", remote}}) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  }
  std::ofstream(config, std::ios::trunc) << text;
  exchange.await("not enrolled", [&] {
    const crash::Output asked =
        crash::run({qianzhi, "status", "--json", "-c", config.string()}, exchange.file("ask.log"));
    return asked.text.find("\"headline\":\"not_enrolled\"") != std::string::npos;
  });
  // Its page for other machines opens with the first account, and closes with the last.
  const auto as_operator = [&](const std::string& words, const std::string& password = {}) {
    return crash::run({"/bin/sh", "-c", "printf '%s\\n' \"$1\" | " + qianzhi + " " + words + " -c " + config.string(),
                       "sh", password},
                      exchange.file("ask.log"));
  };
  const auto is_closed = [&] { return as_operator("status").text.find("QZ-PAGE-015") != std::string::npos; };
  CHECK(is_closed());
  CHECK(as_operator("account add li --role operator", "short").text.find("QZ-HUB-276") != std::string::npos);
  const crash::Output added = as_operator("account add li --role operator", "Yue-Xiu-2024-Tax");
  INFO(added.text);
  CHECK(added.exit == 0);
  CHECK_FALSE(is_closed());
  CHECK(crash::text_of(exchange.file("late.log")).find("open to other machines: https://127.0.0.1:") !=
        std::string::npos);
  CHECK(as_operator("account list --json").text.find("[{\"name\":\"li\",\"role\":\"operator\",") == 0);
  CHECK(as_operator("account password li", "Yue-Xiu-2025-Tax").exit == 0);
  CHECK(mode_of(exchange.file("late-queue.db.accounts")) == 0600U);
  CHECK(as_operator("account remove li").exit == 0);
  CHECK(is_closed());
  CHECK(exchange.ask(Who::commerce, {"account", "list"}).text.find("QZ-PAGE-017") != std::string::npos);
  CHECK(crash::text_of(exchange.file("late.log")).find("Yue-Xiu") == std::string::npos);
  late.signal(15);
  CHECK(late.wait(30).exit == 0);
}
