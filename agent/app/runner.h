// One agent after another on one queue file: a new one each time its configuration is read again, so that a mapping is
// changed and a signing key replaced without a restart of the program. Its control socket and status page stay.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "agent/app/present_agent.h"
#include "agent/app/reload_waiters.h"
#include "agent/app/web_page.h"
#include "agent/config/effective.h"
#include "hub-protocol/service/control.h"

namespace qianzhi::app {

// Throws Error(misuse, QZ-AGT-129) with what is wrong in the file.
std::unique_ptr<const config::Effective> config_to_run(const std::filesystem::path& file);

// start(), reload() and stop() belong to one thread; everything else comes from the control socket and the page.
class Runner {
 public:
  // on_reload: somebody asks for reload() through the control socket, on its thread. on_fatal: see Agent. The control
  // socket, which is the lock of the queue file, is taken first. Throws Error: what an Agent throws, a queue that is in
  // use, an address that is taken.
  Runner(std::filesystem::path file, std::unique_ptr<const config::Effective> config, std::function<void()> on_reload,
         std::function<void(const Error&)> on_fatal);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void start() { present_.start(); }
  // Reads the file again; with the next agent, keys and catalogue are read as well. What cannot be used is told in the
  // log and on the status page (QZ-AGT-129), and the agent goes on as it was. Whoever asked through the control socket
  // is answered when it is done: with what is another now, or with why nothing is. Throws Error if neither the new nor
  // the old configuration makes an agent any more.
  void reload();
  // Without keys there is no agent, only the page that says so: called now and then, begins one when they are there.
  void look_for_keys() { present_.look_for_keys(); }
  void stop();

  std::uint16_t port() const { return page_->port(); }
  const std::string& page_token() const { return page_->token(); }
  std::string page_url() const { return page_->url(); }
  bool is_alive(Micros limit) const { return present_.is_alive(limit); }

 private:
  std::string control(const service::Call& call);
  std::string control_reload(const service::Call& call);
  std::string control_page(const service::Call& call);
  Reloaded reload_now();
  WebPageParts page_parts();
  status::Snapshot snapshot() const;

  const std::filesystem::path file_;
  const std::function<void()> on_reload_;
  SystemClock clock_;
  SystemRandom random_;
  PresentAgent present_;
  ReloadWaiters waiters_;
  mutable std::mutex refused_lock_;
  std::string refused_;                         // why the file is not what runs; empty: it is
  std::atomic<WebPage*> ready_page_ = nullptr;  // null: it is not made yet
  std::unique_ptr<service::ControlServer> control_;
  std::unique_ptr<WebPage> page_;
};

}  // namespace qianzhi::app
