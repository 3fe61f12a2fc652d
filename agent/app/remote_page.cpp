#include "agent/app/remote_page.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <sstream>

#include "agent/config/loader.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::app {

namespace {

// Shorter than those of this machine's people: nobody knows where that browser stands.
status::DoorLimits remote_limits() {
  constexpr Micros hour = 3'600'000'000;
  return {hour / 2, 8 * hour, 64, 5};
}

std::string word_at(const service::Call& call, std::size_t at) {
  return at < call.words.size() ? call.words[at] : std::string();
}

std::string accounts_text(const std::vector<status::PageAccount>& accounts) {
  if (accounts.empty()) return "没有账户，远程页面不打开 / no accounts: the page for other machines is closed\n";
  std::string text;
  for (const status::PageAccount& account : accounts)
    text += account.name + "  " + std::string(status::name_of(account.role)) + "  建立 made " +
            qianzhi::to_text(account.made) + " " + account.made_by + "  密码 password " +
            qianzhi::to_text(account.password_time) + "\n";
  return text;
}

std::string accounts_json(const std::vector<status::PageAccount>& accounts) {
  Poco::JSON::Array array;
  for (const status::PageAccount& account : accounts) {
    Poco::JSON::Object one(Poco::JSON_PRESERVE_KEY_ORDER);
    one.set("name", account.name);
    one.set("role", std::string(status::name_of(account.role)));
    one.set("made", qianzhi::to_text(account.made));
    one.set("made_by", account.made_by);
    one.set("password_time", qianzhi::to_text(account.password_time));
    array.add(one);
  }
  std::ostringstream out;
  array.stringify(out);
  return out.str() + "\n";
}

}  // namespace

RemotePage::RemotePage(RemotePageParts parts)
    : parts_(std::move(parts)),
      accounts_(parts_.accounts, *parts_.clock, *parts_.random),
      door_(*parts_.clock, *parts_.random, remote_limits()),
      entrance_(accounts_, door_, *parts_.clock, parts_.site.tell) {
  look();
}

void RemotePage::set_fault(const std::string& fault) {
  const std::lock_guard guard(fault_lock_);
  fault_ = fault;
}

std::string RemotePage::fault() const {
  const std::lock_guard guard(fault_lock_);
  return fault_;
}

void RemotePage::open() {
  status::SiteParts site = parts_.site;
  site.door = &door_;
  site.entrance = &entrance_;
  site.hosts = parts_.config.hosts;
  const status::TlsPageOptions options{parts_.config.host, parts_.config.port, parts_.config.certificate,
                                       config::path_of(parts_.config.private_key)};
  page_ = std::make_unique<status::TlsPage>(options, std::move(site), *parts_.clock);
  log(LogLevel::notice, "page",
      "open to other machines: https://" + options.host + ":" + std::to_string(page_->port()));
}

void RemotePage::look() {
  const std::lock_guard guard(lock_);
  if (has_stopped_) return;
  if (accounts_.all().empty()) return set_fault("没有账户 / no account");
  try {
    if (page_)
      page_->reload();
    else
      open();
    set_fault({});
  } catch (const Error& error) {
    log("page", error);
    set_fault(error.code() + " " + error.detail());
  }
}

void RemotePage::close_if_nobody() {
  std::unique_ptr<status::TlsPage> closed;
  {
    const std::lock_guard guard(lock_);
    if (!accounts_.all().empty()) return;
    closed = std::move(page_);
  }
  set_fault("没有账户 / no account");
}

std::string RemotePage::command(const service::Call& call) {
  const std::string verb = word_at(call, 0);
  if (verb == "accounts") return accounts_text(accounts_.all());
  if (verb == "accounts-json") return accounts_json(accounts_.all());
  const std::string name = word_at(call, 1);
  std::string done;
  if (verb == "account-add") {
    accounts_.add(name, status::role_named(word_at(call, 2)), call.attachment, call.user);
    done = "已建立账户 / the account was made: ";
    look();
  } else if (verb == "account-password") {
    accounts_.set_password(name, call.attachment);
    done = "已更换密码 / the password was set: ";
  } else if (verb == "account-remove") {
    accounts_.remove(name);
    done = "已删除账户 / the account was removed: ";
  } else {
    throw Error(ErrorKind::rejected, "QZ-AGT-070", verb);
  }
  door_.end(status::session_user(name));
  if (parts_.site.tell) parts_.site.tell({"QZ-PAGE-016", call.user, verb + " " + name});
  if (verb == "account-remove") close_if_nobody();
  const std::string why = fault();
  return done + name + "\n" + (why.empty() ? "" : "远程页面没有打开 / the page is not open: " + why + "\n");
}

void RemotePage::stop() {
  std::unique_ptr<status::TlsPage> closed;
  {
    const std::lock_guard guard(lock_);
    has_stopped_ = true;
    closed = std::move(page_);
  }
}

}  // namespace qianzhi::app
