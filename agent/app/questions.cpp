#include "agent/app/questions.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "hub-protocol/base/error.h"

namespace qianzhi::app {

namespace {

std::string line_from_input(const std::string& option) {
  std::string line;
  if (!std::getline(std::cin, line)) throw Error(ErrorKind::misuse, "QZ-AGT-170", option);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

// What is typed is not shown while this lives.
class Silence {
 public:
  Silence() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_silent_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~Silence() {
    if (is_silent_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  bool is_silent_ = false;
};

}  // namespace

bool Questions::is_anybody_there() { return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0; }

std::string Questions::ask(const std::string& zh, const std::string& en, const std::optional<std::string>& usual,
                           const std::string& option) const {
  if (!asks_) {
    if (usual) return *usual;
    throw Error(ErrorKind::misuse, "QZ-AGT-170", option);
  }
  for (;;) {
    std::fprintf(stderr, "%s / %s%s ", zh.c_str(), en.c_str(), usual ? (" [" + *usual + "]").c_str() : ":");
    std::fflush(stderr);
    std::string line = line_from_input(option);
    if (!line.empty()) return line;
    if (usual) return *usual;
  }
}

std::string Questions::ask_secret(const std::string& zh, const std::string& en) const {
  if (!asks_) return {};
  std::fprintf(stderr, "%s / %s: ", zh.c_str(), en.c_str());
  std::fflush(stderr);
  std::string secret;
  {
    const Silence silence;
    std::getline(std::cin, secret);
  }
  std::fputc('\n', stderr);
  return secret;
}

}  // namespace qianzhi::app
