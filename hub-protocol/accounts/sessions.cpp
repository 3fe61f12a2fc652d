#include "hub-protocol/accounts/sessions.h"

#include "hub-protocol/seal/digest.h"

namespace qianzhi::accounts {

namespace {

constexpr std::size_t token_octets = 32;

Digest key_of(std::string_view token) { return seal::digest_of(token, DigestSuite::sha256); }

}  // namespace

bool Sessions::is_over(const Session& session, Micros now) const {
  return now - session.used >= limits_.idle || now - session.begun >= limits_.absolute;
}

void Sessions::make_room(const std::string& account, Micros now) {
  std::size_t held = 0;
  auto oldest = sessions_.end();
  for (auto each = sessions_.begin(); each != sessions_.end();) {
    if (is_over(each->second, now)) {
      each = sessions_.erase(each);
      continue;
    }
    if (each->second.account == account) {
      ++held;
      if (oldest == sessions_.end() || each->second.used < oldest->second.used) oldest = each;
    }
    ++each;
  }
  if (held >= limits_.per_account && oldest != sessions_.end()) sessions_.erase(oldest);
}

std::string Sessions::open(const std::string& account, std::uint64_t credentials, Micros now) {
  std::string token = to_hex(random_.bytes(token_octets));
  const std::lock_guard guard(lock_);
  make_room(account, now);
  sessions_[key_of(token)] = {account, credentials, to_hex(random_.bytes(token_octets)), {}, now, now};
  return token;
}

std::optional<Session> Sessions::use(std::string_view token, Micros now) {
  const std::lock_guard guard(lock_);
  const auto found = sessions_.find(key_of(token));
  if (found == sessions_.end()) return std::nullopt;
  if (is_over(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second;
}

void Sessions::change(std::string_view token, const std::function<void(Session&)>& make) {
  const std::lock_guard guard(lock_);
  const auto found = sessions_.find(key_of(token));
  if (found != sessions_.end()) make(found->second);
}

void Sessions::close(std::string_view token) {
  const std::lock_guard guard(lock_);
  sessions_.erase(key_of(token));
}

std::size_t Sessions::count() const {
  const std::lock_guard guard(lock_);
  return sessions_.size();
}

}  // namespace qianzhi::accounts
