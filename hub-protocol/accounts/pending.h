// Four eyes: which verbs wait for a second person, and what waits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/accounts/account.h"

namespace qianzhi::accounts {

inline constexpr Micros pending_validity = Micros{7} * 86'400 * 1'000'000;
inline constexpr std::size_t pending_attachment_limit = 8U << 20U;

struct Pending {
  std::uint64_t number = 0;
  std::string verb;                // its name
  std::vector<std::string> words;  // all of them, the verb's included
  Bytes attachment;
  std::string asked_by;  // account
  Micros time = 0;
  Micros expires = 0;
  Role role = Role::security;  // of the verb, so of who may decide
};

// Verbs, or the first words of their names, that wait for a second person.
std::vector<std::string> four_eyes(const registry::View& view);
void put_four_eyes(registry::Change& change, const std::vector<std::string>& verbs);
// "grant" names "grant add", not "grants".
bool is_named(const std::vector<std::string>& verbs, std::string_view verb);

// Those that have not expired, oldest first. Expired ones are left to be refused by number.
std::vector<Pending> pending(const registry::View& view, Micros now);
// Throws Error(misuse, QZ-HUB-279): there is none, or it expired.
Pending pending_numbered(const registry::View& view, std::uint64_t number, Micros now);
// Gives it its number and times. Throws Error(misuse, QZ-HUB-288): the attachment is too large to wait.
std::uint64_t add_pending(registry::Change& change, Pending pending);
void remove_pending(registry::Change& change, std::uint64_t number);

}  // namespace qianzhi::accounts
