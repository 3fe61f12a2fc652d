#include "hub-protocol/hub/parcels.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::hub {

namespace {

constexpr int most_parcels = 256;
constexpr int most_taken_digests = 4096;
constexpr std::uint64_t most_given_octets = 8U << 20U;

[[noreturn]] void refuse_parcel(const char* code, const std::string& what) {
  throw Error(ErrorKind::rejected, code, what);
}

std::string kind_of(const seal::ParcelHead& head) {
  switch (head.kind) {
    case seal::ParcelKind::ask: return "request.ask";
    case seal::ParcelKind::answer: return "request.answer";
    case seal::ParcelKind::refusal: return "request.refuse";
  }
  return "request";
}

// Digests only: what is asked and answered is nobody's here.
audit::Entry entry_of(const seal::ParcelHead& head) {
  audit::Entry entry{{audit::ActorKind::agent, head.from}, kind_of(head), to_hex(head.id), ""};
  entry.purpose = head.purpose;
  entry.basis = head.basis;
  entry.details = {{"to", head.to},
                   {"service", head.service},
                   {"questions", std::to_string(head.questions)},
                   {"deadline", to_text(head.deadline)},
                   {"head", head.digest.hex()}};
  if (head.kind != seal::ParcelKind::refusal) entry.details.emplace_back("sealed", head.body_digest.hex());
  if (!head.code.empty()) entry.details.emplace_back("code", head.code);
  if (!head.appeal.empty()) entry.details.emplace_back("appeal", to_hex(head.appeal));
  return entry;
}

const Topic& answered_topic(const std::string& service, const Directory& directory) {
  const Topic* topic = directory.catalogue.find(service);
  if (topic == nullptr || topic->mode != TopicMode::answer) refuse_parcel("QZ-HUB-251", service + " is not answered");
  return *topic;
}

}  // namespace

void Parcels::check_ask(const seal::ParcelHead& head, const Directory& directory) const {
  const Topic& topic = answered_topic(head.service, directory);
  const Micros now = parts_.clock.now();
  if (directory.provides(head.to, topic.id).is_empty()) refuse_parcel("QZ-HUB-251", head.to + " does not answer");
  if (directory.entitlement(head.from, topic.id, now).is_empty()) refuse_parcel("QZ-HUB-251", "no grant");
  const auto& purposes = topic.purposes;
  if (!purposes.empty() && std::find(purposes.begin(), purposes.end(), head.purpose) == purposes.end())
    refuse_parcel("QZ-HUB-252", head.purpose);
  if (head.deadline <= now || head.deadline > now + parts_.longest)
    refuse_parcel("QZ-HUB-253", "until " + to_text(head.deadline) + ", here it is " + to_text(now));
}

// Who no longer provides may still say so, and what he was asked before he may answer: the asker looks at it.
void Parcels::check_reply(const seal::ParcelHead& head, const Directory& directory) const {
  answered_topic(head.service, directory);
  const auto ask = parts_.box.find(head.ask_digest);
  if (!ask) throw Error(ErrorKind::unavailable, "QZ-HUB-254", to_hex(head.id));
  const bool fits = ask->kind == seal::ParcelKind::ask && ask->from == head.to && ask->to == head.from &&
                    ask->service == head.service && ask->deadline == head.deadline && ask->questions == head.questions;
  if (!fits) refuse_parcel("QZ-SEAL-105", to_hex(head.id));
}

seal::ParcelHead Parcels::judge(const std::string& caller, const wire::Parcel& parcel,
                                const Directory& directory) const {
  // What was sealed before its sender took a new key is still his word, as of batches that wait.
  seal::ParcelHead head = seal::open_head(parcel, directory);
  if (head.from != caller) refuse_parcel("QZ-HUB-251", "a parcel of " + head.from);
  if (head.kind == seal::ParcelKind::ask)
    check_ask(head, directory);
  else
    check_reply(head, directory);
  return head;
}

void Parcels::put(const std::string& caller, const wire::ParcelsRequest& request, wire::ParcelsReply& reply) {
  const auto directory = parts_.directory();
  const DigestSuite suite = directory->hub_key.suite;
  std::vector<seal::ParcelHead> heads;
  std::vector<Bytes> octets;
  std::vector<int> places;
  std::vector<audit::Entry> entries;
  for (const wire::Parcel& parcel : request.parcels()) {
    wire::ParcelVerdict& verdict = *reply.add_verdicts();
    verdict.set_head(Bytes(seal::digest_of(parcel.head(), suite).bytes()));
    try {
      heads.push_back(judge(caller, parcel, *directory));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::rejected && error.kind() != ErrorKind::unavailable) throw;
      verdict.set_outcome(error.kind() == ErrorKind::rejected ? wire::PARCEL_REFUSED : wire::PARCEL_LATER);
      verdict.set_code(error.code());
      verdict.set_detail(error.detail());
      parts_.tally({{audit::ActorKind::agent, caller}, "request.carry", "parcel", error.code()});
      continue;
    }
    octets.push_back(parcel.SerializeAsString());
    places.push_back(reply.verdicts_size() - 1);
    if (!parts_.box.find(heads.back().digest)) entries.push_back(entry_of(heads.back()));
  }
  if (heads.empty()) return;
  if (!entries.empty()) parts_.enter(entries);
  std::vector<OfferedParcel> offered;
  for (std::size_t i = 0; i < heads.size(); ++i) offered.push_back({heads[i], octets[i]});
  const std::vector<PutOutcome> outcomes = parts_.box.put(offered, parts_.clock.now());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    wire::ParcelVerdict& verdict = *reply.mutable_verdicts(places[i]);
    const bool is_later = outcomes[i] == PutOutcome::sender_full || outcomes[i] == PutOutcome::box_full;
    const std::string_view code = code_of(outcomes[i]);
    verdict.set_outcome(code.empty() ? wire::PARCEL_KEPT : is_later ? wire::PARCEL_LATER : wire::PARCEL_REFUSED);
    verdict.set_code(std::string(code));
  }
  parts_.on_news();
}

wire::ParcelsReply Parcels::exchange(const std::string& caller, const wire::ParcelsRequest& request) {
  if (request.parcels_size() > most_parcels || request.taken_size() > most_taken_digests)
    throw Error(ErrorKind::rejected, "QZ-HUB-011", "too many parcels");
  const auto directory = parts_.directory();
  const AgentEntry* agent = directory->agent(caller);
  if (agent == nullptr || !agent->enabled) throw Error(ErrorKind::rejected, "QZ-HUB-001", caller);
  wire::ParcelsReply reply;
  if (request.parcels_size() != 0) put(caller, request, reply);
  std::vector<Digest> taken;
  for (const std::string& digest : request.taken()) {
    if (digest.size() != Digest::size) throw Error(ErrorKind::rejected, "QZ-HUB-011", "a digest of another length");
    taken.push_back(Digest::from_bytes(digest));
  }
  if (!taken.empty()) parts_.box.taken(caller, taken);
  if (request.max_bytes() == 0) return reply;
  const std::uint64_t most = std::min<std::uint64_t>(request.max_bytes(), most_given_octets);
  const auto waiting = parts_.box.waiting_for(caller, most, 0, parts_.clock.now());
  for (const WaitingParcel& parcel : waiting)
    if (!reply.add_parcels()->ParseFromString(parcel.octets))
      throw Error(ErrorKind::corrupt, "QZ-HUB-032", parcel.digest.hex());
  if (!waiting.empty())
    reply.set_more(!parts_.box.waiting_for(caller, 1, waiting.back().place, parts_.clock.now()).empty());
  return reply;
}

void Parcels::expire() {
  for (const RememberedParcel& parcel : parts_.box.expire(parts_.clock.now()))
    parts_.tally({{audit::ActorKind::hub, ""}, "request.expire", parcel.from + " to " + parcel.to, "QZ-SEAL-111"});
}

}  // namespace qianzhi::hub
