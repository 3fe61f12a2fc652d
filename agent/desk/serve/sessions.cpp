#include "agent/desk/serve/sessions.h"

#include <algorithm>

#include "agent/config/loader.h"
#include "agent/desk/lookup/digest.h"
#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk::serve {

namespace {

using lookup::digest_of;

constexpr Micros second = 1'000'000;
constexpr Micros idle_limit = Micros{30} * 60 * second;
constexpr Micros whole_limit = Micros{8} * 3600 * second;
constexpr std::size_t most_sessions = 200;
constexpr unsigned most_failures = 20;

[[noreturn]] void refuse_token(const Account& account, const std::string& why) {
  throw Error(ErrorKind::misuse, "QZ-DSK-216", "serve.accounts." + account.id + ".token: " + why);
}

}  // namespace

std::string read_token(const Account& account) {
  std::string token;
  try {
    token = config::read_secret({account.token.file, account.token.credential});
  } catch (const Error& error) {
    refuse_token(account, error.detail());
  }
  token.erase(std::min(token.find_first_of("\r\n"), token.size()));
  while (!token.empty() && token.back() == ' ') token.pop_back();
  if (token.size() < 24 || token.size() > 500) refuse_token(account, "24 to 500 characters are needed");
  return token;
}

Sessions::Sessions(const std::vector<Account>& accounts, Random& random, const Clock& clock)
    : random_(random), clock_(clock) {
  for (const Account& account : accounts)
    if (!tokens_.emplace(digest_of({read_token(account)}), &account).second) refuse_token(account, "given twice");
}

const Account* Sessions::by_token(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const Micros now = clock_.steady();
  if (now - failures_began_ >= 60 * second) failures_ = 0;
  if (failures_ >= most_failures) return nullptr;
  // Found by digest: how long it takes says nothing of the token.
  const auto found = tokens_.find(digest_of({token}));
  if (found != tokens_.end()) return found->second;
  if (failures_++ == 0) failures_began_ = now;
  return nullptr;
}

std::string Sessions::open(const Account& account) {
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= most_sessions)
    sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                     [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
  std::string id = to_hex(random_.bytes(32));
  const Micros now = clock_.steady();
  sessions_[digest_of({id})] = {{&account, to_hex(random_.bytes(16))}, now, now};
  return id;
}

std::optional<Visitor> Sessions::by_session(std::string_view id) {
  if (id.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(digest_of({id}));
  if (found == sessions_.end()) return std::nullopt;
  const Micros now = clock_.steady();
  if (now - found->second.used > idle_limit || now - found->second.opened > whole_limit) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second.visitor;
}

void Sessions::close(std::string_view id) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(digest_of({id}));
}

}  // namespace qianzhi::desk::serve
