// qianzhi-hub: the reference central exchange.
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "hub-protocol/base/codes.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/control.h"
#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/hub/service.h"

namespace qianzhi::hub {

namespace {

constexpr int wrong_configuration = 78;  // EX_CONFIG of sysexits.h
constexpr int tick_ms = 10'000;          // of the watchdog and the directory's renewal

constexpr char usage[] =
    "qianzhi-hub run [-c FILE] [--port-file FILE] [--stopped]   运行交换中心 / run the hub\n"
    "qianzhi-hub check [-c FILE]                 检查配置 / check the configuration\n"
    "qianzhi-hub status [-c FILE]                当前状态 / what it is doing\n"
    "qianzhi-hub approve-epoch AGENT TOPIC       批准新纪元 / allow one more new epoch today\n"
    "qianzhi-hub resume AGENT TOPIC              恢复已中止的数据流 / end a halt\n"
    "qianzhi-hub recover [--accept-configuration]  恢复备份之后 / after a restore\n"
    "qianzhi-hub secured                         宣布已完成备份 / the log is in a finished backup\n"
    "qianzhi-hub trim AGENT TOPIC                清理已被全量取代的批次 / drop what a complete refill replaced\n"
    "qianzhi-hub version\n"
    "默认配置 default configuration: /etc/qianzhi/hub.yaml\n";

struct Arguments {
  std::vector<std::string> words;
  std::filesystem::path config = "/etc/qianzhi/hub.yaml";
  std::filesystem::path port_file;
  bool stopped = false;
};

Arguments parse(int count, char** values) {
  Arguments arguments;
  const std::vector<std::string> all(values + 1, values + count);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool has_value = i + 1 < all.size();
    if ((all[i] == "-c" || all[i] == "--config") && has_value)
      arguments.config = all[++i];
    else if (all[i] == "--port-file" && has_value)
      arguments.port_file = all[++i];
    else if (all[i] == "--stopped")
      arguments.stopped = true;
    else
      arguments.words.push_back(all[i]);
  }
  return arguments;
}

// systemd's readiness protocol: one datagram to $NOTIFY_SOCKET (sd_notify(3)).
void notify(std::string_view state) {
  const char* wanted = std::getenv("NOTIFY_SOCKET");
  const std::string path = wanted == nullptr ? "" : wanted;
  sockaddr_un address{};
  if (path.empty() || path.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  close(descriptor);
}

#ifdef QIANZHI_CRASH_POINTS
// QIANZHI_CRASH_AT=POINT or POINT#N: the process is killed at the Nth passing of that point.
Breakpoint crash_point() {
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
}
#else
Breakpoint crash_point() { return {}; }
#endif

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

void write_port(const std::filesystem::path& file, std::uint16_t port) {
  if (file.empty()) return;
  // Renamed into place, so that a reader never sees half a number.
  const std::filesystem::path fresh = file.string() + ".new";
  std::ofstream(fresh) << port << "\n";
  std::filesystem::rename(fresh, file);
}

// A configuration that became wrong keeps the one in force.
void reload(Service& service) {
  try {
    service.reload();
  } catch (const Error& error) {
    log(LogLevel::error, "reload", error.code() + ": what was in force stays in force");
    std::fprintf(stderr, "%s\n", error.detail().c_str());
  }
}

int run(const Arguments& arguments) {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const int signal_events = signalfd(-1, &set, SFD_CLOEXEC);
  const int fatal_events = eventfd(0, EFD_CLOEXEC);
  const auto on_fatal = [fatal_events](const Error&) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(fatal_events, &one, sizeof one);
  };
  const SystemClock clock;
  SystemRandom random;
  Service service({arguments.config, arguments.stopped, crash_point(), on_fatal}, clock, random);
  write_port(arguments.port_file, service.port());
  log(LogLevel::notice, "hub", "listening on port " + std::to_string(service.port()));
  notify("READY=1");
  while (true) {
    pollfd events[] = {{signal_events, POLLIN, 0}, {fatal_events, POLLIN, 0}};
    poll(events, 2, tick_ms);
    // Nothing may be acknowledged after the store failed: no orderly end, the next start verifies it.
    if (events[1].revents != 0) std::_Exit(EXIT_FAILURE);
    if (events[0].revents != 0) {
      signalfd_siginfo signal{};
      if (read(signal_events, &signal, sizeof signal) != static_cast<ssize_t>(sizeof signal)) continue;
      if (signal.ssi_signo != SIGHUP) break;
      reload(service);
    }
    service.tend();
    service.check();
    notify("WATCHDOG=1");
  }
  notify("STOPPING=1");
  log(LogLevel::notice, "hub", "stopping");
  return EXIT_SUCCESS;
}

int check(const Arguments& arguments) {
  yaml::Diagnostics diagnostics;
  load_hub_config(arguments.config, diagnostics);
  std::fputs(diagnostics.render().c_str(), stdout);
  return diagnostics.has_errors() ? wrong_configuration : EXIT_SUCCESS;
}

int dispatch(const Arguments& arguments) {
  const std::string name = arguments.words.empty() ? "" : arguments.words[0];
  if (name == "run") return run(arguments);
  if (name == "check") return check(arguments);
  if (name == "version") {
    std::puts("qianzhi-hub " QIANZHI_VERSION);
    return EXIT_SUCCESS;
  }
  if (name.empty() || name == "help" || name == "--help") {
    std::fputs(usage, name.empty() ? stderr : stdout);
    return name.empty() ? 2 : EXIT_SUCCESS;
  }
  std::fputs(ask_control(control_socket_of(arguments.config), arguments.words).c_str(), stdout);
  return EXIT_SUCCESS;
}

void tell(const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  if (const auto explanation = explain(error.code()))
    std::fprintf(stderr, "  %s\n  %s\n  -> %s\n  -> %s\n", std::string(explanation->title_zh).c_str(),
                 std::string(explanation->title_en).c_str(), std::string(explanation->next_zh).c_str(),
                 std::string(explanation->next_en).c_str());
}

}  // namespace

}  // namespace qianzhi::hub

int main(int count, char** values) {
  using namespace qianzhi;
  try {
    return hub::dispatch(hub::parse(count, values));
  } catch (const Error& error) {
    hub::tell(error);
    return error.kind() == ErrorKind::misuse ? hub::wrong_configuration : EXIT_FAILURE;
  }
}
