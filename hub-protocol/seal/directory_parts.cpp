#include "hub-protocol/seal/directory_parts.h"

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/document.h"
#include "hub-protocol/seal/key.h"

namespace qianzhi::seal {

namespace {

[[noreturn]] void bad(std::string_view what) { throw Error(ErrorKind::corrupt, "QZ-SEAL-041", what); }

void require(bool good, std::string_view what) {
  if (!good) bad(what);
}

template <typename Enum>
Enum read_enum(std::uint32_t number, Enum last, std::string_view what) {
  require(number <= static_cast<std::uint32_t>(last), what);
  return static_cast<Enum>(number);
}

void write_groups(const GroupSet& groups, wire::GroupSetMessage& message) {
  message.set_every(groups.is_every());
  for (const Group& group : groups.groups()) message.add_groups(group);
}

GroupSet read_groups(const wire::GroupSetMessage& message) {
  require(!message.every() || message.groups().empty(), "a group set is both everything and a list");
  if (message.every()) return GroupSet::every();
  return GroupSet::of({message.groups().begin(), message.groups().end()});
}

void write_item(const Item& item, wire::ItemMessage& message) {
  message.set_id(item.id);
  message.set_title(item.title);
  message.set_title_en(item.title_en);
  message.set_type(static_cast<std::uint32_t>(item.type));
  message.set_length(item.length);
  message.set_scale(item.scale);
  message.set_required(item.required);
  message.set_personal(item.personal);
  message.set_check(static_cast<std::uint32_t>(item.check));
  message.set_check_quarantines(item.check_quarantines);
  message.set_code_table(item.code_table);
  message.set_initials(item.initials);
}

Item read_item(const wire::ItemMessage& message) {
  require(!message.id().empty(), "an item has no id");
  Item item;
  item.id = message.id();
  item.title = message.title();
  item.title_en = message.title_en();
  item.type = read_enum(message.type(), ItemType::bytes, "unknown item type");
  item.length = message.length();
  item.scale = message.scale();
  item.required = message.required();
  item.personal = message.personal();
  item.check = read_enum(message.check(), CheckRule::citizen_id, "unknown check rule");
  item.check_quarantines = message.check_quarantines();
  item.code_table = message.code_table();
  item.initials = message.initials();
  return item;
}

void write_terms(const TopicTerms& terms, wire::TopicMessage& message) {
  message.set_department(terms.department);
  message.set_code(terms.code);
  message.set_sharing(static_cast<std::uint32_t>(terms.sharing));
  message.set_basis(terms.basis);
  message.set_conditions(terms.conditions);
  for (const std::string& purpose : terms.purposes) message.add_purposes(purpose);
  message.set_publishable(terms.publishable);
  message.set_grade(static_cast<std::uint32_t>(terms.grade));
  message.set_update_cycle(terms.update_cycle);
  message.set_contact(terms.contact);
  message.set_summary(terms.summary);
}

TopicTerms read_topic_terms(const wire::TopicMessage& message) {
  TopicTerms terms;
  terms.department = message.department();
  terms.code = message.code();
  terms.sharing = read_enum(message.sharing(), Sharing::none, "unknown sharing class");
  terms.basis = message.basis();
  terms.conditions = message.conditions();
  terms.purposes.assign(message.purposes().begin(), message.purposes().end());
  terms.publishable = message.publishable();
  terms.grade = read_enum(message.grade(), Grade::core, "unknown data grade");
  terms.update_cycle = message.update_cycle();
  terms.contact = message.contact();
  terms.summary = message.summary();
  const std::string fault = fault_of(terms);
  require(fault.empty(), fault);
  return terms;
}

Topic read_topic(const wire::TopicMessage& message) {
  require(!message.id().empty(), "a topic has no id");
  Topic topic;
  static_cast<TopicTerms&>(topic) = read_topic_terms(message);
  topic.initials = message.initials();
  topic.id = message.id();
  topic.title = message.title();
  topic.title_en = message.title_en();
  topic.mode = read_enum(message.mode(), TopicMode::answer, "unknown topic mode");
  for (const wire::ItemMessage& item : message.items()) {
    require(topic.find(item.id()) == nullptr, "an item is given twice");
    topic.items.push_back(read_item(item));
  }
  topic.key.assign(message.key().begin(), message.key().end());
  require(!topic.key.empty(), "a topic has no key");
  for (const std::string& id : topic.key) require(topic.find(id) != nullptr, "a key item is not in its topic");
  topic.partition = message.partition();
  require(topic.partition.empty() || topic.find(topic.partition) != nullptr, "a partition item is not in its topic");
  return topic;
}

AgentEntry read_agent(const wire::AgentMessage& message, DigestSuite suite, const Directory& directory) {
  require(!message.id().empty(), "an agent has no id");
  require(directory.departments.count(message.department()) != 0, "an agent of an unknown department");
  AgentEntry agent;
  agent.id = message.id();
  agent.department = message.department();
  agent.enabled = message.enabled();
  for (const std::string& digest : message.tls_keys()) {
    require(digest.size() == Digest::size, "a digest does not have 32 octets");
    agent.tls_keys.insert(Digest::from_bytes(digest));
  }
  for (const wire::KeyMessage& key : message.signing_keys()) agent.signing_keys.push_back(read_key(key, suite));
  for (const wire::KeyMessage& key : message.encryption_keys()) agent.encryption_keys.push_back(read_key(key, suite));
  return agent;
}

}  // namespace

void write_key(const KeyRecord& key, wire::KeyMessage& message) {
  message.set_id(key.id);
  message.set_algorithm(key.algorithm);
  message.set_spki(key.spki);
  message.set_state(static_cast<std::uint32_t>(key.state));
  message.set_signer_id(key.signer_id);
  message.set_role(static_cast<std::uint32_t>(key.role));
}

void write_members(const Directory& directory, wire::MembersPart& part) {
  for (const auto& [id, department] : directory.departments) {
    wire::DepartmentMessage& message = *part.add_departments();
    message.set_id(id);
    message.set_title(department.title);
    message.set_title_en(department.title_en);
  }
  for (const auto& [id, agent] : directory.agents) {
    wire::AgentMessage& message = *part.add_agents();
    message.set_id(id);
    message.set_department(agent.department);
    message.set_enabled(agent.enabled);
    for (const Digest& digest : agent.tls_keys) message.add_tls_keys(digest.bytes());
    for (const KeyRecord& key : agent.signing_keys) write_key(key, *message.add_signing_keys());
    for (const KeyRecord& key : agent.encryption_keys) write_key(key, *message.add_encryption_keys());
  }
}

void write_catalogue(const Directory& directory, wire::CataloguePart& part) {
  part.set_version(directory.catalogue.version);
  for (const auto& [id, topic] : directory.catalogue.topics) {
    wire::TopicMessage& message = *part.add_topics();
    message.set_id(id);
    message.set_title(topic.title);
    message.set_title_en(topic.title_en);
    message.set_mode(static_cast<std::uint32_t>(topic.mode));
    for (const Item& item : topic.items) write_item(item, *message.add_items());
    for (const std::string& key : topic.key) message.add_key(key);
    message.set_partition(topic.partition);
    write_terms(topic, message);
    message.set_initials(topic.initials);
  }
}

void write_code_table(const CodeTable& table, wire::CodeTablePart& part) {
  part.set_id(table.id);
  part.set_title(table.title);
  part.set_title_en(table.title_en);
  part.set_edition(table.edition);
  part.set_partial(table.partial);
  for (const CodeEntry& entry : table.entries) {
    wire::CodeEntryMessage& message = *part.add_entries();
    message.set_code(entry.code);
    message.set_title(entry.title);
    message.set_from(entry.from);
    message.set_until(entry.until);
  }
}

void write_grants(const Directory& directory, wire::GrantsPart& part) {
  for (const Provision& provision : directory.provisions) write_provision(provision, *part.add_provisions());
  for (const Grant& grant : directory.grants) write_grant(grant, *part.add_grants());
}

void write_provision(const Provision& provision, wire::ProvisionMessage& message) {
  message.set_topic(provision.topic);
  message.set_agent(provision.agent);
  write_groups(provision.area, *message.mutable_area());
}

void write_grant(const Grant& grant, wire::GrantMessage& message) {
  write_terms(grant, message);
  message.set_id(grant.id);
  for (const Bytes& approval : grant.approvals) message.add_approvals(approval);
  message.set_request(grant.request);
}

void write_terms(const Grant& grant, wire::GrantMessage& message) {
  message.set_topic(grant.topic);
  message.set_department(grant.department);
  for (const std::string& item : grant.items) message.add_items(item);
  write_groups(grant.groups, *message.mutable_groups());
  message.set_not_after(grant.not_after);
  message.set_purpose(grant.purpose);
  message.set_basis(grant.basis);
}

Grant read_terms(const wire::GrantMessage& message) {
  Grant grant;
  grant.topic = message.topic();
  grant.department = message.department();
  grant.items = {message.items().begin(), message.items().end()};
  grant.groups = read_groups(message.groups());
  grant.not_after = message.not_after();
  grant.purpose = message.purpose();
  grant.basis = message.basis();
  return grant;
}

KeyRecord read_key(const wire::KeyMessage& message, DigestSuite suite) {
  KeyRecord key{message.id(),
                message.algorithm(),
                message.spki(),
                read_enum(message.state(), KeyState::revoked, "unknown key state"),
                message.signer_id(),
                read_enum(message.role(), KeyRole::second, "unknown key role"),
                suite};
  const std::string fault = fault_of(key);
  require(fault.empty(), fault);
  return key;
}

void read_members(const wire::MembersPart& part, DigestSuite suite, Directory& directory) {
  for (const wire::DepartmentMessage& message : part.departments()) {
    require(!message.id().empty(), "a department has no id");
    const Department department{message.id(), message.title(), message.title_en()};
    require(directory.departments.emplace(message.id(), department).second, "a department is given twice");
  }
  for (const wire::AgentMessage& message : part.agents())
    require(directory.agents.emplace(message.id(), read_agent(message, suite, directory)).second,
            "an agent is given twice");
}

void read_catalogue(const wire::CataloguePart& part, Directory& directory) {
  directory.catalogue.version = part.version();
  for (const wire::TopicMessage& message : part.topics()) {
    Topic topic = read_topic(message);
    require(topic.department.empty() || directory.departments.count(topic.department) != 0,
            "a topic of an unknown department");
    for (const Item& item : topic.items)
      require(item.code_table.empty() || directory.catalogue.code_tables.count(item.code_table) != 0,
              "an item names an unknown code table");
    require(directory.catalogue.topics.emplace(message.id(), std::move(topic)).second, "a topic is given twice");
  }
}

void read_code_table(const wire::CodeTablePart& part, Directory& directory) {
  require(static_cast<std::size_t>(part.entries_size()) <= most_code_entries, "a code table has too many entries");
  CodeTable table{part.id(), part.title(), part.title_en(), part.edition(), part.partial(), {}};
  table.entries.reserve(static_cast<std::size_t>(part.entries_size()));
  for (const wire::CodeEntryMessage& entry : part.entries())
    table.entries.push_back({entry.code(), entry.title(), entry.from(), entry.until()});
  const std::string fault = fault_of(table);
  require(fault.empty(), fault);
  require(directory.catalogue.code_tables.emplace(part.id(), std::move(table)).second, "a code table is given twice");
}

void read_grants(const wire::GrantsPart& part, Directory& directory) {
  for (const wire::ProvisionMessage& message : part.provisions()) {
    require(directory.catalogue.find(message.topic()) != nullptr, "a provision of an unknown topic");
    require(directory.agent(message.agent()) != nullptr, "a provision by an unknown agent");
    directory.provisions.push_back({message.topic(), message.agent(), read_groups(message.area())});
  }
  for (const wire::GrantMessage& message : part.grants()) {
    const Topic* topic = directory.catalogue.find(message.topic());
    require(topic != nullptr, "a grant of an unknown topic");
    require(directory.departments.count(message.department()) != 0, "a grant to an unknown department");
    for (const std::string& item : message.items()) require(topic->find(item) != nullptr, "a grant of an unknown item");
    Grant grant = read_terms(message);
    grant.id = message.id();
    grant.approvals = {message.approvals().begin(), message.approvals().end()};
    grant.request = message.request();
    const std::string fault = fault_of(grant, directory);
    require(fault.empty(), fault);
    directory.grants.push_back(std::move(grant));
  }
}

}  // namespace qianzhi::seal
