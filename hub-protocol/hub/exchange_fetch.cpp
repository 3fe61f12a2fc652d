// Delivery: the hub's half of protocol-rules section 7.
#include <algorithm>

#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/exchange_state.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::hub {

namespace {

constexpr std::size_t default_octets = 4U << 20U;
constexpr std::size_t most_octets = 16U << 20U;  // also of what is read for a page of headers

// How much one reply may still carry. The first batch of a page fits while anything is left, so that a large batch
// never waits for ever behind small ones; a reply is at most one batch over.
struct Budget {
  std::size_t left;
  std::size_t pages_left;
};

// R7.3: mark of a subscriber that starts again: the batch before the newest complete begin(*), else before the newest
// begin(*), else the head.
Head restart_mark(const StreamRecord& record, LogView& view) {
  const std::uint64_t begin = record.complete_place != 0 ? record.complete_place : record.every_place;
  return begin != 0 ? view.head_at(record, begin - 1) : record.head;
}

}  // namespace

struct Exchange::State::PageMaker {
  State& state;
  const Rights& rights;
  const std::string& caller;
  Micros now;
  Budget budget;
  std::optional<LogView> opened;

  // One view for the whole reply, opened when first needed: most replies need none.
  LogView& view() { return opened.has_value() ? *opened : opened.emplace(state.log.view()); }

  void fill(const wire::MarkMessage& asked, wire::Page& page) {
    const StreamId stream = read_value(page.stream());
    page.set_directory_version(rights.directory().version);
    const auto entitlement = rights.entitlement(caller, stream.topic, now);
    if (entitlement->is_empty()) return page.set_state(wire::DENIED);
    // The receipt is made first: the page may then hold more than it says, never less.
    *page.mutable_head() = state.receipt_of(stream);
    const StreamView known = state.view_of(stream);
    const StreamRecord& record = *known.record;
    const Head mark = read_value(asked.mark());
    add_newest(known, page);
    if (mark == record.head) return page.set_state(wire::PAGE);
    if (const auto after = place_of(mark, record)) {
      page.set_state(wire::PAGE);
      add_batches(record, *after, asked.headers_only() ? Entitlement() : *entitlement, page);
    } else if (!record.head.is_none() && record.head.position >= mark.position) {
      restart(record, page);
    } else {
      page.set_state(wire::BEHIND);
    }
  }

  void restart(const StreamRecord& record, wire::Page& page) {
    const Head place = restart_mark(record, view());
    page.set_state(wire::RESTART);
    write_value(place, *page.mutable_restart());
    // Trimmed between the two looks: an empty page lets the subscriber ask again.
    if (place.is_none() && record.complete_place > 1) {
      page.clear_restart();
      page.set_state(wire::PAGE);
    }
  }

  // R7.1: place of the mark on the chain. A new subscriber starts where a restart would put it, which is before the
  // first batch while nothing was trimmed and no later refill is complete.
  std::optional<std::uint64_t> place_of(const Head& mark, const StreamRecord& record) {
    if (mark.is_none()) {
      if (record.head.is_none() || restart_mark(record, view()).is_none()) return 0;
      return std::nullopt;
    }
    if (mark.digest == record.trimmed.digest) return record.trimmed_place;
    return view().place_of(record, mark.digest);
  }

  void add_newest(const StreamView& known, wire::Page& page) const {
    if (known.record->head.is_none()) return;
    const Bytes newest = known.newest.empty() ? state.newest_of(*known.record) : known.newest;
    page.mutable_newest()->ParseFromString(newest);
  }

  void add_batches(const StreamRecord& record, std::uint64_t after, const Entitlement& entitlement, wire::Page& page) {
    const std::size_t share = budget.left / std::max<std::size_t>(budget.pages_left, 1);
    std::size_t used = 0;
    std::size_t read = 0;
    std::uint64_t expected = after + 1;
    view().read(record, after, record.place, [&](const StoredBatch& batch) {
      // Trimmed between: the subscriber asks again and is told to restart.
      if (budget.left == 0 || batch.place != expected++) return false;
      const seal::Parsed parsed = seal::Parsed::from(batch.octets);
      if (parsed.digest() != batch.head.digest) {
        qianzhi::log("hub " + to_text(record.stream),
                     Error(ErrorKind::corrupt, "QZ-HUB-033", to_text(batch.head.position)));
        return false;
      }
      Bytes reduced = parsed.reduced(entitlement);
      if (used != 0 && used + reduced.size() > share) return false;
      used += reduced.size();
      read += batch.octets.size();
      page.add_batches(std::move(reduced));
      return used < share && read < most_octets;
    });
    budget.left -= std::min(budget.left, used);
  }
};

namespace {

std::size_t octets_wanted(const wire::FetchRequest& request) {
  return request.max_bytes() == 0 ? default_octets : std::min<std::size_t>(request.max_bytes(), most_octets);
}

bool is_header_of(const wire::SealedBatch& evidence, const StreamId& stream) {
  try {
    const seal::Parsed parsed = seal::Parsed::from(evidence.SerializeAsString());
    return parsed.is_bare() && parsed.header().stream == stream;
  } catch (const Error&) {
    return false;  // the caller's fault, not damage of ours
  }
}

}  // namespace

void Exchange::State::keep_wishes(const std::string& caller, const wire::FetchRequest& request, const Rights& in_force,
                                  Micros now) {
  bool news = false;
  for (const wire::Wish& asked : request.wishes()) {
    const StreamId stream = read_value(asked.stream());
    const auto entitlement = in_force.entitlement(caller, stream.topic, now);
    const GroupSet groups = read_value(asked.groups()).intersect(entitlement->groups());
    if (groups.is_empty() || in_force.directory().provides(stream.agent, stream.topic).is_empty()) continue;
    // It goes on to the provider as it is: nothing but a bare header of its own stream (R4.7).
    if (asked.has_evidence() && !is_header_of(asked.evidence(), stream))
      reject_request("the evidence of a wish is not a header of its stream");
    wire::Wish wish = asked;
    wish.set_asker(caller);
    write_value(groups, *wish.mutable_groups());
    const std::lock_guard guard(lock);
    wire::Wish& kept = wishes[stream.agent][{caller, stream.topic}];
    news = news || kept.SerializeAsString() != wish.SerializeAsString();
    kept = std::move(wish);
  }
  const std::lock_guard guard(lock);
  if (news) tell_waiting();
}

void Exchange::State::make_pages(const std::string& caller, const wire::FetchRequest& request, const Rights& in_force,
                                 std::size_t first, Micros now, wire::FetchReply& reply) {
  const auto count = static_cast<std::size_t>(request.marks_size());
  PageMaker maker{*this, in_force, caller, now, {octets_wanted(request), count}, {}};
  for (const wire::MarkMessage& mark : request.marks()) *reply.add_pages()->mutable_stream() = mark.stream();
  // Another stream is served first each time, so that a busy one cannot starve the others.
  for (std::size_t i = 0; i < count; ++i, --maker.budget.pages_left) {
    const auto index = static_cast<int>((first + i) % count);
    maker.fill(request.marks(index), *reply.mutable_pages(index));
  }
}

wire::FetchReply Exchange::fetch(const std::string& caller, const wire::FetchRequest& request) {
  State& state = *state_;
  return state.guarded([&] {
    auto rights = state.admit(caller);
    state.heard(caller, &AgentPresence::fetched);
    state.look_for_restore(caller, shown_by(request));
    wire::FetchReply reply;
    write_value(*rights, *reply.mutable_directory());
    reply.set_time(state.clock.now());
    std::size_t first = 0;
    {
      const std::lock_guard guard(state.lock);
      write_value(state.hub->incarnation, *reply.mutable_incarnation());
      reply.set_stopped(state.hub->stop_code);
      if (!state.hub->stop_code.empty()) return reply;
      const auto mine = state.wishes.find(caller);
      if (mine != state.wishes.end()) {
        for (auto& entry : mine->second) *reply.add_wishes() = std::move(entry.second);
        state.wishes.erase(mine);
      }
      first = static_cast<std::size_t>(state.fetches++);
    }
    if (request.takes_matters() && state.matters_for) reply.set_matters(state.matters_for(caller));
    if (request.takes_parcels() && state.parcels_for) reply.set_parcels(state.parcels_for(caller));
    const Micros now = state.clock.now();
    state.keep_wishes(caller, request, *rights, now);
    state.keep_letters(caller, request, *rights, now);
    if (request.takes_letters()) state.give_letters(caller, *rights, now, reply);
    for (;;) {
      state.make_pages(caller, request, *rights, first, now, reply);
      auto latest = state.admit(caller);
      if (latest == rights) return reply;
      // A batch that came after the directory was replaced is never reduced under the one before. Letters may be lost.
      rights = std::move(latest);
      write_value(*rights, *reply.mutable_directory());
      reply.clear_pages();
      reply.clear_letters();
    }
  });
}

}  // namespace qianzhi::hub
