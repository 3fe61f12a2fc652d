#include "agent/app/web_page.h"

#include <algorithm>

#include <charconv>

#include "agent/app/files.h"
#include "agent/app/link_test.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/service/private_file.h"

namespace qianzhi::app {

namespace {

constexpr std::size_t token_octets = 32;

std::string token_in(const std::filesystem::path& file, Random& random) {
  if (std::filesystem::exists(file)) {
    std::string text = read_text(file);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (text.size() == 2 * token_octets) return text;
  }
  std::string token = to_hex(random.bytes(token_octets));
  service::replace_private(file, token + "\n");
  return token;
}

std::int64_t event_of(const std::string& text) {
  std::int64_t id = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), id);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size())
    throw Error(ErrorKind::rejected, "QZ-PAGE-004", "not a number");
  return id;
}

}  // namespace

WebPage::WebPage(WebPageParts parts) : parts_(std::move(parts)), door_(*parts_.clock, *parts_.random) {
  try {
    token_ = token_in(parts_.queue.string() + ".token", *parts_.random);
    history_ = std::make_unique<status::History>(parts_.queue.string() + ".history");
  } catch (const Error& error) {
    log("page", error);
  }
  status::SiteParts site = site_parts();
  site.also = parts_.also;
  site.body_limit = std::max(site.body_limit, parts_.body_limit);
  site.door = &door_;
  server_ = std::make_unique<status::PageServer>(parts_.host, parts_.port, std::move(site));
  if (parts_.remote) open_remote();
  if (history_) recorder_ = std::make_unique<status::Recorder>(*history_, parts_.snapshot);
}

// What the page shows and does, whoever comes from wherever. Requests of programs (also) are for this machine only.
status::SiteParts WebPage::site_parts() {
  status::SiteParts site;
  site.snapshot = parts_.snapshot;
  site.clock = parts_.clock;
  site.history = history_.get();
  site.act = [this](const std::vector<std::string>& words, const status::Visitor& visitor) {
    return act(words, visitor);
  };
  site.configuration = parts_.settings;
  site.reading_token = token_;
  site.tell = [this](const status::Deed& deed) { tell(deed); };
  return site;
}

void WebPage::open_remote() {
  try {
    remote_ = std::make_unique<RemotePage>(RemotePageParts{*parts_.remote, parts_.queue.string() + ".accounts",
                                                           parts_.clock, parts_.random, site_parts()});
  } catch (const Error& error) {
    log("page", error);
    remote_fault_ = error.code() + " " + error.detail();
  }
}

void WebPage::tell(const status::Deed& deed) {
  log(LogLevel::notice, "page", deed.code + " " + deed.subject + ": " + deed.detail);
  if (!history_) return;
  try {
    history_->note_deed(deed, parts_.clock->now());
  } catch (const Error& error) {
    log("page", error);
  }
}

void WebPage::stop() {
  server_->stop();
  if (remote_) remote_->stop();
}

void WebPage::look() {
  if (remote_) remote_->look();
}

std::string WebPage::accounts(const service::Call& call) {
  if (!remote_) throw Error(ErrorKind::misuse, "QZ-PAGE-017", remote_fault_);
  return remote_->command(call);
}

std::string WebPage::url() const { return "http://" + parts_.host + ":" + std::to_string(port()) + "/"; }

std::string WebPage::link(const service::Call& call) {
  const bool looks_only = call.words.size() > 1 && call.words[1] == "viewer";
  const status::Role role = looks_only ? status::Role::viewer : status::Role::operating;
  log(LogLevel::notice, "page", "a link was given to " + call.user);
  return url() + "in?k=" + door_.link_for(call.user, role);
}

std::string WebPage::act(const std::vector<std::string>& words, const status::Visitor& visitor) {
  const std::string& verb = words.at(0);
  const std::string& argument = words.at(1);
  const auto ask = [&](std::vector<std::string> said) { return parts_.control({std::move(said), {}, visitor.user}); };
  if (verb == "retry") return ask({"quarantine-retry", argument});
  if (verb == "reload") return ask({"reload"});
  if (verb == "renew") return ask({"renew"});
  if (verb == "test-link") return test_link(parts_.config(), *parts_.clock);
  if (verb == "acknowledge" && history_) {
    history_->acknowledge(event_of(argument), visitor.user);
    return "已知悉 / acknowledged\n";
  }
  throw Error(ErrorKind::rejected, "QZ-AGT-070", verb);
}

}  // namespace qianzhi::app
