#include "hub-protocol/client/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdint>
#include <cstring>
#include <memory>

#include "hub-protocol/base/error.h"

namespace qianzhi {

namespace {

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Addresses resolve(const HubAddress& address) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int fault = getaddrinfo(address.host.c_str(), address.port.c_str(), &wanted, &found);
  if (fault != 0) {
    throw Error(ErrorKind::unavailable, "QZ-LINK-001", "resolve " + address.host + ": " + gai_strerror(fault));
  }
  return {found, freeaddrinfo};
}

// 0, or the errno of the attempt.
int await_connected(int fd, Micros left) {
  pollfd waited{fd, POLLOUT, 0};
  const int ready = poll(&waited, 1, static_cast<int>(std::clamp<Micros>(left / 1000 + 1, 0, INT_MAX)));
  if (ready <= 0) return ready == 0 ? ETIMEDOUT : errno;
  int fault = 0;
  socklen_t size = sizeof fault;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 ? fault : errno;
}

int attempt(int fd, const addrinfo& target, Micros left) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (connect(fd, target.ai_addr, target.ai_addrlen) == 0) return 0;
  return errno == EINPROGRESS ? await_connected(fd, left) : errno;
}

bool is_port(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  return fault == std::errc() && end == text.data() + text.size() && port != 0;
}

[[noreturn]] void bad_url(const std::string& url) { throw Error(ErrorKind::misuse, "QZ-LINK-012", url.substr(0, 200)); }

}  // namespace

HubAddress parse_hub_url(const std::string& url) {
  constexpr std::string_view scheme = "https://";
  if (url.compare(0, scheme.size(), scheme) != 0) bad_url(url);
  HubAddress address{{}, "443", url.substr(scheme.size())};
  if (!address.authority.empty() && address.authority.back() == '/') address.authority.pop_back();
  if (address.authority.find_first_of("/?#@ \t\r\n%\\") != std::string::npos) bad_url(url);
  const std::string& text = address.authority;
  const bool bracketed = !text.empty() && text.front() == '[';
  const std::size_t bracket = bracketed ? text.find(']') : 0;
  if (bracket == std::string::npos) bad_url(url);
  const std::size_t colon = text.find(':', bracket);
  address.host = bracketed ? text.substr(1, bracket - 1) : text.substr(0, colon);
  if (colon != std::string::npos) address.port = text.substr(colon + 1);
  if (address.host.empty() || !is_port(address.port) ||
      (bracketed && colon != std::string::npos && colon != bracket + 1)) {
    bad_url(url);
  }
  return address;
}

bool Dialer::adopt(int fd) {
  const std::lock_guard lock(mutex_);
  if (interrupted_) return false;
  fd_ = fd;
  return true;
}

int Dialer::dial(const HubAddress& address, Micros deadline) {
  hang_up();
  const Addresses found = resolve(address);
  int fault = EHOSTUNREACH;
  for (const addrinfo* next = found.get(); next != nullptr; next = next->ai_next) {
    const int fd = socket(next->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      fault = errno;
      continue;
    }
    if (!adopt(fd)) {
      close(fd);
      break;
    }
    fault = attempt(fd, *next, deadline - clock_.steady());
    if (fault == 0 && !interrupted()) return fd;
    hang_up();
  }
  if (interrupted()) throw Error(ErrorKind::unavailable, "QZ-LINK-008", "stop: the call was interrupted");
  throw Error(ErrorKind::unavailable, "QZ-LINK-002", "connect " + address.authority + ": " + std::strerror(fault));
}

void Dialer::hang_up() {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void Dialer::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

bool Dialer::interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

}  // namespace qianzhi
