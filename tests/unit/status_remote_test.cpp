// The page for other machines: real TLS, accounts in a real file.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>
#include <fstream>
#include <sstream>

#include "agent/status/tls_page.h"
#include "hub-protocol/client/tls_stream.h"
#include "tests/browser/page_samples.h"
#include "tests/support/errors.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/https_pki.h"

using namespace qianzhi;
using namespace qianzhi::status;

namespace {

constexpr const char* li_password = "Yue-Xiu-2024-Tax";
constexpr const char* wang_password = "Li-Wan-2024-Quality";
constexpr accounts::ScryptCost cheap{4, 8, 1};

class MovedClock final : public Clock {
 public:
  Micros now() const override { return time; }
  Micros steady() const override { return time; }
  Micros time = 1'000'000'000;
};

// li may act, wang may look.
struct People {
  explicit People(const Clock& clock)
      : accounts(folder / "queue.db.accounts", clock, random, cheap), door(clock, random) {
    accounts.add("li", Role::operating, li_password, "root");
    accounts.add("wang", Role::viewer, wang_password, "root");
  }
  test::TempDir folder;
  SystemRandom random;
  PageAccounts accounts;
  Door door;
  std::string told;
};

struct Answer {
  int status = 0;
  std::string text;  // head and body
  std::string cookie;
};

class RemoteWorld {
 public:
  RemoteWorld() {
    ca_.issue({"page", "DNS:localhost,IP:127.0.0.1", "serverAuth"});
    ca_.issue({"browser", test::agent_uri("browser")});
    SiteParts parts;
    parts.snapshot = test::attention_sample;
    parts.door = &people.door;
    parts.entrance = &entrance_;
    parts.hosts = {"front.example"};
    parts.reading_token = "reading-token";
    parts.tell = [this](const Deed& deed) { people.told += deed.code + " " + deed.subject + " " + deed.detail + ";"; };
    parts.act = [](const std::vector<std::string>& words, const Visitor&) { return words[0] + " done\n"; };
    page_ = std::make_unique<TlsPage>(
        TlsPageOptions{"127.0.0.1", 0, people.folder / "page.crt", people.folder / "page.key"}, std::move(parts),
        clock_);
  }

  std::string host() const { return "127.0.0.1:" + std::to_string(page_->port()); }
  std::string own_origin() const { return "Origin: https://" + host() + "\r\n"; }

  Answer send(const std::string& octets) {
    const int fd = connected();
    Answer answer;
    {
      const TlsFiles files{people.folder / "browser.crt", people.folder / "browser.key", ca_.certificate(), {}};
      TlsStream stream(std::make_shared<const TlsContext>(files, TlsRole::client), fd, clock_, "127.0.0.1");
      const Micros deadline = clock_.steady() + 10'000'000;
      REQUIRE(stream.handshake(deadline) == TlsResult::ok);
      REQUIRE(stream.write(octets, deadline) == TlsResult::ok);
      std::array<char, 4096> piece{};
      std::size_t got = 0;
      while (stream.read(piece.data(), piece.size(), got, deadline) == TlsResult::ok)
        answer.text.append(piece.data(), got);
    }
    close(fd);
    REQUIRE(answer.text.size() > 12);
    answer.status = std::stoi(answer.text.substr(9, 3));
    const std::size_t cookie = answer.text.find("Set-Cookie: ");
    if (cookie != std::string::npos)
      answer.cookie = answer.text.substr(cookie + 12, answer.text.find("\r\n", cookie) - cookie - 12);
    return answer;
  }
  Answer get(const std::string& path, const std::string& headers = {}, const std::string& host_name = {}) {
    return send("GET " + path + " HTTP/1.1\r\nHost: " + (host_name.empty() ? host() : host_name) + "\r\n" + headers +
                "\r\n");
  }
  Answer post(const std::string& path, const std::string& headers, const std::string& body) {
    return send("POST " + path + " HTTP/1.1\r\nHost: " + host() + "\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n" + headers + "\r\n" + body);
  }
  // The Cookie header of a new session.
  std::string session(const std::string& name, const std::string& password) {
    const Answer answer = post("/sign-in", own_origin(), "name=" + name + "&password=" + password);
    CHECK(answer.status == 303);
    return "Cookie: " + answer.cookie.substr(0, answer.cookie.find(';')) + "\r\n";
  }
  int act(const std::string& cookie, const std::string& csrf) {
    return post("/api/do", own_origin() + cookie + "X-Qianzhi-Token: " + csrf + "\r\n", "verb=renew&argument=").status;
  }
  std::string csrf_of(const std::string& cookie) {
    const std::string me = get("/api/me", cookie).text;
    return me.substr(me.find("\"csrf\":\"") + 8, 64);
  }
  int connected() const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(page_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
  }

 private:
  SystemClock clock_;

 public:
  People people{clock_};

 private:
  test::TestCa ca_{people.folder.path(), "ca"};
  Entrance entrance_{people.accounts, people.door, clock_,
                     [this](const Deed& deed) { people.told += deed.code + " " + deed.subject + ";"; }};
  std::unique_ptr<TlsPage> page_;
};

std::string octets_of(const std::filesystem::path& folder) {
  std::ostringstream all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) all << std::ifstream(entry.path()).rdbuf();
  return all.str();
}

}  // namespace

TEST_CASE("A25 E7 from other machines the page opens through TLS, with name and password alone") {
  RemoteWorld world;
  for (const std::string path : {"/", "/plain", "/app.js", "/api/status", "/api/events", "/metrics", "/in?k=x"}) {
    INFO(path);
    const Answer refused = world.get(path);
    CHECK(refused.status == 401);
    CHECK(refused.text.find("commerce") == std::string::npos);
  }
  CHECK(world.get("/").text.find("action=\"/sign-in?lang=zh\"") != std::string::npos);
  CHECK(world.get("/", {}, "evil.example").status == 403);
  CHECK(world.get("/", {}, "front.example").status == 401);

  const std::string right = std::string("name=li&password=") + li_password;
  CHECK(world.post("/sign-in", {}, right).status == 403);
  CHECK(world.post("/sign-in", "Origin: https://evil.example\r\n", right).status == 403);
  CHECK(world.post("/sign-in", "Origin: http://" + world.host() + "\r\n", right).status == 403);
  CHECK(world.post("/sign-in", world.own_origin(), "name=li").status == 400);
  CHECK(world.post("/sign-in", world.own_origin(), "name=li&password=wrong").text.find("QZ-PAGE-008") !=
        std::string::npos);
  CHECK(world.post("/sign-in", world.own_origin(), "name=nobody&password=wrong").text.find("QZ-PAGE-008") !=
        std::string::npos);
  const Answer entered = world.post("/sign-in", world.own_origin(), right);
  CHECK(entered.status == 303);
  CHECK(entered.cookie.rfind("__Host-qianzhi_", 0) == 0);
  CHECK(entered.cookie.find("; Path=/; HttpOnly; SameSite=Strict; Secure") != std::string::npos);
  const std::string cookie = "Cookie: " + entered.cookie.substr(0, entered.cookie.find(';')) + "\r\n";
  CHECK(world.get("/api/status", cookie).status == 200);
  CHECK(world.get("/api/status", cookie, "evil.example").status == 403);
  CHECK(world.get("/metrics", "Authorization: Bearer reading-token\r\n").status == 200);
  CHECK(world.people.told == "QZ-PAGE-012 page:li;");

  // Without TLS nothing is said.
  const int plain = world.connected();
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  CHECK(send(plain, request.data(), request.size(), MSG_NOSIGNAL) > 0);
  std::array<char, 256> answer{};
  const ssize_t got = recv(plain, answer.data(), answer.size(), 0);
  CHECK((got <= 0 || std::string(answer.data(), static_cast<std::size_t>(got)).find("HTTP") == std::string::npos));
  close(plain);
}

TEST_CASE("A25 from other machines a viewer looks, an operator acts, and it is kept who did what") {
  RemoteWorld world;
  const std::string wang = world.session("wang", wang_password);
  CHECK(world.get("/api/status", wang).status == 200);
  CHECK(world.act(wang, world.csrf_of(wang)) == 403);
  const std::string li = world.session("li", li_password);
  CHECK(world.act(li, std::string(64, '0')) == 403);
  world.people.told.clear();
  CHECK(world.act(li, world.csrf_of(li)) == 200);
  CHECK(world.people.told == "QZ-PAGE-014 page:li renew , 127.0.0.1;");
  // An account that goes takes its sessions with it, not those of others.
  world.people.door.end(session_user("li"));
  CHECK(world.get("/api/status", li).status == 401);
  CHECK(world.get("/api/status", wang).status == 200);
  const std::string csrf = world.csrf_of(wang);
  CHECK(
      world.post("/api/do", world.own_origin() + wang + "X-Qianzhi-Token: " + csrf + "\r\n", "verb=sign-out").status ==
      200);
  CHECK(world.get("/api/status", wang).status == 401);
}

TEST_CASE("A25 who fails to sign in too often waits, whatever is typed then") {
  MovedClock clock;
  People people(clock);
  Entrance entrance(people.accounts, people.door, clock, [&](const Deed& deed) { people.told += deed.code + ";"; });
  const auto tried = [&](const std::string& name, const std::string& password, const std::string& address) {
    return test::thrown_by([&] { entrance.sign_in(name, password, address); });
  };
  for (int i = 0; i < 5; ++i) CHECK(tried("li", "wrong", "10.0.0.1") == "rejected QZ-PAGE-008");
  CHECK(tried("li", li_password, "10.0.0.2") == "rejected QZ-PAGE-009");
  CHECK(people.told == "QZ-PAGE-009;");
  CHECK(entrance.sign_in("wang", wang_password, "10.0.0.1").size() == 64);
  clock.time += 60'000'000;
  CHECK(entrance.sign_in("li", li_password, "10.0.0.1").size() == 64);
  // One address that tries many names.
  for (int i = 0; i < 20; ++i) tried("name" + std::to_string(i), "wrong", "10.0.0.9");
  CHECK(tried("wang", wang_password, "10.0.0.9") == "rejected QZ-PAGE-009");
  CHECK(entrance.sign_in("wang", wang_password, "10.0.0.1").size() == 64);
}

TEST_CASE("A25 sessions of one account are few, and end by themselves") {
  MovedClock clock;
  SystemRandom random;
  Door door(clock, random, {1'800'000'000, 7'200'000'000, 4, 2});
  const std::string first = door.admit("page:li", Role::viewer);
  clock.time += 1;
  const std::string second = door.admit("page:li", Role::viewer);
  const std::string other = door.admit("page:wang", Role::viewer);
  clock.time += 1;
  const std::string third = door.admit("page:li", Role::viewer);
  CHECK_FALSE(door.visitor(first));
  CHECK(door.visitor(second));
  CHECK(door.visitor(other));
  for (int i = 0; i < 5; ++i) {
    clock.time += 1'700'000'000;
    door.visitor(third);
  }
  CHECK_FALSE(door.visitor(third));
  CHECK_FALSE(door.visitor(other));
}

TEST_CASE("A25 accounts outlast a restart in a file of their own that holds no password") {
  MovedClock clock;
  People people(clock);
  const auto refused = [&](const std::string& name, const std::string& password) {
    return test::thrown_by([&] { people.accounts.add(name, Role::viewer, password, "root"); });
  };
  CHECK(refused("li", li_password) == "misuse QZ-PAGE-010");
  CHECK(refused("Li Si", li_password) == "misuse QZ-PAGE-010");
  CHECK(refused(std::string(33, 'a'), li_password) == "misuse QZ-PAGE-010");
  CHECK(refused("zhang", "short1A-") == "misuse QZ-HUB-276");
  CHECK(test::thrown_by([&] { people.accounts.remove("zhang"); }) == "rejected QZ-PAGE-011");
  CHECK(test::thrown_by([&] { people.accounts.set_password("zhang", li_password); }) == "rejected QZ-PAGE-011");
  people.accounts.set_password("wang", "Another-2025-word");
  const std::filesystem::path file = people.folder / "queue.db.accounts";
  struct stat found {};
  REQUIRE(stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777U) == 0600U);
  PageAccounts again(file, clock, people.random, {5, 8, 1});
  REQUIRE(again.all().size() == 2);
  CHECK(again.all()[0].made_by == "root");
  CHECK(again.known("li", li_password)->role == Role::operating);
  CHECK_FALSE(again.known("li", wang_password));
  CHECK_FALSE(again.known("wang", wang_password));
  CHECK(again.known("wang", "Another-2025-word")->role == Role::viewer);
  CHECK_FALSE(again.known("nobody", ""));
  CHECK(octets_of(people.folder.path()).find("Another-2025") == std::string::npos);
  again.remove("li");
  CHECK_FALSE(again.known("li", li_password));
}
