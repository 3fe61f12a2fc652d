#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "agent/app/commands.h"
#include "agent/app/runner.h"
#include "agent/config/effective.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/private_file.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::app {

namespace {

constexpr int io_failure = 74;  // EX_IOERR of sysexits.h
constexpr int tick_ms = 5'000;  // of the watchdog
constexpr int look_ms = 1'000;  // for a configuration
constexpr Micros stuck = 120'000'000;

[[noreturn]] void die(const Error& error) {
  log("agent", error);
  log(LogLevel::error, "agent", "the queue file failed: nothing is acknowledged any more, the program ends");
  service::tell(error);
  _exit(io_failure);
}

void tell_port(const RunOptions& options, std::uint16_t port, const std::string& token) {
  if (!options.port_file.empty())
    service::replace_private(options.port_file, std::to_string(port) + "\n" + token + "\n");
}

// A page that tells nothing but that there is no configuration, open to all on this machine. False: the program was
// asked to end before there was one.
bool await_configuration(const RunOptions& options, service::Signals& signals) {
  const SystemClock clock;
  const status::SiteParts site = status::open_site([&] {
    status::Snapshot snapshot;
    snapshot.version = QIANZHI_VERSION;
    snapshot.language = "zh-CN";
    snapshot.time = clock.now();
    snapshot.verdict = status::Verdict::not_configured;
    snapshot.file = options.config.string();
    return snapshot;
  });
  const config::StatusConfig usual;
  const std::uint16_t port = options.port_file.empty() ? usual.port : std::uint16_t{0};
  const status::PageServer page(usual.host, port, site);
  tell_port(options, page.port(), {});
  log(LogLevel::notice, "agent",
      "waits for " + options.config.string() + "; status page http://" + usual.host + ":" +
          std::to_string(page.port()) + "/");
  service::notify("READY=1");
  while (!std::filesystem::exists(options.config)) {
    const auto signal = signals.wait(look_ms);
    if (signal && *signal != SIGHUP) return false;
    service::notify("WATCHDOG=1");
  }
  return true;
}

}  // namespace

int run(const RunOptions& options) {
  service::Signals signals;
  if (options.waits && !std::filesystem::exists(options.config) && !await_configuration(options, signals)) return 0;
  yaml::Diagnostics diagnostics;
  auto config = std::make_unique<const config::Effective>(config::load_effective(options.config, diagnostics));
  std::fputs(diagnostics.render(yaml::is_terminal(STDERR_FILENO)).c_str(), stderr);
  if (diagnostics.has_errors()) return 78;
  set_log_form(config->config.log);
  std::atomic<bool> is_asked = false;
  const std::string agent = config->config.agent_id;
  const auto ask = [&] {
    is_asked = true;
    signals.wake();
  };
  Runner runner(options.config, std::move(config), ask, die);
  tell_port(options, runner.port(), runner.page_token());
  runner.start();
  log(LogLevel::notice, "agent", agent + " runs; status page " + runner.page_url());
  service::notify("READY=1");
  while (true) {
    const auto signal = signals.wait(tick_ms);
    if (signal && *signal != SIGHUP) break;
    if (is_asked.exchange(false) || signal) {
      service::notify("RELOADING=1");
      runner.reload();
      service::notify("READY=1");
    }
    runner.look_for_keys();
    if (runner.is_alive(stuck)) service::notify("WATCHDOG=1");
  }
  service::notify("STOPPING=1");
  log(LogLevel::notice, "agent", "stopping");
  runner.stop();
  return 0;
}

}  // namespace qianzhi::app
