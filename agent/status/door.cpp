#include "agent/status/door.h"

#include <algorithm>

#include "hub-protocol/seal/digest.h"

namespace qianzhi::status {

namespace {

constexpr std::size_t token_octets = 32;
constexpr Micros link_life = 60'000'000;
constexpr Micros idle_life = Micros{2} * 3'600'000'000;
constexpr Micros whole_life = Micros{12} * 3'600'000'000;
constexpr std::size_t most_links = 16;
constexpr std::size_t most_sessions = 64;

Digest digest_of_token(std::string_view token) { return seal::digest_of(token, DigestSuite::sha256); }

void make_room(std::map<Digest, Visitor>& visitors, std::size_t most) {
  while (visitors.size() >= most)
    visitors.erase(std::min_element(visitors.begin(), visitors.end(),
                                    [](const auto& a, const auto& b) { return a.second.used < b.second.used; }));
}

}  // namespace

void Door::forget_old(Micros now) {
  std::erase_if(links_, [&](const auto& each) { return now - each.second.begun >= link_life; });
  std::erase_if(sessions_, [&](const auto& each) {
    return now - each.second.used >= idle_life || now - each.second.begun >= whole_life;
  });
}

std::string Door::link_for(const std::string& user, Role role) {
  std::string token = to_hex(random_.bytes(token_octets));
  const Micros now = clock_.steady();
  const std::lock_guard guard(lock_);
  forget_old(now);
  make_room(links_, most_links);
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
  visitor.csrf = to_hex(random_.bytes(token_octets));
  visitor.begun = visitor.used = now;
  make_room(sessions_, most_sessions);
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

}  // namespace qianzhi::status
