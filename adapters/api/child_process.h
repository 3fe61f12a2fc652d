// One adapter process and the socket to it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

#include "adapters/api/process_limits.h"
#include "hub-protocol/base/clock.h"

namespace qianzhi::adapter {

class Channel;

namespace wire {
class Reply;
class Request;
}  // namespace wire

// The child has descriptors 0 (/dev/null), 1 and 2 (our standard error) and 3 (the socket), the environment variables
// PATH, LANG and TZ only, a process group of its own, no core dumps, no new privileges, the limits that it is given,
// and is killed when the thread that started it ends.
class ChildProcess {
 public:
  // Starts it and exchanges greetings. Throws Error(misuse, QZ-ADP-001) if the program cannot be run,
  // Error(misuse, QZ-ADP-006) if it speaks another version.
  // Error(misuse, QZ-ADP-007) if its account cannot be used.
  ChildProcess(const std::filesystem::path& program, const Clock& clock, ProcessLimits limits = {});
  // Closes the socket; ends the process at once, so that nothing it was doing outlives us.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Sends the request and gives the reply. Throws what the adapter answered as a failure. Every other error means that
  // this object is of no further use: unavailable QZ-ADP-002 (ended), unavailable QZ-ADP-003 (too slow),
  // corrupt QZ-ADP-004 or QZ-ADP-005 (broke the protocol).
  wire::Reply call(const wire::Request& request, Micros timeout);

  // The two halves of a call, for who has other work while the adapter does this: send() once, then receive() once
  // before anything else is asked. Throw as call() does, but receive() gives a failure as it is.
  void send(const wire::Request& request, Micros timeout);
  wire::Reply receive(Micros timeout);

  bool is_usable() const { return usable_; }
  const wire::Reply& greeting() const { return *greeting_; }

 private:
  void start(const std::filesystem::path& program);
  std::string ending();
  std::string end_with_limits();

  const Clock& clock_;
  ProcessLimits limits_;
  pid_t pid_ = -1;
  int socket_ = -1;
  std::unique_ptr<Channel> channel_;
  bool usable_ = true;
  std::string ended_;
  std::unique_ptr<wire::Reply> greeting_;
};

}  // namespace qianzhi::adapter
