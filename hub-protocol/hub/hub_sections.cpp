#include "hub-protocol/hub/hub_sections.h"

#include <algorithm>

#include "hub-protocol/base/calendar.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/authority.h"
#include "hub-protocol/seal/document.h"
#include "hub-protocol/seal/encryption_key.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::hub {

namespace {

void complain(const yaml::MapReader& at, const yaml::Place& place, std::string_view zh, std::string_view en) {
  at.diagnostics().error("QZ-HUB-040", place, zh, en);
}

// Runs what reads a file; a file that cannot be used is one more finding, not the end of the run.
template <typename Read>
void reading(const yaml::MapReader& at, const yaml::Place& place, Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    at.diagnostics().error(error.code(), place, "无法使用的文件：" + error.detail(),
                           "unusable file: " + error.detail());
  }
}

// "commerce.*" names every topic that begins with "commerce."; "*" all.
std::vector<std::string> topics_named(const yaml::Node& node, const Catalogue& catalogue, const yaml::MapReader& at) {
  std::vector<std::string> topics;
  const std::string& text = node.text;
  const bool is_pattern = !text.empty() && text.back() == '*';
  const std::string_view stem = std::string_view(text).substr(0, text.size() - (is_pattern ? 1 : 0));
  for (const auto& [id, topic] : catalogue.topics) {
    // A pattern never means what nobody may have.
    const bool fits =
        is_pattern && topic.sharing != Sharing::none && std::string_view(id).substr(0, stem.size()) == stem;
    if (fits || (!is_pattern && id == text)) topics.push_back(id);
  }
  if (topics.empty()) complain(at, node.place, "目录中没有主题 " + text, "the catalogue has no topic " + text);
  return topics;
}

std::vector<std::string> read_topics(yaml::MapReader& entry, const Catalogue& catalogue) {
  std::vector<std::string> topics;
  entry.require("topics");
  for (const yaml::Node* node : entry.list("topics", true))
    for (std::string& topic : topics_named(*node, catalogue, entry))
      if (std::find(topics.begin(), topics.end(), topic) == topics.end()) topics.push_back(std::move(topic));
  return topics;
}

GroupSet read_groups(yaml::MapReader& entry, std::string_view key) {
  std::set<Group> groups;
  const auto listed = entry.list(key, true);
  for (const yaml::Node* node : listed) {
    if (node->text == "*") return GroupSet::every();
    groups.insert(node->text);
  }
  return listed.empty() ? GroupSet::every() : GroupSet::of(groups);
}

KeyState read_state(yaml::MapReader& entry) {
  if (entry.find("state") == nullptr) return KeyState::active;
  return entry.choice<KeyState>(
      "state", {{"active", KeyState::active}, {"retired", KeyState::retired}, {"revoked", KeyState::revoked}},
      KeyState::active);
}

KeyRole read_role(yaml::MapReader& entry) {
  if (entry.find("role") == nullptr) return KeyRole::alone;
  return entry.choice<KeyRole>(
      "role", {{"alone", KeyRole::alone}, {"first", KeyRole::first}, {"second", KeyRole::second}}, KeyRole::alone);
}

struct KeyOptions {
  std::string signer_id{default_signer_id};
  KeyState state = KeyState::active;
  KeyRole role = KeyRole::alone;
};

void add_signing_key(const yaml::MapReader& at, const yaml::Place& place, const std::filesystem::path& file,
                     const KeyOptions& options, AgentEntry& agent) {
  if (file.empty()) return;
  reading(at, place, [&] {
    KeyRecord record = seal::key_record_from_pem(read_file(file), options.signer_id);
    record.state = options.state;
    record.role = options.role;
    agent.signing_keys.push_back(std::move(record));
  });
}

void read_encryption_key(yaml::MapReader& entry, AgentEntry& agent) {
  const yaml::Node* named = entry.find("encryption_key");
  if (named == nullptr) return;
  const std::filesystem::path file = entry.file("encryption_key");
  if (file.empty()) return;
  reading(entry, named->place,
          [&] { agent.encryption_keys.push_back(seal::encryption_key_from_pem(read_file(file))); });
}

void read_signing_keys(yaml::MapReader& entry, AgentEntry& agent) {
  const yaml::Node* list = entry.find("signing_keys");
  if (list == nullptr) {
    const std::filesystem::path file = entry.file("signing_key");
    return add_signing_key(entry, entry.place(), file, {}, agent);
  }
  if (!list->is_sequence())
    return yaml::complain_kind(*list, entry.path_of("signing_keys"), "list", entry.diagnostics());
  for (const yaml::Node& node : list->items) {
    yaml::MapReader key(&node, entry.path_of("signing_keys"), entry.diagnostics());
    const std::filesystem::path file = key.file("file");
    const std::string signer_id = key.text("signer_id", std::string(default_signer_id));
    add_signing_key(key, node.place, file, {signer_id, read_state(key), read_role(key)}, agent);
    key.finish();
  }
  const auto has_active = [&](KeyRole role) {
    return std::any_of(agent.signing_keys.begin(), agent.signing_keys.end(),
                       [&](const KeyRecord& key) { return key.role == role && key.state == KeyState::active; });
  };
  // Neither could sign anything.
  if (has_active(KeyRole::first) != has_active(KeyRole::second))
    complain(entry, list->place, "role: first 与 role: second 的有效密钥必须同时存在",
             "an active key of role first needs one of role second, and the other way round");
}

void read_tls_keys(yaml::MapReader& entry, AgentEntry& agent, HubConfig& config) {
  const std::vector<const yaml::Node*> listed = entry.list("tls_keys");
  for (const yaml::Node* node : listed)
    reading(entry, node->place, [&] { agent.tls_keys.insert(Digest::from_bytes(from_hex(node->text))); });
  const bool has_certificate = entry.find("certificate") != nullptr;
  if (!listed.empty() && !has_certificate) return;
  const std::filesystem::path file = entry.file("certificate");
  if (file.empty()) return;
  reading(entry, entry.place(), [&] {
    agent.tls_keys.insert(tls_key_of(file));
    config.agent_certificates[agent.id] = ca::validity_of(read_file(file));
  });
}

// Through the end of that day in China; 0 with a complaint if it is no date.
Micros read_not_after(yaml::MapReader& entry) {
  const yaml::Node* node = entry.find("not_after");
  if (node == nullptr) return 0;
  const auto end = end_of_day(node->text);
  if (!end) yaml::complain_form(*node, entry.path_of("not_after"), "年-月-日", "YYYY-MM-DD", entry.diagnostics());
  return end.value_or(0);
}

// What a grant's `items` and `except_items` leave of one topic. Never empty, which would mean every item.
struct ItemChoice {
  std::vector<const yaml::Node*> only;
  std::vector<const yaml::Node*> except;

  std::set<std::string> of(const Topic& topic) const {
    if (only.empty() && except.empty()) return {};
    std::set<std::string> items(topic.key.begin(), topic.key.end());
    const auto names = [](const std::vector<const yaml::Node*>& nodes, const std::string& id) {
      return std::any_of(nodes.begin(), nodes.end(), [&](const yaml::Node* node) { return node->text == id; });
    };
    for (const Item& item : topic.items)
      if ((only.empty() || names(only, item.id)) && !names(except, item.id)) items.insert(item.id);
    return items;
  }

  void check(const yaml::MapReader& entry, const std::vector<std::string>& topics, const Catalogue& catalogue) const {
    if (topics.empty()) return;  // said already
    for (const auto& nodes : {only, except})
      for (const yaml::Node* node : nodes)
        if (std::none_of(topics.begin(), topics.end(),
                         [&](const std::string& id) { return catalogue.find(id)->find(node->text) != nullptr; }))
          complain(entry, node->place, "这些主题都没有数据项 " + node->text,
                   "none of the topics has an item " + node->text);
    for (const yaml::Node* node : except)
      for (const std::string& id : topics)
        if (catalogue.find(id)->is_key(node->text))
          complain(entry, node->place, node->text + " 是 " + id + " 的主键，不能除外",
                   node->text + " is a key item of " + id + " and cannot be left out");
  }
};

void read_grant(yaml::MapReader& entry, std::size_t number, Directory& directory) {
  const std::vector<std::string> topics = read_topics(entry, directory.catalogue);
  const std::string name = entry.text("id", "grant-" + std::to_string(number));
  const ItemChoice items{entry.list("items", true), entry.list("except_items", true)};
  items.check(entry, topics, directory.catalogue);
  Grant grant;
  grant.groups = read_groups(entry, "groups");
  grant.not_after = read_not_after(entry);
  grant.purpose = entry.text("purpose", "");
  grant.basis = entry.text("basis", "");
  entry.require("to");
  for (const yaml::Node* to : entry.list("to", true)) {
    if (directory.departments.find(to->text) == directory.departments.end())
      complain(entry, to->place, "没有部门 " + to->text, "there is no department " + to->text);
    for (const std::string& topic : topics) {
      grant.topic = topic;
      grant.department = to->text;
      grant.id = name + "/" + topic + "/" + to->text;
      grant.items = items.of(*directory.catalogue.find(topic));
      if (const std::string fault = seal::fault_of(grant, directory); !fault.empty())
        entry.diagnostics().error("QZ-HUB-074", entry.place(), "授权不能成立：" + topic, topic + ": " + fault);
      directory.grants.push_back(grant);
    }
  }
}

void read_provision(yaml::MapReader& entry, Directory& directory) {
  Provision provision;
  provision.agent = entry.id("agent");
  provision.area = read_groups(entry, "area");
  if (!provision.agent.empty() && directory.agents.count(provision.agent) == 0)
    complain(entry, entry.place(), "没有代理 " + provision.agent, "there is no agent " + provision.agent);
  for (const std::string& topic : read_topics(entry, directory.catalogue)) {
    provision.topic = topic;
    // Several may answer the same question, each from its own records.
    const bool is_answered = directory.catalogue.find(topic)->mode == TopicMode::answer;
    for (const Provision& other : directory.provisions)
      if (!is_answered && other.topic == topic && other.agent != provision.agent &&
          !other.area.intersect(provision.area).is_empty())
        complain(entry, entry.place(), topic + " 的同一范围已由 " + other.agent + " 提供",
                 other.agent + " already provides that part of " + topic);
    directory.provisions.push_back(provision);
  }
}

// Each map of the list under `key`, finished after use.
template <typename Use>
void for_each_entry(yaml::MapReader& root, std::string_view key, Use&& use) {
  const yaml::Node* list = root.find(key);
  if (list == nullptr || list->is_empty()) return;
  if (!list->is_sequence()) return yaml::complain_kind(*list, key, "list", root.diagnostics());
  std::size_t number = 0;
  for (const yaml::Node& node : list->items) {
    yaml::MapReader entry(&node, std::string(key) + "[" + std::to_string(++number) + "]", root.diagnostics());
    use(entry, number);
    entry.finish();
  }
}

// Each named map under `key`.
template <typename Use>
void for_each_named(yaml::MapReader& root, std::string_view key, Use&& use) {
  const yaml::Node* map = root.find(key);
  if (map == nullptr || map->is_empty()) return;
  if (!map->is_map()) return yaml::complain_kind(*map, key, "map", root.diagnostics());
  for (const yaml::Entry& named : map->entries) {
    yaml::MapReader entry(&named.value, std::string(key) + "." + named.key, root.diagnostics());
    if (!yaml::is_id(named.key))
      complain(root, named.key_place, "编号只能由 a-z 0-9 . _ - 组成", "an id consists of a-z 0-9 . _ -");
    use(entry, named.key);
    entry.finish();
  }
}

}  // namespace

void read_departments(yaml::MapReader& root, Directory& directory) {
  for_each_named(root, "departments", [&](yaml::MapReader& entry, const std::string& id) {
    Department department{id, entry.text("title"), entry.text("title_en", id)};
    directory.departments[id] = std::move(department);
  });
}

void read_agents(yaml::MapReader& root, HubConfig& config) {
  Directory& directory = config.content;
  root.require("agents");
  for_each_named(root, "agents", [&](yaml::MapReader& entry, const std::string& id) {
    AgentEntry agent;
    agent.id = id;
    agent.department = entry.id("department");
    agent.enabled = entry.boolean("enabled", true);
    if (!agent.department.empty() && directory.departments.count(agent.department) == 0)
      complain(entry, entry.place(), "没有部门 " + agent.department, "there is no department " + agent.department);
    read_tls_keys(entry, agent, config);
    read_signing_keys(entry, agent);
    read_encryption_key(entry, agent);
    directory.agents[id] = std::move(agent);
  });
}

void read_provisions(yaml::MapReader& root, Directory& directory) {
  for_each_entry(root, "provisions", [&](yaml::MapReader& entry, std::size_t) { read_provision(entry, directory); });
}

void read_grants(yaml::MapReader& root, Directory& directory) {
  for_each_entry(root, "grants",
                 [&](yaml::MapReader& entry, std::size_t number) { read_grant(entry, number, directory); });
}

}  // namespace qianzhi::hub
