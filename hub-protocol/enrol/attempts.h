// How often strangers were refused lately. A token cannot be guessed; this keeps those who try from filling the audit
// trail and from costing signatures.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "hub-protocol/base/clock.h"

namespace qianzhi::enrol {

struct AttemptLimits {
  std::size_t of_address = 20;  // refusals in a window
  std::size_t of_all = 200;
  Micros window = 60'000'000;
};

// Belongs to one thread at a time. Times are those of Clock::steady().
class Attempts {
 public:
  explicit Attempts(AttemptLimits limits = {}) : limits_(limits) {}

  enum class Verdict { go_on, first_refused, refused };  // first: of this window, for one entry in the audit trail
  Verdict judge(const std::string& address, Micros now) {
    if (now - begun_ >= limits_.window) {
      begun_ = now;
      count_ = 0;
      told_ = false;
      of_.clear();
    }
    const auto found = of_.find(address);
    const bool is_over = count_ >= limits_.of_all || (found != of_.end() && found->second >= limits_.of_address);
    if (!is_over) return Verdict::go_on;
    const bool is_first = !told_;
    told_ = true;
    return is_first ? Verdict::first_refused : Verdict::refused;
  }
  void refused(const std::string& address) {
    ++count_;
    ++of_[address];
  }

 private:
  AttemptLimits limits_;
  Micros begun_ = 0;
  std::size_t count_ = 0;
  bool told_ = false;
  std::map<std::string, std::size_t> of_;  // at most of_all addresses
};

}  // namespace qianzhi::enrol
