#include "adapters/api/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "adapters/api/adapter.pb.h"
#include "adapters/api/adapter_main.h"
#include "adapters/api/channel.h"
#include "adapters/api/codec.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::adapter {

namespace {

constexpr Micros greeting_timeout = 30'000'000;

std::string variable(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return std::string(name) + "=" + (value != nullptr ? value : otherwise);
}

// Between fork and exec: only calls that are safe there.
[[noreturn]] void become(const char* program, char* const* environment, int socket, pid_t parent,
                         const ProcessLimits& limits, const Account& account) {
  setpgid(0, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) signal(number, SIG_DFL);
  // The socket may have any number: out of the way of 0 to 3 first.
  const int high = fcntl(socket, F_DUPFD, 10);
  const int null = open("/dev/null", O_RDONLY);
  if (high < 0 || null < 0 || dup2(null, 0) < 0 || dup2(2, 1) < 0 || dup2(high, adapter_descriptor) < 0) _exit(127);
  close_range(adapter_descriptor + 1, ~0U, 0);
  if (!restrict_process(limits, account)) _exit(126);
  // Another account would take it away again.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  char* const arguments[] = {const_cast<char*>(program), nullptr};
  execve(program, arguments, environment);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const std::filesystem::path& program, const Clock& clock, ProcessLimits limits)
    : clock_(clock), limits_(std::move(limits)) {
  start(program);
  wire::Request request;
  request.mutable_hello()->set_protocol(protocol_version);
  greeting_ = std::make_unique<wire::Reply>();
  try {
    *greeting_ = call(request, greeting_timeout);
  } catch (const Error& error) {
    const std::string how = end_with_limits();
    if (error.code() == "QZ-ADP-002")
      throw Error(ErrorKind::misuse, "QZ-ADP-001", program.string() + " ended before it said anything" + how);
    throw;
  }
  if (greeting_->greeting().protocol() != protocol_version) {
    ending();
    throw Error(ErrorKind::misuse, "QZ-ADP-006", program.string() + " speaks another version of the protocol");
  }
}

ChildProcess::~ChildProcess() { ending(); }

void ChildProcess::start(const std::filesystem::path& program) {
  if (access(program.c_str(), X_OK) != 0)
    throw Error(ErrorKind::misuse, "QZ-ADP-001", program.string() + ": " + std::strerror(errno));
  const Account account = account_of(limits_);
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    throw Error(ErrorKind::unavailable, "QZ-ADP-001", std::string("socketpair: ") + std::strerror(errno));
  std::vector<std::string> variables{variable("PATH", "/usr/local/bin:/usr/bin:/bin"), variable("LANG", "C.UTF-8")};
  if (const std::string zone = variable("TZ", ""); zone != "TZ=") variables.push_back(zone);
  if (log_form() == LogForm::json) variables.emplace_back("QIANZHI_LOG=json");
  std::vector<char*> environment;
  environment.reserve(variables.size() + 1);
  for (std::string& each : variables) environment.push_back(each.data());
  environment.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(program.c_str(), environment.data(), pair[1], parent, limits_, account);
  close(pair[1]);
  socket_ = pair[0];
  channel_ = std::make_unique<Channel>(socket_);
  if (pid_ > 0) return;
  close(socket_);
  socket_ = -1;
  throw Error(ErrorKind::unavailable, "QZ-ADP-001", std::string("fork: ") + std::strerror(errno));
}

// Ends it if it still runs, and says how it ended.
std::string ChildProcess::ending() {
  usable_ = false;
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  if (pid_ <= 0) return ended_;
  int status = 0;
  const bool ended = waitpid(pid_, &status, WNOHANG) == pid_;
  if (!ended) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  pid_ = -1;
  ended_ = WIFSIGNALED(status) ? ": signal " + std::to_string(WTERMSIG(status))
                               : ": exit status " + std::to_string(WEXITSTATUS(status));
  return ended_;
}

// Of a process that ended by itself: perhaps it could not live within them.
std::string ChildProcess::end_with_limits() {
  const std::string limits = to_text(limits_);
  return ending() + (limits.empty() ? "" : "; its limits" + limits);
}

void ChildProcess::send(const wire::Request& request, Micros timeout) {
  if (!usable_) throw Error(ErrorKind::unavailable, "QZ-ADP-002", "the adapter process ended");
  if (request.ByteSizeLong() > longest_frame)
    throw Error(ErrorKind::rejected, "QZ-ADP-005", "a request is over 64 MiB");
  usable_ = false;
  // An answer that nobody asked for would be taken for the one to this request.
  if (channel_->has_unread()) malformed("an answer without a request");
  channel_->send(request.SerializeAsString(), &clock_, timeout);
  usable_ = true;
}

wire::Reply ChildProcess::receive(Micros timeout) {
  QZ_ASSERT(usable_);
  usable_ = false;
  const auto frame = channel_->receive(&clock_, timeout);
  if (!frame.has_value())
    throw Error(ErrorKind::unavailable, "QZ-ADP-002", "the adapter process ended" + end_with_limits());
  wire::Reply reply;
  if (!reply.ParseFromArray(frame->data(), static_cast<int>(frame->size())) ||
      reply.result_case() == wire::Reply::RESULT_NOT_SET)
    malformed("a reply");
  usable_ = true;
  return reply;
}

wire::Reply ChildProcess::call(const wire::Request& request, Micros timeout) {
  send(request, timeout);
  wire::Reply reply = receive(timeout);
  if (reply.has_failure()) throw decode(reply.failure());
  return reply;
}

}  // namespace qianzhi::adapter
