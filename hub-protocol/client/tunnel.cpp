#include "hub-protocol/client/tunnel.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

constexpr std::size_t longest_answer = 8U << 10U;

[[noreturn]] void no_answer(const std::string& why) {
  throw Error(ErrorKind::unavailable, "QZ-LINK-013", "proxy: " + why);
}

void await(int fd, short events, const Clock& clock, Micros deadline) {
  const Micros left = deadline - clock.steady();
  pollfd waited{fd, events, 0};
  if (left <= 0 || poll(&waited, 1, static_cast<int>(std::clamp<Micros>(left / 1000 + 1, 0, INT_MAX))) == 0)
    no_answer("no answer in time");
}

void send_all(int fd, std::string_view octets, const Clock& clock, Micros deadline) {
  while (!octets.empty()) {
    const ssize_t sent = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      octets.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      await(fd, POLLOUT, clock, deadline);
    } else if (errno != EINTR) {
      no_answer(std::strerror(errno));
    }
  }
}

// Octet by octet, because what follows the head is the hub's and belongs to TLS.
std::string receive_head(int fd, const Clock& clock, Micros deadline) {
  std::string head;
  while (head.size() < longest_answer) {
    char octet = 0;
    const ssize_t got = ::recv(fd, &octet, 1, 0);
    if (got == 0) no_answer("it ended the connection");
    if (got < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        await(fd, POLLIN, clock, deadline);
      else if (errno != EINTR)
        no_answer(std::strerror(errno));
      continue;
    }
    head += octet;
    if (head.size() >= 4 && head.compare(head.size() - 4, 4, "\r\n\r\n") == 0) return head;
    if (deadline <= clock.steady()) no_answer("no whole answer in time");
  }
  no_answer("its answer has no end");
}

std::string basic(const ProxyLogin& login) {
  std::string plain = login.user + ":" + login.password;
  std::string coded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                      reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  OPENSSL_cleanse(plain.data(), plain.size());
  coded.resize(static_cast<std::size_t>(size));
  return coded;
}

// "HTTP/1.1 200 ...": the status, or nothing.
std::optional<int> status_of(std::string_view head) {
  if (head.size() < 13 || head.substr(0, 7) != "HTTP/1." || head[8] != ' ') return std::nullopt;
  int status = 0;
  for (const char c : head.substr(9, 3)) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
    status = status * 10 + (c - '0');
  }
  return head[12] == ' ' || head[12] == '\r' ? std::optional(status) : std::nullopt;
}

}  // namespace

void open_tunnel(int fd, const Clock& clock, const HubAddress& hub, const ProxyLogin& login, Micros deadline) {
  const bool bracketed = hub.host.find(':') != std::string::npos;
  const std::string target = (bracketed ? "[" + hub.host + "]" : hub.host) + ":" + hub.port;
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!login.user.empty()) request += "Proxy-Authorization: Basic " + basic(login) + "\r\n";
  request += "\r\n";
  send_all(fd, request, clock, deadline);
  OPENSSL_cleanse(request.data(), request.size());
  const auto status = status_of(receive_head(fd, clock, deadline));
  if (!status) no_answer("its answer is not HTTP");
  if (*status >= 200 && *status < 300) return;
  // Of a server that is away it speaks as of one that it may not reach; only these say that somebody must act.
  const std::string what = "proxy: it answers " + std::to_string(*status) + " for " + target;
  if (*status >= 500) throw Error(ErrorKind::unavailable, "QZ-LINK-013", what);
  throw Error(ErrorKind::misuse, "QZ-LINK-014", what);
}

HubAddress parse_proxy_url(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  const auto bad = [&] { return Error(ErrorKind::misuse, "QZ-LINK-015", url.substr(0, 200)); };
  if (url.compare(0, scheme.size(), scheme) != 0) throw bad();
  std::string rest = url.substr(scheme.size());
  if (!rest.empty() && rest.back() == '/') rest.pop_back();
  const std::size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
  try {
    return parse_hub_url("https://" + rest + (has_port ? "" : ":3128"));
  } catch (const Error&) {
    throw bad();
  }
}

}  // namespace qianzhi
