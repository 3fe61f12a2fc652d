// Looks at the agent every two seconds, on a thread of its own: writes to the log when the headline of the page begins
// to be bad, is bad for another reason, or is good again, and keeps what it sees in the history. What fails here is
// told in the log and stops nothing.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

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
  void look();
  void tell(const Snapshot& snapshot, const std::vector<Finding>& findings);

  History& history_;
  const std::function<Snapshot()> snapshot_;
  std::mutex lock_;
  std::condition_variable bell_;
  bool ends_ = false;
  std::string told_;   // the bad headline that the log knows, with its cause; empty: a good one
  std::string noted_;  // the findings as of the last look
  unsigned looks_ = 0;
  std::thread thread_;
};

}  // namespace qianzhi::status
