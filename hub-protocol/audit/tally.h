// Entries that others can cause as often as they like: refusals, sessions, contradictions. Those that are alike become
// one entry with a count, and there are so many at most in a time: nobody can fill the disk from outside, nor bury what
// somebody else did.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "hub-protocol/audit/audit_log.h"

namespace qianzhi::audit {

struct TallyLimits {
  std::size_t per_actor = 20;  // different ones in a window; the rest of this actor is one more, action "more"
  std::size_t all = 100;       // likewise of all actors; the rest is one more for each kind of actor
  Micros window = 60'000'000;
  Micros longest = 3'600'000'000;  // the window doubles up to this while it overflows
};

// Safe to call from many threads; never waits for a disk.
class Tally {
 public:
  explicit Tally(TallyLimits limits = {}) : limits_(limits) {}

  // Alike: actor, action, subject and outcome. Of the others the first one's purpose, basis and details are kept.
  // now: wall clock. steady: never goes back.
  void add(const Entry& entry, Micros now, Micros steady);
  // What is to be entered: all that was added once the window is over, else nothing. everything: now. Details "count",
  // "first" and "last" say how often and when.
  std::vector<Entry> take(Micros steady, bool everything);

 private:
  using Key = std::tuple<ActorKind, std::string, std::string, std::string, std::string>;
  struct Line {
    Entry entry;
    std::uint64_t count = 0;
    Micros first = 0;
    Micros last = 0;
  };
  // What stands for this entry: itself while there is room.
  Entry fitting(const Entry& entry);

  const TallyLimits limits_;
  std::mutex lock_;
  std::map<Key, Line> lines_;
  std::map<std::pair<ActorKind, std::string>, std::size_t> of_actor_;
  Micros begun_ = 0;  // steady time of the first one
  Micros window_ = limits_.window;
  bool overflowed_ = false;
};

}  // namespace qianzhi::audit
