// Objections to data (校核), and the end of matters by whoever opened them.
#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/matter_parts.h"
#include "hub-protocol/hub/matters.h"

namespace qianzhi::hub {

namespace {

// Neither key nor values: the audit trail never holds what rows hold.
audit::Entry entry_of(const char* action, const std::string& item) {
  audit::Entry entry;
  entry.action = action;
  if (!item.empty()) entry.details.emplace_back("item", item);
  return entry;
}

}  // namespace

void Matters::open_objection(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body) {
  const auto directory = parts_.exchange.current_directory();
  const wire::Objection& objection = body.objection();
  const Topic* topic = directory->catalogue.find(objection.topic());
  if (topic == nullptr) refuse("QZ-HUB-071", "no topic " + objection.topic());
  if (directory->provides(objection.origin(), objection.topic()).is_empty()) refuse("QZ-HUB-075", objection.origin());
  const auto items = directory->entitlement(sender.id, objection.topic(), parts_.clock.now()).items();
  if (items.empty() || (!objection.item().empty() && items.count(objection.item()) == 0))
    refuse("QZ-HUB-078", objection.topic() + " " + objection.item());
  if (objection.reason().empty()) refuse("QZ-HUB-072", "a reason is needed");
  if (objection.key_size() != static_cast<int>(topic->key.size())) refuse("QZ-HUB-071", "the key is not whole");
  wire::Matter matter = opened(sender, document, body);
  matter.set_kind(wire::OBJECTION);
  matter.set_state(wire::MATTER_WAITS_FOR_PROVIDER);
  matter.set_topic(objection.topic());
  matter.add_providers(objection.origin());
  save({audit::ActorKind::agent, sender.id}, std::move(matter), entry_of("objection.open", objection.item()));
}

void Matters::answer_objection(const AgentEntry& sender, const wire::Document& document,
                               const wire::DocumentBody& body) {
  wire::Matter matter = matter_of(body, wire::OBJECTION);
  const AgentEntry* origin = parts_.exchange.current_directory()->agent(matter.providers(0));
  if (origin == nullptr || origin->department != sender.department) refuse("QZ-HUB-076", matter.topic());
  if (matter.state() != wire::MATTER_WAITS_FOR_PROVIDER) refuse("QZ-HUB-077", name_of_matter(matter.id()));
  const wire::ObjectionAnswer& answer = body.answer();
  if (!answer.accepted() && answer.reason().empty()) refuse("QZ-HUB-072", "a reason is needed");
  *matter.add_documents() = document;
  matter.set_state(answer.accepted() ? wire::MATTER_ACCEPTED : wire::MATTER_REFUSED);
  if (!answer.accepted()) matter.set_closed(parts_.clock.now());
  save({audit::ActorKind::agent, sender.id}, std::move(matter),
       entry_of(answer.accepted() ? "objection.accept" : "objection.refuse", ""));
}

void Matters::close(const AgentEntry& sender, const wire::Document& document, const wire::DocumentBody& body) {
  wire::Matter matter = matter_of(body, wire::MATTER_UNSPECIFIED);
  if (matter.department() != sender.department) refuse("QZ-HUB-076", matter.topic());
  const bool granted = matter.state() == wire::MATTER_GRANTED;
  if (matter.closed() != 0 && !granted) refuse("QZ-HUB-077", name_of_matter(matter.id()));
  const bool corrected = body.closing().satisfied();
  if (corrected && matter.state() != wire::MATTER_ACCEPTED) refuse("QZ-HUB-077", "it was not accepted");
  *matter.add_documents() = document;
  matter.set_state(granted ? wire::MATTER_ENDED : corrected ? wire::MATTER_CORRECTED : wire::MATTER_WITHDRAWN);
  matter.set_closed(parts_.clock.now());
  save({audit::ActorKind::agent, sender.id}, std::move(matter),
       entry_of(granted     ? "access.give-up"
                : corrected ? "objection.corrected"
                            : "matter.withdraw",
                ""));
}

}  // namespace qianzhi::hub
