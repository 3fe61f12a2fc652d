#include "agent/flow/wishes.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

// R4.7: signed by us, and beyond our last batch or not the one we sealed at that place.
bool proves_restored(const store::StreamState& state, const std::string& agent, const Directory* directory,
                     const store::Store& store, const wire::Wish& wish, std::uint64_t& epoch) {
  if (directory == nullptr || !wish.has_evidence() || wish.evidence().header().empty()) return false;
  const seal::Parsed header = seal::Parsed::from(wish.evidence().SerializeAsString());
  if (header.header().stream != StreamId{agent, wish.stream().topic()} ||
      !header.judge_signatures(directory->signing_keys(agent)).holds())
    return false;
  epoch = header.header().position.epoch;
  if (header.header().position > state.last.position) return true;
  const bool ours = header.digest() == state.last.digest || header.header().position <= state.secured ||
                    store.keeps(wish.stream().topic(), header.digest());
  return header.header().position == state.last.position && !ours;
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
    std::uint64_t epoch = 0;
    const bool proof = proves_restored(*state, agent, directory, store, wish, epoch);
    const GroupSet asked = read_value(wish.groups()).intersect(state->area);
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
