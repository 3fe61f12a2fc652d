// Any octets as what the other end of a real TLS connection says: HTTP heads, each followed by the body it announces.
// What is accepted as a head can be read in one way only, and no octet is lost between two messages.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <thread>

#include "hub-protocol/base/error.h"
#include "hub-protocol/client/http_head.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/https_pki.h"

using namespace qianzhi;

namespace {

constexpr Micros patience = 10'000'000;
constexpr std::size_t longest_input = 48U << 10U;  // fits the socket, so that one thread can be both ends

std::shared_ptr<const TlsContext> context(const test::TempDir& folder, const std::string& name, TlsRole role) {
  return std::make_shared<const TlsContext>(
      TlsFiles{folder / (name + ".crt"), folder / (name + ".key"), folder / "ca.crt", {}}, role);
}

// Both ends of one connection that lasts for all inputs.
struct Wire {
  Wire() {
    QZ_ASSERT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    const int room = 400'000;
    for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    test::TempDir folder;
    test::TestCa ca(folder.path(), "ca");
    ca.issue({"hub", "DNS:localhost", "serverAuth"});
    ca.issue({"a", test::agent_uri("a")});
    client.emplace(context(folder, "a", TlsRole::client), ends[0], clock, "localhost");
    server.emplace(context(folder, "hub", TlsRole::server), ends[1], clock);
    std::thread other([&] { QZ_ASSERT(client->handshake(clock.steady() + patience) == TlsResult::ok); });
    QZ_ASSERT(server->handshake(clock.steady() + patience) == TlsResult::ok);
    other.join();
  }

  SystemClock clock;
  std::array<int, 2> ends{};
  std::optional<TlsStream> client;
  std::optional<TlsStream> server;
};

void check_head(const std::string& block) {
  const std::optional<HttpHead> head = parse_head(block);
  if (!head) return;
  const auto lines = std::count(block.begin(), block.end(), '\n');
  QZ_ASSERT(lines == std::count(block.begin(), block.end(), '\r'));
  QZ_ASSERT(lines >= 1 && static_cast<std::size_t>(lines) <= http_field_limit + 1);
  QZ_ASSERT(block.find("\r\n\r\n") == std::string::npos && block.find("\r\n ") == std::string::npos);
  QZ_ASSERT(block.find("=?", block.find("\r\n")) == std::string::npos);
  QZ_ASSERT(block.rfind(head->first + " " + head->second + " " + head->third + "\r\n", 0) == 0);
  std::string lower = block;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::size_t first = lower.find("\ncontent-length:");
  QZ_ASSERT(head->content_length.has_value() == (first != std::string::npos));
  QZ_ASSERT(first == std::string::npos || lower.find("\ncontent-length:", first + 1) == std::string::npos);
}

// The messages in one input, from a connection on which nothing else comes.
void check_stream(Wire& wire, const std::string& sent) {
  HttpInput input{*wire.server, {}};
  const Micros deadline = wire.clock.steady() + patience;
  std::size_t taken = 0;
  std::string block;
  std::string body;
  while (taken < sent.size()) {
    QZ_ASSERT(input.wait(deadline));
    const HeadOutcome outcome = input.read_head(block, deadline);
    QZ_ASSERT(outcome != HeadOutcome::broken);
    if (outcome == HeadOutcome::too_large) break;
    QZ_ASSERT(sent.compare(taken, block.size() + 2, block + "\r\n") == 0);
    taken += block.size() + 2;
    check_head(block);
    const std::optional<HttpHead> head = parse_head(block);
    const std::size_t announced = head ? std::min<std::uint64_t>(head->content_length.value_or(0), sent.size()) : 0;
    const std::size_t size = std::min(announced, sent.size() - taken);
    QZ_ASSERT(input.read_body(body, size, deadline) && sent.compare(taken, size, body) == 0);
    taken += size;
    // What is left must again end with an empty line, or the next head would wait for ever.
    if (sent.size() - taken < 4 || sent.compare(sent.size() - 4, 4, "\r\n\r\n") != 0) break;
  }
  QZ_ASSERT(input.read_body(body, sent.size() - taken, deadline) && sent.compare(taken, std::string::npos, body) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Wire wire;
  const std::string octets(reinterpret_cast<const char*>(data), std::min(size, longest_input));
  check_head(octets);
  const std::string sent = octets + "\r\n\r\n";
  QZ_ASSERT(wire.client->write(sent, wire.clock.steady() + patience) == TlsResult::ok);
  check_stream(wire, sent);
  return 0;
}
