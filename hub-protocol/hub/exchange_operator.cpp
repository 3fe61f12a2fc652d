// Operator's commands on streams, and what they are decided by.
#include <algorithm>

#include "hub-protocol/hub/exchange_state.h"
#include "hub-protocol/seal/batch.h"

namespace qianzhi::hub {

namespace {

constexpr int trimmed_at_once = 1000;

}  // namespace

void Exchange::State::change_stream(const StreamId& stream,
                                    const std::function<void(LogWrite&, StreamRecord&)>& change) {
  guarded([&] {
    LogWrite write = log.write();
    StreamRecord record = *record_of(stream);
    if (record.id == 0) throw Error(ErrorKind::misuse, "QZ-HUB-027", to_text(stream));
    change(write, record);
    write.save(record);
    write.commit();
    const std::lock_guard guard(lock);
    publish(record, {});
    tell_waiting();
  });
}

void Exchange::approve_epoch(const StreamId& stream) {
  state_->change_stream(stream, [](LogWrite&, StreamRecord& record) { record.epoch_approved = true; });
  const std::lock_guard guard(state_->lock);
  state_->streams[stream].epoch_waits = false;
}

void Exchange::resume_stream(const StreamId& stream) {
  state_->change_stream(stream, [](LogWrite&, StreamRecord& record) { record.halted = false; });
}

void Exchange::trim(const StreamId& stream) {
  bool more = true;
  while (more) {
    state_->change_stream(stream, [&](LogWrite& write, StreamRecord& record) {
      if (record.complete_place == 0) throw Error(ErrorKind::misuse, "QZ-HUB-026", to_text(stream));
      more = write.trim(record, record.complete_place, trimmed_at_once);
    });
    state_->reach("hub.trim.after_commit");
  }
}

void Exchange::check() {
  state_->guarded([&] { state_->log.write(); });
}

StopReason Exchange::stopped() const { return state_->stop_reason(); }

std::optional<seal::RootContent> Exchange::newest_shown_directory() const {
  std::shared_ptr<const HubState> hub;
  {
    const std::lock_guard guard(state_->lock);
    hub = state_->hub;
  }
  const auto& shown = hub->shown_directories;
  const auto newest =
      std::max_element(shown.begin(), shown.end(), [](const auto& a, const auto& b) { return a.version < b.version; });
  if (newest == shown.end()) return std::nullopt;
  return seal::open_root(newest->signed_root, state_->options.directory_key);
}

std::uint64_t Exchange::next_directory_version() const {
  const std::lock_guard guard(state_->lock);
  const HubState& hub = *state_->hub;
  std::uint64_t newest = hub.directories.empty() ? 0 : hub.directories.rbegin()->first;
  for (const ShownDirectory& shown : hub.shown_directories) newest = std::max(newest, shown.version);
  return std::max(newest + 1, hub.required_directory);
}

void Exchange::State::heard(const std::string& caller, Micros AgentPresence::*call) {
  const Micros now = clock.now();
  const std::lock_guard guard(lock);
  AgentPresence& known = presence[caller];
  known.seen = now;
  known.*call = now;
}

std::map<std::string, AgentPresence> Exchange::presence() const {
  const std::lock_guard guard(state_->lock);
  return state_->presence;
}

Bytes Exchange::State::newest_of(const StreamRecord& record) {
  {
    const std::lock_guard guard(lock);
    const auto known = streams.find(record.stream);
    if (known != streams.end() && known->second.record->place == record.place && !known->second.newest.empty())
      return known->second.newest;
  }
  Bytes newest;
  log.view().read(record, record.place - 1, record.place, [&](const StoredBatch& batch) {
    newest = seal::Parsed::from(batch.octets).bare();
    return false;
  });
  const std::lock_guard guard(lock);
  const auto known = streams.find(record.stream);
  if (known != streams.end() && known->second.record->place == record.place) known->second.newest = newest;
  return newest;
}

std::vector<StreamStatus> Exchange::status() const {
  std::vector<std::pair<std::shared_ptr<const StreamRecord>, bool>> streams;
  {
    const std::lock_guard guard(state_->lock);
    for (const auto& [stream, entry] : state_->streams) streams.emplace_back(entry.record, entry.epoch_waits);
  }
  std::vector<StreamStatus> all;
  all.reserve(streams.size());
  std::vector<std::size_t> evidence;
  {
    LogView view = state_->log.view();
    for (const auto& [record, waits] : streams) evidence.push_back(view.evidence_count(*record));
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto& [record, waits] = streams[i];
    const Bytes newest = record->head.is_none() ? Bytes() : state_->newest_of(*record);
    all.push_back({record->stream, record->head, state_->options.secured_by_log ? record->head : record->secured,
                   record->place - record->trimmed_place, record->halted, waits, evidence[i],
                   newest.empty() ? 0 : seal::Parsed::from(newest).header().time});
  }
  return all;
}

}  // namespace qianzhi::hub
