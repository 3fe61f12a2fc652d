// Provisions and grants that the registry holds. Those of the configuration file are listed, and changed there.
#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/terms.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/seal/directory_parts.h"
#include "hub-protocol/seal/document.h"

namespace qianzhi::hub {

namespace {

constexpr std::size_t id_octets = 6;

bool in_registry(const Office& office, std::string_view kind, const std::string& id) {
  bool found = false;
  office.registry.read([&](const registry::View& view) { found = view.find(kind, id).has_value(); });
  return found;
}

const Grant& grant_of(const Directory& directory, const std::string& id) {
  const auto found = std::find_if(directory.grants.begin(), directory.grants.end(),
                                  [&](const Grant& grant) { return grant.id == id; });
  if (found == directory.grants.end()) throw Error(ErrorKind::misuse, "QZ-HUB-060", "grant " + id);
  return *found;
}

// Nothing is written that the directory would leave out.
void require_standing(const Grant& grant, const Directory& directory) {
  if (directory.departments.count(grant.department) == 0)
    throw Error(ErrorKind::misuse, "QZ-HUB-071", "department " + grant.department);
  const Topic* topic = directory.catalogue.find(grant.topic);
  if (topic == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-071", "topic " + grant.topic);
  for (const std::string& item : grant.items)
    if (topic->find(item) == nullptr) throw Error(ErrorKind::misuse, "QZ-HUB-071", "item " + item);
  const std::string fault = seal::fault_of(grant, directory);
  if (!fault.empty()) throw Error(ErrorKind::misuse, "QZ-HUB-074", fault);
}

void put_grant(Office& office, Ask& ask, const Grant& grant, const char* action) {
  wire::GrantMessage message;
  seal::write_grant(grant, message);
  office.registry.change(ask.actor, [&](registry::Change& change) {
    change.put(registry::kind::grant, grant.id, message.SerializeAsString());
    change.note({{}, action, "grant " + grant.id, "", grant.purpose, grant.basis, details_of(grant)});
  });
  office.publish();
}

std::string add_grant(Office& office, Ask& ask) {
  Grant grant;
  grant.topic = ask.words.next("TOPIC");
  grant.department = ask.words.next("DEPARTMENT");
  grant.purpose = ask.words.required("purpose");
  grant.basis = ask.words.required("basis");
  take_terms(ask.words, grant);
  ask.words.finish();
  require_standing(grant, *office.exchange.current_directory());
  grant.id = "g-" + to_hex(office.random.bytes(id_octets));
  put_grant(office, ask, grant, "grant.add");
  return grant.id + "\n";
}

std::string change_grant(Office& office, Ask& ask) {
  const std::string id = ask.words.next("ID");
  const auto directory = office.exchange.current_directory();
  Grant grant = grant_of(*directory, id);
  take_terms(ask.words, grant);
  ask.words.finish();
  if (!in_registry(office, registry::kind::grant, id)) throw Error(ErrorKind::misuse, "QZ-HUB-063", "grant " + id);
  require_standing(grant, *directory);
  put_grant(office, ask, grant, "grant.change");
  return id + "\n";
}

std::string remove_grant(Office& office, Ask& ask) {
  const std::string id = ask.words.next("ID");
  const std::string reason = ask.words.required("reason");
  ask.words.finish();
  if (office.matters.end_grant(ask.actor, id, reason)) return id + "\n";
  office.registry.change(ask.actor, [&](registry::Change& change) {
    change.remove(registry::kind::grant, id);
    change.note({{}, "grant.remove", "grant " + id, "", "", "", {{"reason", reason}}});
  });
  office.publish();
  return id + "\n";
}

std::string source_of(const Office& office, const Grant& grant) {
  if (!grant.request.empty()) return "request";
  return in_registry(office, registry::kind::grant, grant.id) ? "registry" : "file";
}

std::string list_grants(Office& office, Ask& ask) {
  const std::string topic = ask.words.option("topic", "");
  const std::string department = ask.words.option("department", "");
  ask.words.finish();
  std::string text;
  std::vector<std::string> rows;
  for (const Grant& grant : office.exchange.current_directory()->grants) {
    if ((!topic.empty() && grant.topic != topic) || (!department.empty() && grant.department != department)) continue;
    const bool is_over = grant.not_after != 0 && grant.not_after <= office.clock.now();
    JsonFields fields{{"grant", grant.id}};
    text += grant.id;
    for (const auto& [name, value] : details_of(grant)) {
      fields.emplace_back(name, value);
      text += "\t" + value;
    }
    text += "\t" + grant.purpose + "\t" + grant.basis + "\n";
    fields.emplace_back("state", is_over ? "expired" : "in force");
    fields.emplace_back("purpose", grant.purpose);
    fields.emplace_back("basis", grant.basis);
    fields.emplace_back("source", source_of(office, grant));
    rows.push_back(json_object(fields));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

std::string provision_id(const std::string& topic, const std::string& agent) { return topic + " " + agent; }

std::string add_provision(Office& office, Ask& ask) {
  const Provision provision{ask.words.next("TOPIC"), ask.words.next("AGENT"), groups_of(ask.words.list("groups"))};
  ask.words.finish();
  const auto directory = office.exchange.current_directory();
  const Topic* topic = directory->catalogue.find(provision.topic);
  if (topic == nullptr || directory->agent(provision.agent) == nullptr)
    throw Error(ErrorKind::misuse, "QZ-HUB-071", provision.topic + " " + provision.agent);
  if (topic->sharing == Sharing::none) throw Error(ErrorKind::misuse, "QZ-HUB-073", topic->basis);
  for (const Provision& other : directory->provisions)
    if (topic->mode != TopicMode::answer && other.topic == provision.topic && other.agent != provision.agent &&
        !other.area.intersect(provision.area).is_empty())
      throw Error(ErrorKind::misuse, "QZ-HUB-079", other.agent + " " + to_text(other.area));
  const std::string id = provision_id(provision.topic, provision.agent);
  wire::ProvisionMessage message;
  seal::write_provision(provision, message);
  office.registry.change(ask.actor, [&](registry::Change& change) {
    change.put(registry::kind::provision, id, message.SerializeAsString());
    change.note({{}, "provision.put", "provision " + id, "", "", "", {{"groups", to_text(provision.area)}}});
  });
  office.publish();
  return id + "\n";
}

std::string remove_provision(Office& office, Ask& ask) {
  const std::string topic = ask.words.next("TOPIC");
  const std::string id = provision_id(topic, ask.words.next("AGENT"));
  ask.words.finish();
  office.registry.change(ask.actor, [&](registry::Change& change) {
    change.remove(registry::kind::provision, id);
    change.note({{}, "provision.remove", "provision " + id, ""});
  });
  office.publish();
  return id + "\n";
}

std::string list_provisions(Office& office, Ask& ask) {
  ask.words.finish();
  std::string text;
  std::vector<std::string> rows;
  for (const Provision& provision : office.exchange.current_directory()->provisions) {
    text += provision.topic + "\t" + provision.agent + "\t" + to_text(provision.area) + "\n";
    rows.push_back(
        json_object({{"topic", provision.topic}, {"agent", provision.agent}, {"groups", to_text(provision.area)}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

const Verb grant_table[] = {
    {"grant add", "TOPIC DEPARTMENT --purpose P --basis B [--items A,B] [--groups G,H] [--until DATE]",
     "授权（无条件共享的主题）", "grant a topic that everybody may have", Role::security, add_grant},
    {"grant change", "ID [--items A,B] [--groups G,H] [--until DATE|none]", "放宽或收窄授权", "widen or narrow a grant",
     Role::security, change_grant},
    {"grant remove", "ID --reason R", "收回授权", "take a grant back", Role::security, remove_grant},
    {"grant list", "[--topic T] [--department D]", "列出授权", "list the grants", Role::anyone, list_grants},
    {"provision add", "TOPIC AGENT [--groups G,H]", "指定提供者", "name a provider", Role::security, add_provision},
    {"provision remove", "TOPIC AGENT", "除去提供者", "take a provider out", Role::security, remove_provision},
    {"provision list", "", "列出提供者", "list the providers", Role::anyone, list_provisions},
};

}  // namespace

std::span<const Verb> grant_verbs() { return grant_table; }

}  // namespace qianzhi::hub
