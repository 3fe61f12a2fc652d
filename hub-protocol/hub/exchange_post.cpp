// Posts: protocol-rules R5.5, R6.1 to R6.4.
#include <algorithm>

#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/accept.h"
#include "hub-protocol/hub/admission.h"
#include "hub-protocol/hub/exchange_state.h"

namespace qianzhi::hub {

namespace {

// What becomes of one stream in one request.
struct Draft {
  StreamRecord record;
  std::string department;  // of the caller
  bool changed = false;
  bool epoch_waits = false;
  Bytes newest;
  wire::Outcome outcome = wire::OUTCOME_UNSPECIFIED;
  std::string code;
  std::string detail;
  std::vector<std::uint64_t> opened;                               // epochs
  std::vector<std::pair<std::string, std::string>> contradiction;  // digests, for the audit trail
};

void conclude(Draft& draft, wire::Outcome outcome, std::string_view code, std::string_view detail) {
  draft.outcome = outcome;
  draft.code = code;
  draft.detail = detail;
}

void accuse(Draft& draft, const Candidate& candidate, LogWrite& write, Micros now) {
  const seal::Header& header = candidate.batch->header();
  const seal::Parsed held = seal::Parsed::from(write.batch_at(draft.record, header.position).octets);
  write.keep_evidence(draft.record, header.position, held.bare(), candidate.batch->bare(), now);
  if (header.position.epoch == draft.record.head.position.epoch) draft.record.halted = true;
  write.save(draft.record);
  draft.changed = true;
  draft.contradiction = {{"held", held.digest().hex()}, {"offered", candidate.batch->digest().hex()}};
  const std::string place = to_text(header.stream) + " " + to_text(header.position);
  conclude(draft, wire::EQUIVOCATION, "QZ-HUB-016", place);
  log("hub", Error(ErrorKind::corrupt, "QZ-HUB-016", place));
}

void take(Draft& draft, const Candidate& candidate, LogWrite& write, Micros now) {
  const seal::Header& header = candidate.batch->header();
  write.append(draft.record, header, candidate.batch->digest(), candidate.octets);
  if (candidate.rows.all() != 0)
    write.count(draft.record,
                {beijing_day(now), header.stream, draft.department, header.is_refill(), 1, candidate.rows});
  draft.newest = candidate.batch->bare();
  draft.changed = true;
  draft.epoch_waits = false;
  conclude(draft, wire::ACCEPTED, {}, {});
}

// Judges one batch. Anything but ACCEPTED ends the stream's turn in this request.
void judge(Draft& draft, const Candidate& candidate, LogWrite& write, Micros now, const ExchangeOptions& options) {
  if (draft.record.halted) return conclude(draft, wire::HALTED, "QZ-HUB-017", to_text(draft.record.stream));
  if (candidate.foreign) return conclude(draft, wire::INVALID, candidate.code, candidate.detail);
  const seal::Header& header = candidate.batch->header();
  std::optional<Digest> held;
  if (header.position <= draft.record.head.position) held = write.digest_at(draft.record, header.position);
  const Ruling ruling =
      rule_on(draft.record, header, candidate.batch->digest(), held, now, options.free_epochs_per_day);
  if (ruling == Ruling::repeat) return conclude(draft, wire::ACCEPTED, {}, {});
  if (!candidate.code.empty()) return conclude(draft, wire::INVALID, candidate.code, candidate.detail);
  const bool accepts = ruling == Ruling::next || ruling == Ruling::new_epoch;
  const std::string ended = draft.record.keys.ended_among(header.keys());
  if (accepts && !ended.empty()) return conclude(draft, wire::INVALID, "QZ-HUB-007", ended);
  const std::string place = to_text(header.stream) + " " + to_text(header.position);
  switch (ruling) {
    case Ruling::repeat: break;
    case Ruling::equivocation: accuse(draft, candidate, write, now); break;
    case Ruling::epoch_waits:
      conclude(draft, wire::EPOCH_WAITS, "QZ-HUB-018", place);
      draft.epoch_waits = true;
      break;
    case Ruling::refuse:
      conclude(draft, wire::REFUSED, "QZ-HUB-015", place + ", the head is " + to_text(draft.record.head.position));
      break;
    case Ruling::new_epoch:
      if (!draft.record.head.is_none()) count_epoch(draft.record, now, options.free_epochs_per_day);
      take(draft, candidate, write, now);
      draft.opened.push_back(header.position.epoch);
      break;
    case Ruling::next: take(draft, candidate, write, now); break;
  }
}

std::vector<Candidate> examine_all(const wire::PostRequest& request, const std::string& caller,
                                   const Directory& directory) {
  std::vector<Candidate> candidates;
  candidates.reserve(static_cast<std::size_t>(request.batches_size()));
  for (const std::string& octets : request.batches()) candidates.push_back(examine(octets, caller, directory));
  return candidates;
}

}  // namespace

struct Exchange::State::PostRun {
  State& state;
  const std::string& caller;
  const std::string department;  // the caller's
  std::vector<Candidate> candidates;
  std::map<std::string, Draft> drafts;  // by topic; the empty topic stands for what is no batch

  // Not the newest session, or stopped meanwhile: then nothing may be judged.
  bool may_judge(const Bytes& session) const {
    const std::lock_guard guard(state.lock);
    const auto found = state.sessions.find(caller);
    if (!state.hub->stop_code.empty() || found == state.sessions.end() || found->second.id != session) return false;
    found->second.used = state.clock.steady();
    return true;
  }

  Draft& draft_of(const std::string& topic) {
    const auto [found, is_new] = drafts.try_emplace(topic);
    if (is_new) {
      found->second.record = *state.record_of({caller, topic});
      found->second.department = department;
    }
    return found->second;
  }

  // True: something must be committed.
  bool judge_all(LogWrite& write) {
    const Micros now = state.clock.now();
    for (const Candidate& candidate : candidates) {
      if (!candidate.batch.has_value()) {
        conclude(drafts[""], wire::INVALID, candidate.code, candidate.detail);
        continue;
      }
      Draft& draft = draft_of(candidate.batch->header().stream.topic);
      if (draft.outcome == wire::OUTCOME_UNSPECIFIED || draft.outcome == wire::ACCEPTED)
        judge(draft, candidate, write, now, state.options);
    }
    return std::any_of(drafts.begin(), drafts.end(), [](const auto& entry) { return entry.second.changed; });
  }

  void publish() {
    const std::lock_guard guard(state.lock);
    bool news = false;
    for (auto& [topic, draft] : drafts) {
      if (draft.changed) state.publish(draft.record, std::move(draft.newest));
      news = news || draft.changed;
      const auto found = state.streams.find({caller, topic});
      if (found != state.streams.end() && (draft.changed || draft.epoch_waits))
        found->second.epoch_waits = draft.epoch_waits;
    }
    if (news) state.tell_waiting();
  }

  // After the commit.
  void tell_audit() const {
    for (const auto& [topic, draft] : drafts) {
      for (const std::uint64_t epoch : draft.opened)
        state.tell_audit(caller, "stream.new_epoch", topic + " " + std::to_string(epoch));
      const bool accuses = draft.outcome == wire::EQUIVOCATION;
      if (draft.outcome == wire::INVALID || draft.outcome == wire::HALTED || draft.outcome == wire::EPOCH_WAITS)
        state.tell_audit(caller, "stream.refuse", topic, draft.code, {{"detail", draft.detail}});
      if (accuses)
        state.tell_audit(caller, draft.record.halted ? "stream.contradiction_and_halt" : "stream.contradiction",
                         draft.detail, draft.code, draft.contradiction);
    }
  }

  void answer(wire::PostReply& reply) {
    for (const auto& [topic, draft] : drafts) {
      wire::Verdict& verdict = *reply.add_verdicts();
      verdict.set_topic(topic);
      verdict.set_outcome(draft.outcome);
      verdict.set_code(draft.code);
      verdict.set_detail(draft.detail);
      if (!topic.empty()) *verdict.mutable_head() = state.receipt_of({caller, topic});
    }
  }
};

wire::PostReply Exchange::post(const std::string& caller, const wire::PostRequest& request) {
  State& state = *state_;
  return state.guarded([&] {
    const auto rights = state.admit(caller);
    state.heard(caller, &AgentPresence::posted);
    if (request.batches_size() > request_limit) reject_request("too many batches");
    wire::PostReply reply;
    State::PostRun run{state, caller, rights->directory().agent(caller)->department, {}, {}};
    const auto refuse_all = [&] {
      const StopReason stop = state.stop_reason();
      reply.set_stopped(stop.code);
      reply.set_unknown_session(stop.code.empty());
      return reply;
    };
    if (!run.may_judge(request.session())) return refuse_all();
    run.candidates = examine_all(request, caller, rights->directory());
    {
      LogWrite write = state.log.write();
      if (!run.may_judge(request.session())) return refuse_all();
      if (run.judge_all(write)) {
        state.reach("hub.post.before_commit");
        write.commit();
        state.reach("hub.post.after_commit");
      }
      run.publish();
    }
    run.tell_audit();
    run.answer(reply);
    state.reach("hub.post.before_reply");
    return reply;
  });
}

}  // namespace qianzhi::hub
