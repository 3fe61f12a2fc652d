#include "agent/desk/work/match_desk.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

constexpr Micros put_off_for = 7 * 86'400'000'000;

}  // namespace

void MatchDesk::require_reviewer(std::string_view user) const {
  const Staff* staff = config_.person(user);
  if (staff == nullptr || !staff->review)
    throw Error(ErrorKind::rejected, "QZ-DSK-121", "review: true is not set in case_staff");
}

std::vector<match::WaitingPair> MatchDesk::waiting(std::string_view user, std::size_t most) {
  require_reviewer(user);
  return decisions_.waiting(most, clock_.now());
}

std::vector<match::DecidedPair> MatchDesk::decided(std::string_view user, std::size_t most) {
  require_reviewer(user);
  return decisions_.decided(most);
}

void MatchDesk::decide(std::string_view user, std::string_view left, std::string_view right, std::string_view word,
                       std::string_view remark) {
  require_reviewer(user);
  const Micros now = clock_.now();
  sqlite::Transaction transaction(database_);
  const bool is_there = word == "undo" ? decisions_.find(left, right).has_value() : decisions_.is_waiting(left, right);
  if (!is_there) throw Error(ErrorKind::rejected, "QZ-DSK-205", "no such pair");
  if (word == "same" || word == "different")
    decisions_.remember(left, right, {word == "same", std::string(user), now, std::string(remark)});
  else if (word == "later")
    decisions_.postpone(left, right, user, now, now + put_off_for);
  else if (word == "undo")
    decisions_.take_back(left, right, user, now);
  else
    throw Error(ErrorKind::rejected, "QZ-DSK-225", "no such decision");
  transaction.commit();
}

}  // namespace qianzhi::desk
