#include "hub-protocol/hub/exchange.h"

#include <algorithm>
#include <chrono>

#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/exchange_state.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/signatures.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::hub {

void write_value(const Rights& rights, wire::DirectoryReference& reference) {
  reference.set_version(rights.directory().version);
  reference.set_digest(rights.sealed().digest.bytes());
}

void reject_request(std::string_view detail) { throw Error(ErrorKind::rejected, "QZ-HUB-011", detail); }

LastDirectory last_directory(const std::filesystem::path& store) {
  Log log(store, {});
  const HubState state = log.view().hub_state();
  LastDirectory last;
  if (!state.directories.empty()) last.version = state.directories.rbegin()->first;
  if (state.required_directory > last.version) last.version = state.required_directory - 1;
  last.signed_root = state.signed_root;
  log.close();
  return last;
}

Exchange::State::State(const ExchangeOptions& exchange_options, const Clock& exchange_clock, Random& exchange_random,
                       seal::SigningKey key, Breakpoint exchange_breakpoint)
    : options(exchange_options),
      clock(exchange_clock),
      random(exchange_random),
      hub_key(std::move(key)),
      breakpoint(std::move(exchange_breakpoint)),
      log(options.store, options.vfs) {
  LogView view = log.view();
  hub = std::make_shared<const HubState>(view.hub_state());
  for (StreamRecord& record : view.streams()) {
    const StreamId stream = record.stream;
    streams[stream].record = std::make_shared<const StreamRecord>(std::move(record));
  }
}

Exchange::Exchange(const ExchangeOptions& options, const Clock& clock, Random& random, seal::SigningKey hub_key,
                   const Directory& directory, const seal::SealedDirectory& sealed, Breakpoint breakpoint)
    : state_(std::make_unique<State>(options, clock, random, std::move(hub_key), std::move(breakpoint))) {
  State& state = *state_;
  if (state.hub->incarnation.counter == 0) {
    HubState first = *state.hub;
    const Bytes octets = random.bytes(8);
    for (const char octet : octets)
      first.incarnation.random = first.incarnation.random << 8U | static_cast<unsigned char>(octet);
    first.incarnation.counter = 1;
    LogWrite write = state.log.write();
    write.save(first);
    write.commit();
    state.hub = std::make_shared<const HubState>(std::move(first));
  }
  install_directory(directory, sealed);
  if (options.start_stopped) stop("started stopped");
}

Exchange::~Exchange() = default;

void Exchange::State::tell_waiting() {
  ++change_count;
  changed.notify_all();
}

void Exchange::State::note_failure(const Error& error) {
  if (error.kind() != ErrorKind::corrupt) return;
  {
    const std::lock_guard guard(lock);
    if (failed) return;
    failed = true;
  }
  log.abandon();
  qianzhi::log("hub store", error);
  if (options.on_fatal) options.on_fatal(error);
}

std::shared_ptr<const Rights> Exchange::State::admit(const std::string& caller) const {
  std::shared_ptr<const Rights> now;
  {
    const std::lock_guard guard(lock);
    if (failed) throw Error(ErrorKind::unavailable, "QZ-HUB-030", "the store failed");
    now = rights;
  }
  const AgentEntry* entry = now->directory().agent(caller);
  if (entry == nullptr || !entry->enabled) throw Error(ErrorKind::rejected, "QZ-HUB-001", caller);
  return now;
}

StopReason Exchange::State::stop_reason() const {
  const std::lock_guard guard(lock);
  return {hub->stop_code, hub->stop_detail};
}

std::shared_ptr<const StreamRecord> Exchange::State::record_of(const StreamId& stream) const {
  return view_of(stream).record;
}

StreamView Exchange::State::view_of(const StreamId& stream) const {
  const std::lock_guard guard(lock);
  const auto found = streams.find(stream);
  if (found != streams.end()) return {found->second.record, found->second.newest};
  StreamRecord unknown;
  unknown.stream = stream;
  return {std::make_shared<const StreamRecord>(std::move(unknown)), {}};
}

wire::Receipt Exchange::State::receipt_of(const StreamId& stream) {
  seal::ReceiptContent content;
  {
    const std::lock_guard guard(lock);
    content.stream = stream;
    content.incarnation = hub->incarnation;
    const auto found = streams.find(stream);
    if (found != streams.end()) {
      const StreamRecord& record = *found->second.record;
      content.head = record.head;
      content.secured = options.secured_by_log ? record.head : record.secured;
      content.time = found->second.receipted.time;
      if (content.time != 0 && content == found->second.receipted) return found->second.receipt;
    }
  }
  // A clock that stepped back must not make a later receipt look earlier.
  content.time = std::max(clock.now(), content.time);
  wire::Receipt receipt;
  seal::sign_receipt(content, hub_key, receipt);
  const std::lock_guard guard(lock);
  const auto found = streams.find(stream);
  if (found != streams.end()) {
    found->second.receipted = content;
    found->second.receipt = receipt;
  }
  return receipt;
}

void Exchange::State::publish(const StreamRecord& record, Bytes newest) {
  StreamEntry& entry = streams[record.stream];
  entry.record = std::make_shared<const StreamRecord>(record);
  if (!newest.empty()) entry.newest = std::move(newest);
}

void Exchange::State::write_state(LogWrite& write, HubState state) {
  write.save(state);
  write.commit();
  const std::lock_guard guard(lock);
  hub = std::make_shared<const HubState>(std::move(state));
  tell_waiting();
}

void Exchange::tell_matters(std::function<std::uint64_t(const std::string& caller)> revision_for) {
  state_->matters_for = std::move(revision_for);
}

void Exchange::tell_parcels(std::function<bool(const std::string& caller)> waits_for) {
  state_->parcels_for = std::move(waits_for);
}

void Exchange::note_matter() {
  const std::lock_guard guard(state_->lock);
  state_->tell_waiting();
}

std::uint64_t Exchange::changes() const {
  const std::lock_guard guard(state_->lock);
  return state_->change_count;
}

void Exchange::wait_for_change(std::uint64_t seen, int timeout_ms) const {
  std::unique_lock guard(state_->lock);
  state_->changed.wait_for(guard, std::chrono::milliseconds(timeout_ms),
                           [&] { return state_->waiting_ends || state_->change_count != seen; });
}

void Exchange::stop_waiting() {
  const std::lock_guard guard(state_->lock);
  state_->waiting_ends = true;
  state_->changed.notify_all();
}

void Exchange::install_directory(const Directory& directory, const seal::SealedDirectory& sealed) {
  State& state = *state_;
  state.guarded([&] {
    LogWrite write = state.log.write();
    HubState next = *state.hub;
    const std::uint64_t newest = next.directories.empty() ? 0 : next.directories.rbegin()->first;
    const bool known = next.directories.count({directory.version, sealed.digest}) != 0;
    if (directory.version < newest || (directory.version == newest && !known))
      throw Error(ErrorKind::misuse, "QZ-HUB-020",
                  std::to_string(directory.version) + ", the store has seen " + std::to_string(newest));
    next.directories.emplace(directory.version, sealed.digest);
    next.signed_root = sealed.signed_root;
    if (next.stop_code == "QZ-HUB-024" && directory.version >= next.required_directory) {
      next.stop_code.clear();
      next.stop_detail.clear();
    }
    auto rights = std::make_shared<const Rights>(directory, sealed);
    // The history is durable before anybody can see the directory: else its own readers would prove a restore.
    write.save(next);
    write.commit();
    state.reach("hub.directory.after_commit");
    const std::lock_guard guard(state.lock);
    state.hub = std::make_shared<const HubState>(std::move(next));
    if (state.rights != nullptr && state.rights->sealed().digest == sealed.digest) return;
    if (state.rights != nullptr) state.older_parts = state.rights->sealed().parts;
    state.rights = std::move(rights);
    state.tell_waiting();
  });
}

std::shared_ptr<const Directory> Exchange::current_directory() const {
  const std::lock_guard guard(state_->lock);
  return {state_->rights, &state_->rights->directory()};
}

void Exchange::use_directory_key(const KeyRecord& key) {
  const std::lock_guard guard(state_->lock);
  auto& keys = state_->directory_keys;
  if (std::none_of(keys.begin(), keys.end(), [&](const KeyRecord& known) { return known.id == key.id; }))
    keys.push_back(key);
}

wire::DirectoryReply Exchange::directory(const std::string& caller, const wire::DirectoryRequest& request) {
  const auto rights = state_->admit(caller);
  if (request.parts_size() > request_limit) reject_request("too many parts");
  wire::DirectoryReply reply;
  reply.set_signed_root(rights->sealed().signed_root);
  const std::lock_guard guard(state_->lock);
  for (const std::string& wanted : request.parts()) {
    const Digest digest = Digest::from_bytes(wanted);
    const auto& parts = rights->sealed().parts;
    const auto found = parts.find(digest);
    const auto older = state_->older_parts.find(digest);
    if (found != parts.end())
      reply.add_parts(found->second);
    else if (older != state_->older_parts.end())
      reply.add_parts(older->second);
    else
      throw Error(ErrorKind::rejected, "QZ-HUB-019", digest.hex());
  }
  return reply;
}

namespace {

bool holds(const wire::Applied& applied, std::span<const KeyRecord> keys) {
  std::vector<seal::SignatureView> signatures{{applied.signature().key_id(), applied.signature().value()}};
  if (applied.has_second()) signatures.push_back({applied.second().key_id(), applied.second().value()});
  return seal::judge_signatures(keys, seal::Purpose::applied, applied.body(), applied.signature().key_id(),
                                applied.second().key_id(), signatures)
      .holds();
}

}  // namespace

wire::AppliedReply Exchange::applied(const std::string& caller, const wire::AppliedRequest& request) {
  State& state = *state_;
  return state.guarded([&] {
    const auto rights = state.admit(caller);
    state.heard(caller, &AgentPresence::applied);
    if (request.applied_size() > request_limit) reject_request("too many apply receipts");
    std::vector<AppliedLine> checked;
    const Day today = beijing_day(state.clock.now());
    const auto department_of = [&](const std::string& agent) {
      const AgentEntry* entry = rights->directory().agent(agent);
      return entry == nullptr ? std::string() : entry->department;
    };
    for (const wire::Applied& applied : request.applied()) {
      wire::AppliedBody body;
      if (!body.ParseFromString(applied.body())) throw Error(ErrorKind::rejected, "QZ-HUB-031", "malformed");
      const StreamId stream = read_value(body.stream());
      if (body.subscriber() != caller || !holds(applied, rights->directory().signing_keys(caller)))
        throw Error(ErrorKind::rejected, "QZ-HUB-031", to_text(stream));
      // A hub whose store was lost does not know the stream until its provider is back: not the subscriber's fault.
      if (state.record_of(stream)->id == 0) continue;
      checked.push_back({today, stream, department_of(stream.agent), caller, department_of(caller), body.begun(),
                         body.upserted(), body.removed(), applied.SerializeAsString()});
    }
    if (checked.empty()) return wire::AppliedReply();
    LogWrite write = state.log.write();
    for (const AppliedLine& line : checked) {
      write.keep_applied(caller, line.stream, line.receipt, state.clock.now());
      write.count(line);
    }
    write.commit();
    return wire::AppliedReply();
  });
}

wire::DirectoryReply Exchange::whole_directory() const {
  std::shared_ptr<const Rights> rights;
  {
    const std::lock_guard guard(state_->lock);
    rights = state_->rights;
  }
  wire::DirectoryReply reply;
  reply.set_signed_root(rights->sealed().signed_root);
  for (const auto& [digest, octets] : rights->sealed().parts) reply.add_parts(octets);
  return reply;
}

Ledger Exchange::ledger(Days days) const {
  LogView view = state_->log.view();
  return {view.ledger_accepted(days), view.ledger_applied(days)};
}

}  // namespace qianzhi::hub
