#include "hub-protocol/accounts/account.h"

#include <algorithm>

#include "hub-protocol/accounts/account.pb.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::accounts {

namespace {

Account account_from(const registry::Record& record) {
  AccountMessage message;
  if (!message.ParseFromString(record.body) || message.name() != record.id || message.role() < 1 || message.role() > 3)
    throw Error(ErrorKind::corrupt, "QZ-HUB-061", "account " + record.id);
  Account account;
  account.name = message.name();
  account.title = message.title();
  account.role = static_cast<Role>(message.role());
  account.disabled = message.disabled();
  const PasswordMessage& password = message.password();
  account.password = {password.salt(), password.hash(), {password.log_n(), password.block(), password.lanes()}};
  account.password_is_initial = message.password_is_initial();
  account.password_time = message.password_time();
  account.totp_secret = message.totp_secret();
  account.totp_step = message.totp_step();
  account.failures = message.failures();
  account.locked_until = message.locked_until();
  account.unix_user = message.unix_user();
  account.credentials = message.credentials();
  account.signed_in = message.signed_in();
  return account;
}

AccountMessage message_of(const Account& account) {
  AccountMessage message;
  message.set_name(account.name);
  message.set_title(account.title);
  message.set_role(static_cast<std::uint32_t>(account.role));
  message.set_disabled(account.disabled);
  if (!account.password.is_empty()) {
    PasswordMessage* password = message.mutable_password();
    password->set_salt(account.password.salt);
    password->set_hash(account.password.hash);
    password->set_log_n(account.password.cost.log_n);
    password->set_block(account.password.cost.block);
    password->set_lanes(account.password.cost.lanes);
  }
  message.set_password_is_initial(account.password_is_initial);
  message.set_password_time(account.password_time);
  message.set_totp_secret(account.totp_secret);
  message.set_totp_step(account.totp_step);
  message.set_failures(account.failures);
  message.set_locked_until(account.locked_until);
  message.set_unix_user(account.unix_user);
  message.set_credentials(account.credentials);
  message.set_signed_in(account.signed_in);
  return message;
}

}  // namespace

std::string_view name_of(Role role) {
  static constexpr std::string_view names[] = {"anyone", "system", "security", "audit"};
  return names[static_cast<std::size_t>(role)];
}

std::string_view title_zh(Role role) {
  static constexpr std::string_view titles[] = {"任何人", "系统管理员", "安全管理员", "审计管理员"};
  return titles[static_cast<std::size_t>(role)];
}

Role role_of(std::string_view name) {
  for (const Role role : {Role::system, Role::security, Role::audit})
    if (name == name_of(role)) return role;
  throw Error(ErrorKind::misuse, "QZ-HUB-272", name);
}

std::optional<Account> find(const registry::View& view, std::string_view name) {
  const auto record = view.find(account_kind, name);
  if (!record) return std::nullopt;
  return account_from(*record);
}

std::optional<Account> of_unix_user(const registry::View& view, std::string_view user) {
  if (user.empty()) return std::nullopt;
  for (const Account& account : all(view))
    if (account.unix_user == user) return account;
  return std::nullopt;
}

std::vector<Account> all(const registry::View& view) {
  std::vector<Account> accounts;
  for (const registry::Record& record : view.all(account_kind)) accounts.push_back(account_from(record));
  return accounts;
}

void put(registry::Change& change, const Account& account) {
  change.put(account_kind, account.name, message_of(account).SerializeAsString());
}

bool is_enforced(const registry::View& view) {
  const std::vector<Account> accounts = all(view);
  return std::any_of(accounts.begin(), accounts.end(), [](const Account& a) { return a.role == Role::security; });
}

bool has_account(const registry::View& view) { return !view.all(account_kind).empty(); }

std::size_t enabled_of(const registry::View& view, Role role) {
  std::size_t count = 0;
  for (const Account& account : all(view)) count += account.role == role && !account.disabled ? 1 : 0;
  return count;
}

void require_addable(const registry::View& view, const Account& account) {
  if (!view.history(account_kind, account.name).empty()) throw Error(ErrorKind::misuse, "QZ-HUB-271", account.name);
  if (!has_account(view) && account.role != Role::system) throw Error(ErrorKind::misuse, "QZ-HUB-273", account.name);
  if (const auto other = of_unix_user(view, account.unix_user))
    throw Error(ErrorKind::misuse, "QZ-HUB-289", account.unix_user + ": " + other->name);
}

void require_dispensable(const registry::View& view, const Account& account, std::string_view actor) {
  if (account.name == actor) throw Error(ErrorKind::misuse, "QZ-HUB-274", account.name);
  if (account.role != Role::audit && !account.disabled && enabled_of(view, account.role) == 1)
    throw Error(ErrorKind::misuse, "QZ-HUB-275", account.name);
}

}  // namespace qianzhi::accounts
