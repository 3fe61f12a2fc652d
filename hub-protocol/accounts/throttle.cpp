#include "hub-protocol/accounts/throttle.h"

#include <algorithm>

namespace qianzhi::accounts {

bool Throttle::is_locked(const std::string& key, Micros now) const {
  const std::lock_guard guard(lock_);
  const auto found = records_.find(key);
  return found != records_.end() && found->second.locked_until > now;
}

Micros Throttle::fail(const std::string& key, Micros now) {
  const std::lock_guard guard(lock_);
  if (records_.count(key) == 0 && records_.size() >= limits_.keys)
    records_.erase(std::min_element(records_.begin(), records_.end(),
                                    [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
  Record& record = records_[key];
  if (now - record.last > limits_.forgotten_after) record = {};
  ++record.failures;
  record.last = now;
  if (record.failures < limits_.free_failures) return 0;
  const std::uint32_t doublings = std::min<std::uint32_t>(record.failures - limits_.free_failures, 20);
  const Micros length = std::min(limits_.longest_lock, limits_.first_lock << doublings);
  record.locked_until = now + length;
  return length;
}

void Throttle::forget(const std::string& key) {
  const std::lock_guard guard(lock_);
  records_.erase(key);
}

}  // namespace qianzhi::accounts
