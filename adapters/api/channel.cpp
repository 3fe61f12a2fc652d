#include "adapters/api/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter {

namespace {

// Memory grows with what really came, not with what a length promised.
constexpr std::size_t piece = 1U << 20U;
// A larger buffer is given back when it is not needed any more.
constexpr std::size_t kept_buffer = 4U << 20U;

[[noreturn]] void closed_inside() {
  throw Error(ErrorKind::unavailable, "QZ-ADP-002", "the adapter's socket was closed inside a message");
}

}  // namespace

void Channel::wait_ready(short events, const Clock* clock, Micros deadline) {
  for (bool takes = clock == nullptr && input_.take != nullptr;;) {
    int wait = -1;
    if (clock != nullptr) {
      const Micros left = deadline - clock->steady();
      if (left <= 0) throw Error(ErrorKind::unavailable, "QZ-ADP-003", "no answer in time");
      wait = static_cast<int>(std::min<Micros>(left / 1'000 + 1, 60'000));
    }
    const int beside = takes ? input_.descriptor() : -1;  // poll() passes over -1
    std::array<pollfd, 2> entries{pollfd{descriptor_, events, 0}, pollfd{beside, POLLIN, 0}};
    if (poll(entries.data(), entries.size(), wait) <= 0) continue;
    if (entries[0].revents != 0) return;
    takes = input_.take();
  }
}

void Channel::send_all(const char* data, std::size_t size, const Clock* clock, Micros deadline) {
  while (size > 0) {
    wait_ready(POLLOUT, clock, deadline);
    const ssize_t sent = ::send(descriptor_, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    if (sent <= 0) throw Error(ErrorKind::unavailable, "QZ-ADP-002", "the other side of the adapter's socket is gone");
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

void Channel::send(std::string_view frame, const Clock* clock, Micros timeout) {
  if (frame.size() > longest_frame) throw Error(ErrorKind::rejected, "QZ-ADP-005", "a message is over 64 MiB");
  std::array<char, 4> length{};
  for (std::size_t i = 0; i < 4; ++i) length[i] = static_cast<char>((frame.size() >> (8 * (3 - i))) & 0xFFU);
  const Micros deadline = clock == nullptr ? 0 : clock->steady() + timeout;
  send_all(length.data(), length.size(), clock, deadline);
  send_all(frame.data(), frame.size(), clock, deadline);
}

bool Channel::has_unread() const {
  char octet = 0;
  return recv(descriptor_, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

std::size_t Channel::fill(char* data, std::size_t size, const Clock* clock, Micros deadline) {
  std::size_t filled = 0;
  while (filled < size) {
    wait_ready(POLLIN, clock, deadline);
    const ssize_t got = recv(descriptor_, data + filled, size - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return filled;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::optional<std::string_view> Channel::receive(const Clock* clock, Micros timeout) {
  const Micros deadline = clock == nullptr ? 0 : clock->steady() + timeout;
  std::array<char, 4> prefix{};
  const std::size_t got = fill(prefix.data(), prefix.size(), clock, deadline);
  if (got == 0) return std::nullopt;
  if (got < prefix.size()) closed_inside();
  std::size_t length = 0;
  for (const char octet : prefix) length = (length << 8U) | static_cast<unsigned char>(octet);
  if (length > longest_frame)
    throw Error(ErrorKind::corrupt, "QZ-ADP-005", "a message of " + std::to_string(length) + " octets was announced");
  if (buffer_.size() > kept_buffer && length <= kept_buffer) Bytes().swap(buffer_);
  for (std::size_t filled = 0; filled < length;) {
    const std::size_t wanted = std::min(length - filled, std::max(piece, filled));
    if (buffer_.size() < filled + wanted) buffer_.resize(filled + wanted);
    if (fill(buffer_.data() + filled, wanted, clock, deadline) < wanted) closed_inside();
    filled += wanted;
  }
  return std::string_view(buffer_).substr(0, length);
}

}  // namespace qianzhi::adapter
