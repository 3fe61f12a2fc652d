#include "agent/status/door.h"

#include <algorithm>

#include "hub-protocol/seal/digest.h"

namespace qianzhi::status {

namespace {

constexpr std::size_t token_octets = 32;
constexpr Micros link_life = 60'000'000;
constexpr std::size_t most_links = 16;

Digest digest_of_token(std::string_view token) { return seal::digest_of(token, DigestSuite::sha256); }

// Of those that count the one used longest ago goes, until there is room for one more.
template <typename Counts>
void make_room(std::map<Digest, Visitor>& visitors, std::size_t most, Counts counts) {
  while (static_cast<std::size_t>(std::count_if(visitors.begin(), visitors.end(), counts)) >= most) {
    auto oldest = visitors.end();
    for (auto each = visitors.begin(); each != visitors.end(); ++each)
      if (counts(*each) && (oldest == visitors.end() || each->second.used < oldest->second.used)) oldest = each;
    visitors.erase(oldest);
  }
}

bool any_visitor(const std::pair<const Digest, Visitor>& /*each*/) { return true; }

}  // namespace

void Door::forget_old(Micros now) {
  std::erase_if(links_, [&](const auto& each) { return now - each.second.begun >= link_life; });
  std::erase_if(sessions_, [&](const auto& each) {
    return now - each.second.used >= limits_.idle || now - each.second.begun >= limits_.whole;
  });
}

std::string Door::link_for(const std::string& user, Role role) {
  std::string token = to_hex(random_.bytes(token_octets));
  const Micros now = clock_.steady();
  const std::lock_guard guard(lock_);
  forget_old(now);
  make_room(links_, most_links, any_visitor);
  links_[digest_of_token(token)] = {user, role, {}, now, now};
  return token;
}

std::optional<std::string> Door::enter(std::string_view link) {
  const Micros now = clock_.steady();
  const std::lock_guard guard(lock_);
  forget_old(now);
  const auto found = links_.find(digest_of_token(link));
  if (found == links_.end()) return std::nullopt;
  Visitor visitor = found->second;
  links_.erase(found);
  return begin_session(std::move(visitor), now);
}

std::string Door::admit(const std::string& user, Role role) {
  const Micros now = clock_.steady();
  const std::lock_guard guard(lock_);
  forget_old(now);
  return begin_session({user, role, {}, 0, 0}, now);
}

std::string Door::begin_session(Visitor visitor, Micros now) {
  visitor.csrf = to_hex(random_.bytes(token_octets));
  visitor.begun = visitor.used = now;
  make_room(sessions_, limits_.per_user, [&](const auto& each) { return each.second.user == visitor.user; });
  make_room(sessions_, limits_.sessions, any_visitor);
  std::string session = to_hex(random_.bytes(token_octets));
  sessions_[digest_of_token(session)] = std::move(visitor);
  return session;
}

std::optional<Visitor> Door::visitor(std::string_view session) {
  if (session.empty()) return std::nullopt;
  const Micros now = clock_.steady();
  const std::lock_guard guard(lock_);
  forget_old(now);
  const auto found = sessions_.find(digest_of_token(session));
  if (found == sessions_.end()) return std::nullopt;
  found->second.used = now;
  return found->second;
}

void Door::leave(std::string_view session) {
  const std::lock_guard guard(lock_);
  sessions_.erase(digest_of_token(session));
}

void Door::end(std::string_view user) {
  const std::lock_guard guard(lock_);
  std::erase_if(sessions_, [&](const auto& each) { return each.second.user == user; });
}

}  // namespace qianzhi::status
