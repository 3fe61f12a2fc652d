// How long ago something last happened, where only its time of day is kept: counted by the steady clock from when that
// time of day was first seen, so that a wall clock that is set neither raises an alarm nor puts one off.
#pragma once

#include <algorithm>
#include <map>
#include <string>

#include "hub-protocol/base/clock.h"

namespace qianzhi::flow {

// Not thread-safe.
class Since {
 public:
  // what: names the thing. happened: time of day when it last happened; 0: never, counted from the first call. Another
  // one than at the call before means that it has happened since.
  Micros age(const std::string& what, Micros happened, const Clock& clock) {
    const Micros steady = clock.steady();
    const auto [seen, is_first] = seen_.try_emplace(what);
    if (is_first)
      seen->second = {happened, steady - (happened == 0 ? 0 : std::max<Micros>(0, clock.now() - happened))};
    else if (seen->second.happened != happened)
      seen->second = {happened, steady};
    return steady - seen->second.at;
  }

 private:
  struct Seen {
    Micros happened = 0;
    Micros at = 0;  // steady; before the machine's start if it must be
  };
  std::map<std::string, Seen> seen_;
};

}  // namespace qianzhi::flow
