#include "cut_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

namespace qianzhi::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool send_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

}  // namespace

CutProxy::CutProxy(std::uint16_t server_port) : server_port_(server_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 || pipe(stop_.data()) != 0)
    throw std::runtime_error("no proxy");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

CutProxy::~CutProxy() {
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(listener_);
}

void CutProxy::cut_after(Way way, std::uint64_t octets, bool reset, int refused_then) {
  const std::lock_guard lock(mutex_);
  cut_ = Cut{way, reset, octets, refused_then};
  refused_ = 0;
  passed_ = {};
  has_cut_ = false;
}

void CutProxy::pass_all() {
  const std::lock_guard lock(mutex_);
  cut_.reset();
  refused_ = 0;
  passed_ = {};
  has_cut_ = false;
}

std::uint64_t CutProxy::passed(Way way) const {
  const std::lock_guard lock(mutex_);
  return passed_[static_cast<std::size_t>(way)];
}

bool CutProxy::refuses() {
  const std::lock_guard lock(mutex_);
  return refused_ > 0 && refused_-- > 0;
}

void CutProxy::close_pair(const Pair& pair, bool reset) {
  const linger at_once{1, 0};
  for (const int fd : {pair.client, pair.server}) {
    if (reset) setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
  }
}

// False when the pair is closed.
bool CutProxy::pass(const Pair& pair, Way way) {
  std::array<char, 65536> piece{};
  const int from = way == Way::to_server ? pair.client : pair.server;
  const int to = way == Way::to_server ? pair.server : pair.client;
  const ssize_t got = recv(from, piece.data(), piece.size(), 0);
  std::size_t size = got > 0 ? static_cast<std::size_t>(got) : 0;
  bool cuts = false;
  bool reset = false;
  {
    const std::lock_guard lock(mutex_);
    if (cut_ && cut_->way == way && cut_->left <= size) {
      size = cut_->left;
      reset = cut_->reset;
      refused_ = cut_->refused_then;
      cuts = true;
      cut_.reset();
    } else if (cut_ && cut_->way == way) {
      cut_->left -= size;
    }
    passed_[static_cast<std::size_t>(way)] += size;
  }
  const bool alive = got > 0 && send_all(to, piece.data(), size) && !cuts;
  if (!alive) close_pair(pair, reset);
  if (cuts) has_cut_ = true;
  return alive;
}

void CutProxy::run() {
  std::vector<Pair> pairs;
  for (;;) {
    std::vector<pollfd> waited = {{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Pair& pair : pairs) {
      waited.push_back({pair.client, POLLIN, 0});
      waited.push_back({pair.server, POLLIN, 0});
    }
    if (poll(waited.data(), waited.size(), -1) < 0) continue;
    if (waited[0].revents != 0) break;
    std::vector<Pair> open;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const bool alive = (waited[2 + 2 * i].revents == 0 || pass(pairs[i], Way::to_server)) &&
                         (waited[3 + 2 * i].revents == 0 || pass(pairs[i], Way::to_client));
      if (alive) open.push_back(pairs[i]);
    }
    pairs = std::move(open);
    if (waited[1].revents == 0) continue;
    const Pair fresh{accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC),
                     socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const sockaddr_in address = loopback(server_port_);
    const int on = 1;
    for (const int fd : {fresh.client, fresh.server}) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!refuses() && connect(fresh.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      pairs.push_back(fresh);
    else
      close_pair(fresh, false);
  }
  for (const Pair& pair : pairs) close_pair(pair, false);
}

}  // namespace qianzhi::test
