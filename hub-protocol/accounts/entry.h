// Signing in to the administration interface: password and one-time code, locks, sessions, and what a person changes
// of his or her own account.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/accounts/account.h"
#include "hub-protocol/accounts/secret_box.h"
#include "hub-protocol/accounts/sessions.h"
#include "hub-protocol/accounts/throttle.h"

namespace qianzhi::accounts {

struct EntryOptions {
  std::filesystem::path key_file;  // of the second factors' secrets
  SessionLimits sessions;
  ThrottleLimits by_name;
  ThrottleLimits by_address{20};
  ScryptCost cost;
};

// Who a session belongs to, as the account is now.
struct Visitor {
  std::string token;
  std::string csrf;
  Account account;
  // Else nothing but setting an own password and a second factor is allowed.
  bool is_complete = false;
};

// Thread-safe. Everything is audited; who is refused learns only that, in the same words and about the same time
// whether the account exists or not.
class Entry {
 public:
  // Registry, clock and random must outlive it. Throws as SecretBox does.
  Entry(EntryOptions options, registry::Registry& registry, const Clock& clock, Random& random);

  // The session's token. code: empty where the account has no second factor yet. Throws Error(rejected): QZ-HUB-281
  // wrong, QZ-HUB-282 too many failures of this name or address.
  std::string sign_in(const std::string& name, std::string_view password, std::string_view code,
                      const std::string& address);
  // Nothing if the session ended: by time, by signing out, or because the account was disabled or changed.
  std::optional<Visitor> visitor(std::string_view token);
  void sign_out(const Visitor& visitor);

  // Ends the account's other sessions. Throws Error(rejected, QZ-HUB-281 or 282) for a wrong present password,
  // Error(misuse, QZ-HUB-276) for a bad new one.
  void change_password(const Visitor& visitor, std::string_view present, std::string_view next,
                       const std::string& address);
  // A new secret, in force once a code of it was given. The same again until then. Throws Error(rejected, QZ-HUB-286)
  // if the account has a second factor: only a security administrator takes one away.
  Bytes begin_second_factor(const Visitor& visitor);
  // Throws Error(rejected, QZ-HUB-286).
  void finish_second_factor(const Visitor& visitor, std::string_view code);

 private:
  bool knows_password(const Account* account, std::string_view password);
  // The step of the code; 0 for an account without a second factor. Nothing: a wrong code.
  std::optional<std::uint64_t> step_of(const Account& account, std::string_view code) const;
  [[noreturn]] void refuse(const std::string& name, bool exists, const std::string& address);
  void lock(const std::string& name, Micros length, const std::string& address);
  void change_own(const Visitor& visitor, const char* action, const std::function<void(Account&)>& make);

  const EntryOptions options_;
  registry::Registry& registry_;
  const Clock& clock_;
  Random& random_;
  SecretBox box_;
  Sessions sessions_;
  Throttle by_name_;
  Throttle by_address_;
  std::mutex hashing_;  // one at a time: a check takes tens of MiB
};

}  // namespace qianzhi::accounts
