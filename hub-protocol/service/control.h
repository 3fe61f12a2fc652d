// The operator's way into a running program: a Unix socket beside the store, mode 0600 or of a group. One line in
// (command and arguments, separated by tabs; in them \\ stands for a backslash, \t for a tab, \n for a line end), then
// the octets of a file if the command takes one, up to the end of what is sent; one answer out, then the connection
// ends. Answer: "ok\n" and text, or "error CODE\n" and detail.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace qianzhi::service {

struct Call {
  std::vector<std::string> words;
  std::string attachment;  // at most 64 MiB
  std::string user;        // who asks, by the kernel's word: a user name of this machine, or "uid N"
};

// Carries out one command; what it throws becomes the error answer.
using Command = std::function<std::string(const Call& call)>;

class ControlServer {
 public:
  // Listens and answers on a thread of its own, one caller at a time. A socket file left over by a crash is replaced.
  // group: of this machine, whose members may speak to it, too (mode 0660); empty: nobody else. Throws Error(misuse,
  // QZ-BASE-010) if the path cannot be used (at most 107 octets), another process listens there, or there is no such
  // group.
  ControlServer(std::filesystem::path path, Command command, const std::string& group = {});
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  void serve();
  void answer(int connection) const;

  std::filesystem::path path_;
  Command command_;
  int listener_ = -1;
  std::atomic<bool> ends_ = false;
  std::thread thread_;
};

// Sends one command and returns its text. Throws Error(unavailable, QZ-BASE-010) if nobody answers, Error(rejected,
// QZ-CLI-010) if this user may not ask, and the process own code as Error(rejected) for an error answer.
std::string ask_control(const std::filesystem::path& path, const std::vector<std::string>& words,
                        std::string_view attachment = {});

// Who runs this process, in the form of Call::user.
std::string own_user();

}  // namespace qianzhi::service
