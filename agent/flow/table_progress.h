// How far the reading of a whole table has come (a refill or a comparison), how fast it goes and what is left of it. An
// estimate is only given where it is honest: not before a speed was measured, not without a number of rows, and not
// once more rows came than were expected.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "agent/flow/throttle.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::flow {

// Speed of reading, as measured in the last five minutes; apart while a throttle holds. Not thread-safe.
class Pace {
 public:
  // A chunk was read; steady: when that had ended.
  void add(std::uint64_t rows, bool held, Micros steady);
  // Another table, or nothing was read for a while by intent.
  void restart() { samples_.clear(); }
  // Rows a second; below 0: not measured.
  double rate(bool held, Micros steady) const;

 private:
  struct Sample {
    Micros steady = 0;
    std::uint64_t rows = 0;
    bool held = false;
  };
  std::deque<Sample> samples_;  // newest last
};

struct TableProgress {
  enum class Kind { none, refill, ending, comparison };  // ending: rows are read, changes have to catch up (R4.5)
  std::string topic;
  Kind kind = Kind::none;
  Micros started = 0;           // kept across restarts, as rows is
  std::uint64_t rows = 0;       // read so far
  std::int64_t estimated = -1;  // rows of the table; -1: unknown
  std::int64_t rate = -1;       // rows a second now; -1: not measured yet
  Micros left = -1;             // -1: unknown
  std::uint64_t limit = 0;      // rows a second while the throttle holds; 0: none is configured
  Micros limited_until = 0;     // the throttle holds now, and until then; 0: it does not hold
  std::string stopped;          // code of why it does not go on

  bool is_beyond() const { return estimated >= 0 && rows > static_cast<std::uint64_t>(estimated); }
  // 0 to 100; -1: unknown. 100 only when every row was read.
  int percent() const;
};

// When `rows` more are read: walks through the throttle's hours with the speed measured outside of them; where none
// was, with the throttle's, so that it is rather too long. -1: unknown, or more than a month.
Micros time_left(std::uint64_t rows, double free_rate, const Throttle& throttle, std::uint64_t limit, Micros now);
// When the throttle ends that holds now; 0: it does not hold, or for more than two days on end.
Micros throttle_end(const Throttle& throttle, Micros now);

// "12,000 / 约 about 100,000 行 rows (12 %)，...": in both languages, for notices and the command line.
std::string describe(const TableProgress& progress);

}  // namespace qianzhi::flow
