// Looks at the agent every few seconds and keeps what it sees in the history, on a thread of its own. What fails here
// is told in the log and stops nothing.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "agent/status/history.h"

namespace qianzhi::status {

class Recorder {
 public:
  // snapshot may throw Error: then nothing is noted. history must outlive it.
  Recorder(History& history, std::function<Snapshot()> snapshot);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

 private:
  void run();

  History& history_;
  const std::function<Snapshot()> snapshot_;
  std::mutex lock_;
  std::condition_variable bell_;
  bool ends_ = false;
  std::thread thread_;
};

}  // namespace qianzhi::status
