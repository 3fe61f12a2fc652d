#include "hub-protocol/hub/syslog_sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

namespace qianzhi::hub {

namespace {

constexpr std::size_t longest = 8'000;  // what every collector takes (RFC 5424, 6.1, asks for 2,048)

union Address {
  sockaddr any;
  sockaddr_un local;
  sockaddr_in four;
  sockaddr_in6 six;
};

// Zero: the place has no address.
socklen_t write_address(const SyslogPlace& place, Address& address) {
  memset(&address, 0, sizeof address);
  if (!place.socket.empty()) {
    const std::string path = place.socket.string();
    if (path.size() >= sizeof address.local.sun_path) return 0;
    address.local.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.local.sun_path);
    return sizeof address.local;
  }
  if (inet_pton(AF_INET, place.host.c_str(), &address.four.sin_addr) == 1) {
    address.four.sin_family = AF_INET;
    address.four.sin_port = htons(place.port);
    return sizeof address.four;
  }
  if (inet_pton(AF_INET6, place.host.c_str(), &address.six.sin6_addr) != 1) return 0;
  address.six.sin6_family = AF_INET6;
  address.six.sin6_port = htons(place.port);
  return sizeof address.six;
}

std::string_view cut_at_character(std::string_view line) {
  std::size_t size = std::min(line.size(), longest);
  while (size > 0 && size < line.size() && (static_cast<unsigned char>(line[size]) & 0xC0U) == 0x80U) --size;
  return line.substr(0, size);
}

}  // namespace

SyslogSender::~SyslogSender() { close(); }

void SyslogSender::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  connecting_ = false;
  pending_.clear();
}

bool SyslogSender::is_open() {
  if (socket_ < 0) {
    Address address{};
    const socklen_t size = write_address(place_, address);
    if (size == 0) return false;
    const int type = place_.socket.empty() ? SOCK_STREAM : SOCK_DGRAM;
    socket_ = ::socket(address.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return false;
    if (::connect(socket_, &address.any, size) == 0) return true;
    if (errno != EINPROGRESS) {
      close();
      return false;
    }
    connecting_ = true;
  }
  if (!connecting_) return true;
  pollfd waiting{socket_, POLLOUT, 0};
  if (::poll(&waiting, 1, 0) != 1) return false;
  int fault = 0;
  socklen_t size = sizeof fault;
  if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &fault, &size) != 0 || fault != 0) {
    close();
    return false;
  }
  connecting_ = false;
  return true;
}

bool SyslogSender::flush() {
  while (!pending_.empty()) {
    const ssize_t sent = ::send(socket_, pending_.data(), pending_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (sent < 0) {
      close();
      return false;
    }
    pending_.erase(0, static_cast<std::size_t>(sent));
  }
  return true;
}

bool SyslogSender::send(std::string_view line) {
  if (!is_open()) return false;
  const std::string_view text = cut_at_character(line);
  if (place_.socket.empty()) {
    if (!flush()) return false;
    pending_ = std::to_string(text.size()) + " " + std::string(text);
    // What the socket takes of it belongs to it from now on.
    return flush() || !pending_.empty();
  }
  const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return true;
  if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) close();
  return false;
}

}  // namespace qianzhi::hub
