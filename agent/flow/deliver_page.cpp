// What a page of the hub makes of its lane.
#include <algorithm>

#include "agent/flow/deliver.h"
#include "agent/flow/page.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros retry_interval = 5'000'000;

}  // namespace

void Deliver::check_page(Lane& lane, const wire::Page& page) {
  if (page.directory_version() != directory_->version)
    throw Error(ErrorKind::unavailable, "QZ-AGT-056", std::to_string(page.directory_version()));
  const bool has_newest = page.has_newest() && !page.newest().header().empty();
  if (has_newest) {
    const seal::Parsed newest = seal::Parsed::from(page.newest().SerializeAsString());
    if (newest.header().stream != StreamId{lane.origin, lane.topic})
      throw Error(ErrorKind::corrupt, "QZ-AGT-057", "newest header of " + to_text(newest.header().stream));
    require_signed(newest, *directory_);
    require_not_ended(newest, lane.state.keys);
    lane.hub_head = newest.header().position;
  }
  // R7.3: what this page proves counts, not what an earlier one did.
  const bool is_before = !has_newest || lane.hub_head < lane.row.head.position;
  if (page.state() == wire::RESTART && lane.has_row && is_before)
    throw Error(ErrorKind::corrupt, "QZ-AGT-058", "restart before the mark");
}

void Deliver::restart(Lane& lane, const wire::Page& page) {
  MarkState state = lane.state;
  if (!lane.has_row) {
    state.scope = lane.granted;
    state.begun = parts_.clock.now();
  }
  state.directory_version = directory_->version;
  state.complete = GroupSet::none();
  state.tracked_begin = {};
  state.tracked = GroupSet::none();
  state.keys = {};  // it may start again before the place where a key ended
  if (page.has_head()) state.receipt = page.head().SerializeAsString();
  if (page.has_newest()) state.newest = page.newest().SerializeAsString();
  write(lane, read_value(page.restart()), state, {});
  log(LogLevel::notice, lane.topic, "starts again after " + to_text(lane.row.head.position) + " of " + lane.origin);
}

void Deliver::take_batches(Lane& lane, const wire::Page& page) {
  const bool held_back = page.batches_size() == 0 && lane.row.head.position < lane.hub_head;
  if (!held_back)
    lane.held_back = 0;
  else if (lane.held_back == 0)
    lane.held_back = parts_.clock.steady();
  if (!lane.has_row && page.batches_size() == 0) return;
  MarkState state = lane.state;
  if (!lane.has_row) {
    state.scope = lane.granted;
    state.directory_version = directory_->version;
    state.begun = parts_.clock.now();
  }
  if (page.has_head()) state.receipt = page.head().SerializeAsString();
  if (page.has_newest()) state.newest = page.newest().SerializeAsString();
  ApplyBuilder builder(*lane.definition, lane.granted, std::move(state), lane.row.head);
  if (!add_batches(lane, page, builder)) return finish_write();
  lane.logged.clear();
  lane.at_head = builder.head().position == lane.hub_head;
  if (!builder.is_empty()) write_part(lane, builder, !lane.at_head);
  if (lane.at_head) finish_write();
}

bool Deliver::add_batches(Lane& lane, const wire::Page& page, ApplyBuilder& builder) {
  int at = 0;
  // A fault of the page halts this lane; one of the target ends the run.
  const auto holds = [&](const auto& work) {
    try {
      work();
      return true;
    } catch (const Error& error) {
      halt(lane, error, &page.batches(at));
      return false;
    }
  };
  std::vector<seal::Parsed> batches;
  KeyTrail keys = builder.state().keys;
  bool proven = true;
  const bool good = holds([&] {
    batches = chain_of(page, {lane.origin, lane.topic}, keys, at);
    proven = batches.empty() || is_proven(lane, batches.back());
  });
  if (!good || !proven) return false;
  at = 0;
  for (const seal::Parsed& batch : batches) {
    const bool added = holds([&] {
      batch.check_contents();
      batch.check_entitled(lane.granted);
      builder.add(batch);
    });
    if (!added) return false;
    builder.state().keys.add(batch.header().keys());
    if (builder.octets() >= parts_.transaction_octets && &batch != &batches.back()) write_part(lane, builder, true);
    ++at;
  }
  return true;
}

bool Deliver::is_proven(Lane& lane, const seal::Parsed& last) {
  if (lane.vouchers.hold(last.digest()) || is_signed(last, *directory_)) return true;
  lane.at_head = false;
  lane.vouchers.begin(lane.row.head, lane.state.keys);
  return false;
}

void Deliver::take_headers(Lane& lane, const wire::Page& page) {
  // Another answer is about the place that the walk has come to, not about the mark.
  if (page.state() != wire::PAGE) return lane.vouchers.stop();
  try {
    lane.vouchers.take(page, {lane.origin, lane.topic}, *directory_);
  } catch (const Error& error) {
    lane.vouchers.stop();
    halt(lane, error, nullptr);
  }
}

void Deliver::write_part(Lane& lane, ApplyBuilder& builder, bool beside) {
  builder.state().applied = parts_.clock.now();
  if (builder.take_has_rows()) builder.state().changed = builder.state().applied;
  const Head head = builder.head();
  const MarkState state = builder.state();
  begin_write(lane, head, state, builder.take_steps(), beside);
}

void Deliver::halt(Lane& lane, const Error& error, const std::string* evidence) {
  lane.retry_at = parts_.clock.steady() + retry_interval;
  lane.code = error.code();
  lane.detail = error.detail();
  const std::string said = error.what();
  if (said != lane.logged) log(lane.topic + " from " + lane.origin, error);
  lane.logged = said;
  if (evidence == nullptr) return;
  const std::string name = "evidence/" + lane.origin + "/" + lane.topic;
  parts_.store.update([&](store::StoreTransaction& update) { update.put_value(name, *evidence); });
}

void Deliver::take_page(const wire::Page& page) {
  const auto lane = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& l) {
    return l.origin == page.stream().agent() && l.topic == page.stream().topic();
  });
  if (lane == lanes_.end()) throw Error(ErrorKind::corrupt, "QZ-AGT-057", "a page that was not asked for");
  lane->code.clear();
  lane->detail.clear();
  try {
    check_page(*lane, page);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    halt(*lane, error, nullptr);
    return;
  }
  if (lane->vouchers.is_walking()) return take_headers(*lane, page);
  switch (page.state()) {
    case wire::PAGE: take_batches(*lane, page); return;
    case wire::RESTART: restart(*lane, page); return;
    case wire::BEHIND:
      lane->code = "QZ-AGT-055";
      lane->retry_at = parts_.clock.steady() + retry_interval;
      lane->detail =
          "the hub is at " + to_text(lane->hub_head) + ", this target at " + to_text(lane->row.head.position);
      return;
    default:
      lane->code = "QZ-AGT-059";
      lane->detail = "denied by the hub";
      lane->retry_at = parts_.clock.steady() + retry_interval;
  }
}

}  // namespace qianzhi::flow
