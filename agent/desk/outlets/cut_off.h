// An end for a conversation as a whole: timeouts of sockets begin anew with each octet, and who sends one now and then
// would hold up everything behind. Internal to this folder.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "hub-protocol/base/clock.h"

namespace qianzhi::desk {

class CutOff {
 public:
  // Ends all sending and receiving on this socket when the time is over, unless this is gone before.
  CutOff(int socket, Micros after);
  ~CutOff();
  CutOff(const CutOff&) = delete;
  CutOff& operator=(const CutOff&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  bool is_over_ = false;
  int socket_;
  std::thread thread_;
};

}  // namespace qianzhi::desk
