// The guard in front of the thread pool: who may hold how many connections, and the one list of all that are open.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "hub-protocol/base/clock.h"

namespace qianzhi::hub {

struct GuardLimits {
  std::size_t unknown_per_address = 32;  // connections whose caller is not yet known
  std::size_t unknown = 256;
  std::size_t strangers_per_address = 4;  // of the unknown: callers that have no certificate and want to enrol
  std::size_t strangers = 16;
  std::size_t per_agent = 4;
  std::size_t connections = 4352;  // all; each may take a thread
};

// Safe to call from many threads. Sockets are not owned: whoever owns one calls leave() before closing it.
class Guard {
 public:
  Guard(GuardLimits limits, const Clock& clock) : limits_(limits), clock_(clock) {}

  // A new connection from this address: false when a limit is reached or after close().
  bool enter(int fd, const std::string& address);
  // The caller is known now. Beyond the limit its connection that was quiet for longest is ended: the newest one
  // proves that the agent lives, an old one may be the rest of a power cut. False after close().
  bool recognise(int fd, const std::string& agent);
  // The caller has no certificate and is about to ask for one. False when a limit is reached.
  bool take_in(int fd);
  // A request of it begins or ends.
  void touch(int fd);
  void leave(int fd);

  // Ends every connection and lets no more in.
  void close();
  bool closed() const;
  std::size_t connections() const;
  std::size_t unknown() const;

 private:
  struct Entry {
    std::string address;
    std::string agent;  // empty: not yet known
    Micros touched = 0;
    bool ended = false;
    bool stranger = false;
  };
  void forget(int fd);

  const GuardLimits limits_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<int, Entry> entries_;
  std::map<std::string, std::size_t> unknown_of_;  // address -> connections not yet known
  std::size_t unknown_ = 0;
  bool closed_ = false;
};

}  // namespace qianzhi::hub
