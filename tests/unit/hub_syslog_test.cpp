#include "hub-protocol/hub/syslog_sender.h"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hub-protocol/audit/trail.h"
#include "hub-protocol/hub/audit_keeper.h"
#include "hub_support.h"

using namespace qianzhi;

namespace {

struct Collector {
  explicit Collector(const std::filesystem::path& path) : socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  }
  ~Collector() { ::close(socket); }
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  std::string next() const {
    char text[10'000];
    const ssize_t size = ::recv(socket, text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? std::string() : std::string(text, static_cast<std::size_t>(size));
  }
  int socket;
};

}  // namespace

TEST_CASE("S3.5 entries go to syslog in order, none is lost while the collector is away, and the hub never waits") {
  test::HubWorld world;
  registry::Registry registry(world.dir / "registry", DigestSuite::sha256, world.clock);
  const std::filesystem::path path = world.dir / "log";
  hub::AuditKeeper keeper(registry, world.hub_key, world.clock, {hub::AuditPlan{}.keep, {path, {}, 0}});
  const audit::Actor officer{audit::ActorKind::operator_, "li"};
  registry.note({officer, "grant.add", "授权 \"一\"]", "", "税源监控", ""});
  keeper.tend();  // nobody listens
  {
    const Collector collector(path);
    keeper.tend();
    const std::string line = collector.next();
    CHECK(line.substr(0, 7) == "<109>1 ");
    CHECK(
        line.find(
            "[audit@32473 sequence=\"1\" actor=\"operator:li\" action=\"grant.add\" subject=\"授权 \\\"一\\\"\\]\"") !=
        std::string::npos);
    CHECK(line.find("用途 税源监控") != std::string::npos);
    CHECK(collector.next().empty());
    // More than a socket holds: the rest comes when there is room.
    for (int i = 0; i < 400; ++i) registry.note({officer, "test.note", std::to_string(i), ""});
    int received = 0;
    for (int turn = 0; turn < 400 && received < 400; ++turn) {
      keeper.tend();
      for (std::string next = collector.next(); !next.empty(); next = collector.next()) {
        CHECK(next.find("subject=\"" + std::to_string(received) + "\"") != std::string::npos);
        ++received;
      }
    }
    CHECK(received == 400);
  }
  std::filesystem::remove(path);
  registry.note({officer, "test.note", "later", ""});
  keeper.tend();
  const Collector again(path);
  keeper.tend();
  CHECK(again.next().find("later") != std::string::npos);
}

TEST_CASE("S3.5 lines over TCP are counted by octets, so that one with a line's end in it stays one") {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  hub::SyslogSender sender({{}, "127.0.0.1", ntohs(address.sin_port)});
  int sent = 0;
  for (int turn = 0; turn < 1'000 && sent == 0; ++turn) sent = sender.send("中文 one") ? 1 : 0;
  REQUIRE(sent == 1);
  const int peer = ::accept(listener, nullptr, nullptr);
  REQUIRE(sender.send("two"));
  std::string text;
  char some[64];
  while (text.size() < 18) {
    const ssize_t more = ::recv(peer, some, sizeof some, 0);
    REQUIRE(more > 0);
    text.append(some, static_cast<std::size_t>(more));
  }
  CHECK(text == "10 中文 one3 two");
  ::close(peer);
  ::close(listener);
}
