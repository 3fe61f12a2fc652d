// The canary of one source: when nothing was captured for a while a beat is written there, and has to come back the way
// of every change. Silence is then known to be quiet and not failure (pitfall 39). What is measured here is measured by
// the steady clock. Knows neither adapter nor streams. Belongs to capture's thread; nothing of it outlives a restart,
// after which a beat is due at once.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "agent/config/config.h"
#include "agent/flow/stage.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

class Canary {
 public:
  // clock and random must outlive it. config.every 0: there is none, and nothing is ever due or told.
  Canary(const config::CanaryConfig& config, const Clock& clock, Random& random);

  Micros every() const { return config_.every; }
  // Asked when all that is known to wait was read: a beat is to be written now.
  bool is_due() const;
  // A text that no beat ever had, to be written now. It counts as written until refused() is called, for a write whose
  // answer is lost may have been made.
  const std::string& next();
  void refused(const Error& error);

  // Rows of the department's tables were captured.
  void saw_others();
  // Rows of the canary's table were captured: whether a beat is among them that was awaited. Older ones are then no
  // longer awaited: a journal tells of the newest value only.
  bool saw(const adapter::TableChanges& changes);
  // What the adapter says of the canary's table: why nothing can be seen there; empty: it says nothing.
  void told(std::string why) { told_ = std::move(why); }

  std::vector<Notice> notices(const std::string& source) const;

 private:
  struct Beat {
    std::string text;
    Micros written = 0;  // steady
    Micros time = 0;     // time of day
  };
  bool is_late() const;

  config::CanaryConfig config_;
  const Clock& clock_;
  Random& random_;
  std::deque<Beat> awaited_;
  std::optional<Micros> awaited_since_;  // steady; of the oldest beat that was written since one last came
  std::optional<Micros> tried_;          // steady
  std::optional<Micros> proven_;         // steady; of the last beat that came
  std::optional<Micros> others_;         // steady
  std::string refused_;                  // what the last write ended with; empty: it was made
  std::string told_;
  Micros off_ = 0;  // the source's clock minus ours, as of the last beat; 0: less than counts
};

}  // namespace qianzhi::flow
