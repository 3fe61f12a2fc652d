#include "hub-protocol/client/probe.h"

#include <netdb.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <memory>

#include "hub-protocol/base/error.h"
#include "hub-protocol/client/dial.h"
#include "hub-protocol/client/http_head.h"
#include "hub-protocol/client/tls_context.h"
#include "hub-protocol/client/tls_stream.h"
#include "hub-protocol/client/tunnel.h"
#include "hub-protocol/wire/exchange.pb.h"

namespace qianzhi {

namespace {

constexpr std::uint64_t answer_limit = 32U << 20U;

std::string addresses_of(const HubAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (failed != 0) throw Error(ErrorKind::unavailable, "QZ-LINK-001", address.host + ": " + gai_strerror(failed));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  std::string text = address.host + " =";
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> name{};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, name.data(), name.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      text.append(" ").append(name.data());
  }
  return text;
}

void shake_hands(TlsStream& stream, const HubAddress& address, Micros deadline) {
  const TlsResult result = stream.handshake(deadline);
  if (result == TlsResult::ok) return;
  const std::string detail = address.host + ": " + stream.reason();
  if (result == TlsResult::certificate) throw Error(ErrorKind::unavailable, "QZ-LINK-004", detail);
  throw Error(ErrorKind::unavailable, "QZ-LINK-003", detail);
}

// TLS 1.3: a refused client certificate shows only when the first answer is read.
struct Answer {
  std::string head;
  std::string body;
};

Answer ask(TlsStream& stream, const HubAddress& address, Micros deadline) {
  const std::string request = "POST /v1/directory HTTP/1.1\r\nHost: " + address.authority +
                              "\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
  HttpInput input{stream, {}};
  Answer answer;
  if (stream.write(request, deadline) != TlsResult::ok ||
      input.read_head(answer.head, deadline) != HeadOutcome::complete) {
    if (stream.alert() >= 0) throw Error(ErrorKind::misuse, "QZ-LINK-010", stream.reason());
    throw Error(ErrorKind::unavailable, "QZ-LINK-006", stream.reason());
  }
  const auto head = parse_head(answer.head);
  if (!head || !head->content_length || *head->content_length > answer_limit ||
      !input.read_body(answer.body, *head->content_length, deadline))
    throw Error(ErrorKind::unavailable, "QZ-LINK-007", address.host);
  if (head->second == "200") return answer;
  wire::Problem problem;
  if (!problem.ParseFromString(answer.body) || problem.code().empty())
    throw Error(ErrorKind::unavailable, "QZ-LINK-007", "status " + head->second.substr(0, 3));
  throw Error(head->second == "401" ? ErrorKind::misuse : ErrorKind::unavailable, problem.code().substr(0, 32),
              problem.detail().substr(0, 256));
}

}  // namespace

std::optional<Micros> date_in(const std::string& head) {
  constexpr std::string_view name = "\r\nDate: ";
  const std::size_t at = head.find(name);
  if (at == std::string::npos) return std::nullopt;
  tm parts{};
  const char* end = strptime(head.c_str() + at + name.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\r') return std::nullopt;
  return Micros{timegm(&parts)} * 1'000'000;
}

ProbeResult probe(const HttpsLinkOptions& options, const Clock& clock,
                  const std::function<void(ProbeStep step, const std::string& seen)>& done) {
  const HubAddress hub = parse_hub_url(options.url);
  const HubAddress first = options.proxy.empty() ? hub : parse_proxy_url(options.proxy);
  done(ProbeStep::name, addresses_of(first));
  const auto context = std::make_shared<const TlsContext>(
      TlsFiles{options.certificate, options.private_key, options.trust, {}}, TlsRole::client);
  Dialer dialer(clock);
  const auto deadline = [&] { return clock.steady() + Micros{options.connect_timeout_ms} * 1000; };
  const int socket = dialer.dial(first, deadline());
  if (!options.proxy.empty()) open_tunnel(socket, clock, hub, options.proxy_login, deadline());
  done(ProbeStep::connection, first.host + ":" + first.port);
  TlsStream stream(context, socket, clock, hub.host);
  shake_hands(stream, hub, deadline());
  ProbeResult result;
  result.hub_certificate = stream.peer_certificate();
  done(ProbeStep::handshake, "TLS 1.3");
  const Micros asked = clock.now();
  const Answer answer = ask(stream, hub, clock.steady() + Micros{options.reply_timeout_ms} * 1000);
  if (const auto date = date_in(answer.head)) {
    const Micros now = asked + (clock.now() - asked) / 2;
    result.hub_ahead = *date - now / 1'000'000 * 1'000'000;
  }
  wire::DirectoryReply reply;
  if (!reply.ParseFromString(answer.body)) throw Error(ErrorKind::unavailable, "QZ-LINK-007", hub.host);
  result.signed_root = reply.signed_root();
  done(ProbeStep::answer, std::to_string(result.signed_root.size()) + " B");
  return result;
}

}  // namespace qianzhi
