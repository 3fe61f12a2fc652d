// Requests for access: from a department's wish to a grant in the directory, and to its end.
#include <algorithm>
#include <set>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/matter_parts.h"
#include "hub-protocol/hub/matters.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/document.h"

namespace qianzhi::hub {

namespace {

audit::Entry entry_of(const char* action, const Grant& terms) {
  audit::Entry entry;
  entry.action = action;
  entry.purpose = terms.purpose;
  entry.basis = terms.basis;
  return entry;
}

void check_terms(const Grant& terms, const AgentEntry& sender, const Directory& directory) {
  const Topic* topic = directory.catalogue.find(terms.topic);
  if (topic == nullptr) refuse("QZ-HUB-071", "no topic " + terms.topic);
  if (terms.department != sender.department) refuse("QZ-HUB-068", "a request for another department");
  if (terms.purpose.empty() || terms.basis.empty()) refuse("QZ-HUB-072", "purpose and legal basis are needed");
  if (terms.groups.is_empty()) refuse("QZ-HUB-071", "no group");
  for (const std::string& item : terms.items)
    if (topic->find(item) == nullptr) refuse("QZ-HUB-071", "no item " + item);
  if (topic->sharing == Sharing::none) refuse("QZ-HUB-073", topic->basis);
  // What only an approval can cure is no fault of a request.
  Directory asked;
  asked.catalogue.topics[topic->id] = *topic;
  const std::string fault = seal::fault_of(terms, asked);
  if (!fault.empty()) refuse("QZ-HUB-074", fault);
}

// Agents of other departments that provide a part of what is asked for.
std::vector<std::string> providers_for(const Grant& terms, const Directory& directory) {
  std::set<std::string> agents;
  for (const Provision& provision : directory.provisions) {
    const AgentEntry* agent = directory.agent(provision.agent);
    if (provision.topic == terms.topic && agent != nullptr && agent->department != terms.department &&
        !provision.area.intersect(terms.groups).is_empty())
      agents.insert(provision.agent);
  }
  return {agents.begin(), agents.end()};
}

// As the directory has it: with the signed words that it rests on.
Grant with_approvals(Grant grant, const wire::Matter& matter) {
  grant.request = name_of_matter(matter.id());
  grant.id = "r-" + grant.request.substr(0, 16);
  for (const wire::Document& document : matter.documents()) {
    wire::DocumentBody said;
    if (said.ParseFromString(document.body()) && said.has_decision() && said.decision().approved())
      grant.approvals.push_back(document.SerializeAsString());
  }
  return grant;
}

}  // namespace

void Matters::open_access(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body) {
  const auto directory = parts_.exchange.current_directory();
  const Grant terms = seal::read_terms(body.request().terms());
  check_terms(terms, sender, *directory);
  wire::Matter matter = opened(sender, document, body);
  matter.set_kind(wire::ACCESS);
  matter.set_topic(terms.topic);
  for (std::string& agent : providers_for(terms, *directory)) *matter.add_providers() = std::move(agent);
  if (matter.providers().empty()) refuse("QZ-HUB-075", terms.topic);
  const bool conditional = directory->catalogue.find(terms.topic)->sharing == Sharing::conditional;
  matter.set_state(conditional ? wire::MATTER_WAITS_FOR_PROVIDER : wire::MATTER_WAITS_FOR_OPERATOR);
  save({audit::ActorKind::agent, sender.id}, std::move(matter), entry_of("access.request", terms));
}

// The last word of each department that was asked.
std::map<std::string, wire::AccessDecision> Matters::decisions_of(const wire::Matter& matter) const {
  const auto directory = parts_.exchange.current_directory();
  std::map<std::string, wire::AccessDecision> decisions;
  for (const wire::Document& document : matter.documents()) {
    wire::DocumentBody body;
    if (!body.ParseFromString(document.body()) || !body.has_decision()) continue;
    const AgentEntry* agent = directory->agent(body.sender());
    if (agent != nullptr) decisions[agent->department] = body.decision();
  }
  return decisions;
}

bool Matters::all_approve(const wire::Matter& matter) const {
  const auto directory = parts_.exchange.current_directory();
  const auto decisions = decisions_of(matter);
  return std::all_of(matter.providers().begin(), matter.providers().end(), [&](const std::string& provider) {
    const AgentEntry* agent = directory->agent(provider);
    const auto decision = agent == nullptr ? decisions.end() : decisions.find(agent->department);
    return decision != decisions.end() && decision->second.approved();
  });
}

Grant Matters::grantable(const wire::Matter& matter) const {
  wire::DocumentBody body;
  if (matter.documents().empty() || !body.ParseFromString(matter.documents(0).body()) || !body.has_request())
    throw Error(ErrorKind::misuse, "QZ-HUB-066", name_of_matter(matter.id()));
  Grant grant = seal::read_terms(body.request().terms());
  for (const auto& [department, decision] : decisions_of(matter)) {
    if (!decision.approved()) continue;
    const auto both = seal::common(grant, seal::read_terms(decision.terms()));
    if (!both) throw Error(ErrorKind::misuse, "QZ-HUB-067", "the approvals have nothing in common");
    grant = *both;
  }
  return with_approvals(std::move(grant), matter);
}

bool Matters::end_grant(const audit::Actor& actor, const std::string& grant, const std::string& reason) {
  for (const auto& [id, granted] : matters_) {
    if (granted.grant() != grant || granted.state() != wire::MATTER_GRANTED) continue;
    wire::Matter matter = granted;
    wire::OperatorDecision& decision = *matter.add_decisions();
    decision.set_person(actor.name);
    decision.set_reason(reason);
    decision.set_time(parts_.clock.now());
    matter.set_state(wire::MATTER_ENDED);
    matter.set_closed(parts_.clock.now());
    audit::Entry entry = entry_of("access.end", {});
    entry.details.emplace_back("reason", reason);
    save(actor, std::move(matter), std::move(entry));
    return true;
  }
  return false;
}

Grant Matters::grant_in_force(const wire::Matter& matter) const {
  Grant grant;
  parts_.registry.read([&](const registry::View& view) {
    wire::GrantMessage message;
    const auto record = view.find(registry::kind::grant, matter.grant());
    if (!record || !message.ParseFromString(record->body)) refuse("QZ-HUB-077", matter.grant());
    grant = seal::read_terms(message);
  });
  return grant;
}

void Matters::decide_by_provider(const AgentEntry& sender, const wire::Document& document,
                                 const wire::DocumentBody& body) {
  wire::Matter matter = matter_of(body, wire::ACCESS);
  const auto directory = parts_.exchange.current_directory();
  const bool asked = std::any_of(matter.providers().begin(), matter.providers().end(), [&](const std::string& id) {
    const AgentEntry* agent = directory->agent(id);
    return agent != nullptr && agent->department == sender.department;
  });
  if (!asked) refuse("QZ-HUB-076", matter.topic());
  const bool granted = matter.state() == wire::MATTER_GRANTED;
  if (matter.closed() != 0 && !granted) refuse("QZ-HUB-077", name_of_matter(matter.id()));
  const wire::AccessDecision& decision = body.decision();
  wire::DocumentBody request;
  request.ParseFromString(matter.documents(0).body());
  const Grant wanted = seal::read_terms(request.request().terms());
  if (decision.approved() && !seal::covers(wanted, seal::read_terms(decision.terms())))
    refuse("QZ-HUB-067", "more than was asked for");
  if (!decision.approved() && decision.reason().empty()) refuse("QZ-HUB-072", "a reason is needed");
  *matter.add_documents() = document;
  const audit::Actor actor{audit::ActorKind::agent, sender.id};
  const audit::Entry entry =
      entry_of(decision.approved() ? "access.provider-approve" : "access.provider-refuse", wanted);
  if (decision.approved() && granted) {
    // Less than before narrows the grant at once; more than it has takes another request.
    const auto kept = seal::common(grant_in_force(matter), seal::read_terms(decision.terms()));
    if (!kept) refuse("QZ-HUB-067", "nothing of the grant would be left");
    const Grant grant = with_approvals(*kept, matter);
    return save(actor, std::move(matter), entry, &grant);
  }
  if (decision.approved()) {
    if (all_approve(matter)) {
      matter.set_state(wire::MATTER_WAITS_FOR_OPERATOR);
      matter.set_deadline(parts_.clock.now() + parts_.answer_within);
    }
    return save(actor, std::move(matter), entry);
  }
  matter.set_state(granted ? wire::MATTER_ENDED : wire::MATTER_REFUSED);
  matter.set_closed(parts_.clock.now());
  save(actor, std::move(matter), entry);
}

void Matters::decide(const audit::Actor& actor, std::string_view id, bool approved, const std::string& reason,
                     const Grant* terms) {
  wire::Matter matter = find(id);
  const bool waits = matter.state() == wire::MATTER_WAITS_FOR_OPERATOR;
  if (matter.kind() != wire::ACCESS || !(waits || (!approved && matter.state() == wire::MATTER_WAITS_FOR_PROVIDER)))
    throw Error(ErrorKind::misuse, "QZ-HUB-066", name_of_matter(matter.id()));
  if (!approved && reason.empty()) throw Error(ErrorKind::misuse, "QZ-HUB-072", "--reason");
  Grant grant = grantable(matter);
  if (approved && terms != nullptr) {
    const Grant most = grant;
    grant.items = terms->items;
    grant.groups = terms->groups;
    grant.not_after = terms->not_after;
    if (!seal::covers(most, grant)) throw Error(ErrorKind::misuse, "QZ-HUB-067", grant.id);
  }
  const std::string fault = approved ? seal::fault_of(grant, *parts_.exchange.current_directory()) : std::string();
  if (!fault.empty()) throw Error(ErrorKind::misuse, "QZ-HUB-074", fault);
  wire::OperatorDecision& decision = *matter.add_decisions();
  decision.set_person(actor.name);
  decision.set_approved(approved);
  decision.set_reason(reason);
  decision.set_time(parts_.clock.now());
  matter.set_state(approved ? wire::MATTER_GRANTED : wire::MATTER_REFUSED);
  matter.set_closed(parts_.clock.now());
  if (approved) matter.set_grant(grant.id);
  audit::Entry entry = entry_of(approved ? "access.grant" : "access.refuse", grant);
  if (!reason.empty()) entry.details.emplace_back("reason", reason);
  save(actor, std::move(matter), std::move(entry), approved ? &grant : nullptr);
}

}  // namespace qianzhi::hub
