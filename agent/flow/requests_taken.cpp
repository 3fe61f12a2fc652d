// What comes from the hub: requests to us, and answers to ours. And the settling of the former.
#include <algorithm>

#include "agent/flow/requests.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/wire/parcel.pb.h"

namespace qianzhi::flow {

namespace {

constexpr std::uint32_t fetched_octets = 4U << 20U;
constexpr std::size_t asked_octets = 2U << 20U;
constexpr std::string_view key_is_elsewhere = "QZ-SEAL-102";
constexpr std::string_view key_is_gone = "QZ-SEAL-108";

}  // namespace

void Requests::receive(HubLink& link) {
  const std::lock_guard one(receiving_);
  if (!parts_.opens) return;
  for (bool more = true; more;) {
    wire::ParcelsRequest request;
    for (const Bytes& head : taken_) request.add_taken(head);
    request.set_max_bytes(fetched_octets);
    const wire::ParcelsReply reply = link.parcels(request);
    if (!reply.stopped().empty()) throw Error(ErrorKind::unavailable, "QZ-AGT-040", reply.stopped());
    taken_.clear();
    for (const wire::Parcel& parcel : reply.parcels()) taken_.push_back(take(parcel));
    // Once more after the last, so that the hub lets go of what is here.
    more = reply.more() || !taken_.empty();
  }
}

void Requests::note_trouble(const Error& error) {
  log("request", error);
  const std::lock_guard guard(lock_);
  trouble_ = error.code() + " " + error.detail();
}

seal::Answers Requests::open_answers_in(const wire::Parcel& parcel, const seal::ParcelHead& head) const {
  return seal::decode_answers(seal::open_body(parcel, head, keys_.key_of(head.key)), head);
}

// The digest of its head, once it is settled what becomes of it.
Bytes Requests::take(const wire::Parcel& parcel) {
  const auto directory = parts_.directory.in_force();
  try {
    const seal::ParcelHead head = seal::open_head(parcel, *directory);
    if (head.to != parts_.agent) throw Error(ErrorKind::rejected, "QZ-AGT-157", "it is for " + head.to);
    if (head.kind == seal::ParcelKind::ask)
      take_ask(parcel, head);
    else
      take_reply(parcel, head);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::rejected) throw;
    // Nothing that comes later makes it good. Its sender learns of it by the deadline.
    note_trouble(error);
  }
  return Bytes(seal::digest_of(parcel.head(), parts_.key.record().suite).bytes());
}

void Requests::take_ask(const wire::Parcel& parcel, const seal::ParcelHead& head) {
  store::KeptRequest request;
  request.id = head.id;
  request.is_ours = false;
  request.peer = head.from;
  request.service = head.service;
  request.state = store::RequestState::to_answer;
  request.questions = head.questions;
  request.made = head.made;
  request.deadline = head.deadline;
  request.digest = head.digest;
  request.ask = parcel.SerializeAsString();
  if (head.deadline < parts_.clock.now()) return;
  bool is_new = false;
  parts_.store.update([&](store::StoreTransaction& update) {
    const auto known = update.request(false, head.from, head.id);
    is_new = !known.has_value();
    if (is_new) return update.put_request(request);
    if (known->ask != request.ask) throw Error(ErrorKind::rejected, "QZ-AGT-157", "another request of a known id");
    // It is asked again because the answer did not arrive.
    if (known->state != store::RequestState::answer_sent) return;
    store::KeptRequest again = *known;
    again.state = store::RequestState::answer_to_send;
    update.put_request(again);
    outgoing_ = true;
  });
  if (is_new && parts_.on_asked) parts_.on_asked();
  if (!is_new && outgoing_ && parts_.on_outgoing) parts_.on_outgoing();
}

void Requests::take_reply(const wire::Parcel& parcel, const seal::ParcelHead& head) {
  const auto kept = parts_.store.request(true, head.from, head.id);
  if (!kept) throw Error(ErrorKind::rejected, "QZ-AGT-157", "nothing was asked that it answers");
  seal::ParcelHead ask;
  ask.id = kept->id;
  ask.from = parts_.agent;
  ask.to = kept->peer;
  ask.service = kept->service;
  ask.deadline = kept->deadline;
  ask.questions = kept->questions;
  ask.digest = kept->digest;
  seal::check_reply(ask, head);
  bool is_answer = head.kind == seal::ParcelKind::answer;
  std::string code = head.code;
  try {
    // It must open here and now: later there is nobody to complain to.
    if (is_answer) open_answers_in(parcel, head);
  } catch (const Error& error) {
    if (error.code() != key_is_gone && error.code() != key_is_elsewhere) throw;
    // Nobody ever reads it, and who asked is to know at once; or it is read once the configuration names the key.
    if (error.code() == key_is_gone) {
      note_trouble(error);
      is_answer = false;
      code = error.code();
    }
  }
  parts_.store.update([&](store::StoreTransaction& update) {
    auto now = update.request(true, head.from, head.id);
    if (!now || store::is_over(now->state)) return;
    now->state = is_answer ? store::RequestState::answered : store::RequestState::refused;
    now->answer = parcel.SerializeAsString();
    now->code = code;
    now->settled = parts_.clock.now();
    update.put_request(*now);
  });
}

std::vector<AskedRequest> Requests::asked(const std::function<bool(const store::KeptRequest&)>& wanted) {
  std::vector<AskedRequest> open;
  const auto directory = parts_.directory.in_force();
  for (store::KeptRequest& request : parts_.store.requests_to_answer(wanted, asked_octets)) {
    AskedRequest asked;
    wire::Parcel parcel;
    asked.request = std::move(request);
    if (!parcel.ParseFromString(asked.request.ask)) throw Error(ErrorKind::corrupt, "QZ-AGT-012", "request");
    try {
      asked.head = seal::open_head(parcel, *directory);
      asked.questions =
          seal::decode_questions(seal::open_body(parcel, asked.head, keys_.key_of(asked.head.key)), asked.head);
      open.push_back(std::move(asked));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::rejected) throw;
      if (error.code() != key_is_elsewhere) refuse(asked, error.code());
    }
  }
  return open;
}

seal::ParcelHead Requests::reply_head(const AskedRequest& asked, seal::ParcelKind kind) const {
  seal::ParcelHead head;
  head.kind = kind;
  head.id = asked.request.id;
  head.from = parts_.agent;
  head.to = asked.request.peer;
  head.service = asked.request.service;
  head.made = parts_.clock.now();
  head.deadline = asked.request.deadline;
  head.ask_digest = asked.request.digest;
  head.questions = asked.request.questions;
  return head;
}

void Requests::keep_reply(const AskedRequest& asked, const wire::Parcel& parcel, const std::string& code) {
  parts_.store.update([&](store::StoreTransaction& update) {
    auto now = update.request(false, asked.request.peer, asked.request.id);
    if (!now || now->state != store::RequestState::to_answer) return;
    now->state = store::RequestState::answer_to_send;
    now->answer = parcel.SerializeAsString();
    now->code = code;
    now->settled = parts_.clock.now();
    update.put_request(*now);
  });
  outgoing_ = true;
  if (parts_.on_outgoing) parts_.on_outgoing();
}

void Requests::answer(const AskedRequest& asked, const seal::Answers& answers) {
  const auto directory = parts_.directory.in_force();
  const AgentEntry* asker = directory->agent(asked.request.peer);
  const KeyRecord* reader = asker == nullptr ? nullptr : seal::encryption_key_of(*asker, parts_.key.record().suite);
  if (reader == nullptr) return refuse(asked, "QZ-AGT-151");
  seal::ParcelHead head = reply_head(asked, seal::ParcelKind::answer);
  head.directory_version = directory->version;
  wire::Parcel parcel;
  seal::seal_parcel(std::move(head), seal::encode_answers(answers), parts_.key, *reader, parts_.random, parcel);
  keep_reply(asked, parcel, {});
}

void Requests::refuse(const AskedRequest& asked, const std::string& code) {
  seal::ParcelHead head = reply_head(asked, seal::ParcelKind::refusal);
  head.code = code;
  head.directory_version = parts_.directory.in_force()->version;
  wire::Parcel parcel;
  seal::seal_refusal(std::move(head), parts_.key, parcel);
  keep_reply(asked, parcel, code);
}

}  // namespace qianzhi::flow
