#include "agent/app/reload_waiters.h"

#include <utility>

namespace qianzhi::app {

namespace {

Error ending_error() { return {ErrorKind::unavailable, "QZ-BASE-010", "stopping"}; }

}  // namespace

Reloaded ReloadWaiters::wait(const std::function<void()>& ring) {
  std::future<Reloaded> done;
  {
    const std::lock_guard guard(lock_);
    if (ends_) throw ending_error();
    done = waiting_.emplace_back().get_future();
  }
  ring();
  return done.get();
}

std::vector<std::promise<Reloaded>> ReloadWaiters::taken() {
  const std::lock_guard guard(lock_);
  return std::exchange(waiting_, {});
}

void ReloadWaiters::answer(const Reloaded& changes) {
  for (std::promise<Reloaded>& one : taken()) one.set_value(changes);
}

void ReloadWaiters::refuse(const Error& error) {
  for (std::promise<Reloaded>& one : taken()) one.set_exception(std::make_exception_ptr(error));
}

void ReloadWaiters::end() {
  {
    const std::lock_guard guard(lock_);
    ends_ = true;
  }
  refuse(ending_error());
}

}  // namespace qianzhi::app
