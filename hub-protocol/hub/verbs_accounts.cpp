// Accounts of those who administer.
#include "hub-protocol/accounts/pending.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

namespace {

using accounts::Account;

Account account_named(const registry::View& view, const std::string& name) {
  std::optional<Account> account = accounts::find(view, name);
  if (!account) throw Error(ErrorKind::misuse, "QZ-HUB-060", "account " + name);
  return std::move(*account);
}

// One change of one account, with its entry. Open sessions of the account end.
void change_account(Office& office, const Ask& ask, const std::string& name, const char* action,
                    const std::function<void(registry::Change&, Account&)>& make) {
  office.registry.change(ask.actor, [&](registry::Change& change) {
    Account account = account_named(change, name);
    make(change, account);
    ++account.credentials;
    accounts::put(change, account);
    change.note({{}, action, "account " + name, ""});
  });
}

void not_oneself(const Ask& ask, const std::string& name) {
  if (ask.actor.name == name) throw Error(ErrorKind::misuse, "QZ-HUB-274", name);
}

// Told once, here.
std::string initial_answer(const Ask& ask, const std::string& name, const std::string& password) {
  if (ask.json) return json_object({{"name", name}, {"initial_password", password}}) + "\n";
  return name + "\n初始密码，首次登录时须更换 initial password, to be changed at the first sign-in: " + password + "\n";
}

std::string add_account(Office& office, Ask& ask) {
  Account account;
  account.name = ask.words.next("NAME");
  account.role = accounts::role_of(ask.words.required("role"));
  account.title = ask.words.option("title", "");
  account.unix_user = ask.words.option("unix-user", "");
  ask.words.finish();
  if (!yaml::is_id(account.name)) throw Error(ErrorKind::misuse, "QZ-HUB-062", account.name);
  office.registry.read([&](const registry::View& view) { accounts::require_addable(view, account); });
  const std::string password = accounts::initial_password(office.random);
  account.password = accounts::hash_password(password, {}, office.random);
  account.password_is_initial = true;
  office.registry.change(ask.actor, [&](registry::Change& change) {
    accounts::require_addable(change, account);
    account.password_time = change.now();
    accounts::put(change, account);
    change.note({{},
                 "account.add",
                 "account " + account.name,
                 "",
                 "",
                 "",
                 {{"role", std::string(accounts::name_of(account.role))}, {"unix-user", account.unix_user}}});
  });
  return initial_answer(ask, account.name, password);
}

std::string account_state(const Account& account, Micros now) {
  if (account.disabled) return "disabled";
  if (account.locked_until > now) return "locked";
  if (account.password_is_initial || account.totp_secret.empty()) return "new";
  return "active";
}

std::string list_accounts(Office& office, Ask& ask) {
  ask.words.finish();
  std::vector<Account> all;
  office.registry.read([&](const registry::View& view) { all = accounts::all(view); });
  std::string text;
  std::vector<std::string> rows;
  for (const Account& account : all) {
    const std::string state = account_state(account, office.clock.now());
    const std::string signed_in = account.signed_in == 0 ? "" : to_text(account.signed_in);
    text += account.name + "\t" + account.title + "\t" + std::string(accounts::title_zh(account.role)) + " " +
            std::string(accounts::name_of(account.role)) + "\t" + state + "\t" + account.unix_user + "\t" + signed_in +
            "\n";
    rows.push_back(json_object({{"name", account.name},
                                {"title", account.title},
                                {"role", accounts::name_of(account.role)},
                                {"state", state},
                                {"unix_user", account.unix_user},
                                {"second_factor", !account.totp_secret.empty()},
                                {"signed_in", signed_in}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

std::string disable_account(Office& office, Ask& ask) {
  const std::string name = ask.words.next("NAME");
  ask.words.finish();
  change_account(office, ask, name, "account.disable", [&](registry::Change& change, Account& account) {
    accounts::require_dispensable(change, account, ask.actor.name);
    account.disabled = true;
  });
  return name + "\n";
}

std::string enable_account(Office& office, Ask& ask) {
  const std::string name = ask.words.next("NAME");
  ask.words.finish();
  not_oneself(ask, name);
  change_account(office, ask, name, "account.enable",
                 [](registry::Change&, Account& account) { account.disabled = false; });
  return name + "\n";
}

std::string unlock_account(Office& office, Ask& ask) {
  const std::string name = ask.words.next("NAME");
  ask.words.finish();
  not_oneself(ask, name);
  change_account(office, ask, name, "account.unlock", [](registry::Change&, Account& account) {
    account.failures = 0;
    account.locked_until = 0;
  });
  return name + "\n";
}

std::string withdraw_second_factor(Office& office, Ask& ask) {
  const std::string name = ask.words.next("NAME");
  ask.words.finish();
  not_oneself(ask, name);
  change_account(office, ask, name, "account.second-factor-withdrawn",
                 [](registry::Change&, Account& account) { account.totp_secret.clear(); });
  return name + ": 下次登录时重新设置第二因素 / sets up a new second factor at the next sign-in\n";
}

std::string remove_account(Office& office, Ask& ask) {
  const std::string name = ask.words.next("NAME");
  ask.words.finish();
  office.registry.change(ask.actor, [&](registry::Change& change) {
    accounts::require_dispensable(change, account_named(change, name), ask.actor.name);
    change.remove(accounts::account_kind, name);
    change.note({{}, "account.remove", "account " + name, ""});
  });
  return name + "\n";
}

// Somebody else's is reset, by a role that is checked where all are; here it is one's own, or the hub is still open.
void require_own(Office& office, const Ask& ask, const std::string& name) {
  bool is_open = false;
  office.registry.read([&](const registry::View& view) { is_open = !accounts::is_enforced(view); });
  if (is_open || ask.actor.name == name) return;
  office.registry.note({ask.actor, "verb.refused", "account password " + name, "QZ-HUB-270"});
  throw Error(ErrorKind::rejected, "QZ-HUB-270", "account reset " + name + ": 安全管理员 security");
}

std::string set_password(Office& office, Ask& ask) {
  const std::string name = ask.words.next("NAME");
  ask.words.finish();
  require_own(office, ask, name);
  std::string password = ask.attachment;
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
  accounts::require_good(password, name);
  const accounts::PasswordHash hash = accounts::hash_password(password, {}, office.random);
  change_account(office, ask, name, "account.password", [&](registry::Change& change, Account& account) {
    account.password = hash;
    account.password_is_initial = ask.actor.name != name;
    account.password_time = change.now();
  });
  return name + "\n";
}

std::string reset_password(Office& office, Ask& ask) {
  const std::string name = ask.words.next("NAME");
  ask.words.finish();
  not_oneself(ask, name);
  const std::string password = accounts::initial_password(office.random);
  const accounts::PasswordHash hash = accounts::hash_password(password, {}, office.random);
  change_account(office, ask, name, "account.reset", [&](registry::Change& change, Account& account) {
    account.password = hash;
    account.password_is_initial = true;
    account.password_time = change.now();
  });
  return initial_answer(ask, name, password);
}

const Verb account_table[] = {
    {"account add",
     "NAME --role system|security|audit [--title TITLE] [--unix-user USER]",
     "增加管理账户，显示一次初始密码",
     "add an account; tells its initial password once",
     Role::security,
     add_account,
     {},
     FourEyes::whenever},
    {"account list", "", "管理账户", "the accounts", Role::anyone, list_accounts},
    {"account disable",
     "NAME",
     "停用账户，其会话立即结束",
     "disable an account and end its sessions",
     Role::security,
     disable_account,
     {},
     FourEyes::never},
    {"account enable",
     "NAME",
     "重新启用账户",
     "enable an account again",
     Role::security,
     enable_account,
     {},
     FourEyes::whenever},
    {"account password", "NAME", "更换自己的密码，从标准输入读取", "change the own password, read from standard input",
     Role::anyone, set_password},
    {"account reset",
     "NAME",
     "重设他人的密码，显示一次初始密码",
     "reset a password; tells an initial one once",
     Role::security,
     reset_password,
     {},
     FourEyes::whenever},
    {"account totp",
     "NAME",
     "撤销第二因素，下次登录时重设",
     "withdraw the second factor; set up again at the next sign-in",
     Role::security,
     withdraw_second_factor,
     {},
     FourEyes::whenever},
    {"account unlock",
     "NAME",
     "解除登录锁定",
     "end a lock after failed sign-ins",
     Role::security,
     unlock_account,
     {},
     FourEyes::never},
    {"account remove", "NAME", "除去账户，其名称不再使用", "take an account out; its name is never used again",
     Role::security, remove_account},
};

}  // namespace

std::span<const Verb> account_verbs() { return account_table; }

}  // namespace qianzhi::hub
