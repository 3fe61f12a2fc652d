#include "agent/app/runner.h"

#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "agent/app/config_text.h"
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

std::string in_one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

std::unique_ptr<const config::Effective> config_to_run(const std::filesystem::path& file) {
  yaml::Diagnostics diagnostics;
  auto config = std::make_unique<const config::Effective>(config::load_effective(file, diagnostics));
  if (diagnostics.has_errors()) throw Error(ErrorKind::misuse, "QZ-AGT-129", diagnostics.render());
  return config;
}

Runner::Runner(std::filesystem::path file, std::unique_ptr<const config::Effective> config,
               std::function<void()> on_reload, std::function<void(const Error&)> on_fatal)
    : file_(std::move(file)),
      on_reload_(std::move(on_reload)),
      on_fatal_(std::move(on_fatal)),
      effective_(std::move(config)),
      control_(control_socket_of(effective_->config), [this](const service::Call& call) { return control(call); }),
      page_(page_parts()) {
  const std::unique_lock alone(lock_);
  has_keys_ = is_enrolled(effective_->config);
  if (has_keys_) agent_ = new_agent(effective_->config);
}

WebPageParts Runner::page_parts() {
  WebPageParts parts;
  const config::Config& config = effective_->config;
  parts.queue = config.queue.path;
  parts.host = config.status.host;
  parts.port = config.status.port;
  parts.clock = &clock_;
  parts.random = &random_;
  parts.snapshot = [this] { return snapshot(); };
  parts.control = [this](const service::Call& call) { return control(call); };
  parts.also = [this](const web::Request& request) { return request_api(request); };
  parts.body_limit = longest_api_body;
  parts.config = [this] {
    const std::shared_lock reading(lock_);
    return effective_->config;
  };
  parts.settings = [this] {
    const std::shared_lock reading(lock_);
    return settings_json(effective_->settings);
  };
  return parts;
}

std::unique_ptr<Agent> Runner::new_agent(const config::Config& config) {
  use_time_zone(config.timezone);
  return std::make_unique<Agent>(config, clock_, random_, process_adapters(config, clock_), service::crash_point(),
                                 on_fatal_);
}

// The control socket's thread ends only when it waits no longer.
Runner::~Runner() { end_waiting(); }

void Runner::end_waiting() {
  {
    const std::scoped_lock alone(waiting_lock_);
    ends_ = true;
  }
  const Error ended(ErrorKind::unavailable, "QZ-BASE-010", "stopping");
  answer([&](std::promise<Outcome>& one) { one.set_exception(std::make_exception_ptr(ended)); });
}

void Runner::start() {
  if (agent_) agent_->start();
}

void Runner::look_for_keys() {
  if (has_keys_ || !is_enrolled(effective_->config)) return;
  {
    const std::unique_lock alone(lock_);
    has_keys_ = true;
    agent_ = new_agent(effective_->config);
  }
  agent_->start();
  log(LogLevel::notice, "agent", "the keys are there: the agent begins");
}

void Runner::stop() {
  end_waiting();
  page_.stop();
  if (agent_) agent_->stop();
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

Runner::Outcome Runner::changes_of(const config::Effective& next) const {
  require_same_place(effective_->config, next.config);
  return config::difference(effective_->settings, next.settings);
}

Runner::Outcome Runner::reload_now() {
  std::unique_ptr<const config::Effective> next = config_to_run(file_);
  Outcome changes = changes_of(*next);
  if (!agent_) {
    const std::unique_lock alone(lock_);
    effective_.swap(next);
    refused_.clear();
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
      refused_.clear();
    } catch (const Error& error) {
      failure = error;
      agent_ = new_agent(effective_->config);
    }
  }
  agent_->start();
  if (failure) throw Error(*failure);
  log(LogLevel::notice, "agent", "goes on with " + file_.string() + " as it is now");
  for (const config::Change& change : changes)
    log(LogLevel::notice, "agent", "reload: " + change.path + " " + std::string(config::name_of(change.effect)));
  return changes;
}

void Runner::reload() {
  try {
    const Outcome changes = reload_now();
    answer([&](std::promise<Outcome>& one) { one.set_value(changes); });
  } catch (const Error& error) {
    // Without an agent that had begun the program ends, and with it whoever waits.
    if (!agent_ && has_keys_) throw;
    refuse(error);
    answer([&](std::promise<Outcome>& one) { one.set_exception(std::make_exception_ptr(error)); });
  }
}

void Runner::answer(const std::function<void(std::promise<Outcome>&)>& say) {
  std::vector<std::promise<Outcome>> waiting;
  {
    const std::scoped_lock alone(waiting_lock_);
    waiting.swap(waiting_);
  }
  for (std::promise<Outcome>& one : waiting) say(one);
}

std::string Runner::control_reload(const service::Call& call) {
  const bool json = call.words.front() == "reload-json";
  const bool dry = call.words.size() > 1 && call.words[1] == "dry-run";
  Outcome changes;
  {
    const std::shared_lock reading(lock_);
    changes = changes_of(*config_to_run(file_));
  }
  if (!dry) {
    std::future<Outcome> done;
    {
      const std::scoped_lock alone(waiting_lock_);
      if (ends_) throw Error(ErrorKind::unavailable, "QZ-BASE-010", "stopping");
      done = waiting_.emplace_back().get_future();
    }
    on_reload_();
    changes = done.get();
  }
  return json ? changes_json(changes, !dry) : changes_text(changes, !dry);
}

std::string Runner::control(const service::Call& call) {
  const std::string verb = call.words.empty() ? std::string() : call.words.front();
  if (verb == "reload" || verb == "reload-json") return control_reload(call);
  if (verb == "web") return page_.link(call) + "\n";
  if (verb == "web-json") return "{\"link\":\"" + page_.link(call) + "\"}\n";
  const std::shared_lock reading(lock_);
  if (!agent_ && !has_keys_) {
    const status::Snapshot snapshot = snapshot_without_agent(effective_->config, clock_.now());
    if (verb == "status-json") return status::to_json(snapshot) + "\n";
    if (verb == "status") return to_text(snapshot);
  }
  if (!agent_) throw Error(ErrorKind::unavailable, "QZ-BASE-010", has_keys_ ? "starting" : "not enrolled");
  return control_command(*agent_, call);
}

std::optional<web::Reply> Runner::request_api(const web::Request& request) const {
  if (!RequestApi::is_meant(request)) return std::nullopt;
  const std::shared_lock reading(lock_);
  if (!agent_)
    return RequestApi::unavailable({ErrorKind::unavailable, "QZ-BASE-010", has_keys_ ? "starting" : "not enrolled"});
  return agent_->request_api(request);
}

status::Snapshot Runner::snapshot() const {
  const std::shared_lock reading(lock_);
  if (!agent_ && !has_keys_) return snapshot_without_agent(effective_->config, clock_.now());
  if (!agent_) throw Error(ErrorKind::unavailable, "QZ-BASE-010", "starting");
  status::Snapshot snapshot = agent_->snapshot();
  if (refused_.empty()) return snapshot;
  snapshot.notices.push_back({flow::NoticeLevel::warning, "QZ-AGT-129", file_.string(), refused_});
  if (snapshot.verdict == status::Verdict::well) snapshot.verdict = status::Verdict::attention;
  return snapshot;
}

}  // namespace qianzhi::app
