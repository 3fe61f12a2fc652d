// Signing in to the page from another machine, with name and password: who fails too often waits, and the sessions of
// an account end with it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/status/page_accounts.h"
#include "hub-protocol/accounts/throttle.h"

namespace qianzhi::status {

// Something that somebody did, for the event log.
struct Deed {
  std::string code;
  std::string subject;  // who
  std::string detail;   // what and from where; no secret
};

// How the sessions of an account name their user, so that it is never taken for a user of this machine.
std::string session_user(std::string_view account);

// Thread-safe.
class Entrance {
 public:
  // All must outlive it. tell: what comes of it, from several threads; must not throw.
  Entrance(PageAccounts& accounts, Door& door, const Clock& clock, std::function<void(const Deed&)> tell);

  // The session's token. Throws Error(rejected): QZ-PAGE-008 wrong, in the same words and about the same time whether
  // the account exists or not; QZ-PAGE-009 too many failures of this name or address, whatever the password is.
  std::string sign_in(const std::string& name, std::string_view password, const std::string& address);

 private:
  PageAccounts& accounts_;
  Door& door_;
  const Clock& clock_;
  const std::function<void(const Deed&)> tell_;
  accounts::Throttle by_name_{accounts::ThrottleLimits{}};
  accounts::Throttle by_address_;
};

}  // namespace qianzhi::status
