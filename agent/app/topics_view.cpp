#include "agent/app/topics_view.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/catalogue/search.h"

namespace qianzhi::app {

namespace {

std::string provider_text(const Directory& directory, const Topic& topic) {
  const auto found = directory.departments.find(topic.department);
  if (found == directory.departments.end()) return topic.department;
  const Department& department = found->second;
  return department.title + (department.title_en.empty() ? "" : " / " + department.title_en) + " (" + department.id +
         ")";
}

Granted granted_of(const Entitlement& entitlement, const std::string& item) {
  Granted granted = Granted::none;
  for (const Entitlement::Clause& clause : entitlement.clauses())
    if (clause.items.count(item) != 0) {
      if (clause.groups.is_every()) return Granted::all_groups;
      granted = Granted::some_groups;
    }
  return granted;
}

TopicView view_of(const TopicsQuestion& question, const Topic& topic) {
  const Directory& directory = question.directory;
  TopicView view;
  view.topic = &topic;
  view.provider = provider_text(directory, topic);
  view.agents = directory.providers_of(topic.id);
  view.provided = directory.provides(question.agent, topic.id);
  const Entitlement entitlement = directory.entitlement(question.agent, topic.id, question.now);
  view.granted = entitlement.groups();
  const AgentEntry* own = directory.agent(question.agent);
  for (const Grant& grant : directory.grants)
    if (own != nullptr && own->enabled && grant.topic == topic.id && grant.department == own->department &&
        (grant.not_after == 0 || question.now < grant.not_after))
      view.grants.push_back(&grant);
  for (const Item& item : topic.items) {
    const auto codes = directory.catalogue.code_tables.find(item.code_table);
    view.items.push_back({&item, granted_of(entitlement, item.id),
                          codes == directory.catalogue.code_tables.end() ? nullptr : &codes->second});
  }
  return view;
}

}  // namespace

std::vector<TopicView> look_up(const TopicsQuestion& question) {
  if (const Topic* topic = question.directory.catalogue.find(question.words)) return {view_of(question, *topic)};
  std::vector<TopicView> views;
  const catalogue::SearchIndex index(question.directory.catalogue);
  for (const catalogue::Hit& hit : index.search(question.words, question.limit)) {
    views.push_back(view_of(question, *hit.topic));
    views.back().matched = hit.items;
  }
  if (views.empty()) throw Error(ErrorKind::misuse, "QZ-AGT-111", question.words.substr(0, catalogue::longest_query));
  return views;
}

}  // namespace qianzhi::app
