// The status page of an agent: who may see it, its history, and what can be done on it. Internal to this folder.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/status/page_server.h"
#include "agent/status/recorder.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

struct WebPageParts {
  std::filesystem::path queue;  // its files lie beside this one: QUEUE.history, QUEUE.token
  std::string host;
  std::uint16_t port = 0;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  std::function<status::Snapshot()> snapshot;
  // Carries out words of the control socket in the name of a visitor.
  std::function<std::string(const service::Call& call)> control;
  // JSON of what is in force.
  std::function<std::string()> settings;
  // Copied under the runner's lock; throws while there is no agent.
  std::function<config::Config()> config;
};

class WebPage {
 public:
  // Throws as PageServer does. A history or token that cannot be kept is told in the log; the page goes on without.
  explicit WebPage(WebPageParts parts);

  std::uint16_t port() const { return server_->port(); }
  std::string url() const;
  void stop() { server_->stop(); }
  // Of programs on this machine: lets them read /metrics, /readyz and /api/status. Lies in QUEUE.token, mode 0600.
  const std::string& token() const { return token_; }
  // The answer to `qianzhi web`.
  std::string link(const service::Call& call);

 private:
  std::string act(const std::vector<std::string>& words, const status::Visitor& visitor);

  const WebPageParts parts_;
  std::string token_;
  status::Door door_;
  std::unique_ptr<status::History> history_;
  std::unique_ptr<status::PageServer> server_;
  std::unique_ptr<status::Recorder> recorder_;  // last: ends first
};

}  // namespace qianzhi::app
