// One started program: its environment, its log, and how it ended. Killed with the test if that dies.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace qianzhi::crash {

struct Ending {
  int exit = -1;   // exit status, or -1
  int signal = 0;  // that ended it, or 0
};

class Program {
 public:
  // Output goes to the end of `log`. crash_at: QIANZHI_CRASH_AT; empty: not set. more: further variables, NAME=value.
  // Throws std::runtime_error.
  Program(std::vector<std::string> command, const std::filesystem::path& log, const std::string& crash_at = {},
          const std::vector<std::string>& more = {});
  ~Program();  // SIGKILL if it still runs
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  pid_t id() const { return id_; }
  int handle() const { return handle_; }  // pidfd: readable once it ended
  void signal(int number) const;
  // Nothing: it runs.
  std::optional<Ending> ended();
  // Waits for its end. Throws std::runtime_error after so many seconds.
  Ending wait(int seconds);

 private:
  pid_t id_ = -1;
  int handle_ = -1;
  std::optional<Ending> ending_;
};

struct Output {
  int exit = -1;
  std::string text;  // standard output and error
};

// Runs a program to its end.
Output run(const std::vector<std::string>& command, const std::filesystem::path& log);

// What a support bundle holds, each part below a line "== NAME"; with exit status 0 if it could be opened.
Output unpacked(const std::filesystem::path& bundle, const std::filesystem::path& log);

// The processes that this one has started; empty if it is gone.
std::vector<pid_t> children_of(pid_t process);
// Gone, or dead and not reaped by whoever inherited it.
bool is_gone(pid_t process);

std::string text_of(const std::filesystem::path& file);
// Without its line end: where commands print the id of what they made.
std::string last_line(const std::string& text);

}  // namespace qianzhi::crash
