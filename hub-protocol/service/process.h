// What a long-running program needs of its operating system: signals, readiness and watchdog, files that appear whole,
// and the kill points of the crash tests.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi::service {

// systemd's readiness protocol: one datagram to $NOTIFY_SOCKET (sd_notify(3)); nothing if it is not set.
void notify(std::string_view state);

// In builds with crash points: QIANZHI_CRASH_AT=POINT or POINT#N kills the process with SIGKILL at the Nth passing of
// that point. Otherwise, or if it is not set: empty.
std::function<void(std::string_view)> crash_point();

// Writes beside the file and renames into place, so that a reader never sees half of it. Throws Error(misuse,
// QZ-BASE-011).
void write_whole(const std::filesystem::path& file, std::string_view text);
// A small file. Throws Error(misuse) with this code and its name.
std::string read_whole(const std::filesystem::path& file, std::string_view code);

// SIGTERM, SIGINT and SIGHUP, blocked in this and all later threads and read one by one. One object a process, made
// before any thread.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  // The next signal's number, or nothing after the timeout or wake().
  std::optional<int> wait(int timeout_ms);
  // From any thread.
  void wake();

 private:
  int signals_ = -1;
  int event_ = -1;
};

// Code, both titles and both next steps, to standard error. Returns the exit status for it: 78 for misuse, 69 for
// unavailable, else 1 (sysexits.h).
int tell(const Error& error);

}  // namespace qianzhi::service
