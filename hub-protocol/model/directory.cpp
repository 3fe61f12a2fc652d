#include "hub-protocol/model/directory.h"

#include <algorithm>

namespace qianzhi {

std::string to_text(const KeyRecord& key) {
  std::string text = "key " + key.id + " (" + key.algorithm;
  if (!key.signer_id.empty()) text += ", signer id '" + key.signer_id + "'";
  return text + ")";
}

GroupSet Entitlement::groups() const {
  GroupSet all;
  for (const Clause& clause : clauses_) all = all.unite(clause.groups);
  return all;
}

std::set<std::string> Entitlement::items_in(std::string_view group) const {
  std::set<std::string> granted;
  for (const Clause& clause : clauses_)
    if (clause.groups.contains(group)) granted.insert(clause.items.begin(), clause.items.end());
  return granted;
}

std::set<std::string> Entitlement::items() const {
  std::set<std::string> granted;
  for (const Clause& clause : clauses_) granted.insert(clause.items.begin(), clause.items.end());
  return granted;
}

const AgentEntry* Directory::agent(std::string_view id) const {
  const auto found = agents.find(id);
  return found == agents.end() ? nullptr : &found->second;
}

std::span<const KeyRecord> Directory::signing_keys(std::string_view agent_id) const {
  const AgentEntry* entry = agent(agent_id);
  if (entry == nullptr || !entry->enabled) return {};
  return entry->signing_keys;
}

GroupSet Directory::provides(std::string_view agent_id, std::string_view topic) const {
  GroupSet area;
  const AgentEntry* entry = agent(agent_id);
  if (entry == nullptr || !entry->enabled) return area;
  for (const Provision& provision : provisions)
    if (provision.agent == agent_id && provision.topic == topic) area = area.unite(provision.area);
  return area;
}

std::vector<std::string> Directory::providers_of(std::string_view topic) const {
  std::set<std::string> ids;
  for (const Provision& provision : provisions)
    if (provision.topic == topic) ids.insert(provision.agent);
  return {ids.begin(), ids.end()};
}

Entitlement Directory::entitlement(std::string_view agent_id, std::string_view topic_id, Micros now) const {
  const AgentEntry* entry = agent(agent_id);
  const Topic* topic = catalogue.find(topic_id);
  if (entry == nullptr || !entry->enabled || topic == nullptr) return {};
  std::vector<Entitlement::Clause> clauses;
  for (const Grant& grant : grants) {
    if (grant.topic != topic_id || grant.department != entry->department) continue;
    if (grant.not_after != 0 && now >= grant.not_after) continue;
    Entitlement::Clause clause{grant.groups, {topic->key.begin(), topic->key.end()}};
    for (const Item& item : topic->items)
      if (grant.items.empty() || grant.items.count(item.id) != 0) clause.items.insert(item.id);
    clauses.push_back(std::move(clause));
  }
  return Entitlement(std::move(clauses));
}

}  // namespace qianzhi
