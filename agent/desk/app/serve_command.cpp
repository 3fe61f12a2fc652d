#include "agent/desk/app/serve_command.h"

#include "agent/desk/app/served_desk.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/process.h"
#include "hub-protocol/service/watchdog.h"

namespace qianzhi::desk {

namespace {

constexpr int configuration_is_bad = 78;

}  // namespace

int serve_pages(const std::filesystem::path& path) {
  service::Signals signals;
  SystemClock clock;
  SystemRandom random;
  ServedDesk desk(path, random, clock);
  if (!desk.is_open()) return configuration_is_bad;
  set_log_form(desk.file().log);
  log(LogLevel::notice, "serve", desk.address());
  service::notify("READY=1");
  const int poll_ms = static_cast<int>(desk.file().poll / 1000);
  do {
    try {
      desk.turn();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::corrupt) throw;
      log("serve", error);
    }
    service::notify("WATCHDOG=1");
  } while (!service::wait_watched(signals, poll_ms));
  service::notify("STOPPING=1");
  return 0;
}

}  // namespace qianzhi::desk
