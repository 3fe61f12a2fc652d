#include "agent/status/recorder.h"

#include <chrono>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::status {

namespace {

constexpr std::chrono::seconds look_interval(5);

}  // namespace

Recorder::Recorder(History& history, std::function<Snapshot()> snapshot)
    : history_(history), snapshot_(std::move(snapshot)), thread_([this] { run(); }) {}

Recorder::~Recorder() {
  {
    const std::lock_guard guard(lock_);
    ends_ = true;
  }
  bell_.notify_all();
  thread_.join();
}

void Recorder::run() {
  bool has_told = false;
  std::unique_lock waiting(lock_);
  while (!bell_.wait_for(waiting, look_interval, [this] { return ends_; })) {
    waiting.unlock();
    try {
      const Snapshot snapshot = snapshot_();
      history_.note(snapshot, findings_of(snapshot));
      has_told = false;
    } catch (const Error& error) {
      if (!has_told) log("page", error);
      has_told = true;
    }
    waiting.lock();
  }
}

}  // namespace qianzhi::status
