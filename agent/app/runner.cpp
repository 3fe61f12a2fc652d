#include "agent/app/runner.h"

#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include "agent/app/control_commands.h"
#include "agent/app/request_api.h"
#include "agent/config/loader.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/process.h"

namespace qianzhi::app {

namespace {

// Calendar schedules and Chinese wall-clock times mean this zone.
void use_time_zone(const std::string& zone) {
  setenv("TZ", zone.c_str(), 1);
  tzset();
}

// What cannot change under a program that runs.
void require_same_place(const config::Config& present, const config::Config& next) {
  if (control_socket_of(next) != control_socket_of(present) || next.status.host != present.status.host ||
      next.status.port != present.status.port)
    throw Error(ErrorKind::misuse, "QZ-AGT-129",
                "queue.path、status.listen 须重启后生效 / queue.path and status.listen need a restart");
}

std::string in_one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::unique_ptr<const config::Config> config_to_run(const std::filesystem::path& file) {
  yaml::Diagnostics diagnostics;
  auto config = std::make_unique<const config::Config>(config::load_config(file, diagnostics));
  if (diagnostics.has_errors()) throw Error(ErrorKind::misuse, "QZ-AGT-129", diagnostics.render());
  return config;
}

Runner::Runner(std::filesystem::path file, std::unique_ptr<const config::Config> config,
               std::function<void()> on_reload, std::function<void(const Error&)> on_fatal)
    : file_(std::move(file)),
      on_reload_(std::move(on_reload)),
      on_fatal_(std::move(on_fatal)),
      config_(std::move(config)),
      control_(control_socket_of(*config_), [this](const service::Call& call) { return control(call); }),
      page_(config_->status.host, config_->status.port, [this] { return snapshot(); },
            {[this](const web::Request& request) { return request_api(request); }, longest_api_body}) {
  const std::unique_lock alone(lock_);
  agent_ = new_agent(*config_);
}

std::unique_ptr<Agent> Runner::new_agent(const config::Config& config) {
  use_time_zone(config.timezone);
  return std::make_unique<Agent>(config, clock_, random_, process_adapters(config, clock_), service::crash_point(),
                                 on_fatal_);
}

void Runner::start() { agent_->start(); }

void Runner::stop() {
  page_.stop();
  agent_->stop();
}

std::string Runner::page_url() const {
  return "http://" + config_->status.host + ":" + std::to_string(page_.port()) + "/";
}

void Runner::refuse(const Error& error) {
  log("agent", error);
  const std::unique_lock alone(lock_);
  refused_ = in_one_line(error.detail());
}

// A target may need its time for the transaction under way; the system's watchdog is not to take that for a standstill.
void Runner::stop_agent() {
  constexpr auto look = std::chrono::seconds(5);
  constexpr int looks = 24;
  std::promise<void> done;
  const std::future<void> stopped = done.get_future();
  std::thread stopping([&] {
    agent_->stop();
    done.set_value();
  });
  for (int i = 0; i < looks && stopped.wait_for(look) != std::future_status::ready; ++i) service::notify("WATCHDOG=1");
  stopping.join();
}

void Runner::reload() {
  std::unique_ptr<const config::Config> next;
  try {
    next = config_to_run(file_);
    require_same_place(*config_, *next);
  } catch (const Error& error) {
    return refuse(error);
  }
  stop_agent();
  std::string refused;
  {
    const std::unique_lock alone(lock_);
    agent_.reset();
    try {
      agent_ = new_agent(*next);
      config_.swap(next);
    } catch (const Error& error) {
      log("agent", error);
      refused = in_one_line(error.what());
      agent_ = new_agent(*config_);
    }
    refused_ = refused;
  }
  agent_->start();
  if (refused.empty()) log(LogLevel::notice, "agent", "goes on with " + file_.string() + " as it is now");
}

std::string Runner::control(const service::Call& call) {
  if (call.words == std::vector<std::string>{"reload"}) {
    {
      const std::shared_lock reading(lock_);
      require_same_place(*config_, *config_to_run(file_));
    }
    on_reload_();
    return "正在改用新的配置，结果见 qianzhi status / the agent goes on with it, see qianzhi status\n";
  }
  const std::shared_lock reading(lock_);
  if (!agent_) throw Error(ErrorKind::unavailable, "QZ-BASE-010", "starting");
  return control_command(*agent_, call);
}

std::optional<web::Reply> Runner::request_api(const web::Request& request) const {
  if (!RequestApi::is_meant(request)) return std::nullopt;
  const std::shared_lock reading(lock_);
  if (!agent_) return web::Reply{503, "text/plain; charset=utf-8", "QZ-BASE-010\n"};
  return agent_->request_api(request);
}

status::Snapshot Runner::snapshot() const {
  const std::shared_lock reading(lock_);
  if (!agent_) throw Error(ErrorKind::unavailable, "QZ-BASE-010", "starting");
  status::Snapshot snapshot = agent_->snapshot();
  if (refused_.empty()) return snapshot;
  snapshot.notices.push_back({flow::NoticeLevel::warning, "QZ-AGT-129", file_.string(), refused_});
  if (snapshot.verdict == status::Verdict::well) snapshot.verdict = status::Verdict::attention;
  return snapshot;
}

}  // namespace qianzhi::app
