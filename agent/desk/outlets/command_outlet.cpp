#include "agent/desk/outlets/command_outlet.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

namespace qianzhi::desk {

namespace {

constexpr int temporary_failure = 75;
constexpr int lowest_free = 3;

// Between fork and exec: only calls that are safe there.
[[noreturn]] void become_command(char* const* arguments, char* const* environment, int input, int report) {
  setpgid(0, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) signal(number, SIG_DFL);
  const int high_input = fcntl(input, F_DUPFD, 10);
  const int null = open("/dev/null", O_WRONLY);
  if (high_input >= 0 && null >= 0 && dup2(high_input, 0) == 0 && dup2(null, 1) == 1 && dup2(null, 2) == 2 &&
      dup2(report, lowest_free) == lowest_free && fcntl(lowest_free, F_SETFD, FD_CLOEXEC) == 0 && chdir("/") == 0) {
    close_range(lowest_free + 1, ~0U, 0);
    execve(arguments[0], arguments, environment);
  }
  const int fault = errno;
  [[maybe_unused]] const ssize_t told = write(lowest_free, &fault, sizeof fault);
  _exit(127);
}

class Held {
 public:
  explicit Held(int number) : number_(number) {}
  ~Held() { drop(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  int number() const { return number_; }
  void drop() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

// The whole text in memory, so that neither side waits for the other.
bool fill(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return lseek(file, 0, SEEK_SET) == 0;
}

struct Ending {
  int status = 0;
  bool in_time = true;
};

// Waits for the process; kills its group when the time is over.
Ending await_end(pid_t process, Micros timeout) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  Ending ending;
  std::thread waiter([&] {
    siginfo_t info{};
    // Its number stays taken until it is reaped below, so that the kill can hit nobody else.
    while (waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR) {
    }
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_one();
  });
  {
    std::unique_lock lock(mutex);
    ending.in_time = changed.wait_for(lock, std::chrono::microseconds(timeout), [&] { return ended; });
  }
  if (!ending.in_time) kill(-process, SIGKILL);
  waiter.join();
  while (waitpid(process, &ending.status, 0) < 0 && errno == EINTR) {
  }
  return ending;
}

Delivery verdict_on(const Ending& ending) {
  if (!ending.in_time) return {Delivery::Verdict::uncertain, "QZ-DSK-103 not done in time, killed"};
  if (WIFSIGNALED(ending.status))
    return {Delivery::Verdict::uncertain, "QZ-DSK-103 ended by signal " + std::to_string(WTERMSIG(ending.status))};
  const int status = WEXITSTATUS(ending.status);
  if (status == 0) return {Delivery::Verdict::sent, "exit status 0"};
  const std::string said = "exit status " + std::to_string(status);
  if (status == temporary_failure) return {Delivery::Verdict::later, "QZ-DSK-101 " + said};
  return {Delivery::Verdict::refused, "QZ-DSK-102 " + said};
}

Delivery not_started(const std::string& program, int fault) {
  return {Delivery::Verdict::later, "QZ-DSK-105 " + program + ": " + std::strerror(fault)};
}

}  // namespace

CommandOutlet::CommandOutlet(CommandConfig config, Micros timeout) : config_(std::move(config)), timeout_(timeout) {}

Delivery CommandOutlet::send(const Notice& notice) {
  std::vector<char*> arguments;
  for (std::string& word : config_.program) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<std::string, 3> variables{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
                                       "QIANZHI_NOTICE=" + notice.token};
  std::array<char*, 4> environment{variables[0].data(), variables[1].data(), variables[2].data(), nullptr};
  Held input(memfd_create("notice", MFD_CLOEXEC));
  std::array<int, 2> pair{-1, -1};
  if (input.number() < 0 || !fill(input.number(), json_of(notice)) || pipe2(pair.data(), O_CLOEXEC) != 0)
    return not_started(config_.program.front(), errno);
  const Held reading(pair[0]);
  Held writing(pair[1]);
  const pid_t process = fork();
  if (process < 0) return not_started(config_.program.front(), errno);
  if (process == 0) become_command(arguments.data(), environment.data(), input.number(), writing.number());
  setpgid(process, process);
  writing.drop();
  // The end of this pipe comes with exec, a number with its failure.
  int fault = 0;
  ssize_t count = 0;
  while ((count = read(reading.number(), &fault, sizeof fault)) < 0 && errno == EINTR) {
  }
  const Ending ending = await_end(process, timeout_);
  if (count == static_cast<ssize_t>(sizeof fault)) return not_started(config_.program.front(), fault);
  return verdict_on(ending);
}

}  // namespace qianzhi::desk
