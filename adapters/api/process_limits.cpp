#include "adapters/api/process_limits.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter {

namespace {

constexpr std::size_t longest_entry = 16'384;  // of the list of accounts

bool limit(int resource, std::uint64_t most) {
  if (most == 0) return true;
  rlimit now{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0) return false;
  // A limit that is in force already is never raised.
  const rlim_t lower = now.rlim_max < most ? now.rlim_max : static_cast<rlim_t>(most);
  const rlimit wanted{lower, lower};
  return setrlimit(static_cast<__rlimit_resource>(resource), &wanted) == 0;
}

}  // namespace

Account account_of(const ProcessLimits& limits) {
  if (limits.user.empty()) return {};
  std::array<char, longest_entry> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwnam_r(limits.user.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    throw Error(ErrorKind::misuse, "QZ-ADP-007", "there is no account " + limits.user);
  if (found->pw_uid == geteuid()) return {};
  if (geteuid() != 0)
    throw Error(ErrorKind::misuse, "QZ-ADP-007", "the agent may not start a process of " + limits.user);
  return {true, found->pw_uid, found->pw_gid};
}

bool restrict_process(const ProcessLimits& limits, const Account& account) {
  const bool limited = limit(RLIMIT_DATA, limits.memory) && limit(RLIMIT_CPU, limits.cpu) &&
                       limit(RLIMIT_NOFILE, limits.open_files) && limit(RLIMIT_FSIZE, limits.file_size) &&
                       limit(RLIMIT_NPROC, limits.processes);
  if (!limited) return false;
  if (account.is_other && (setgroups(0, nullptr) != 0 || setresgid(account.group, account.group, account.group) != 0 ||
                           setresuid(account.user, account.user, account.user) != 0))
    return false;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

std::string to_text(const ProcessLimits& limits) {
  std::string text;
  const auto add = [&](const char* name, std::uint64_t most) {
    if (most != 0) text += std::string(text.empty() ? " " : ", ") + name + ": " + std::to_string(most);
  };
  add("memory", limits.memory);
  add("cpu", limits.cpu);
  add("open_files", limits.open_files);
  add("file_size", limits.file_size);
  add("processes", limits.processes);
  return text;
}

}  // namespace qianzhi::adapter
