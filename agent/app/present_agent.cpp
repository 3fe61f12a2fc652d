#include "agent/app/present_agent.h"

#include <stdlib.h>
#include <time.h>

#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include "agent/app/control_commands.h"
#include "agent/app/request_api.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/command/settings.h"
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
      next.status.port != present.status.port || next.status.remote != present.status.remote)
    throw Error(ErrorKind::misuse, "QZ-AGT-129",
                "queue.path、status 须重启后生效 / queue.path and status need a restart");
}

// Some of what `qianzhi enrol` leaves behind; without any of it no agent can be made, while a part of it is a fault.
bool is_enrolled(const config::Config& config) {
  const config::ExchangeConfig& exchange = config.exchange;
  const auto is_there = [](const std::filesystem::path& file) {
    std::error_code failure;
    return file.empty() || std::filesystem::exists(file, failure);
  };
  return is_there(exchange.certificate) || is_there(exchange.signing_key.file);
}

// What there is to tell before there is an agent.
status::Snapshot snapshot_without_agent(const config::Config& config, Micros now) {
  status::Snapshot snapshot;
  snapshot.version = QIANZHI_VERSION;
  snapshot.agent = config.agent_id;
  snapshot.name = config.name;
  snapshot.language = config.language;
  snapshot.time = now;
  snapshot.verdict = status::Verdict::not_enrolled;
  snapshot.file = config.file.string();
  return snapshot;
}

}  // namespace

PresentAgent::PresentAgent(std::unique_ptr<const config::Effective> config, const Clock& clock, Random& random,
                           std::function<void(const Error&)> on_fatal)
    : clock_(clock), random_(random), on_fatal_(std::move(on_fatal)), effective_(std::move(config)) {}

std::unique_ptr<Agent> PresentAgent::new_agent(const config::Config& config) {
  use_time_zone(config.timezone);
  return std::make_unique<Agent>(config, clock_, random_, process_adapters(config, clock_), service::crash_point(),
                                 on_fatal_);
}

void PresentAgent::make() {
  const std::unique_lock alone(lock_);
  has_keys_ = is_enrolled(effective_->config);
  if (has_keys_) agent_ = new_agent(effective_->config);
}

void PresentAgent::start() {
  if (agent_) agent_->start();
}

void PresentAgent::look_for_keys() {
  if (has_keys_ || !is_enrolled(effective_->config)) return;
  make();
  start();
  log(LogLevel::notice, "agent", "the keys are there: the agent begins");
}

void PresentAgent::stop() {
  if (agent_) agent_->stop();
}

// A target may need its time for the transaction under way; the system's watchdog is not to take that for a standstill.
void PresentAgent::stop_agent() {
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

Reloaded PresentAgent::replace(std::unique_ptr<const config::Effective> next) {
  Reloaded changes = changes_to(*next);
  if (!agent_) {
    const std::unique_lock alone(lock_);
    effective_.swap(next);
    return changes;
  }
  stop_agent();
  std::optional<Error> failure;
  {
    const std::unique_lock alone(lock_);
    agent_.reset();
    try {
      agent_ = new_agent(next->config);
      effective_.swap(next);
    } catch (const Error& error) {
      failure = error;
      agent_ = new_agent(effective_->config);
    }
  }
  agent_->start();
  if (failure) throw Error(*failure);
  return changes;
}

Reloaded PresentAgent::changes_to(const config::Effective& next) const {
  const std::shared_lock reading(lock_);
  require_same_place(effective_->config, next.config);
  return config::difference(effective_->settings, next.settings);
}

status::Snapshot PresentAgent::snapshot() const {
  const std::shared_lock reading(lock_);
  if (!agent_ && !has_keys_) return snapshot_without_agent(effective_->config, clock_.now());
  if (!agent_) throw Error(ErrorKind::unavailable, "QZ-BASE-010", "starting");
  return agent_->snapshot();
}

std::string PresentAgent::answer(const service::Call& call) const {
  const std::shared_lock reading(lock_);
  if (!agent_) throw Error(ErrorKind::unavailable, "QZ-BASE-010", has_keys_ ? "starting" : "not enrolled");
  return control_command(*agent_, call);
}

web::Reply PresentAgent::request_api(const web::Request& request) const {
  const std::shared_lock reading(lock_);
  if (!agent_)
    return RequestApi::unavailable({ErrorKind::unavailable, "QZ-BASE-010", has_keys_ ? "starting" : "not enrolled"});
  return agent_->request_api(request);
}

config::Config PresentAgent::config() const {
  const std::shared_lock reading(lock_);
  return effective_->config;
}

std::string PresentAgent::settings() const {
  const std::shared_lock reading(lock_);
  return command::settings_json(effective_->settings);
}

}  // namespace qianzhi::app
