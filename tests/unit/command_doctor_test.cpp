// qianzhi doctor and bundle against a real TLS server, with one thing wrong at a time.
#include <Poco/JSON/Parser.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "hub-protocol/seal/key.h"
#include "tests/crash/program.h"
#include "tests/support/reserved_port.h"
#include "tests/unit/https_world.h"

using namespace qianzhi;
using namespace qianzhi::test;

namespace {

constexpr const char* canary = "Zhang-San-440106199001011234";  // stands for row data
constexpr const char* password = "Geheim#2024";
constexpr long long_life = 60 * 86400;  // seconds

std::string http_date(Micros time) {
  const time_t seconds = time / 1'000'000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

std::string answer_of(const std::string& status, const std::string& body, Micros time) {
  return "HTTP/1.1 " + status + " X\r\nDate: " + http_date(time) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// A hub that shakes hands and answers every request alike, until it is told to stop.
class AnsweringHub {
 public:
  // ahead: of its clock.
  AnsweringHub(const TlsFiles& files, std::string status, std::string body = {}, Micros ahead = 0)
      : context_(std::make_shared<const TlsContext>(files, TlsRole::server)),
        status_(std::move(status)),
        body_(std::move(body)),
        ahead_(ahead) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(listen(listener_, 8) == 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~AnsweringHub() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  void serve() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0; fd = accept(listener_, nullptr, nullptr)) {
      RawServerSide side(context_, fd);
      if (!side.shake_hands())
        await_end(fd);
      else if (!side.read_request().empty())
        side.write(answer_of(status_, body_, SystemClock().now() + ahead_));
    }
  }

  // What came unread would turn the alert that was sent into a reset connection.
  static void await_end(int fd) {
    char sink[4096];
    pollfd readable{fd, POLLIN, 0};
    while (poll(&readable, 1, 5000) == 1 && recv(fd, sink, sizeof sink, 0) > 0) continue;
  }

  std::shared_ptr<const TlsContext> context_;
  std::string status_;
  std::string body_;
  Micros ahead_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// An agent's files, all good.
class Site {
 public:
  Site() {
    ca_.issue({"hub", "DNS:localhost,IP:127.0.0.1", "serverAuth", -3600, long_life});
    ca_.issue({"a", agent_uri("a-01"), "clientAuth", -3600, long_life});
    write("signing.key", seal::SigningKey::generate(seal::Algorithm::ed25519).to_pem(), 0600);
    write("directory.pub", seal::to_pem(seal::SigningKey::generate(seal::Algorithm::ed25519).record()), 0644);
    write("queue.key", std::string(64, 'b'), 0600);
    write("db.pw", password, 0600);
    chmod((dir_ / "a.key").c_str(), 0600);
  }

  void configure(std::uint16_t port, const std::string& certificate = "a") {
    write("agent.yaml",
          "version: 1\nagent: {id: a-01, name: 测试}\nexchange:\n  url: \"https://127.0.0.1:" + std::to_string(port) +
              "\"\n  certificate: " + certificate + ".crt\n  private_key: {file: " + certificate +
              ".key}\n  signing_key: {file: signing.key}\n  trust: ca.crt\n  directory_key: directory.pub\n"
              "queue: {path: queue.db, key: {file: queue.key}, max_size: 1GiB}\n",
          0600);
  }
  void write(const std::string& name, const std::string& text, mode_t mode) const {
    std::ofstream(dir_ / name) << text;
    chmod((dir_ / name).c_str(), mode);
  }
  std::string file(const std::string& name) const { return (dir_ / name).string(); }
  TestCa& ca() { return ca_; }
  TlsFiles hub_files() const { return {dir_ / "hub.crt", dir_ / "hub.key", dir_ / "ca.crt", {}}; }
  const std::filesystem::path& folder() const { return dir_.path(); }

  crash::Output run(std::vector<std::string> words) const {
    words.insert(words.begin(), QIANZHI_PROGRAMS "/qianzhi");
    words.insert(words.end(), {"-c", file("agent.yaml")});
    return crash::run(words, dir_ / "out");
  }
  // "mark code" of the first line of this step.
  std::string doctor(const std::string& step, const std::vector<std::string>& before = {}) const {
    std::vector<std::string> words = before;
    words.insert(words.end(), {QIANZHI_PROGRAMS "/qianzhi", "doctor", "--json", "-c", file("agent.yaml")});
    const crash::Output output = crash::run(words, dir_ / "out");
    INFO(output.text);
    const auto all = Poco::JSON::Parser().parse(output.text).extract<Poco::JSON::Object::Ptr>();
    CHECK(output.exit == (all->getValue<bool>("good") ? 0 : 1));
    const auto lines = all->getArray("lines");
    std::string found = "no such line: " + output.text;
    for (std::size_t i = lines->size(); i-- > 0;) {
      const auto line = lines->getObject(static_cast<unsigned int>(i));
      if (line->getValue<std::string>("step") != step) continue;
      found = line->getValue<std::string>("mark") + " " + line->getValue<std::string>("code");
      if (!line->getValue<std::string>("code").empty()) CHECK_FALSE(line->getValue<std::string>("cure_zh").empty());
    }
    return found;
  }

 private:
  TempDir dir_;
  TestCa ca_{dir_.path(), "ca"};
};

}  // namespace

TEST_CASE("doctor follows the way to the hub step by step, and says where it ends") {
  Site site;
  SECTION("closed port") {
    ReservedPort port;
    site.configure(port.number());
    CHECK(site.doctor("dns") == "good ");
    CHECK(site.doctor("tcp") == "failed QZ-LINK-002");
    CHECK(site.doctor("tls") == "skipped ");
  }
  SECTION("all is well, but for a directory by another key") {
    const AnsweringHub hub(site.hub_files(), "200");
    site.configure(hub.port());
    for (const char* step : {"configuration", "tcp", "tls", "identity", "certificate-days", "hub-certificate", "clock"})
      CHECK(site.doctor(step) == "good ");
    CHECK(site.doctor("directory-key") == "failed QZ-SEAL-040");
    CHECK(site.doctor("agent") == "notice QZ-BASE-010");
  }
  SECTION("another authority's hub") {
    TestCa other(site.folder(), "other");
    other.issue({"liar", "IP:127.0.0.1", "serverAuth"});
    const AnsweringHub hub({site.file("liar.crt"), site.file("liar.key"), site.file("ca.crt"), {}}, "200");
    site.configure(hub.port());
    CHECK(site.doctor("tls") == "failed QZ-LINK-004");
  }
  SECTION("the hub's certificate names another host") {
    site.ca().issue({"elsewhere", "DNS:elsewhere.example", "serverAuth"});
    const AnsweringHub hub({site.file("elsewhere.crt"), site.file("elsewhere.key"), site.file("ca.crt"), {}}, "200");
    site.configure(hub.port());
    CHECK(site.doctor("tls") == "failed QZ-LINK-004");
  }
  SECTION("own certificate expired") {
    site.ca().issue({"old", agent_uri("a-01"), "clientAuth", -7200, -3600});
    const AnsweringHub hub(site.hub_files(), "200");
    site.configure(hub.port(), "old");
    CHECK(site.doctor("certificate-days") == "failed QZ-CLI-027");
    CHECK(site.doctor("identity") == "failed QZ-LINK-010");
  }
  SECTION("own certificate soon expires") {
    const AnsweringHub hub(site.hub_files(), "200");
    site.configure(hub.port());
    site.ca().issue({"a", agent_uri("a-01"), "clientAuth", -3600, 86400 * 3});
    CHECK(site.doctor("certificate-days") == "warning QZ-CLI-027");
  }
  SECTION("the clocks differ") {
    const AnsweringHub hub(site.hub_files(), "200", "", 600'000'000);
    site.configure(hub.port());
    CHECK(site.doctor("clock") == "failed QZ-CLI-028");
  }
  SECTION("the hub does not know us") {
    wire::Problem problem;
    problem.set_code("QZ-LINK-103");
    const AnsweringHub hub(site.hub_files(), "401", problem.SerializeAsString());
    site.configure(hub.port());
    CHECK(site.doctor("identity") == "failed QZ-LINK-103");
  }
}

TEST_CASE("doctor looks at files, disk and queue") {
  Site site;
  site.configure(9);
  CHECK(site.doctor("key") == "good ");
  CHECK(site.doctor("queue") == "skipped ");
  chmod(site.file("a.key").c_str(), 0644);
  CHECK(site.doctor("key") == "failed QZ-CLI-022");
  std::filesystem::remove(site.file("a.key"));
  CHECK(site.doctor("key") == "failed QZ-CLI-020");
  site.write("queue.db", "SQLite format 3" + std::string(9000, 'x'), 0600);
  CHECK(site.doctor("queue").find("failed") == 0);
  // What is not looked at is never good, and whoever is not the service is told so.
  CHECK(site.doctor("databases").find("failed QZ-") == 0);
  if (getuid() == 0 && chown(site.folder().c_str(), 65534, static_cast<gid_t>(-1)) == 0) {
    CHECK(site.doctor("databases") == "warning QZ-CLI-032");
    REQUIRE(chown(site.folder().c_str(), 0, static_cast<gid_t>(-1)) == 0);
  }
  const std::vector<std::string> small = {"/usr/bin/unshare",
                                          "-rm",
                                          "/bin/sh",
                                          "-c",
                                          "mkdir -p \"$0\" && mount -t tmpfs -o size=8m none \"$0\" && exec \"$@\"",
                                          site.file("small")};
  site.write("agent.yaml", "", 0600);
  site.configure(9);
  std::string text = crash::text_of(site.file("agent.yaml"));
  text.replace(text.find("queue.db"), 8, "small/q.db");
  site.write("agent.yaml", text, 0600);
  CHECK(site.doctor("disk", small) == "failed QZ-CLI-025");
  site.write("agent.yaml", "version: 1\n", 0600);
  CHECK(site.doctor("configuration") == "failed QZ-CLI-030");
}

TEST_CASE("a support bundle is listed first, and holds no secret and no row") {
  Site site;
  site.configure(9);
  const crash::Output listed = site.run({"bundle"});
  CHECK(listed.exit == 0);
  CHECK(listed.text.find("doctor.json") != std::string::npos);
  // Rows wait in the source and in the queue's folder; a password got into a comment.
  site.write("rows.db", canary, 0600);
  site.write("agent.yaml",
             crash::text_of(site.file("agent.yaml")) + "# password=" + password + "\n# " + std::string(64, 'b') +
                 "\n# " + crash::text_of(site.file("signing.key")).substr(28, 40) + "\n",
             0600);
  const crash::Output written = site.run({"bundle", "--out", site.file("b.zip")});
  INFO(written.text);
  CHECK(written.exit == 0);
  CHECK((std::filesystem::status(site.file("b.zip")).permissions() & std::filesystem::perms(077)) ==
        std::filesystem::perms::none);
  const crash::Output opened =
      crash::run({"/usr/bin/python3", "-c",
                  "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n"
                  "for n in z.namelist(): print('== ' + n); print(z.read(n).decode())",
                  site.file("b.zip")},
                 site.file("out"));
  INFO(opened.text);
  CHECK(opened.exit == 0);
  for (const char* part : {"== version.txt", "== agent.yaml", "== doctor.json", "a-01"})
    CHECK(opened.text.find(part) != std::string::npos);
  for (const std::string& secret : {std::string(canary), std::string(password), std::string(16, 'b'),
                                    std::string("PRIVATE"), crash::text_of(site.file("signing.key")).substr(40, 12)})
    CHECK(opened.text.find(secret) == std::string::npos);
  CHECK(site.run({"bundle", "--out", site.file("b.zip")}).exit == 78);
}
