// What an operator lets an adapter's process use, on top of what every one gets: no core dumps, no new privileges.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace qianzhi::adapter {

// 0 and empty: as the agent itself. What goes beyond is refused by the kernel; a process that cannot live with that
// ends, and only it: the call under way throws unavailable, and the next one starts another process.
struct ProcessLimits {
  std::uint64_t memory = 0;      // octets that it writes to: RLIMIT_DATA
  std::uint64_t cpu = 0;         // seconds of its whole life: RLIMIT_CPU; then it is killed
  std::uint64_t open_files = 0;  // RLIMIT_NOFILE
  std::uint64_t file_size = 0;   // octets of any file that it writes: RLIMIT_FSIZE
  std::uint64_t processes = 0;   // of its user, threads included: RLIMIT_NPROC
  std::string user;              // account that it runs under; only root may start another one's process
};

// An account, looked up before fork().
struct Account {
  bool is_other = false;
  uid_t user = 0;
  gid_t group = 0;
};

// Throws Error(misuse, QZ-ADP-007) if there is no such account, or this process may not run others.
Account account_of(const ProcessLimits& limits);

// In the child, between fork and exec: only calls that are safe there. False: it must not go on.
bool restrict_process(const ProcessLimits& limits, const Account& account);

// " memory: 67108864, cpu: 5", for people; empty if there are none.
std::string to_text(const ProcessLimits& limits);

}  // namespace qianzhi::adapter
