#include "hub-protocol/accounts/entry.h"

#include "hub-protocol/accounts/totp.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::accounts {

namespace {

audit::Actor person(const std::string& name) { return {audit::ActorKind::operator_, name}; }

// Longer ones are in nobody's account; looking them up would only make work.
constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_password = 200;

}  // namespace

Entry::Entry(EntryOptions options, registry::Registry& registry, const Clock& clock, Random& random)
    : options_(std::move(options)),
      registry_(registry),
      clock_(clock),
      random_(random),
      box_(options_.key_file, random),
      sessions_(options_.sessions, random),
      by_name_(options_.by_name),
      by_address_(options_.by_address) {}

bool Entry::knows_password(const Account* account, std::string_view password) {
  const std::lock_guard guard(hashing_);
  return is_password(password.substr(0, longest_password + 1), account != nullptr ? account->password : PasswordHash{},
                     options_.cost);
}

std::optional<std::uint64_t> Entry::step_of(const Account& account, std::string_view code) const {
  if (account.totp_secret.empty()) return 0;
  return accepted_step(box_.open(account.totp_secret, account.name), code, clock_.now(), account.totp_step);
}

std::string Entry::sign_in(const std::string& name, std::string_view password, std::string_view code,
                           const std::string& address) {
  const Micros now = clock_.now();
  const Micros steady = clock_.steady();
  std::optional<Account> account;
  if (name.size() <= longest_name) registry_.read([&](const registry::View& view) { account = find(view, name); });
  if (by_name_.is_locked(name.substr(0, longest_name), steady) || by_address_.is_locked(address, steady) ||
      (account && account->locked_until > now))
    throw Error(ErrorKind::rejected, "QZ-HUB-282", "");
  const bool knows = knows_password(account ? &*account : nullptr, password);
  std::optional<std::uint64_t> step;
  if (account && knows) step = step_of(*account, code);
  if (!account || account->disabled || !knows || !step) refuse(name, account.has_value(), address);
  registry_.change(person(name), [&](registry::Change& change) {
    account = find(change, name);
    // The same code twice at the same time: only one of them gets in.
    const bool is_spent = account && *step != 0 && account->totp_step >= *step;
    if (!account || account->disabled || is_spent) throw Error(ErrorKind::rejected, "QZ-HUB-281", "");
    account->failures = 0;
    account->locked_until = 0;
    account->totp_step = std::max(account->totp_step, *step);
    account->signed_in = now;
    put(change, *account);
    change.note({{}, "session.open", "account " + name, "", "", "", {{"address", address}}});
  });
  by_name_.forget(name);
  return sessions_.open(name, account->credentials, steady);
}

void Entry::refuse(const std::string& name, bool exists, const std::string& address) {
  const Micros steady = clock_.steady();
  const Micros length = by_name_.fail(name.substr(0, longest_name), steady);
  by_address_.fail(address, steady);
  // What was typed as a name that nobody has may be a password.
  const std::string subject = exists ? "account " + name : "unknown account";
  registry_.note({{audit::ActorKind::unknown, address}, "session.refused", subject, "QZ-HUB-281"});
  if (exists && length > 0) lock(name, length, address);
  throw Error(ErrorKind::rejected, "QZ-HUB-281", "");
}

void Entry::lock(const std::string& name, Micros length, const std::string& address) {
  registry_.change({audit::ActorKind::unknown, address}, [&](registry::Change& change) {
    std::optional<Account> account = find(change, name);
    if (account) {
      account->failures += 1;
      account->locked_until = change.now() + length;
      put(change, *account);
    }
    change.note({{},
                 "account.lock",
                 "account " + name,
                 "QZ-HUB-282",
                 "",
                 "",
                 {{"seconds", std::to_string(length / 1'000'000)}}});
  });
}

std::optional<Visitor> Entry::visitor(std::string_view token) {
  if (token.empty()) return std::nullopt;
  const std::optional<Session> session = sessions_.use(token, clock_.steady());
  if (!session) return std::nullopt;
  std::optional<Account> account;
  registry_.read([&](const registry::View& view) { account = find(view, session->account); });
  if (!account || account->disabled || account->credentials != session->credentials) {
    sessions_.close(token);
    return std::nullopt;
  }
  const bool is_complete = !account->password_is_initial && !account->totp_secret.empty();
  return Visitor{std::string(token), session->csrf, std::move(*account), is_complete};
}

void Entry::sign_out(const Visitor& visitor) {
  sessions_.close(visitor.token);
  registry_.note({person(visitor.account.name), "session.close", "account " + visitor.account.name, ""});
}

void Entry::change_own(const Visitor& visitor, const char* action, const std::function<void(Account&)>& make) {
  std::uint64_t credentials = 0;
  registry_.change(person(visitor.account.name), [&](registry::Change& change) {
    std::optional<Account> account = find(change, visitor.account.name);
    if (!account || account->disabled) throw Error(ErrorKind::rejected, "QZ-HUB-283", "");
    make(*account);
    credentials = ++account->credentials;
    put(change, *account);
    change.note({{}, action, "account " + account->name, ""});
  });
  sessions_.change(visitor.token, [&](Session& session) {
    session.credentials = credentials;
    session.totp_draft.clear();
  });
}

void Entry::change_password(const Visitor& visitor, std::string_view present, std::string_view next,
                            const std::string& address) {
  const std::string& name = visitor.account.name;
  if (by_name_.is_locked(name, clock_.steady())) throw Error(ErrorKind::rejected, "QZ-HUB-282", "");
  if (!knows_password(&visitor.account, present)) refuse(name, true, address);
  require_good(next, name);
  if (present == next) throw Error(ErrorKind::misuse, "QZ-HUB-276", "与现用密码相同 / the same as the present one");
  PasswordHash hash;
  {
    const std::lock_guard guard(hashing_);
    hash = hash_password(next, options_.cost, random_);
  }
  change_own(visitor, "account.password", [&](Account& account) {
    account.password = hash;
    account.password_is_initial = false;
    account.password_time = clock_.now();
  });
}

Bytes Entry::begin_second_factor(const Visitor& visitor) {
  // Whoever holds an open session of somebody else must not put an own factor in place of the person's.
  if (!visitor.account.totp_secret.empty()) throw Error(ErrorKind::rejected, "QZ-HUB-286", "已有 / there is one");
  Bytes secret;
  sessions_.change(visitor.token, [&](Session& session) {
    if (session.totp_draft.empty()) session.totp_draft = random_.bytes(totp_secret_octets);
    secret = session.totp_draft;
  });
  return secret;
}

void Entry::finish_second_factor(const Visitor& visitor, std::string_view code) {
  Bytes secret;
  sessions_.change(visitor.token, [&](Session& session) { secret = session.totp_draft; });
  const auto step = secret.empty() ? std::nullopt : accepted_step(secret, code, clock_.now(), 0);
  if (!step) throw Error(ErrorKind::rejected, "QZ-HUB-286", "");
  change_own(visitor, "account.second-factor", [&](Account& account) {
    account.totp_secret = box_.seal(secret, account.name);
    account.totp_step = *step;
  });
}

}  // namespace qianzhi::accounts
