// Sessions (R5.1), noticing a restored hub (R6.5) and recovering (R6.6).
#include <algorithm>

#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/exchange_state.h"
#include "hub-protocol/hub/shown.h"
#include "hub-protocol/seal/directory_trust.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::hub {

namespace {

constexpr Micros takeover_window = 10'000'000;  // R5.2: a session that posted this recently was in use
constexpr std::size_t shown_limit = 1000;       // of what was proved, kept for recover

}  // namespace

Shown shown_by(const wire::SessionRequest& request) {
  if (request.topics_size() > request_limit || request.receipts_size() > request_limit ||
      request.seen_size() > request_limit)
    reject_request("too many topics, receipts or incarnations");
  Shown shown;
  for (const wire::Receipt& receipt : request.receipts()) shown.receipts.push_back(&receipt);
  for (const wire::IncarnationMessage& seen : request.seen()) shown.incarnations.push_back(read_value(seen));
  shown.directory_version = request.directory().version();
  shown.directory_digest = Digest::from_bytes(request.directory().digest());
  shown.signed_root = request.signed_root();
  return shown;
}

Shown shown_by(const wire::FetchRequest& request) {
  if (request.marks_size() > request_limit || request.wishes_size() > request_limit ||
      request.seen_size() > request_limit)
    reject_request("too many marks, wishes or incarnations");
  Shown shown;
  for (const wire::MarkMessage& mark : request.marks())
    if (mark.has_receipt()) shown.receipts.push_back(&mark.receipt());
  for (const wire::IncarnationMessage& seen : request.seen()) shown.incarnations.push_back(read_value(seen));
  shown.directory_version = request.directory().version();
  shown.directory_digest = Digest::from_bytes(request.directory().digest());
  shown.signed_root = request.signed_root();
  return shown;
}

// One look at what a caller shows, against one state of the hub.
struct Exchange::State::RestoreCheck {
  State& state;
  std::shared_ptr<const HubState> hub;
  std::set<Incarnation> incarnations;       // proved now
  std::optional<ShownDirectory> directory;  // proved now
  std::string code;
  std::string detail;
  bool learned = false;

  bool is_known(const Incarnation& incarnation) const {
    return incarnation == hub->incarnation || hub->closed.count(incarnation) != 0 || hub->shown.count(incarnation) != 0;
  }

  void prove(std::string_view proof_code, std::string proof_detail) {
    learned = true;
    if (!code.empty()) return;
    code = proof_code;
    detail = std::move(proof_detail);
  }

  bool is_on_chain(const StreamId& stream, const Head& head) const {
    const auto record = state.record_of(stream);
    if (head.is_none() || head == record->head || head == record->trimmed) return true;
    if (head.position > record->head.position) return false;
    // What was trimmed away cannot be compared any more and proves nothing.
    if (head.position <= record->trimmed.position) return head.position != record->trimmed.position;
    return state.log.view().digest_at(*record, head.position) == head.digest;
  }

  // The signature is only checked where the content would prove something.
  void look_at(const wire::Receipt& receipt) {
    wire::ReceiptBody body;
    if (!body.ParseFromString(receipt.body())) return;
    const Incarnation incarnation = read_value(body.incarnation());
    if (hub->closed.count(incarnation) != 0 || hub->shown.count(incarnation) != 0) return;
    const StreamId stream = read_value(body.stream());
    const Head head = read_value(body.head());
    const bool present = incarnation == hub->incarnation;
    if (present && is_on_chain(stream, head)) return;
    // A receipt that the hub's key did not sign proves nothing, whoever shows it.
    try {
      seal::open_receipt(receipt, state.hub_key.record());
    } catch (const Error& error) {
      return qianzhi::log("hub " + to_text(stream), error);
    }
    if (present) return prove("QZ-HUB-021", to_text(stream) + " " + to_text(head.position));
    incarnations.insert(incarnation);
    prove("QZ-HUB-022", std::to_string(incarnation.counter));
  }

  void look_at_directory(const Shown& shown) {
    const std::pair reference{shown.directory_version, shown.directory_digest};
    if (shown.directory_digest.is_zero() || hub->directories.count(reference) != 0) return;
    const auto is_same = [&](const ShownDirectory& other) { return other.digest == shown.directory_digest; };
    if (std::any_of(hub->shown_directories.begin(), hub->shown_directories.end(), is_same)) return;
    if (shown.signed_root.empty()) {
      if (code.empty()) throw Error(ErrorKind::rejected, "QZ-HUB-012", std::to_string(shown.directory_version));
      return;
    }
    const seal::RootContent root = root_of(shown);
    if (root.digest != shown.directory_digest || root.version != shown.directory_version)
      reject_request("the signed root is not the directory that is named");
    directory = ShownDirectory{root.version, root.digest, Bytes(shown.signed_root)};
    prove("QZ-HUB-023", std::to_string(root.version));
  }

  seal::RootContent root_of(const Shown& shown) const {
    // A root that no directory key signed is the caller's fault, not damage of ours.
    try {
      const std::string signer = seal::signer_of(shown.signed_root);
      const std::lock_guard guard(state.lock);
      for (const KeyRecord& key : state.directory_keys)
        if (key.id == signer) return seal::open_root(shown.signed_root, key);
      return seal::open_root(shown.signed_root, state.options.directory_key);
    } catch (const Error& error) {
      reject_request(error.code() + ": " + error.detail());
    }
  }
};

void Exchange::State::look_for_restore(const std::string& caller, const Shown& shown) {
  RestoreCheck check{*this, {}, {}, {}, {}, {}, false};
  {
    const std::lock_guard guard(lock);
    check.hub = hub;
  }
  for (const wire::Receipt* receipt : shown.receipts) check.look_at(*receipt);
  check.look_at_directory(shown);
  if (!check.learned) {
    for (const Incarnation& incarnation : shown.incarnations)
      if (!check.is_known(incarnation))
        throw Error(ErrorKind::rejected, "QZ-HUB-013", std::to_string(incarnation.counter));
    return;
  }
  LogWrite write = log.write();
  // An operator may have recovered meanwhile: the proof is of the hub before that.
  if (hub->incarnation != check.hub->incarnation) return;
  HubState next = *hub;
  for (const Incarnation& incarnation : check.incarnations)
    if (next.shown.size() < shown_limit) next.shown.insert(incarnation);
  if (check.directory.has_value() && next.shown_directories.size() < shown_limit)
    next.shown_directories.push_back(*check.directory);
  if (next.stop_code.empty() || next.stop_code == "QZ-HUB-024") {
    next.stop_code = check.code;
    next.stop_detail = check.detail + ", shown by " + caller;
    qianzhi::log("hub", Error(ErrorKind::corrupt, next.stop_code, next.stop_detail));
    tell_audit(caller, "hub.stop", "shown to have been restored", next.stop_code, {{"detail", check.detail}});
  }
  write_state(write, std::move(next));
}

wire::SessionReply Exchange::session(const std::string& caller, const wire::SessionRequest& request) {
  State& state = *state_;
  return state.guarded([&] {
    const auto rights = state.admit(caller);
    state.heard(caller, &AgentPresence::session);
    const Shown shown = shown_by(request);
    state.look_for_restore(caller, shown);
    wire::SessionReply reply;
    Session opened{state.random.bytes(16), 0};
    const auto take_over = [&] {
      qianzhi::log(LogLevel::warning, "hub " + caller, "a session was taken over while it was in use (R5.2)");
      state.tell_audit(caller, "session.take_over", "");
    };
    {
      // Under the writer's lock: no post of an older session is half-way when the heads are read.
      const LogWrite write = state.log.write();
      const std::lock_guard guard(state.lock);
      write_value(state.hub->incarnation, *reply.mutable_incarnation());
      write_value(*state.rights, *reply.mutable_directory());
      reply.set_stopped(state.hub->stop_code);
      reply.set_stopped_detail(state.hub->stop_detail);
      if (!state.hub->stop_code.empty()) return reply;
      Session& session = state.sessions[caller];
      if (session.used != 0 && state.clock.steady() - session.used < takeover_window) take_over();
      session = opened;
    }
    reply.set_session(opened.id);
    state.tell_audit(caller, "session.open", "");
    for (const std::string& topic : request.topics()) *reply.add_heads() = state.receipt_of({caller, topic});
    return reply;
  });
}

void Exchange::recover() {
  State& state = *state_;
  state.guarded([&] {
    LogWrite write = state.log.write();
    HubState next = *state.hub;
    next.closed.insert(next.incarnation);
    next.closed.insert(next.shown.begin(), next.shown.end());
    next.shown.clear();
    next.incarnation = {};
    for (const Incarnation& closed : next.closed)
      next.incarnation.counter = std::max(next.incarnation.counter, closed.counter);
    ++next.incarnation.counter;
    for (const char octet : state.random.bytes(8))
      next.incarnation.random = next.incarnation.random << 8U | static_cast<unsigned char>(octet);
    for (const ShownDirectory& shown : next.shown_directories) {
      next.directories.emplace(shown.version, shown.digest);
      next.required_directory = std::max(next.required_directory, shown.version + 1);
    }
    next.shown_directories.clear();
    const bool behind = next.required_directory > state.rights->directory().version;
    next.stop_code = behind ? "QZ-HUB-024" : "";
    next.stop_detail = behind ? std::to_string(next.required_directory) : "";
    state.reach("hub.recover.before_commit");
    write.save(next);
    write.commit();
    const std::lock_guard guard(state.lock);
    state.hub = std::make_shared<const HubState>(std::move(next));
    state.sessions.clear();
    state.wishes.clear();
    state.letters.clear();
    state.kept_octets = 0;
    state.tell_waiting();
  });
}

void Exchange::stop(const std::string& detail) {
  State& state = *state_;
  state.guarded([&] {
    LogWrite write = state.log.write();
    HubState next = *state.hub;
    if (!next.stop_code.empty()) return;
    next.stop_code = "QZ-HUB-025";
    next.stop_detail = detail;
    state.write_state(write, std::move(next));
  });
}

}  // namespace qianzhi::hub
