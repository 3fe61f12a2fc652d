// Whoever asked for a reload through the control socket waits here until the thread that carries it out has an outcome.
#pragma once

#include <functional>
#include <future>
#include <mutex>
#include <vector>

#include "agent/config/difference.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::app {

using Reloaded = std::vector<config::Change>;  // what is another now

// Thread-safe.
class ReloadWaiters {
 public:
  // ring: makes the other thread carry a reload out; called once the caller counts as waiting. Returns its outcome, or
  // throws why it was refused, and Error(unavailable, QZ-BASE-010) if none will come any more.
  Reloaded wait(const std::function<void()>& ring);
  // To all that wait now.
  void answer(const Reloaded& changes);
  void refuse(const Error& error);
  // Whoever waits, now or later, is told that none will come.
  void end();

 private:
  std::vector<std::promise<Reloaded>> taken();

  std::mutex lock_;
  std::vector<std::promise<Reloaded>> waiting_;
  bool ends_ = false;
};

}  // namespace qianzhi::app
