#include "agent/app/runner.h"

#include <algorithm>

#include "agent/app/config_text.h"
#include "agent/app/control_commands.h"
#include "agent/app/request_api.h"
#include "agent/config/loader.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::app {

namespace {

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
      present_(std::move(config), clock_, random_, std::move(on_fatal)),
      control_(std::make_unique<service::ControlServer>(control_socket_of(present_.config()),
                                                        [this](const service::Call& call) { return control(call); })),
      page_(std::make_unique<WebPage>(page_parts())) {
  ready_page_ = page_.get();
  present_.make();
}

// The control socket's thread ends only when it waits no longer; it must not come to a page that is gone.
Runner::~Runner() {
  waiters_.end();
  control_.reset();
}

WebPageParts Runner::page_parts() {
  WebPageParts parts;
  const config::Config config = present_.config();
  parts.queue = config.queue.path;
  parts.host = config.status.host;
  parts.port = config.status.port;
  parts.remote = config.status.remote;
  parts.clock = &clock_;
  parts.random = &random_;
  parts.snapshot = [this] { return snapshot(); };
  parts.control = [this](const service::Call& call) { return control(call); };
  parts.also = [this](const web::Request& request) -> std::optional<web::Reply> {
    if (!RequestApi::is_meant(request)) return std::nullopt;
    return present_.request_api(request);
  };
  parts.body_limit = longest_api_body;
  parts.config = [this] { return present_.config(); };
  parts.settings = [this] { return present_.settings(); };
  return parts;
}

void Runner::stop() {
  waiters_.end();
  page_->stop();
  present_.stop();
}

Reloaded Runner::reload_now() {
  Reloaded changes = present_.replace(config_to_run(file_));
  set_log_form(present_.config().log);
  {
    const std::lock_guard guard(refused_lock_);
    refused_.clear();
  }
  page_->look();
  log(LogLevel::notice, "agent", "goes on with " + file_.string() + " as it is now");
  for (const config::Change& change : changes)
    log(LogLevel::notice, "agent", "reload: " + change.path + " " + std::string(config::name_of(change.effect)));
  return changes;
}

void Runner::reload() {
  try {
    waiters_.answer(reload_now());
  } catch (const Error& error) {
    // Without an agent that had begun the program ends, and with it whoever waits.
    if (present_.has_ended()) throw;
    log("agent", error);
    {
      const std::lock_guard guard(refused_lock_);
      refused_ = in_one_line(error.detail());
    }
    waiters_.refuse(error);
  }
}

std::string Runner::control_reload(const service::Call& call) {
  const bool json = call.words.front() == "reload-json";
  const bool dry = call.words.size() > 1 && call.words[1] == "dry-run";
  Reloaded changes = present_.changes_to(*config_to_run(file_));
  if (!dry) changes = waiters_.wait(on_reload_);
  return json ? changes_json(changes, !dry) : changes_text(changes, !dry);
}

std::string Runner::control_page(const service::Call& call) {
  WebPage* page = ready_page_;
  if (page == nullptr) throw Error(ErrorKind::unavailable, "QZ-BASE-010", "starting");
  if (call.words.front() == "web") return page->link(call) + "\n";
  if (call.words.front() == "web-json") return "{\"link\":\"" + page->link(call) + "\"}\n";
  return page->accounts(call);
}

std::string Runner::control(const service::Call& call) {
  const std::string verb = call.words.empty() ? std::string() : call.words.front();
  if (verb == "reload" || verb == "reload-json") return control_reload(call);
  if (verb == "web" || verb == "web-json" || verb.rfind("account", 0) == 0) return control_page(call);
  if (verb == "status-json") return status::to_json(snapshot()) + "\n";
  if (verb == "status") return to_text(snapshot());
  return present_.answer(call);
}

status::Snapshot Runner::snapshot() const {
  status::Snapshot snapshot = present_.snapshot();
  const auto add = [&](const std::string& code, const std::string& subject, const std::string& detail) {
    if (detail.empty()) return;
    snapshot.notices.push_back({flow::NoticeLevel::warning, code, subject, detail});
    if (snapshot.verdict == status::Verdict::well) snapshot.verdict = status::Verdict::attention;
  };
  {
    const std::lock_guard guard(refused_lock_);
    add("QZ-AGT-129", file_.string(), refused_);
  }
  if (const WebPage* page = ready_page_; page != nullptr) add("QZ-PAGE-015", "status.remote", page->remote_fault());
  return snapshot;
}

}  // namespace qianzhi::app
