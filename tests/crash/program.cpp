#include "tests/crash/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace qianzhi::crash {

namespace {

constexpr std::string_view crash_variable = "QIANZHI_CRASH_AT=";

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment(const std::string& crash_at) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::string_view(*entry).substr(0, crash_variable.size()) != crash_variable) all.emplace_back(*entry);
  if (!crash_at.empty()) all.push_back(std::string(crash_variable) + crash_at);
  return all;
}

}  // namespace

Program::Program(std::vector<std::string> command, const std::filesystem::path& log, const std::string& crash_at,
                 const std::vector<std::string>& more) {
  std::vector<std::string> variables = environment(crash_at);
  variables.insert(variables.end(), more.begin(), more.end());
  const std::vector<char*> arguments = pointers(command);
  const std::vector<char*> settings = pointers(variables);
  const pid_t parent = getpid();
  id_ = fork();
  if (id_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (getppid() == parent && dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0)
      execve(arguments[0], arguments.data(), settings.data());
    _exit(127);
  }
  if (id_ < 0) throw std::runtime_error("fork");
  handle_ = static_cast<int>(syscall(SYS_pidfd_open, id_, 0));
}

Program::~Program() {
  if (!ended()) {
    signal(SIGKILL);
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
  }
  close(handle_);
}

void Program::signal(int number) const {
  if (!ending_) kill(id_, number);
}

std::optional<Ending> Program::ended() {
  int status = 0;
  if (ending_ || waitpid(id_, &status, WNOHANG) != id_) return ending_;
  ending_ = WIFEXITED(status) ? Ending{WEXITSTATUS(status), 0} : Ending{-1, WTERMSIG(status)};
  return ending_;
}

Ending Program::wait(int seconds) {
  pollfd event{handle_, POLLIN, 0};
  if (!ended()) poll(&event, 1, seconds * 1000);
  if (const auto ending = ended()) return *ending;
  throw std::runtime_error("process " + std::to_string(id_) + " did not end within " + std::to_string(seconds) + " s");
}

Output run(const std::vector<std::string>& command, const std::filesystem::path& log) {
  std::filesystem::remove(log);
  Program program(command, log);
  const Ending ending = program.wait(120);
  return {ending.exit, text_of(log)};
}

Output unpacked(const std::filesystem::path& bundle, const std::filesystem::path& log) {
  return run({"/usr/bin/python3", "-c",
              "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n"
              "for n in z.namelist(): print('== ' + n); print(z.read(n).decode())",
              bundle.string()},
             log);
}

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> all;
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
    std::ifstream list(thread.path() / "children");
    for (pid_t child = 0; list >> child;) all.push_back(child);
  }
  return all;
}

bool is_gone(pid_t process) {
  const std::string stat = text_of("/proc/" + std::to_string(process) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || name_end + 2 >= stat.size() || stat[name_end + 2] == 'Z';
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  const std::ifstream in(file, std::ios::binary);
  if (in) text << in.rdbuf();
  return text.str();
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n') + 1;
  const std::size_t begin = text.rfind('\n', end - 1) + 1;
  return text.substr(begin, end - begin);
}

}  // namespace qianzhi::crash
