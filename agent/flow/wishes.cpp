#include "agent/flow/wishes.h"

#include <optional>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

struct Asked {
  GroupSet groups;
  std::optional<seal::Parsed> evidence;
};

// Nothing for a malformed wish: whoever made it must not stop the stages that it came to.
std::optional<Asked> read_wish(const wire::Wish& wish) {
  try {
    Asked asked{read_value(wish.groups()), {}};
    if (!wish.evidence().header().empty()) asked.evidence = seal::Parsed::from(wish.evidence().SerializeAsString());
    return asked;
  } catch (const Error& error) {
    log(wish.stream().topic() + " wish of " + wish.asker(), error);
    return std::nullopt;
  }
}

// R4.7: signed by us, and beyond our last batch or not the one we sealed at that place.
bool proves_restored(const store::StreamState& state, const StreamId& stream, const Directory* directory,
                     const store::Store& store, const std::optional<seal::Parsed>& evidence) {
  if (directory == nullptr || !evidence || evidence->header().stream != stream ||
      !evidence->judge_signatures(directory->signing_keys(stream.agent)).holds())
    return false;
  const Position& position = evidence->header().position;
  if (position > state.last.position) return true;
  const bool ours = evidence->digest() == state.last.digest || position <= state.secured ||
                    store.keeps(stream.topic, evidence->digest());
  return position == state.last.position && !ours;
}

GroupSet missing_groups(const store::StreamState& state, const GroupSet& asked, const Position& mark) {
  if (asked.is_every()) return state.begin_every && *state.begin_every > mark ? GroupSet::none() : asked;
  std::set<Group> missing;
  for (const Group& group : asked.groups()) {
    const auto begin = state.newest_begin(group);
    if (!begin || *begin <= mark) missing.insert(group);
  }
  return GroupSet::of(missing);
}

}  // namespace

bool take_wishes(store::Store& store, const std::string& agent, const Directory* directory,
                 const google::protobuf::RepeatedPtrField<wire::Wish>& wishes, bool& restored) {
  bool changed = false;
  for (const wire::Wish& wish : wishes) {
    const std::string& topic = wish.stream().topic();
    const auto state = store.stream(topic);
    if (!state || wish.stream().agent() != agent) continue;
    const std::optional<Asked> read = read_wish(wish);
    if (!read) continue;
    const bool proof = proves_restored(*state, {agent, topic}, directory, store, read->evidence);
    const std::uint64_t epoch = proof ? read->evidence->header().position.epoch : 0;
    const GroupSet asked = read->groups.intersect(state->area);
    const Position mark{wish.mark().epoch(), wish.mark().sequence()};
    bool added = false;
    store.update([&](store::StoreTransaction& transaction) {
      store::StreamState now = transaction.stream(topic).value();
      const GroupSet missing = missing_groups(now, asked, mark);
      added = !now.wanted.covers(missing) || proof;
      now.wanted = now.wanted.unite(missing);
      if (proof) now.shown_above = std::max(now.shown_above, epoch);
      if (added) transaction.put_stream(topic, now);
    });
    if (added) log(LogLevel::notice, topic, wish.asker() + " asks for a refill of " + to_text(asked));
    restored = restored || proof;
    changed = changed || added;
  }
  return changed;
}

}  // namespace qianzhi::flow
