#include "agent/status/page_accounts.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::status {

namespace {

constexpr std::size_t longest_name = 32;
constexpr std::int64_t most_accounts = 100;

constexpr const char* accounts_schema =
    "CREATE TABLE IF NOT EXISTS accounts(name TEXT PRIMARY KEY, role TEXT NOT NULL, salt BLOB NOT NULL,"
    " hash BLOB NOT NULL, log_n INTEGER NOT NULL, block INTEGER NOT NULL, lanes INTEGER NOT NULL,"
    " made INTEGER NOT NULL, made_by TEXT NOT NULL, password_time INTEGER NOT NULL) STRICT, WITHOUT ROWID";

PageAccount account_in(const sqlite::Statement& row) {
  return {row.text(0), role_named(row.text(1)), row.integer(2), row.text(3), row.integer(4)};
}

[[noreturn]] void refuse_account(const std::string& why) { throw Error(ErrorKind::misuse, "QZ-PAGE-010", why); }

}  // namespace

Role role_named(std::string_view word) {
  if (word == "viewer") return Role::viewer;
  if (word == "operator") return Role::operating;
  refuse_account("viewer, operator");
}

std::string_view name_of(Role role) { return role == Role::operating ? "operator" : "viewer"; }

PageAccounts::PageAccounts(const std::filesystem::path& file, const Clock& clock, Random& random,
                           const accounts::ScryptCost& cost)
    : clock_(clock), random_(random), cost_(cost), database_(file, sqlite::OpenOptions{}) {
  database_.execute(accounts_schema);
}

std::vector<PageAccount> PageAccounts::all() const {
  const std::lock_guard guard(lock_);
  auto statement = database_.prepare("SELECT name, role, made, made_by, password_time FROM accounts ORDER BY name");
  std::vector<PageAccount> all;
  while (statement.step()) all.push_back(account_in(statement));
  return all;
}

void PageAccounts::add(const std::string& name, Role role, std::string_view password, const std::string& by) {
  if (!yaml::is_id(name) || name.size() > longest_name) refuse_account("a-z 0-9 . _ -");
  accounts::require_good(password, name);
  const accounts::PasswordHash hash = [&] {
    const std::lock_guard alone(hashing_);
    return accounts::hash_password(password, cost_, random_);
  }();
  const std::lock_guard guard(lock_);
  if (database_.scalar("SELECT count(*) FROM accounts").value_or(0) >= most_accounts) refuse_account("100");
  const Micros now = clock_.now();
  auto statement = database_.prepare(
      "INSERT INTO accounts VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?8) ON CONFLICT(name) DO NOTHING");
  statement.bind(1, name).bind(2, name_of(role)).bind_blob(3, hash.salt).bind_blob(4, hash.hash);
  statement.bind(5, std::int64_t{hash.cost.log_n}).bind(6, std::int64_t{hash.cost.block});
  statement.bind(7, std::int64_t{hash.cost.lanes}).bind(8, now).bind(9, by);
  statement.run();
  if (database_.changes() == 0) refuse_account(name);
}

void PageAccounts::set_password(const std::string& name, std::string_view password) {
  accounts::require_good(password, name);
  const accounts::PasswordHash hash = [&] {
    const std::lock_guard alone(hashing_);
    return accounts::hash_password(password, cost_, random_);
  }();
  const std::lock_guard guard(lock_);
  auto statement = database_.prepare(
      "UPDATE accounts SET salt = ?1, hash = ?2, log_n = ?3, block = ?4, lanes = ?5, password_time = ?6 WHERE name = "
      "?7");
  statement.bind_blob(1, hash.salt).bind_blob(2, hash.hash).bind(3, std::int64_t{hash.cost.log_n});
  statement.bind(4, std::int64_t{hash.cost.block}).bind(5, std::int64_t{hash.cost.lanes});
  statement.bind(6, clock_.now()).bind(7, name);
  statement.run();
  if (database_.changes() == 0) throw Error(ErrorKind::rejected, "QZ-PAGE-011", name.substr(0, longest_name));
}

void PageAccounts::remove(const std::string& name) {
  const std::lock_guard guard(lock_);
  database_.prepare("DELETE FROM accounts WHERE name = ?1").bind(1, name).run();
  if (database_.changes() == 0) throw Error(ErrorKind::rejected, "QZ-PAGE-011", name.substr(0, longest_name));
}

std::optional<PageAccount> PageAccounts::known(const std::string& name, std::string_view password) const {
  PageAccount account;
  accounts::PasswordHash hash;
  {
    const std::lock_guard guard(lock_);
    auto statement = database_.prepare(
        "SELECT name, role, made, made_by, password_time, salt, hash, log_n, block, lanes FROM accounts WHERE name = "
        "?1");
    statement.bind(1, name);
    if (statement.step()) {
      account = account_in(statement);
      const auto part = [&](int column) { return static_cast<std::uint32_t>(statement.integer(column)); };
      hash = {Bytes(statement.view(5)), Bytes(statement.view(6)), {part(7), part(8), part(9)}};
    }
  }
  const std::lock_guard alone(hashing_);
  if (!accounts::is_password(password, hash, cost_)) return std::nullopt;
  return account;
}

}  // namespace qianzhi::status
