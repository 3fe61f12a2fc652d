#include "hub-protocol/hub/guard.h"

#include <sys/socket.h>

namespace qianzhi::hub {

bool Guard::enter(int fd, const std::string& address) {
  const std::lock_guard lock(mutex_);
  // A descriptor number comes again only after its socket was closed: an entry left over from it is void.
  forget(fd);
  const auto found = unknown_of_.find(address);
  const std::size_t here = found == unknown_of_.end() ? 0 : found->second;
  if (closed_ || here >= limits_.unknown_per_address || unknown_ >= limits_.unknown ||
      entries_.size() >= limits_.connections) {
    return false;
  }
  entries_[fd] = {address, {}, clock_.steady(), false, false};
  ++unknown_of_[address];
  ++unknown_;
  return true;
}

void Guard::forget(int fd) {
  const auto found = entries_.find(fd);
  if (found == entries_.end()) return;
  if (found->second.agent.empty()) {
    const auto count = unknown_of_.find(found->second.address);
    if (--count->second == 0) unknown_of_.erase(count);
    --unknown_;
  }
  entries_.erase(found);
}

bool Guard::recognise(int fd, const std::string& agent) {
  const std::lock_guard lock(mutex_);
  const auto self = entries_.find(fd);
  if (closed_ || self == entries_.end()) return false;
  std::size_t held = 0;
  auto quietest = entries_.end();
  for (auto each = entries_.begin(); each != entries_.end(); ++each) {
    if (each->second.agent != agent || each->second.ended) continue;
    ++held;
    if (quietest == entries_.end() || each->second.touched < quietest->second.touched) quietest = each;
  }
  if (held >= limits_.per_agent && quietest != entries_.end()) {
    quietest->second.ended = true;
    ::shutdown(quietest->first, SHUT_RDWR);
  }
  const auto count = unknown_of_.find(self->second.address);
  if (--count->second == 0) unknown_of_.erase(count);
  --unknown_;
  self->second.agent = agent;
  self->second.touched = clock_.steady();
  return true;
}

bool Guard::take_in(int fd) {
  const std::lock_guard lock(mutex_);
  const auto self = entries_.find(fd);
  if (closed_ || self == entries_.end()) return false;
  std::size_t all = 0;
  std::size_t here = 0;
  for (const auto& [other, entry] : entries_) {
    if (!entry.stranger) continue;
    ++all;
    if (entry.address == self->second.address) ++here;
  }
  if (all >= limits_.strangers || here >= limits_.strangers_per_address) return false;
  self->second.stranger = true;
  return true;
}

void Guard::touch(int fd) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(fd);
  if (found != entries_.end()) found->second.touched = clock_.steady();
}

void Guard::leave(int fd) {
  const std::lock_guard lock(mutex_);
  forget(fd);
}

void Guard::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (auto& [fd, entry] : entries_) ::shutdown(fd, SHUT_RDWR);
}

bool Guard::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t Guard::connections() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t Guard::unknown() const {
  const std::lock_guard lock(mutex_);
  return unknown_;
}

}  // namespace qianzhi::hub
