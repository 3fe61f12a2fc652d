// The demonstration's child processes: each in a process group of its own, with its output in a file, and ended with
// the demonstration even if that is killed. Start them from the main thread: the kernel ties them to the starting
// thread.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "hub-protocol/base/clock.h"

namespace qianzhi::demo {

struct Launch {
  std::vector<std::string> command;  // program and arguments; the program is looked up in PATH
  std::filesystem::path directory;   // to run in
  std::filesystem::path log;         // standard output and error are appended here
  std::string account = {};          // for root: become this one, or nobody where there is none
  int polite_signal = SIGTERM;       // ends it in order
};

struct Usage {
  std::string name;
  Micros cpu = 0;
  long peak_kib = 0;  // of the largest of it and its ended children
};

class Process {
 public:
  Process(std::string name, Launch launch);
  // Ends it as stop() does.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& name() const { return name_; }
  pid_t id() const { return pid_; }  // of a process of ours until it is stopped
  bool is_running();
  void signal(int number) const;
  // Politely, and after 20 seconds with SIGKILL, which the whole group gets at the end in any case.
  Usage stop();
  // Waits for its own end. Exit status, or 128 and the signal's number.
  int wait();
  // The last lines it wrote.
  std::string last_words() const;

 private:
  void reap(int options);

  std::string name_;
  Launch launch_;
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
  Usage usage_;
};

// Runs a program to its end and returns what it wrote to standard output. Throws Error(misuse, QZ-DEM-001) with its
// last words if it fails.
std::string output_of(const Launch& launch);

// For root: the directory becomes this account's, as Launch::account.
void give_to(const std::string& account, const std::filesystem::path& directory);

std::string text_of(const std::filesystem::path& file);

}  // namespace qianzhi::demo
