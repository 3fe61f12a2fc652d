// A stage takes from one durable place, puts into the next, and only then lets go of the first (agent/ARCHITECTURE.md).
// Only the pump that runs stages waits, backs off, logs and stops.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"

namespace qianzhi::flow {

enum class Progress {
  moved,  // there may be more: run again at once
  idle,   // nothing to do until something happens
};

enum class NoticeLevel { info, warning, error };

// One true sentence about something that is not final (R9): recomputed at each run from state, never from events.
struct Notice {
  NoticeLevel level = NoticeLevel::info;
  std::string code;     // QZ-...
  std::string subject;  // stream, source or target
  std::string detail;
};

class Stage {
 public:
  virtual ~Stage() = default;
  virtual std::string name() const = 0;
  // One step. Throws qianzhi::Error; the pump decides by its kind. Called by one thread at a time.
  virtual Progress run_once() = 0;
  // From another thread: end a wait inside run_once() soon.
  virtual void interrupt() {}

  // Thread-safe copy of what this stage last said.
  std::vector<Notice> notices() const {
    const std::lock_guard lock(notices_mutex_);
    return notices_;
  }

 protected:
  void say(std::vector<Notice> notices) {
    const std::lock_guard lock(notices_mutex_);
    notices_ = std::move(notices);
  }

 private:
  mutable std::mutex notices_mutex_;
  std::vector<Notice> notices_;
};

}  // namespace qianzhi::flow
