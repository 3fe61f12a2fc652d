// Who failed to sign in too often waits longer each time; by account name, existing or not, and by address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "hub-protocol/base/clock.h"

namespace qianzhi::accounts {

struct ThrottleLimits {
  std::uint32_t free_failures = 5;  // this many in a row lock
  Micros first_lock = 60'000'000;   // doubles with each further failure
  Micros longest_lock = 3'600'000'000;
  Micros forgotten_after = 86'400'000'000;  // without a failure
  std::size_t keys = 10'000;                // beyond, the one that failed longest ago is forgotten
};

// In memory. Thread-safe. Times are Clock::steady().
class Throttle {
 public:
  explicit Throttle(ThrottleLimits limits) : limits_(limits) {}

  bool is_locked(const std::string& key, Micros now) const;
  // How long it is locked by this failure; 0: not yet.
  Micros fail(const std::string& key, Micros now);
  void forget(const std::string& key);

 private:
  struct Record {
    std::uint32_t failures = 0;
    Micros last = 0;
    Micros locked_until = 0;
  };

  const ThrottleLimits limits_;
  mutable std::mutex lock_;
  std::map<std::string, Record> records_;
};

}  // namespace qianzhi::accounts
