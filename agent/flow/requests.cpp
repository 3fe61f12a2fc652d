#include "agent/flow/requests.h"

#include <algorithm>

#include "agent/flow/record.pb.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t call_octets = 4U << 20U;
constexpr Micros later_wait = 10'000'000;
constexpr Micros expire_every = 500'000;

[[noreturn]] void cannot(const char* code, const std::string& what) { throw Error(ErrorKind::rejected, code, what); }

std::string short_id(const Bytes& id) { return to_hex(id).substr(0, 12); }

void check_draft(const InquiryDraft& draft, const Topic& topic) {
  if (topic.mode != TopicMode::answer) cannot("QZ-AGT-150", topic.id + " is not answered but published");
  std::vector<std::string> asked = draft.questions.items;
  std::vector<std::string> wanted = topic.key;
  std::sort(asked.begin(), asked.end());
  std::sort(wanted.begin(), wanted.end());
  if (asked != wanted) {
    std::string list;
    for (const std::string& id : topic.key) list += (list.empty() ? "" : " ") + id;
    cannot("QZ-AGT-150", topic.id + " is asked: " + list);
  }
  if (draft.purpose.empty() || draft.basis.empty()) cannot("QZ-AGT-152", "purpose and basis are needed");
  const auto& purposes = topic.purposes;
  if (!purposes.empty() && std::find(purposes.begin(), purposes.end(), draft.purpose) == purposes.end()) {
    std::string list;
    for (const std::string& purpose : purposes) list += (list.empty() ? "" : "; ") + purpose;
    cannot("QZ-AGT-152", topic.id + ": " + list);
  }
}

record::Inquiry record_of(const InquiryDraft& draft, const Bytes& questions) {
  record::Inquiry content;
  content.set_service(draft.service);
  content.set_purpose(draft.purpose);
  content.set_basis(draft.basis);
  content.set_appeal(draft.appeal);
  content.set_questions(questions);
  for (const std::string& row : draft.rows) content.add_rows(row);
  content.set_table(draft.table);
  return content;
}

}  // namespace

bool Inquiry::is_over() const {
  return std::all_of(providers.begin(), providers.end(),
                     [](const ProviderAnswer& answer) { return store::is_over(answer.state); });
}

Requests::Requests(RequestParts parts)
    : parts_(std::move(parts)),
      keys_(parts_.agent, parts_.store, parts_.directory, parts_.clock, parts_.key.record().suite, parts_.opens) {
  outgoing_ = !parts_.store.requests(store::RequestState::to_send, 1).empty() ||
              !parts_.store.requests(store::RequestState::answer_to_send, 1).empty();
}

std::vector<std::string> Requests::providers_of(const InquiryDraft& draft, const Directory& directory,
                                                const Topic& topic) const {
  if (directory.entitlement(parts_.agent, topic.id, parts_.clock.now()).is_empty())
    cannot("QZ-AGT-151", "no grant to ask " + topic.id);
  const std::vector<std::string> all = directory.providers_of(topic.id);
  std::vector<std::string> chosen = draft.providers.empty() ? all : draft.providers;
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  for (const std::string& provider : chosen) {
    if (std::find(all.begin(), all.end(), provider) == all.end())
      cannot("QZ-AGT-151", provider + " does not answer " + topic.id);
    const AgentEntry* entry = directory.agent(provider);
    if (entry == nullptr || !entry->enabled || seal::encryption_key_of(*entry, parts_.key.record().suite) == nullptr)
      cannot("QZ-AGT-151", provider + " has no encryption key in the directory");
  }
  if (chosen.empty()) cannot("QZ-AGT-151", "nobody answers " + topic.id);
  return chosen;
}

store::KeptRequest Requests::seal_ask(const InquiryDraft& draft, const store::KeptInquiry& inquiry,
                                      const AgentEntry& provider, const Directory& directory,
                                      const Bytes& content) const {
  seal::ParcelHead head;
  head.id = parts_.random.bytes(seal::parcel_id_octets);
  head.from = parts_.agent;
  head.to = provider.id;
  head.service = draft.service;
  head.made = inquiry.made;
  head.deadline = inquiry.deadline;
  head.purpose = draft.purpose;
  head.basis = draft.basis;
  head.questions = static_cast<std::uint32_t>(draft.questions.count());
  head.directory_version = directory.version;
  if (!draft.appeal.empty()) {
    for (const store::KeptRequest& earlier : parts_.store.requests_of(draft.appeal, false))
      if (earlier.peer == provider.id) head.appeal = earlier.id;
  }
  const KeyRecord& reader = *seal::encryption_key_of(provider, parts_.key.record().suite);
  wire::Parcel parcel;
  head = seal::seal_parcel(std::move(head), content, parts_.key, reader, parts_.random, parcel);
  store::KeptRequest request;
  request.id = head.id;
  request.peer = provider.id;
  request.service = draft.service;
  request.inquiry = inquiry.id;
  request.questions = head.questions;
  request.made = head.made;
  request.deadline = head.deadline;
  request.digest = head.digest;
  request.ask = parcel.SerializeAsString();
  return request;
}

Bytes Requests::ask(const InquiryDraft& draft) {
  if (!parts_.opens) cannot("QZ-AGT-153", "exchange.encryption_key");
  const auto directory = parts_.directory.in_force();
  const Topic* topic = directory->catalogue.find(draft.service);
  if (topic == nullptr) cannot("QZ-AGT-151", "the catalogue has no " + draft.service);
  check_draft(draft, *topic);
  if (!draft.appeal.empty() && !parts_.store.inquiry(draft.appeal)) cannot("QZ-AGT-155", short_id(draft.appeal));
  const std::vector<std::string> providers = providers_of(draft, *directory, *topic);
  if (parts_.store.open_requests(true) + providers.size() > most_open_requests)
    throw Error(ErrorKind::full, "QZ-AGT-154", std::to_string(most_open_requests));
  const Bytes content = seal::encode_questions(draft.questions);
  store::KeptInquiry inquiry;
  inquiry.id = parts_.random.bytes(seal::parcel_id_octets);
  inquiry.made = parts_.clock.now();
  inquiry.deadline = inquiry.made + draft.within;
  inquiry.content = record_of(draft, content).SerializeAsString();
  std::vector<store::KeptRequest> requests;
  requests.reserve(providers.size());
  for (const std::string& provider : providers)
    requests.push_back(seal_ask(draft, inquiry, *directory->agent(provider), *directory, content));
  const std::vector<Bytes> tags = tags_of(draft.table, draft.rows);
  inquiry = parts_.store.lock(std::move(inquiry));
  parts_.store.update([&](store::StoreTransaction& update) {
    update.put_inquiry(inquiry);
    for (const store::KeptRequest& request : requests) update.put_request(request);
    if (!draft.table.empty()) update.put_asked(draft.table, inquiry.id, tags);
  });
  outgoing_ = true;
  if (parts_.on_outgoing) parts_.on_outgoing();
  return inquiry.id;
}

std::vector<Bytes> Requests::tags_of(const std::string& table, const std::vector<std::string>& rows) const {
  std::vector<Bytes> tags;
  if (rows.empty()) return tags;
  store::Tagger tagger = parts_.store.tagger();
  for (const std::string& row : rows) tags.push_back(tagger.tag("asked\n" + table + "\n" + row));
  return tags;
}

std::optional<Bytes> Requests::asked_as(const std::string& table, const std::string& row) const {
  return parts_.store.asked(table, tags_of(table, {row}).front());
}

ProviderAnswer Requests::told(const store::KeptRequest& request) const {
  ProviderAnswer answer;
  answer.provider = request.peer;
  answer.state = request.state;
  answer.code = request.code;
  answer.settled = request.settled;
  if (request.state != store::RequestState::answered) return answer;
  try {
    if (!parts_.opens) cannot("QZ-AGT-153", "exchange.encryption_key");
    wire::Parcel parcel;
    if (!parcel.ParseFromString(request.answer)) throw Error(ErrorKind::corrupt, "QZ-AGT-012", "answer");
    const seal::ParcelHead head = seal::open_head(parcel, *parts_.directory.in_force());
    answer.answers = open_answers_in(parcel, head);
  } catch (const Error& error) {
    answer.code = error.code();
  }
  return answer;
}

Inquiry Requests::summary(const Bytes& id) const {
  const auto kept = parts_.store.inquiry(id);
  record::Inquiry content;
  if (!kept) cannot("QZ-AGT-155", short_id(id));
  if (!content.ParseFromString(kept->content)) throw Error(ErrorKind::corrupt, "QZ-AGT-012", "inquiry");
  Inquiry inquiry;
  inquiry.id = id;
  inquiry.service = content.service();
  inquiry.purpose = content.purpose();
  inquiry.basis = content.basis();
  inquiry.appeal = content.appeal();
  inquiry.made = kept->made;
  inquiry.deadline = kept->deadline;
  inquiry.table = content.table();
  inquiry.rows.assign(content.rows().begin(), content.rows().end());
  const std::vector<store::KeptRequest> requests = parts_.store.requests_of(id, false);
  seal::ParcelHead ask;
  ask.questions = requests.empty() ? 0 : requests.front().questions;
  inquiry.questions = seal::decode_questions(content.questions(), ask);
  for (const store::KeptRequest& request : requests)
    inquiry.providers.push_back({request.peer, request.state, request.code, request.settled, {}});
  return inquiry;
}

Inquiry Requests::inquiry(const Bytes& id) const {
  Inquiry inquiry = summary(id);
  inquiry.providers.clear();
  for (const store::KeptRequest& request : parts_.store.requests_of(id, true))
    inquiry.providers.push_back(told(request));
  return inquiry;
}

void Requests::settle(const store::KeptRequest& request, const wire::ParcelVerdict& verdict) {
  if (verdict.outcome() == wire::PARCEL_LATER) {
    later_ = parts_.clock.steady() + later_wait;
    const std::lock_guard guard(lock_);
    trouble_ = verdict.code() + " " + verdict.detail();
    return;
  }
  const bool is_kept = verdict.outcome() == wire::PARCEL_KEPT;
  if (!is_kept) log(LogLevel::warning, "request " + short_id(request.id), verdict.code() + " " + verdict.detail());
  parts_.store.update([&](store::StoreTransaction& update) {
    auto now = update.request(request.is_ours, request.peer, request.id);
    if (!now || now->state != request.state) return;  // answered, expired or sent anew meanwhile
    if (request.is_ours) {
      now->state = is_kept ? store::RequestState::sent : store::RequestState::refused;
      now->code = is_kept ? std::string() : verdict.code();
      if (!is_kept) now->settled = parts_.clock.now();
    } else {
      now->state = store::RequestState::answer_sent;
      if (!is_kept) now->code = verdict.code();
    }
    update.put_request(*now);
  });
  if (request.is_ours && !is_kept && parts_.on_answered) parts_.on_answered();
}

bool Requests::send(HubLink& link) {
  const std::lock_guard one(sending_);
  if (!outgoing_ || parts_.clock.steady() < later_) return false;
  outgoing_ = false;
  std::vector<store::KeptRequest> sent = parts_.store.requests(store::RequestState::answer_to_send, call_octets / 2);
  for (store::KeptRequest& ask : parts_.store.requests(store::RequestState::to_send, call_octets / 2))
    sent.push_back(std::move(ask));
  if (sent.empty()) return false;
  outgoing_ = true;  // others may wait behind them, and these if the call fails
  wire::ParcelsRequest request;
  for (const store::KeptRequest& one_sent : sent)
    request.add_parcels()->ParseFromString(one_sent.is_ours ? one_sent.ask : one_sent.answer);
  wire::ParcelsReply reply;
  try {
    reply = link.parcels(request);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unavailable) throw;
    // What the hub does not take must not keep back what is published.
    note_trouble(error);
    later_ = parts_.clock.steady() + later_wait;
    return false;
  }
  if (!reply.stopped().empty()) throw Error(ErrorKind::unavailable, "QZ-AGT-040", reply.stopped());
  {
    const std::lock_guard guard(lock_);
    trouble_.clear();
  }
  for (int i = 0; i < reply.verdicts_size() && i < static_cast<int>(sent.size()); ++i)
    settle(sent[static_cast<std::size_t>(i)], reply.verdicts(i));
  return parts_.clock.steady() >= later_;
}

void Requests::send_again() {
  const auto sent = parts_.store.requests(store::RequestState::sent, std::size_t{1} << 40U);
  const auto answered = parts_.store.requests(store::RequestState::answer_sent, std::size_t{1} << 40U);
  if (sent.empty() && answered.empty()) return;
  const Micros now = parts_.clock.now();
  parts_.store.update([&](store::StoreTransaction& update) {
    for (const auto* kept : {&sent, &answered})
      for (const store::KeptRequest& request : *kept) {
        auto again = update.request(request.is_ours, request.peer, request.id);
        if (!again || again->state != request.state || again->deadline < now) continue;
        again->state = again->is_ours ? store::RequestState::to_send : store::RequestState::answer_to_send;
        update.put_request(*again);
      }
  });
  outgoing_ = true;
  if (parts_.on_outgoing) parts_.on_outgoing();
}

void Requests::expire() {
  const Micros steady = parts_.clock.steady();
  if (steady < expire_at_) return;
  expire_at_ = steady + expire_every;
  keys_.tend();
  const Micros now = parts_.clock.now();
  if (!parts_.store.has_expired_requests(now, now - parts_.keep)) return;
  parts_.store.update([&](store::StoreTransaction& update) { update.expire_requests(now, now - parts_.keep); });
  if (parts_.on_answered) parts_.on_answered();
}

std::vector<Notice> Requests::notices() const {
  std::vector<Notice> notices = keys_.notices();
  const std::lock_guard guard(lock_);
  if (!trouble_.empty()) notices.push_back({NoticeLevel::warning, "QZ-AGT-156", "requests", trouble_});
  return notices;
}

}  // namespace qianzhi::flow
