#include "agent/status/entrance.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::status {

namespace {

constexpr std::size_t longest_told = 32;

accounts::ThrottleLimits limits_by_address() {
  accounts::ThrottleLimits limits;
  limits.free_failures = 20;  // several people may come through one address
  return limits;
}

}  // namespace

std::string session_user(std::string_view account) { return "page:" + std::string(account); }

Entrance::Entrance(PageAccounts& accounts, Door& door, const Clock& clock, std::function<void(const Deed&)> tell)
    : accounts_(accounts), door_(door), clock_(clock), tell_(std::move(tell)), by_address_(limits_by_address()) {}

std::string Entrance::sign_in(const std::string& name, std::string_view password, const std::string& address) {
  const Micros now = clock_.steady();
  const std::string told = name.substr(0, longest_told);
  if (by_name_.is_locked(name, now) || by_address_.is_locked(address, now))
    throw Error(ErrorKind::rejected, "QZ-PAGE-009", address);
  const std::optional<PageAccount> account = accounts_.known(name, password);
  if (!account) {
    log(LogLevel::warning, "page", "a sign-in failed from " + address + ", name " + told);
    const Micros length = std::max(by_name_.fail(name, now), by_address_.fail(address, now));
    if (length != 0) tell_({"QZ-PAGE-009", told, address + ", " + std::to_string(length / 1'000'000) + " s"});
    throw Error(ErrorKind::rejected, "QZ-PAGE-008", address);
  }
  by_name_.forget(name);
  tell_({"QZ-PAGE-012", session_user(account->name), address});
  return door_.admit(session_user(account->name), account->role);
}

}  // namespace qianzhi::status
