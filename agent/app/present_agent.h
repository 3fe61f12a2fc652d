// The agent of now and the configuration that it runs with: replaced as a whole, looked at meanwhile by whoever wants
// to. Without keys there is none, only what there is to tell about that.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

#include "agent/app/agent.h"
#include "agent/app/reload_waiters.h"
#include "agent/config/effective.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

// The first block belongs to one thread; the second is for all.
class PresentAgent {
 public:
  // clock and random must outlive it. on_fatal: see Agent.
  PresentAgent(std::unique_ptr<const config::Effective> config, const Clock& clock, Random& random,
               std::function<void(const Error&)> on_fatal);

  // An agent, if its keys are there; throws what an Agent throws. Then starts it.
  void make();
  void start();
  // As make() and start(), once keys are there that were not before.
  void look_for_keys();
  // Ends the agent, if there is one, and begins one with this; if that throws, with the present configuration again.
  // Throws Error why the new one cannot be used; then has_ended() says whether even the old one makes none any more.
  Reloaded replace(std::unique_ptr<const config::Effective> next);
  bool has_ended() const { return has_keys_ && !agent_; }
  bool is_alive(Micros limit) const { return !agent_ || agent_->is_alive(limit); }
  void stop();

  // What a reload of this would change. Throws Error(misuse, QZ-AGT-129) for what cannot change while the program runs.
  Reloaded changes_to(const config::Effective& next) const;
  // Throws Error(unavailable, QZ-BASE-010) between two agents, as the next two do.
  status::Snapshot snapshot() const;
  std::string answer(const service::Call& call) const;
  // For a path of RequestApi.
  web::Reply request_api(const web::Request& request) const;
  config::Config config() const;
  std::string settings() const;  // JSON

 private:
  std::unique_ptr<Agent> new_agent(const config::Config& config);
  void stop_agent();

  const Clock& clock_;
  Random& random_;
  const std::function<void(const Error&)> on_fatal_;
  mutable std::shared_mutex lock_;  // of what follows
  std::unique_ptr<const config::Effective> effective_;
  std::unique_ptr<Agent> agent_;
  bool has_keys_ = false;
};

}  // namespace qianzhi::app
