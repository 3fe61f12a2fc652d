#include "hub-protocol/hub/matters.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"
#include "hub-protocol/hub/matter_parts.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/document.h"
#include "hub-protocol/wire/matter_text.h"

namespace qianzhi::hub {

namespace {

constexpr int most_documents = 64;             // in one request
constexpr std::size_t most_matters = 100'000;  // kept
constexpr int most_open = 2'000;               // of one department
constexpr int most_in_a_day = 500;             // opened by one department
constexpr int most_said = 40;                  // documents of one matter
constexpr Micros day = 86'400'000'000;
constexpr std::size_t reply_octets = 4U << 20U;

}  // namespace

void refuse(std::string_view code, std::string_view what) { throw Error(ErrorKind::rejected, code, what); }

std::string name_of_matter(const Bytes& id) { return to_hex(id); }

Matters::Matters(MatterParts parts) : parts_(std::move(parts)) {
  parts_.registry.read([&](const registry::View& view) {
    for (const registry::Record& record : view.all(matter_kind)) {
      wire::Matter matter;
      if (!matter.ParseFromString(record.body)) throw Error(ErrorKind::corrupt, "QZ-HUB-061", record.id);
      remember(std::move(matter));
    }
  });
}

// Those who opened it and those who provide.
bool Matters::concerns(const wire::Matter& matter, std::string_view department) const {
  if (matter.department() == department) return true;
  const auto directory = parts_.exchange.current_directory();
  return std::any_of(matter.providers().begin(), matter.providers().end(), [&](const std::string& provider) {
    const AgentEntry* agent = directory->agent(provider);
    return agent != nullptr && agent->department == department;
  });
}

void Matters::remember(wire::Matter matter) {
  const auto directory = parts_.exchange.current_directory();
  {
    const std::lock_guard guard(lock_);
    std::uint64_t& opener = newest_[matter.department()];
    opener = std::max(opener, matter.revision());
    for (const std::string& provider : matter.providers()) {
      const AgentEntry* agent = directory->agent(provider);
      if (agent == nullptr) continue;
      std::uint64_t& theirs = newest_[agent->department];
      theirs = std::max(theirs, matter.revision());
    }
  }
  for (const wire::Document& document : matter.documents()) {
    wire::DocumentBody body;
    if (body.ParseFromString(document.body())) documents_[body.id()] = document.SerializeAsString();
  }
  const auto before = matters_.find(matter.id());
  if (before != matters_.end()) by_revision_.erase(before->second.revision());
  by_revision_[matter.revision()] = matter.id();
  matters_[matter.id()] = std::move(matter);
}

std::uint64_t Matters::revision_for(const std::string& caller) const {
  const auto directory = parts_.exchange.current_directory();
  const AgentEntry* agent = directory->agent(caller);
  if (agent == nullptr) return 0;
  const std::lock_guard guard(lock_);
  const auto newest = newest_.find(agent->department);
  return newest == newest_.end() ? 0 : newest->second;
}

wire::MattersReply Matters::exchange(const std::string& caller, const wire::MattersRequest& request) {
  const auto directory = parts_.exchange.current_directory();
  const AgentEntry* agent = directory->agent(caller);
  if (agent == nullptr || !agent->enabled) refuse("QZ-HUB-001", caller);
  if (request.documents_size() > most_documents) refuse("QZ-HUB-011", "too many documents");
  wire::MattersReply reply;
  for (const wire::Document& document : request.documents()) {
    wire::DocumentVerdict& verdict = *reply.add_verdicts();
    wire::DocumentBody body;
    // What cannot be read has no id; its sender knows it by its place.
    if (body.ParseFromString(document.body())) verdict.set_id(body.id());
    try {
      take(caller, document);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::rejected) throw;
      verdict.set_code(error.code());
      verdict.set_detail(error.detail());
      if (parts_.tally) parts_.tally({{audit::ActorKind::agent, caller}, "matter.refuse", "document", error.code()});
    }
  }
  std::size_t octets = 0;
  for (auto entry = by_revision_.upper_bound(request.after()); entry != by_revision_.end(); ++entry) {
    const wire::Matter& matter = matters_.at(entry->second);
    if (!concerns(matter, agent->department)) continue;
    if (octets > reply_octets) {
      reply.set_more(true);
      return reply;
    }
    octets += matter.ByteSizeLong();
    *reply.add_matters() = matter;
    reply.set_revision(entry->first);
  }
  reply.set_revision(revision_for(caller));
  return reply;
}

void Matters::take(const std::string& caller, const wire::Document& document) {
  const auto directory = parts_.exchange.current_directory();
  wire::DocumentBody body;
  seal::open_document(document, *directory, body);
  if (body.sender() != caller) refuse("QZ-HUB-068", "a document of another agent");
  const auto known = documents_.find(body.id());
  if (known != documents_.end()) {
    wire::Document kept;
    kept.ParseFromString(known->second);
    if (kept.body() == document.body()) return;
    refuse("QZ-HUB-068", "another document of this id was taken before");
  }
  const AgentEntry& sender = *directory->agent(caller);
  switch (body.content_case()) {
    case wire::DocumentBody::kRequest: return open_access(sender, document, body);
    case wire::DocumentBody::kDecision: return decide_by_provider(sender, document, body);
    case wire::DocumentBody::kObjection: return open_objection(sender, document, body);
    case wire::DocumentBody::kAnswer: return answer_objection(sender, document, body);
    case wire::DocumentBody::kClosing: return close(sender, document, body);
    default: refuse("QZ-HUB-068", "no content that is known here");
  }
}

wire::Matter Matters::opened(const AgentEntry& sender, const wire::Document& document,
                             const wire::DocumentBody& body) const {
  if (!body.matter().empty()) refuse("QZ-HUB-068", "it opens a matter and names another");
  int open = 0;
  int today = 0;
  for (const auto& [id, matter] : matters_) {
    if (matter.department() != sender.department) continue;
    if (matter.closed() == 0) ++open;
    if (matter.opened() > parts_.clock.now() - day) ++today;
  }
  if (open >= most_open || today >= most_in_a_day || matters_.size() >= most_matters)
    refuse("QZ-HUB-069", std::to_string(open) + " are open, " + std::to_string(today) + " of the last day");
  wire::Matter matter;
  matter.set_id(body.id());
  matter.set_department(sender.department);
  matter.set_opened(parts_.clock.now());
  matter.set_deadline(parts_.clock.now() + parts_.answer_within);
  *matter.add_documents() = document;
  return matter;
}

wire::Matter Matters::matter_of(const wire::DocumentBody& body, wire::MatterKind kind) const {
  const auto found = matters_.find(body.matter());
  if (found == matters_.end() || (kind != wire::MATTER_UNSPECIFIED && found->second.kind() != kind))
    refuse("QZ-HUB-070", "no such matter");
  if (found->second.documents_size() >= most_said) refuse("QZ-HUB-069", "too much was said of this matter");
  return found->second;
}

void Matters::save(const audit::Actor& actor, wire::Matter matter, audit::Entry entry, const Grant* grant) {
  matter.set_revision((by_revision_.empty() ? 0 : by_revision_.rbegin()->first) + 1);
  const std::string id = name_of_matter(matter.id());
  const bool changes_grant = !matter.grant().empty();
  parts_.registry.change(actor, [&](registry::Change& change) {
    if (grant != nullptr) {
      wire::GrantMessage message;
      seal::write_grant(*grant, message);
      change.put(registry::kind::grant, grant->id, message.SerializeAsString());
    } else if (changes_grant && change.find(registry::kind::grant, matter.grant())) {
      change.remove(registry::kind::grant, matter.grant());
    }
    change.put(matter_kind, id, matter.SerializeAsString());
    entry.subject = "matter " + id.substr(0, 12);
    entry.details.emplace_back("topic", matter.topic());
    entry.details.emplace_back("department", matter.department());
    change.note(entry);
  });
  remember(std::move(matter));
  if (changes_grant) parts_.publish();
  parts_.exchange.note_matter();
}

std::vector<wire::Matter> Matters::all() const {
  std::vector<wire::Matter> matters;
  for (auto entry = by_revision_.rbegin(); entry != by_revision_.rend(); ++entry)
    matters.push_back(matters_.at(entry->second));
  return matters;
}

const wire::Matter& Matters::find(std::string_view id) const {
  bool several = false;
  const wire::Matter* found = find_matter(matters_, id, several);
  if (found == nullptr)
    throw Error(ErrorKind::misuse, "QZ-HUB-065", std::string(id) + (several ? " fits several" : ""));
  return *found;
}

}  // namespace qianzhi::hub
