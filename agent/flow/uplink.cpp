#include "agent/flow/uplink.h"

#include <algorithm>

#include "agent/flow/requests.h"
#include "agent/flow/schedule.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/wire/values.h"

namespace qianzhi::flow {

namespace {

constexpr Micros hold_time = 10'000'000;
constexpr Micros ask_interval = 600'000'000;
constexpr std::string_view key_refused = "QZ-HUB-006";

}  // namespace

Uplink::Uplink(std::string agent, std::map<std::string, config::Schedule> schedules, UplinkParts parts)
    : agent_(std::move(agent)), schedules_(std::move(schedules)), parts_(std::move(parts)) {}

void Uplink::open_session() {
  const auto directory = parts_.directory.in_force();
  wire::SessionRequest request;
  compared_.clear();
  for (const std::string& topic : parts_.store.topics()) {
    const auto state = parts_.store.stream(topic);
    if (!state) continue;
    request.add_topics(topic);
    compared_.insert(topic);
    if (!state->receipt.empty()) request.add_receipts()->ParseFromString(state->receipt);
  }
  for (const Incarnation& seen : parts_.directory.incarnations()) write_value(seen, *request.add_seen());
  *request.mutable_directory() = parts_.directory.reference();
  request.set_signed_root(parts_.directory.signed_root());
  const wire::SessionReply reply = parts_.link.session(request);
  stopped_ = reply.stopped();
  if (!stopped_.empty()) throw Error(ErrorKind::unavailable, "QZ-AGT-040", stopped_ + " " + reply.stopped_detail());
  parts_.directory.note_incarnation(read_value(reply.incarnation()));
  if (parts_.directory.differs(reply.directory())) parts_.directory.refresh(parts_.link);
  const KeyRecord hub_key = parts_.directory.in_force()->hub_key;
  bool asked = false;
  for (const wire::Receipt& receipt : reply.heads()) {
    const seal::ReceiptContent head = seal::open_receipt(receipt, hub_key);
    if (head.stream.agent != agent_) throw Error(ErrorKind::corrupt, "QZ-AGT-041", to_text(head.stream));
    asked = compare(head.stream.topic, head, receipt) || asked;
  }
  held_.clear();
  heard_ = parts_.clock.steady();
  session_ = reply.session();
  session_lost_ = false;
  if (asked && parts_.on_epoch_request) parts_.on_epoch_request();
}

std::string Uplink::lost_key(const std::string& topic, const Position& head) const {
  const auto directory = parts_.directory.in_force();
  const std::span<const KeyRecord> registered = directory->signing_keys(agent_);
  const auto counts = [&](const std::string& id) {
    return std::any_of(registered.begin(), registered.end(),
                       [&](const KeyRecord& key) { return key.id == id && key.state != KeyState::revoked; });
  };
  // Sealing again with the same lost key would help nobody.
  for (const KeyRecord& key : parts_.keys)
    if (!counts(key.id)) return {};
  const auto next = parts_.store.batches_after(topic, head, 1);
  if (next.empty() || parts_.keys.empty()) return {};
  for (const std::string& id : seal::Parsed::from(next.front().octets).header().keys())
    if (!counts(id)) return id;
  return {};
}

bool Uplink::compare(const std::string& topic, const seal::ReceiptContent& head, const wire::Receipt& receipt) {
  const auto state = parts_.store.stream(topic);
  if (!state || state->epoch_request) return false;
  const bool same = head.head.digest == state->last.digest && !state->last.is_none();
  const auto following = same ? std::nullopt : parts_.store.batch_following(topic, head.head.digest);
  const bool follows = following.has_value();
  // The digest decides, but its number is what is pruned by (R5.7): one that is not the batch's own would lose others.
  if ((same && head.head != state->last) || (follows && head.head.position >= following->head.position))
    throw Error(ErrorKind::corrupt, "QZ-AGT-041", to_text(head.stream) + " " + to_text(head.head.position));
  const std::string lost = follows ? lost_key(topic, head.head.position) : std::string();
  if ((same || follows) && state->shown_above == 0 && lost.empty()) {
    parts_.store.update([&](store::StoreTransaction& transaction) {
      store::StreamState now = transaction.stream(topic).value();
      now.receipted = head.head.position;
      now.secured = std::min(std::max(now.secured, head.secured.position), head.head.position);
      now.receipt = receipt.SerializeAsString();
      now.uplink_code.clear();
      now.uplink_detail.clear();
      transaction.put_stream(topic, now);
      transaction.prune(topic, std::min(now.receipted, now.secured));
    });
    return false;
  }
  if (state->last.is_none()) return false;
  store::EpochRequest request;
  request.head = head.head;
  request.above = std::max(head.head.position.epoch, state->shown_above);
  request.reason = state->shown_above != 0 ? "a subscriber holds a batch of ours that this store does not know"
                   : !lost.empty()         ? "what waits was sealed with a key that the hub never takes again: " + lost
                                           : "the hub's head " + to_text(head.head.position) +
                                         " is not in our chain, which ends at " + to_text(state->last.position);
  log(LogLevel::warning, topic, request.reason);
  parts_.store.update([&](store::StoreTransaction& transaction) {
    store::StreamState now = transaction.stream(topic).value();
    if (!now.epoch_request) now.epoch_request = request;
    transaction.put_stream(topic, now);
  });
  return true;
}

bool Uplink::has_new_stream() const {
  const std::vector<std::string> topics = parts_.store.topics();
  return std::any_of(topics.begin(), topics.end(),
                     [&](const std::string& topic) { return !compared_.contains(topic); });
}

wire::PostRequest Uplink::next_post(std::map<std::string, std::vector<store::KeptBatch>>& sent) {
  wire::PostRequest request;
  request.set_session(session_);
  struct Candidate {
    std::string topic;
    Position after;
    Micros before = 0;
    Micros oldest = 0;
  };
  std::vector<Candidate> candidates;
  const Micros steady = parts_.clock.steady();
  for (const std::string& topic : parts_.store.topics()) {
    if (!compared_.contains(topic)) continue;  // it began just now, beside this stage
    const auto state = parts_.store.stream(topic);
    if (!state || state->epoch_request || state->last.position <= state->receipted) continue;
    const auto held = held_.find(topic);
    if (held != held_.end() && steady < held->second.until) continue;
    const auto schedule = schedules_.find(topic);
    const Micros oldest = parts_.store.first_after(topic, state->receipted);
    const Micros now = parts_.clock.now();
    // One that was sealed later than now was sealed before the clock was set back; when it is due nobody knows.
    const bool waits = schedule != schedules_.end() && oldest <= now;
    candidates.push_back({topic, state->receipted, waits ? released_before(schedule->second, now) : 0, oldest});
  }
  // Oldest first, an equal share each, so that no topic starves behind another's backlog.
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.oldest < b.oldest; });
  const std::size_t share = candidates.empty() ? 0 : std::max<std::size_t>(1, parts_.post_octets / candidates.size());
  std::size_t total = 0;
  for (const Candidate& candidate : candidates) {
    if (total >= parts_.post_octets) break;
    auto batches = parts_.store.batches_after(candidate.topic, candidate.after, share, candidate.before);
    if (batches.empty()) continue;
    for (store::KeptBatch& batch : batches) {
      total += batch.octets.size();
      request.add_batches(std::move(batch.octets));
      batch.octets.clear();
    }
    sent[candidate.topic] = std::move(batches);
  }
  return request;
}

void Uplink::take_receipt(const std::string& topic, const wire::Receipt& receipt, const seal::ReceiptContent& content) {
  const auto state = parts_.store.stream(topic);
  if (!state) return;
  const std::uint64_t rows = parts_.store.rows_through(topic, state->receipted, content.head.position);
  const Micros sealed = parts_.store.first_after(topic, state->receipted);
  parts_.store.update([&](store::StoreTransaction& transaction) {
    store::StreamState now = transaction.stream(topic).value();
    now.receipted = content.head.position;
    now.secured = content.secured.position;
    now.receipt = receipt.SerializeAsString();
    now.rows_receipted += rows;
    now.uplink_code.clear();
    now.uplink_detail.clear();
    transaction.put_stream(topic, now);
    transaction.prune(topic, std::min(now.receipted, now.secured));
  });
  if (rows != 0 && sealed != 0) delay_ = std::max<Micros>(parts_.clock.now() - sealed, 0);
}

void Uplink::hold(const std::string& topic, const wire::Verdict& verdict) {
  held_[topic] = {verdict.code(), parts_.clock.steady() + hold_time};
  const std::string code = verdict.code().empty() ? "QZ-AGT-042" : verdict.code();
  log(LogLevel::error, topic, "the hub refuses this stream: " + code + " " + verdict.detail());
  parts_.store.update([&](store::StoreTransaction& transaction) {
    auto now = transaction.stream(topic);
    if (!now) return;
    now->uplink_code = code;
    now->uplink_detail = verdict.detail();
    transaction.put_stream(topic, *now);
  });
}

void Uplink::judge(const wire::Verdict& verdict, const std::vector<store::KeptBatch>& sent) {
  const std::string& topic = verdict.topic();
  if (verdict.outcome() == wire::REFUSED) {
    session_.clear();
    ++refusals_;
    return;
  }
  if (verdict.has_head()) {
    const seal::ReceiptContent content = seal::open_receipt(verdict.head(), parts_.directory.in_force()->hub_key);
    if (content.stream != StreamId{agent_, topic})
      throw Error(ErrorKind::corrupt, "QZ-AGT-041", to_text(content.stream));
    // R5.6
    const bool ours = std::any_of(sent.begin(), sent.end(),
                                  [&](const store::KeptBatch& batch) { return batch.head == content.head; }) ||
                      parts_.store.keeps(topic, content.head);
    if (ours) refusals_ = 0;
    if (ours)
      take_receipt(topic, verdict.head(), content);
    else if (verdict.outcome() == wire::ACCEPTED)
      session_.clear();  // R5.6: not the digest of anything we sent: exchange heads
    // A key of what waits may have been revoked since it was sealed.
    if (verdict.code() == key_refused && compare(topic, content, verdict.head())) {
      if (parts_.on_epoch_request) parts_.on_epoch_request();
      return;
    }
  }
  if (verdict.outcome() != wire::ACCEPTED) hold(topic, verdict);
}

void Uplink::report() {
  std::vector<Notice> notices;
  if (!stopped_.empty()) notices.push_back({NoticeLevel::error, "QZ-AGT-040", "hub", stopped_});
  for (const std::string& topic : parts_.store.topics()) {
    const auto state = parts_.store.stream(topic);
    if (state && !state->uplink_code.empty())
      notices.push_back({NoticeLevel::error, state->uplink_code, topic, state->uplink_detail});
  }
  if (waits_for_backup()) notices.push_back({NoticeLevel::warning, "QZ-AGT-026", "hub", ""});
  say(std::move(notices));
}

// R5.1: a hub that was restarted, perhaps from an older copy, must be shown what was receipted although nothing waits.
Progress Uplink::ask() {
  const bool told = asks_.exchange(false);
  if (!told && parts_.clock.steady() - heard_ < ask_interval) return Progress::idle;
  wire::PostRequest request;
  request.set_session(session_);
  wire::PostReply reply;
  try {
    reply = parts_.link.post(request);
  } catch (...) {
    asks_ = true;
    throw;
  }
  heard_ = parts_.clock.steady();
  // Heads tell what is in a backup by now: a queue that is full of what is not sends nothing that could bring it.
  if (!reply.unknown_session() && reply.stopped().empty() && !keeps_unsecured()) return Progress::idle;
  session_.clear();
  return Progress::moved;
}

bool Uplink::keeps_unsecured() const {
  const std::vector<std::string> topics = parts_.store.topics();
  return std::any_of(topics.begin(), topics.end(), [&](const std::string& topic) {
    const auto state = parts_.store.stream(topic);
    return state && state->secured < state->receipted;
  });
}

bool Uplink::waits_for_backup() const {
  if (!parts_.store.is_full() || !keeps_unsecured()) return false;
  const std::vector<std::string> topics = parts_.store.topics();
  return std::all_of(topics.begin(), topics.end(), [&](const std::string& topic) {
    const auto state = parts_.store.stream(topic);
    return !state || state->last.position == state->receipted;
  });
}

Progress Uplink::run_once() {
  // First: somebody waits for each of them, and for a batch seldom anybody.
  bool has_sent = false;
  if (parts_.requests != nullptr) {
    parts_.requests->expire();
    has_sent = parts_.requests->has_outgoing() && parts_.requests->send(parts_.link);
  }
  const Progress posted = post_next();
  return has_sent ? Progress::moved : posted;
}

Progress Uplink::post_next() {
  if (session_lost_ || has_new_stream()) session_.clear();
  if (session_.empty()) {
    open_session();
    report();
  }
  if (parts_.clock.steady() < post_at_) return Progress::idle;
  std::map<std::string, std::vector<store::KeptBatch>> sent;
  const wire::PostRequest request = next_post(sent);
  if (sent.empty()) return ask();
  if (parts_.breakpoint) parts_.breakpoint("uplink.before_post");
  const wire::PostReply reply = parts_.link.post(request);
  if (parts_.breakpoint) parts_.breakpoint("uplink.after_post");
  heard_ = parts_.clock.steady();
  const bool is_full = request.ByteSizeLong() >= parts_.post_octets / 2;
  post_at_ = is_full ? 0 : parts_.clock.steady() + parts_.post_interval;
  if (reply.unknown_session() || !reply.stopped().empty()) {
    session_.clear();
    ++refusals_;
  }
  for (const wire::Verdict& verdict : reply.verdicts()) {
    const auto batches = sent.find(verdict.topic());
    if (batches != sent.end()) judge(verdict, batches->second);
  }
  report();
  // R5.2: takeovers and repeated refusals back off instead of chasing each other.
  if (refusals_ > 1) throw Error(ErrorKind::unavailable, "QZ-AGT-043", std::to_string(refusals_) + " times in a row");
  return Progress::moved;
}

}  // namespace qianzhi::flow
