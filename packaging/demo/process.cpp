#include "packaging/demo/process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include "hub-protocol/base/error.h"

namespace qianzhi::demo {

namespace {

constexpr int patience_ms = 20'000;

// A server that is installed without its service has no account of its own.
const passwd* account_of(const std::string& name) {
  if (geteuid() != 0 || name.empty()) return nullptr;
  const passwd* account = getpwnam(name.c_str());
  return account != nullptr ? account : getpwnam("nobody");
}

// Between fork and exec: only calls that are safe there.
[[noreturn]] void give_up(std::string_view doing) {
  const std::string_view reason = strerrordesc_np(errno);
  for (const std::string_view text : {doing, std::string_view(": "), reason, std::string_view("\n")})
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) break;
  _exit(127);
}

[[noreturn]] void become(char* const* arguments, const Launch& launch, const passwd* account, pid_t parent) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDONLY);
  const int log = ::open(launch.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0) _exit(127);
  if (account != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(account->pw_gid) != 0 || setuid(account->pw_uid) != 0))
    give_up("account");
  // After the change of account, which would clear it.
  prctl(PR_SET_PDEATHSIG, launch.polite_signal == SIGTERM ? SIGKILL : SIGQUIT);
  if (getppid() != parent) _exit(127);
  if (chdir(launch.directory.c_str()) != 0) give_up(launch.directory.native());
  close_range(3, ~0U, 0);
  execvp(arguments[0], arguments);
  give_up(arguments[0]);
}

Micros micros(const timeval& time) { return static_cast<Micros>(time.tv_sec) * 1'000'000 + time.tv_usec; }

}  // namespace

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void give_to(const std::string& name, const std::filesystem::path& directory) {
  const passwd* account = account_of(name);
  if (account != nullptr && chown(directory.c_str(), account->pw_uid, account->pw_gid) != 0)
    throw Error(ErrorKind::misuse, "QZ-DEM-001", "chown " + directory.string());
}

Process::Process(std::string name, Launch launch) : name_(std::move(name)), launch_(std::move(launch)) {
  std::vector<char*> arguments;
  for (std::string& word : launch_.command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const passwd* account = account_of(launch_.account);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(arguments.data(), launch_, account, parent);
  if (pid_ < 0) throw Error(ErrorKind::unavailable, "QZ-DEM-001", "fork");
  usage_.name = name_;
}

Process::~Process() { stop(); }

void Process::reap(int options) {
  rusage used{};
  pid_t ended = 0;
  do {
    ended = wait4(pid_, &status_, options, &used);
  } while (ended < 0 && errno == EINTR);
  if (ended == 0) return;
  ended_ = true;
  usage_.cpu = micros(used.ru_utime) + micros(used.ru_stime);
  usage_.peak_kib = used.ru_maxrss;
}

bool Process::is_running() {
  if (!ended_) reap(WNOHANG);
  return !ended_;
}

void Process::signal(int number) const {
  if (!ended_) kill(pid_, number);
}

Usage Process::stop() {
  if (!is_running()) return usage_;
  signal(launch_.polite_signal);
  const int handle = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd event{handle, POLLIN, 0};
  poll(&event, 1, patience_ms);
  close(handle);
  // Not reaped yet, so the group's number is still its own.
  kill(-pid_, SIGKILL);
  reap(0);
  return usage_;
}

int Process::wait() {
  if (!ended_) reap(0);
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string Process::last_words() const {
  const std::string text = text_of(launch_.log);
  return text.size() <= 2000 ? text : text.substr(text.size() - 2000);
}

std::string output_of(const Launch& launch) {
  const std::filesystem::path errors = launch.log;
  Launch inner = launch;
  inner.log = launch.log.string() + ".out";
  std::filesystem::remove(inner.log);
  Process process(launch.command.front(), inner);
  const int status = process.wait();
  const std::string text = text_of(inner.log);
  std::ofstream(errors, std::ios::app) << text;
  std::filesystem::remove(inner.log);
  if (status != 0)
    throw Error(ErrorKind::misuse, "QZ-DEM-001",
                launch.command.front() + ": " + std::to_string(status) + "\n" +
                    (text.size() <= 2000 ? text : text.substr(text.size() - 2000)));
  return text;
}

}  // namespace qianzhi::demo
