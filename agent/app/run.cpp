#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>

#include "agent/app/commands.h"
#include "agent/app/runner.h"
#include "agent/config/loader.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::app {

namespace {

constexpr int io_failure = 74;  // EX_IOERR of sysexits.h
constexpr int tick_ms = 5'000;  // of the watchdog
constexpr Micros stuck = 120'000'000;

[[noreturn]] void die(const Error& error) {
  log("agent", error);
  log(LogLevel::error, "agent", "the queue file failed: nothing is acknowledged any more, the program ends");
  service::tell(error);
  _exit(io_failure);
}

}  // namespace

int run(const RunOptions& options) {
  yaml::Diagnostics diagnostics;
  auto config = std::make_unique<const config::Config>(config::load_config(options.config, diagnostics));
  std::fputs(diagnostics.render().c_str(), stderr);
  if (diagnostics.has_errors()) return 78;
  service::Signals signals;
  std::atomic<bool> is_asked = false;
  const std::string agent = config->agent_id;
  const auto ask = [&] {
    is_asked = true;
    signals.wake();
  };
  Runner runner(options.config, std::move(config), ask, die);
  if (!options.port_file.empty()) service::write_whole(options.port_file, std::to_string(runner.port()) + "\n");
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
    if (runner.is_alive(stuck)) service::notify("WATCHDOG=1");
  }
  service::notify("STOPPING=1");
  log(LogLevel::notice, "agent", "stopping");
  runner.stop();
  return 0;
}

}  // namespace qianzhi::app
