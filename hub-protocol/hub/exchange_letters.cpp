// Letters between the subscriber of a stream and its provider: carried in memory, for those who may write to each
// other.
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/exchange_state.h"
#include "hub-protocol/seal/letter.h"
#include "hub-protocol/wire/comparison.pb.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::hub {

namespace {

constexpr int most_letters = 64;                    // in one request
constexpr std::size_t letters_octets = 64U << 20U;  // kept for all receivers together
constexpr std::size_t most_given = 8U << 20U;       // in one reply; at least one letter

}  // namespace

// Both ways only between a provider of the stream's topic and one who may receive of it.
bool Exchange::State::may_write(const wire::Comparison& content, const Rights& in_force, Micros now) const {
  const StreamId stream = read_value(content.stream());
  const std::string& subscriber = content.from() == stream.agent ? content.to() : content.from();
  return !in_force.directory().provides(stream.agent, stream.topic).is_empty() &&
         !in_force.entitlement(subscriber, stream.topic, now)->is_empty();
}

void Exchange::State::keep_letters(const std::string& caller, const wire::FetchRequest& request, const Rights& in_force,
                                   Micros now) {
  if (request.letters_size() > most_letters) reject_request("too many letters");
  bool news = false;
  for (const wire::Letter& sent : request.letters()) {
    wire::Comparison content;
    seal::open_letter(sent, in_force.directory(), content);
    if (content.from() != caller) reject_request("a letter of another agent");
    if (!may_write(content, in_force, now)) continue;
    const std::lock_guard guard(lock);
    wire::Letter& kept = letters[content.to()][{caller, content.stream().agent(), content.stream().topic()}];
    // Dropped when there is no room: its writer sends it again.
    if (kept_octets - kept.body().size() + sent.body().size() > letters_octets) continue;
    kept_octets += sent.body().size() - kept.body().size();
    kept = sent;
    news = true;
  }
  const std::lock_guard guard(lock);
  if (news) tell_waiting();
}

void Exchange::State::give_letters(const std::string& caller, const Rights& in_force, Micros now,
                                   wire::FetchReply& reply) {
  std::vector<wire::Letter> given;
  {
    const std::lock_guard guard(lock);
    const auto mine = letters.find(caller);
    if (mine == letters.end()) return;
    std::size_t octets = 0;
    for (auto entry = mine->second.begin(); entry != mine->second.end() && octets < most_given;) {
      octets += entry->second.body().size();
      given.push_back(std::move(entry->second));
      entry = mine->second.erase(entry);
    }
    kept_octets -= octets;
    if (mine->second.empty()) letters.erase(mine);
  }
  for (wire::Letter& letter : given) {
    wire::Comparison content;
    try {
      seal::open_letter(letter, in_force.directory(), content);
    } catch (const Error& error) {
      qianzhi::log("hub letter to " + caller, error);  // the directory has changed since it came
      continue;
    }
    if (may_write(content, in_force, now)) *reply.add_letters() = std::move(letter);
  }
}

}  // namespace qianzhi::hub
