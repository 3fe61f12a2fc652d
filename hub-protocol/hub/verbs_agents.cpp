// Agents: invited, approved, disabled, revoked, and their keys.
#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/ca/token.h"
#include "hub-protocol/enrol/network.h"
#include "hub-protocol/hub/hub_sections.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/verbs.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

namespace {

constexpr std::size_t key_digits = 16;  // of a key's id, in a table

// The CA that the hub's certificate file shows and that agents are to trust.
Bytes shown_anchor(const HubConfig& config) {
  const std::vector<Bytes> trusted = ca::certificates_of(read_file(config.trust));
  const std::vector<Bytes> shown = ca::certificates_of(read_file(config.certificate));
  for (const Bytes& certificate : shown)
    if (std::find(trusted.begin(), trusted.end(), certificate) != trusted.end()) return certificate;
  throw Error(ErrorKind::misuse, "QZ-HUB-235", config.certificate.string());
}

std::string own_agent(Office& office, Ask& ask) {
  std::string id = ask.words.next("ID");
  if (office.config.content.agents.count(id) != 0) throw Error(ErrorKind::misuse, "QZ-HUB-063", id);
  return id;
}

struct TokenWords {
  std::string network;
  std::string address;
};

TokenWords token_words(Office& office, Ask& ask) {
  TokenWords words{ask.words.option("from-network", ""), ask.words.option("address", office.config.ca.address)};
  if (!words.network.empty() && !enrol::is_network(words.network))
    throw Error(ErrorKind::misuse, "QZ-HUB-051", "--from-network ADDRESS/BITS");
  if (words.address.size() > ca::address_octets) throw Error(ErrorKind::misuse, "QZ-HUB-051", "--address HOST:PORT");
  return words;
}

std::string shown_token(Office& office, const Bytes& secret, const Bytes& anchor, const std::string& address) {
  const std::string token = ca::to_text({secret, ca::fingerprint_of(anchor), address});
  return token +
         "\n\n一次有效，24 小时内使用；在部门的前置机上执行：\n"
         "good once, for 24 hours; on the department's front-end server:\n"
         "  qianzhi enrol " +
         token + " --out /var/lib/qianzhi/identity\n" +
         (office.config.ca.second_officer ? "之后由另一位管理员批准 / then another officer approves: "
                                            "qianzhi-hub agent approve ID\n"
                                          : "");
}

std::string add_agent(Office& office, Ask& ask) {
  const std::string id = own_agent(office, ask);
  const std::string department = ask.words.required("department");
  const TokenWords words = token_words(office, ask);
  ask.words.finish();
  if (!yaml::is_id(id) || id.size() > 64) throw Error(ErrorKind::misuse, "QZ-HUB-062", id);
  if (office.exchange.current_directory()->departments.count(department) == 0)
    throw Error(ErrorKind::misuse, "QZ-HUB-060", "department " + department);
  const Bytes anchor = shown_anchor(office.config);
  const Bytes secret = enrolment_of(office).add(ask.actor, id, department, words.network);
  office.publish();
  return shown_token(office, secret, anchor, words.address);
}

std::string new_token(Office& office, Ask& ask) {
  const std::string id = own_agent(office, ask);
  const TokenWords words = token_words(office, ask);
  ask.words.finish();
  const Bytes anchor = shown_anchor(office.config);
  return shown_token(office, enrolment_of(office).invite(ask.actor, id, words.network), anchor, words.address);
}

std::string approve_agent(Office& office, Ask& ask) {
  const std::string id = own_agent(office, ask);
  ask.words.finish();
  enrolment_of(office).approve(ask.actor, id);
  office.publish();
  return id + "\n";
}

std::string disable_agent(Office& office, Ask& ask) {
  const std::string id = own_agent(office, ask);
  const std::string reason = ask.words.option("reason", "");
  ask.words.finish();
  enrolment_of(office).disable(ask.actor, id, reason);
  office.publish();
  return id + "\n";
}

std::string enable_agent(Office& office, Ask& ask) {
  const std::string id = own_agent(office, ask);
  ask.words.finish();
  enrolment_of(office).enable(ask.actor, id);
  office.publish();
  return id + "\n";
}

std::string revoke_agent(Office& office, Ask& ask) {
  const std::string id = own_agent(office, ask);
  const std::string why = ask.words.option("why", "compromise");
  const std::string reason = ask.words.option("reason", "");
  ask.words.finish();
  if (why != "compromise" && why != "cessation")
    throw Error(ErrorKind::misuse, "QZ-HUB-051", "--why compromise|cessation");
  enrolment_of(office).revoke(ask.actor, id, why == "compromise" ? ca::Reason::key_compromise : ca::Reason::cessation,
                              reason);
  office.publish();
  return id + "\n";
}

std::string_view key_state_name(KeyState state) {
  static constexpr std::string_view names[] = {"active", "retired", "revoked"};
  return names[static_cast<std::size_t>(state)];
}

std::string text_of(const std::string& id, const enrol::AgentStatus& agent) {
  const auto cell = [](const std::string& value) { return "\t" + (value.empty() ? "-" : value); };
  std::string text = id + cell(agent.department) + cell(std::string(enrol::name_of(agent.stage))) +
                     cell(shown_time(agent.not_after)) + cell(shown_time(agent.token_expires)) + "\n";
  for (const KeyRecord& key : agent.signing_keys)
    text += "\t" + key.id + "\t" + key.algorithm + "\t" + std::string(key_state_name(key.state)) + "\n";
  return text;
}

JsonFields fields_of(const enrol::AgentStatus& agent) {
  std::string keys;
  for (const KeyRecord& key : agent.signing_keys)
    keys += (keys.empty() ? "" : ", ") + key.id.substr(0, key_digits) + " " + key.algorithm + " " +
            std::string(key_state_name(key.state));
  return {{"agent", agent.id},
          {"department", agent.department},
          {"state", enrol::name_of(agent.stage)},
          {"certificate_ends", shown_time(agent.not_after)},
          {"token_ends", shown_time(agent.token_expires)},
          {"added_by", agent.added_by},
          {"approved_by", agent.approved_by},
          {"signing_keys", keys}};
}

std::string list_agents(Office& office, Ask& ask) {
  ask.words.finish();
  std::string text;
  std::vector<std::string> rows;
  if (office.enrolment != nullptr)
    for (const enrol::AgentStatus& agent : office.enrolment->list()) {
      text += text_of(agent.id, agent);
      rows.push_back(json_object(fields_of(agent)));
    }
  for (const auto& [id, agent] : office.config.content.agents) {
    const std::string state = agent.enabled ? "hub.yaml" : "hub.yaml, disabled";
    text += id + "\t" + agent.department + "\t" + state + "\t-\t-\n";
    rows.push_back(json_object({{"agent", id}, {"department", agent.department}, {"state", state}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

std::string end_key(Office& office, Ask& ask, KeyState state) {
  const std::string id = own_agent(office, ask);
  const std::string key = ask.words.next("KEY");
  ask.words.finish();
  const std::string ended = enrolment_of(office).end_key(ask.actor, id, key, state);
  office.publish();
  return ended + "\n";
}

std::string revoke_key(Office& office, Ask& ask) { return end_key(office, ask, KeyState::revoked); }
std::string retire_key(Office& office, Ask& ask) { return end_key(office, ask, KeyState::retired); }

const Verb agent_table[] = {
    {"agent add", "ID --department DEPARTMENT [--from-network ADDRESS/BITS] [--address HOST:PORT]",
     "登记代理并给出一次有效的注册码", "enter an agent and print its single-use token", Role::system, add_agent},
    {"agent token", "ID [--from-network ADDRESS/BITS] [--address HOST:PORT]",
     "为已登记的代理再给一个注册码（换新密钥）", "another token for an agent that is there, to enrol with new keys",
     Role::system, new_token},
    {"agent approve", "ID", "第二位管理员批准", "approve as the second officer", Role::security, approve_agent},
    {"agent disable",
     "ID [--reason TEXT]",
     "停用，可恢复",
     "disable; can be undone",
     Role::security,
     disable_agent,
     {},
     FourEyes::never},
    {"agent enable", "ID", "恢复停用的代理", "undo disable", Role::security, enable_agent},
    {"agent revoke",
     "ID [--why compromise|cessation] [--reason TEXT]",
     "吊销，立即生效；只能用新注册码重新加入",
     "revoke, at once; it comes back with a new token only",
     Role::security,
     revoke_agent,
     {},
     FourEyes::never},
    {"agent list", "", "列出代理、密钥与证书期限", "list agents, keys and ends of certificates", Role::anyone,
     list_agents},
    {"key revoke",
     "AGENT KEY",
     "吊销代理的一把密钥",
     "revoke one key of an agent",
     Role::security,
     revoke_key,
     {},
     FourEyes::never},
    {"key retire", "AGENT KEY", "使代理的一把密钥退役", "retire one key of an agent", Role::security, retire_key},
};

}  // namespace

std::span<const Verb> agent_verbs() { return agent_table; }

}  // namespace qianzhi::hub
