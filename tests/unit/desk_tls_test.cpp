// The desk's pages for other machines: the same desk behind TLS, and clients that really verify it.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "tests/unit/desk_http.h"
#include "tests/unit/desk_town.h"
#include "tests/unit/https_pki.h"

using namespace qianzhi;

namespace {

constexpr const char* desk_name = "desk.tax.example";

// One request over TLS as a browser sends it, which trusts this CA and expects this name. No reply (status 0) if the
// handshake fails.
class Browser {
 public:
  Browser(std::uint16_t port, const std::filesystem::path& trust, std::string name = desk_name)
      : port_(port), name_(std::move(name)), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    REQUIRE(SSL_CTX_load_verify_locations(context_.get(), trust.c_str(), nullptr) == 1);
  }
  void speak_at_most(int version) { SSL_CTX_set_max_proto_version(context_.get(), version); }
  const std::string& own() const { return own_; }

  test::DeskReply send(const std::string& head, const std::string& headers = {}, const std::string& body = {}) {
    const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    std::string answer;
    {
      const std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(context_.get()), SSL_free);
      SSL_set_fd(tls.get(), connection);
      SSL_set1_host(tls.get(), name_.c_str());
      if (SSL_connect(tls.get()) == 1) answer = exchange(tls.get(), head, headers, body);
    }
    ERR_clear_error();
    close(connection);
    return test::DeskHttp::taken_apart(answer);
  }
  test::DeskReply get(const std::string& path, const std::string& headers = {}) {
    return send("GET " + path + " HTTP/1.1\r\n", host_ + headers);
  }
  test::DeskReply post(const std::string& path, const std::string& body, const std::string& headers) {
    return send("POST " + path + " HTTP/1.1\r\n",
                host_ + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n" + headers,
                body);
  }

 private:
  static std::string exchange(SSL* tls, const std::string& head, const std::string& headers, const std::string& body) {
    const std::string request = head + headers + "\r\n" + body;
    SSL_write(tls, request.data(), static_cast<int>(request.size()));
    std::string answer;
    std::array<char, 4096> buffer{};
    for (int size = 1; size > 0;) {
      size = SSL_read(tls, buffer.data(), static_cast<int>(buffer.size()));
      if (size > 0) answer.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return answer;
  }

  std::uint16_t port_;
  std::string name_;
  std::string host_ = std::string("Host: ") + desk_name + "\r\n";
  std::string own_ = std::string("Origin: https://") + desk_name + "\r\n";
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
};

struct RemoteTown : test::Town {
  RemoteTown() {
    ca.issue({"desk", std::string("DNS:") + desk_name, "serverAuth"});
    rewrite("listen: 127.0.0.1:0", std::string("listen: 127.0.0.1:0\n  certificate: desk.crt\n"
                                               "  private_key: desk.key\n  hosts: [") +
                                       desk_name + "]");
    serve();
    REQUIRE(served->is_open());
    CHECK(served->address().substr(0, 8) == "https://");
  }
  Browser browser() { return {served->service().port(), ca.certificate()}; }
  static std::string bearer(const std::string& name) { return "Authorization: Bearer " + token(name) + "\r\n"; }

  test::TestCa ca{dir.path(), "ca"};
};

}  // namespace

TEST_CASE("A25 P43 pages of the desk over TLS: who verifies it gets them, nobody else anything", "[serve]") {
  RemoteTown town;
  Browser browser = town.browser();
  CHECK(browser.get("/livez").body == "ok\n");
  const std::uint16_t port = town.served->service().port();
  test::TestCa stranger(town.dir.path(), "stranger");
  CHECK(Browser(port, stranger.certificate()).get("/livez").status == 0);
  CHECK(Browser(port, town.ca.certificate(), "other.example").get("/livez").status == 0);
  Browser old = town.browser();
  old.speak_at_most(TLS1_2_VERSION);
  CHECK(old.get("/livez").status == 0);
  // Plain HTTP is not answered at all, not even by a redirection that would teach people to type it.
  const auto plain = test::DeskHttp(port).get("/livez");
  CHECK((plain.status == 0 && plain.head.empty()));
  // A name that somebody points at the desk is not its own.
  CHECK(browser.send("GET /sign-in HTTP/1.1\r\n", "Host: evil.example\r\n").status == 403);
}

TEST_CASE("S2.3 A25 sessions over TLS have Secure cookies, roles hold, and forms come from the own page", "[serve]") {
  RemoteTown town;
  Browser browser = town.browser();
  CHECK(browser.get("/").header("Location") == "/sign-in");
  const std::string token = "token=" + test::Town::token("zhao");
  CHECK(browser.post("/sign-in", token, std::string("Origin: http://") + desk_name + "\r\n").status == 403);
  CHECK(browser.post("/sign-in", "token=guess", browser.own()).status == 403);
  const auto opened = browser.post("/sign-in", token, browser.own());
  REQUIRE(opened.status == 303);
  const std::string cookie = opened.header("Set-Cookie");
  for (const char* part : {"; Secure", "; HttpOnly", "; SameSite=Strict"})
    CHECK(cookie.find(part) != std::string::npos);
  const std::string session = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
  CHECK(browser.get("/", session).status == 200);
  // A viewer sees and does not act; who has no role sees nothing; no token, nothing at all.
  const std::string number = std::to_string(town.case_of("440103000000016"));
  CHECK(browser.get("/api/cases/" + number, RemoteTown::bearer("zhao")).status == 200);
  CHECK(browser.post("/api/cases/" + number + "/urge", "note=x", RemoteTown::bearer("zhao")).status == 403);
  CHECK(browser.post("/api/cases/" + number + "/urge", "note=x", RemoteTown::bearer("wang")).status == 200);
  CHECK(browser.get("/api/cases/" + number, RemoteTown::bearer("nobody")).status == 403);
  CHECK(browser.get("/api/cases/" + number).status == 401);
}
