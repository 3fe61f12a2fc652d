#include "agent/store/state.h"

#include <algorithm>

#include "agent/store/state.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::store {

std::string_view name_of(AliveBy by) {
  switch (by) {
    case AliveBy::nothing: return "nothing";
    case AliveBy::canary: return "canary";
    case AliveBy::look: return "look";
    case AliveBy::comparison: return "comparison";
  }
  return "nothing";
}

std::optional<Position> StreamState::newest_begin(const Group& group) const {
  const auto found = begins.find(group);
  if (found == begins.end()) return begin_every;
  if (begin_every && *begin_every > found->second) return begin_every;
  return found->second;
}

void StreamState::note_begin(const GroupSet& groups, const Position& position) {
  if (groups.is_every()) {
    begin_every = position;
    begins.clear();
    return;
  }
  for (const Group& group : groups.groups()) begins[group] = position;
}

namespace {

void write_place(const SourcePosition& value, record::SourcePlace& place) {
  place.set_order(value.order);
  place.set_identity(value.identity);
}

void write_begin(bool every, const Group& group, const Position& position, record::GroupBegin& begin) {
  begin.set_every(every);
  begin.set_group(group);
  begin.set_epoch(position.epoch);
  begin.set_sequence(position.sequence);
}

void write_progress(const StreamState& state, record::StreamRecord& stored) {
  stored.set_receipted_epoch(state.receipted.epoch);
  stored.set_receipted_sequence(state.receipted.sequence);
  stored.set_secured_epoch(state.secured.epoch);
  stored.set_secured_sequence(state.secured.sequence);
  stored.set_rows_sealed(state.rows_sealed);
  stored.set_rows_refilled(state.rows_refilled);
  stored.set_rows_withheld(state.rows_withheld);
  stored.set_rows_receipted(state.rows_receipted);
  stored.set_batches_sealed(state.batches_sealed);
  stored.set_last_change(state.last_change);
  stored.set_stopped_code(state.stopped_code);
  stored.set_stopped_detail(state.stopped_detail);
  stored.set_uplink_code(state.uplink_code);
  stored.set_uplink_detail(state.uplink_detail);
  stored.set_shown_above(state.shown_above);
  stored.set_alive(state.alive);
  stored.set_alive_by(static_cast<std::uint32_t>(state.alive_by));
  stored.set_alive_epoch(state.alive_at.epoch);
  stored.set_alive_sequence(state.alive_at.sequence);
  stored.set_look(state.look);
}

void read_progress(const record::StreamRecord& stored, StreamState& state) {
  state.receipted = {stored.receipted_epoch(), stored.receipted_sequence()};
  state.secured = {stored.secured_epoch(), stored.secured_sequence()};
  state.rows_sealed = stored.rows_sealed();
  state.rows_refilled = stored.rows_refilled();
  state.rows_withheld = stored.rows_withheld();
  state.rows_receipted = stored.rows_receipted();
  state.batches_sealed = stored.batches_sealed();
  state.last_change = stored.last_change();
  state.stopped_code = stored.stopped_code();
  state.stopped_detail = stored.stopped_detail();
  state.uplink_code = stored.uplink_code();
  state.uplink_detail = stored.uplink_detail();
  state.shown_above = stored.shown_above();
  state.alive = stored.alive();
  if (stored.alive_by() <= static_cast<std::uint32_t>(AliveBy::comparison))
    state.alive_by = static_cast<AliveBy>(stored.alive_by());
  state.alive_at = {stored.alive_epoch(), stored.alive_sequence()};
  state.look = stored.look();
}

}  // namespace

Bytes encode(const StreamState& state) {
  record::StreamRecord stored;
  stored.set_source(state.source);
  write_value(state.last, *stored.mutable_last());
  stored.set_max_epoch(state.max_epoch);
  write_progress(state, stored);
  if (!state.receipt.empty()) QZ_ASSERT(stored.mutable_receipt()->ParseFromString(state.receipt));
  write_value(state.wanted, *stored.mutable_wanted());
  if (state.refill) {
    record::RefillRecord& refill = *stored.mutable_refill();
    refill.set_begin(state.refill->begin.bytes());
    write_value(state.refill->groups, *refill.mutable_groups());
    refill.set_cursor(state.refill->cursor);
    refill.set_rows_done(state.refill->rows_done);
    refill.set_started(state.refill->started);
    refill.set_rows_read(state.refill->rows_read);
    refill.set_estimated(static_cast<std::uint64_t>(state.refill->estimated + 1));
  }
  write_place(state.high_water, *stored.mutable_high_water());
  write_value(state.area, *stored.mutable_area());
  if (state.begin_every) write_begin(true, {}, *state.begin_every, *stored.add_begins());
  for (const auto& [group, position] : state.begins) write_begin(false, group, position, *stored.add_begins());
  if (state.epoch_request) {
    write_value(state.epoch_request->head, *stored.mutable_epoch_request()->mutable_head());
    stored.mutable_epoch_request()->set_above(state.epoch_request->above);
    stored.mutable_epoch_request()->set_reason(state.epoch_request->reason);
  }
  return stored.SerializeAsString();
}

namespace {

StreamState read_stream(const record::StreamRecord& stored) {
  StreamState state;
  state.source = stored.source();
  state.last = read_value(stored.last());
  state.max_epoch = stored.max_epoch();
  read_progress(stored, state);
  if (stored.has_receipt()) state.receipt = stored.receipt().SerializeAsString();
  state.wanted = read_value(stored.wanted());
  if (stored.has_refill())
    state.refill = Refill{Digest::from_bytes(stored.refill().begin()),
                          read_value(stored.refill().groups()),
                          stored.refill().cursor(),
                          stored.refill().rows_done(),
                          stored.refill().started(),
                          stored.refill().rows_read(),
                          static_cast<std::int64_t>(stored.refill().estimated()) - 1};
  state.high_water = {stored.high_water().order(), stored.high_water().identity()};
  state.area = read_value(stored.area());
  for (const record::GroupBegin& begin : stored.begins()) {
    const Position position{begin.epoch(), begin.sequence()};
    if (begin.every())
      state.begin_every = position;
    else
      state.begins[begin.group()] = position;
  }
  if (stored.has_epoch_request())
    state.epoch_request = EpochRequest{read_value(stored.epoch_request().head()), stored.epoch_request().above(),
                                       stored.epoch_request().reason()};
  return state;
}

}  // namespace

StreamState decode_stream(std::string_view octets) {
  record::StreamRecord stored;
  if (!stored.ParseFromArray(octets.data(), static_cast<int>(octets.size())))
    throw Error(ErrorKind::corrupt, "QZ-AGT-012", "stream record");
  try {
    return read_stream(stored);
  } catch (const Error& error) {
    // A value inside is malformed: the store is damaged, whatever the reader of that value calls it.
    throw Error(ErrorKind::corrupt, "QZ-AGT-012", "stream record: " + error.detail());
  }
}

}  // namespace qianzhi::store
