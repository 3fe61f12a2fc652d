// Accounts of the people who administer the hub (三员: each holds exactly one of three roles), as records of the
// registry, and the rules that no change of them may break.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/accounts/password.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/registry/registry.h"

namespace qianzhi::accounts {

// Frozen: in the store. Who may change nothing may still look.
enum class Role : std::uint8_t {
  anyone = 0,    // whoever may speak to the hub: looks only
  system = 1,    // 系统管理员: departments, agents, backups, streams
  security = 2,  // 安全管理员: accounts, catalogue, provisions, grants, approvals, revocation
  audit = 3,     // 审计管理员: reads and exports the audit trail
};

inline constexpr std::string_view account_kind = "account";
inline constexpr std::string_view policy_kind = "policy";
inline constexpr std::string_view pending_kind = "pending";

std::string_view name_of(Role role);
std::string_view title_zh(Role role);
// Exactly one of system, security, audit. Throws Error(misuse, QZ-HUB-272).
Role role_of(std::string_view name);

struct Account {
  std::string name;   // an id as yaml::is_id() knows it; never used again after a removal
  std::string title;  // of the person, for people
  Role role = Role::audit;
  bool disabled = false;
  PasswordHash password;  // empty: nobody can sign in
  bool password_is_initial = false;
  Micros password_time = 0;
  Bytes totp_secret;  // encrypted; empty: none
  std::uint64_t totp_step = 0;
  std::uint32_t failures = 0;
  Micros locked_until = 0;
  std::string unix_user;          // who acts as this account on the control socket; empty: nobody
  std::uint64_t credentials = 0;  // grows whenever open sessions must end
  Micros signed_in = 0;           // 0: never
};

// Throw Error(corrupt, QZ-HUB-061) for a damaged record.
std::optional<Account> find(const registry::View& view, std::string_view name);
std::optional<Account> of_unix_user(const registry::View& view, std::string_view user);
std::vector<Account> all(const registry::View& view);
void put(registry::Change& change, const Account& account);

// Roles count from the first security account on: before, whoever reaches the control socket may do everything.
bool is_enforced(const registry::View& view);
bool has_account(const registry::View& view);
// Enabled ones of a role.
std::size_t enabled_of(const registry::View& view, Role role);

// Throws Error(misuse): QZ-HUB-271 the name is or was in use, QZ-HUB-273 the first account of a hub is not a system
// account, QZ-HUB-289 the machine's user acts as another account.
void require_addable(const registry::View& view, const Account& account);
// Before an account is disabled or removed. Throws Error(misuse): QZ-HUB-274 by oneself, QZ-HUB-275 the last enabled
// system or security account.
void require_dispensable(const registry::View& view, const Account& account, std::string_view actor);

}  // namespace qianzhi::accounts
