// The status page of an agent: who may see it, its history, and what can be done on it. Internal to this folder.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/app/remote_page.h"
#include "agent/config/config.h"
#include "agent/status/page_server.h"
#include "agent/status/recorder.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

struct WebPageParts {
  std::filesystem::path queue;  // its files lie beside this one: QUEUE.history, QUEUE.token, QUEUE.accounts
  std::string host;
  std::uint16_t port = 0;
  std::optional<config::RemoteStatusConfig> remote;  // nothing: only this machine's people see it
  const Clock* clock = nullptr;
  Random* random = nullptr;
  std::function<status::Snapshot()> snapshot;
  // Carries out words of the control socket in the name of a visitor.
  std::function<std::string(const service::Call& call)> control;
  // JSON of what is in force.
  std::function<std::string()> settings;
  // Copied under the runner's lock; throws while there is no agent.
  std::function<config::Config()> config;
  // See SiteParts.
  std::function<std::optional<web::Reply>(const web::Request&)> also = {};
  std::size_t body_limit = 0;
};

class WebPage {
 public:
  // Throws as PageServer does. A history or token that cannot be kept is told in the log; the page goes on without.
  explicit WebPage(WebPageParts parts);

  std::uint16_t port() const { return server_->port(); }
  std::string url() const;
  void stop();
  // The certificate for other machines again; see RemotePage.
  void look();
  // Why the page for other machines is not open; empty: it is, or there is to be none.
  std::string remote_fault() const { return remote_ ? remote_->fault() : remote_fault_; }
  // Of programs on this machine: lets them read /metrics, /readyz and /api/status. Lies in QUEUE.token, mode 0600.
  const std::string& token() const { return token_; }
  // The answer to `qianzhi web`.
  std::string link(const service::Call& call);
  // The answer to `qianzhi account`; see RemotePage. Throws Error(misuse, QZ-PAGE-017) if there is no status.remote.
  std::string accounts(const service::Call& call);

 private:
  std::string act(const std::vector<std::string>& words, const status::Visitor& visitor);
  status::SiteParts site_parts();
  void tell(const status::Deed& deed);
  void open_remote();

  const WebPageParts parts_;
  std::string token_;
  status::Door door_;
  std::unique_ptr<status::History> history_;
  std::unique_ptr<status::PageServer> server_;
  std::unique_ptr<RemotePage> remote_;
  std::string remote_fault_;                    // why there is none although there should be
  std::unique_ptr<status::Recorder> recorder_;  // last: ends first
};

}  // namespace qianzhi::app
