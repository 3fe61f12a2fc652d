#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>

#include "agent/app/agent.h"
#include "agent/app/commands.h"
#include "agent/app/control_commands.h"
#include "agent/config/loader.h"
#include "agent/status/page_server.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/control.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::app {

namespace {

constexpr int io_failure = 74;  // EX_IOERR of sysexits.h
constexpr int tick_ms = 5'000;  // of the watchdog
constexpr Micros stuck = 120'000'000;

// Calendar schedules and Chinese wall-clock times mean this zone.
void use_time_zone(const std::string& zone) {
  setenv("TZ", zone.c_str(), 1);
  tzset();
}

[[noreturn]] void die(const Error& error) {
  log("agent", error);
  log(LogLevel::error, "agent", "the queue file failed: nothing is acknowledged any more, the program ends");
  service::tell(error);
  _exit(io_failure);
}

}  // namespace

int run(const RunOptions& options) {
  yaml::Diagnostics diagnostics;
  const config::Config config = config::load_config(options.config, diagnostics);
  std::fputs(diagnostics.render().c_str(), stderr);
  if (diagnostics.has_errors()) return 78;
  use_time_zone(config.timezone);
  service::Signals signals;
  const SystemClock clock;
  SystemRandom random;
  // One agent a queue file: the socket beside it is the lock, and it is taken before the file is opened.
  Agent* running = nullptr;
  service::ControlServer control(control_socket_of(config), [&](const service::Call& call) {
    if (running == nullptr) throw Error(ErrorKind::unavailable, "QZ-BASE-010", "starting");
    return control_command(*running, call);
  });
  Agent agent(config, clock, random, process_adapters(config, clock), service::crash_point(), die);
  running = &agent;
  status::PageServer page(config.status.host, config.status.port, [&] { return agent.snapshot(); });
  if (!options.port_file.empty()) service::write_whole(options.port_file, std::to_string(page.port()) + "\n");
  agent.start();
  log(LogLevel::notice, "agent",
      config.agent_id + " runs; status page http://" + config.status.host + ":" + std::to_string(page.port()) + "/");
  service::notify("READY=1");
  while (true) {
    const auto signal = signals.wait(tick_ms);
    if (signal && *signal != SIGHUP) break;
    if (signal)
      log(LogLevel::notice, "agent", "SIGHUP: certificates are read at each connection; restart to change more");
    if (agent.is_alive(stuck)) service::notify("WATCHDOG=1");
  }
  service::notify("STOPPING=1");
  log(LogLevel::notice, "agent", "stopping");
  page.stop();
  agent.stop();
  return 0;
}

}  // namespace qianzhi::app
