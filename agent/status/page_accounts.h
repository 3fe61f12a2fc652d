// Who may sign in to the page from other machines: names, roles and password hashes (scrypt), in a file of its own
// beside the queue, mode 0600. No password and no hash leaves it.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/status/door.h"
#include "hub-protocol/accounts/password.h"
#include "hub-protocol/sqlite/database.h"

namespace qianzhi::status {

struct PageAccount {
  std::string name;  // [a-z0-9] and ._- within, at most 32
  Role role = Role::viewer;
  Micros made = 0;
  std::string made_by;
  Micros password_time = 0;
};

// Thread-safe. Checks of passwords take tens of MiB each and wait for each other.
class PageAccounts {
 public:
  // Opens or makes the file; clock and random must outlive it. Throws Error as sqlite::Database does.
  PageAccounts(const std::filesystem::path& file, const Clock& clock, Random& random,
               const accounts::ScryptCost& cost = {});

  std::vector<PageAccount> all() const;  // by name
  // Throw Error(misuse): QZ-PAGE-010 for a name that is none, or is in use; QZ-HUB-276 for a bad password. At most 100.
  void add(const std::string& name, Role role, std::string_view password, const std::string& by);
  // Throw Error(rejected, QZ-PAGE-011) if there is no such account.
  void set_password(const std::string& name, std::string_view password);
  void remove(const std::string& name);
  // Nothing if the password is not that of the account; in about the same time if there is none of that name.
  std::optional<PageAccount> known(const std::string& name, std::string_view password) const;

 private:
  const Clock& clock_;
  Random& random_;
  const accounts::ScryptCost cost_;
  mutable std::mutex hashing_;
  mutable std::mutex lock_;  // of what follows
  mutable sqlite::Database database_;
};

// "viewer", "operator". Throws Error(misuse, QZ-PAGE-010) for another word.
Role role_named(std::string_view word);
std::string_view name_of(Role role);

}  // namespace qianzhi::status
