#include "agent/flow/matters.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "agent/flow/aside.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/seal/document.h"
#include "hub-protocol/wire/matter_text.h"

namespace qianzhi::flow {

namespace {

constexpr std::string_view matter_prefix = "matter/";
constexpr std::string_view document_prefix = "document/";
constexpr std::string_view revision_name = "matters-revision";
constexpr int most_sent = 32;
constexpr Micros month = 30LL * 86'400'000'000;
constexpr std::size_t shown_digits = 12;

std::string matter_name(const Bytes& id) { return std::string(matter_prefix) + to_hex(id); }

std::string short_id(const wire::Matter& matter) { return to_hex(matter.id()).substr(0, shown_digits); }

// Documents wait in the order in which they were said.
std::string document_name(Micros time, const Bytes& id) {
  char order[24];
  std::snprintf(order, sizeof order, "%020lld", static_cast<long long>(time));
  return std::string(document_prefix) + order + "-" + to_hex(id);
}

}  // namespace

Matters::Matters(MatterContext context) : context_(std::move(context)) {
  for (const auto& [name, locked] : context_.store.values_with_prefix(matter_prefix)) {
    wire::Matter matter;
    if (matter.ParseFromString(context_.store.open_value(name, locked))) matters_[matter.id()] = std::move(matter);
  }
  if (const auto revision = context_.store.value(revision_name))
    std::from_chars(revision->data(), revision->data() + revision->size(), revision_);
  has_waiting_ = !context_.store.values_with_prefix(document_prefix).empty();
}

// Signed once: what is sent again are the same octets.
Bytes Matters::keep(wire::DocumentBody content) {
  content.set_id(context_.random.bytes(seal::document_id_octets));
  content.set_sender(context_.agent);
  content.set_time(context_.clock.now());
  wire::Document document;
  seal::sign_document(content, context_.key, document);
  const std::string name = document_name(content.time(), content.id());
  const Bytes locked = context_.store.lock_value(name, document.SerializeAsString());
  context_.store.update([&](store::StoreTransaction& update) { update.put_value(name, locked); });
  const std::lock_guard guard(lock_);
  has_waiting_ = true;
  return content.id();
}

DocumentFate Matters::say(wire::DocumentBody content, HubLink* link) {
  DocumentFate fate;
  fate.id = keep(std::move(content));
  if (link == nullptr) return fate;
  try {
    sync(*link);
  } catch (const Error& error) {
    log("matters", error);
    fate.detail = error.code();
    return fate;
  }
  fate.is_sent = true;
  const std::lock_guard guard(lock_);
  const auto refused = refused_.find(fate.id);
  if (refused == refused_.end()) return fate;
  DocumentFate told = refused->second;
  refused_.erase(refused);
  return told;
}

std::vector<std::pair<std::string, wire::Document>> Matters::waiting() const {
  std::vector<std::pair<std::string, wire::Document>> documents;
  for (const auto& [name, locked] : context_.store.values_with_prefix(document_prefix)) {
    if (documents.size() == most_sent) break;
    wire::Document document;
    if (document.ParseFromString(context_.store.open_value(name, locked)))
      documents.emplace_back(name, std::move(document));
  }
  return documents;
}

void Matters::sync(HubLink& link) {
  const std::lock_guard one(syncing_);
  bool more = true;
  bool from_the_start = false;
  while (more) {
    const auto sent = waiting();
    wire::MattersRequest request;
    for (const auto& [name, document] : sent) *request.add_documents() = document;
    request.set_after(from_the_start ? 0 : revision());
    const wire::MattersReply reply = link.matters(request);
    for (int i = 0; i < reply.verdicts_size() && i < static_cast<int>(sent.size()); ++i)
      settle(sent[static_cast<std::size_t>(i)].first, reply.verdicts(i));
    // A hub that knows less than it told before was restored: what it has now counts.
    const bool goes_back = reply.revision() < request.after();
    take(reply, from_the_start);
    more = reply.more() || goes_back || sent.size() == most_sent;
    from_the_start = goes_back;
  }
  const bool waits = !context_.store.values_with_prefix(document_prefix).empty();
  const std::lock_guard guard(lock_);
  has_waiting_ = waits;
}

void Matters::settle(const std::string& name, const wire::DocumentVerdict& verdict) {
  context_.store.update([&](store::StoreTransaction& update) { update.erase_value(name); });
  if (verdict.code().empty()) return;
  log(LogLevel::warning, "matters", "the hub refused a document: " + verdict.code() + " " + verdict.detail());
  const std::lock_guard guard(lock_);
  refused_[verdict.id()] = {verdict.id(), true, verdict.code(), verdict.detail()};
}

void Matters::take(const wire::MattersReply& reply, bool from_the_start) {
  std::vector<std::pair<std::string, Bytes>> locked;
  for (const wire::Matter& matter : reply.matters()) {
    const std::string name = matter_name(matter.id());
    locked.emplace_back(name, context_.store.lock_value(name, matter.SerializeAsString()));
  }
  const auto old =
      from_the_start ? context_.store.values_with_prefix(matter_prefix) : std::vector<std::pair<std::string, Bytes>>();
  if (!locked.empty() || !old.empty() || reply.revision() != revision())
    context_.store.update([&](store::StoreTransaction& update) {
      for (const auto& [name, value] : old) update.erase_value(name);
      for (const auto& [name, value] : locked) update.put_value(name, value);
      update.put_value(revision_name, std::to_string(reply.revision()));
    });
  const std::lock_guard guard(lock_);
  if (from_the_start) matters_.clear();
  for (const wire::Matter& matter : reply.matters()) matters_[matter.id()] = matter;
  revision_ = reply.revision();
}

std::uint64_t Matters::revision() const {
  const std::lock_guard guard(lock_);
  return revision_;
}

bool Matters::is_due(std::uint64_t hub_revision) const {
  const std::lock_guard guard(lock_);
  return has_waiting_ || hub_revision != revision_;
}

std::vector<wire::Matter> Matters::all() const {
  std::vector<wire::Matter> matters;
  {
    const std::lock_guard guard(lock_);
    for (const auto& entry : matters_) matters.push_back(entry.second);
  }
  std::sort(matters.begin(), matters.end(),
            [](const wire::Matter& a, const wire::Matter& b) { return a.revision() > b.revision(); });
  return matters;
}

wire::Matter Matters::find(std::string_view id) const {
  const std::lock_guard guard(lock_);
  bool several = false;
  const wire::Matter* found = find_matter(matters_, id, several);
  if (found == nullptr)
    throw Error(ErrorKind::rejected, "QZ-AGT-140", std::string(id) + (several ? " fits several" : ""));
  return *found;
}

std::multimap<std::string, Awaited> Matters::awaited(const StreamId& stream) const {
  std::multimap<std::string, Awaited> all;
  const std::lock_guard guard(lock_);
  for (const auto& [id, matter] : matters_) {
    wire::DocumentBody body;
    if (matter.state() != wire::MATTER_ACCEPTED || matter.topic() != stream.topic || corrected_.count(id) != 0 ||
        matter.documents().empty() || !body.ParseFromString(matter.documents(0).body()) || !body.has_objection() ||
        body.objection().origin() != stream.agent)
      continue;
    std::string key;
    for (const std::string& value : body.objection().key())
      key += (key.empty() ? "" : std::string(1, key_mark)) + value;
    all.emplace(std::move(key), Awaited{id, body.objection()});
  }
  return all;
}

void Matters::corrected(const Bytes& matter) {
  {
    const std::lock_guard guard(lock_);
    if (!corrected_.insert(matter).second) return;
  }
  wire::DocumentBody body;
  body.set_matter(matter);
  body.mutable_closing()->set_satisfied(true);
  keep(std::move(body));
}

std::vector<Notice> Matters::notices(const Directory* directory) const {
  const AgentEntry* self = directory == nullptr ? nullptr : directory->agent(context_.agent);
  const Micros now = context_.clock.now();
  std::vector<Notice> notices;
  const std::lock_guard guard(lock_);
  for (const auto& [id, matter] : matters_) {
    const bool mine = self != nullptr && matter.department() == self->department;
    if (!mine && matter.state() == wire::MATTER_WAITS_FOR_PROVIDER) {
      const bool overdue = now > matter.deadline();
      notices.push_back({overdue ? NoticeLevel::error : NoticeLevel::warning, overdue ? "QZ-AGT-142" : "QZ-AGT-141",
                         matter.topic(),
                         (matter.kind() == wire::ACCESS ? "request " : "objection ") + short_id(matter) + " of " +
                             matter.department() + ", until " + to_text(matter.deadline())});
    }
    if (mine && matter.state() == wire::MATTER_REFUSED && now - matter.closed() < month)
      notices.push_back({NoticeLevel::info, "QZ-AGT-143", matter.topic(), short_id(matter)});
  }
  for (const auto& [id, fate] : refused_)
    notices.push_back(
        {NoticeLevel::warning, "QZ-AGT-144", to_hex(id).substr(0, shown_digits), fate.code + " " + fate.detail});
  return notices;
}

}  // namespace qianzhi::flow
