#include "hub-protocol/service/process.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "hub-protocol/base/codes.h"

namespace qianzhi::service {

void notify(std::string_view state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || std::strlen(path) >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, std::strlen(path));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  close(descriptor);
}

std::function<void(std::string_view)> crash_point() {
#ifdef QIANZHI_CRASH_POINTS
  const char* wanted = std::getenv("QIANZHI_CRASH_AT");
  if (wanted == nullptr) return {};
  const std::string text = wanted;
  const std::size_t mark = text.find('#');
  int passings = 1;
  if (mark != std::string::npos) std::from_chars(text.data() + mark + 1, text.data() + text.size(), passings);
  auto left = std::make_shared<std::atomic<int>>(passings);
  return [point = text.substr(0, mark), left](std::string_view reached) {
    if (reached == point && --*left == 0) kill(getpid(), SIGKILL);
  };
#else
  return {};
#endif
}

std::string read_whole(const std::filesystem::path& file, std::string_view code) {
  const std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || !text) throw Error(ErrorKind::misuse, code, file.string());
  return text.str();
}

void write_whole(const std::filesystem::path& file, std::string_view text) {
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  std::error_code failure;
  if (out.good()) std::filesystem::rename(fresh, file, failure);
  if (!out.good() || failure) throw Error(ErrorKind::misuse, "QZ-BASE-011", file.string());
}

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  QZ_ASSERT(signals_ >= 0 && event_ >= 0);
}

Signals::~Signals() {
  close(signals_);
  close(event_);
}

std::optional<int> Signals::wait(int timeout_ms) {
  pollfd sources[] = {{signals_, POLLIN, 0}, {event_, POLLIN, 0}};
  poll(sources, 2, timeout_ms);
  signalfd_siginfo info{};
  if (read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) return static_cast<int>(info.ssi_signo);
  return std::nullopt;
}

void Signals::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(event_, &one, sizeof one);
}

int tell(const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  if (!error.hint().empty()) std::fprintf(stderr, "  -> %s\n", error.hint().c_str());
  if (const auto explanation = explain(error.code()))
    std::fprintf(stderr, "  %s\n  %s\n  -> %s\n  -> %s\n", explanation->title_zh.data(), explanation->title_en.data(),
                 explanation->next_zh.data(), explanation->next_en.data());
  switch (error.kind()) {
    case ErrorKind::misuse: return 78;
    case ErrorKind::unavailable: return 69;
    default: return 1;
  }
}

}  // namespace qianzhi::service
