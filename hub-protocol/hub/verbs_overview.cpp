// Views for people and for the operator's page: what needs somebody, agents, streams, topics.
#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/hub/certificates.h"
#include "hub-protocol/hub/json_rows.h"
#include "hub-protocol/hub/overview.h"

namespace qianzhi::hub {

namespace {

std::string comma_text(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string department_title(const Directory& directory, const std::string& department) {
  const auto found = directory.departments.find(department);
  return found == directory.departments.end() ? department : found->second.title;
}

Micros hub_certificate_end(const Office& office) {
  for (const CertificateEnd& end : certificate_ends(office))
    if (end.kind == CertificateEnd::Kind::hub) return end.ends;
  return 0;
}

std::string view_overview(Office& office, Ask& ask) {
  ask.words.finish();
  const auto directory = office.exchange.current_directory();
  const std::vector<Finding> findings = findings_of(office);
  std::string text = office.status_text ? office.status_text() : "";
  std::vector<std::string> rows;
  for (const Finding& finding : findings) {
    const bool fails = finding.level == Finding::Level::fail;
    text += std::string(fails ? "✕ " : "▲ ") + finding.subject + ": " + finding.zh + " / " + finding.en +
            (finding.next.empty() ? "" : "  -> qianzhi-hub " + finding.next) + "\n";
    rows.push_back(json_object({{"level", fails ? "fail" : "warn"},
                                {"code", finding.code},
                                {"subject", finding.subject},
                                {"zh", finding.zh},
                                {"en", finding.en},
                                {"next", finding.next},
                                {"view", finding.view}}));
  }
  if (!ask.json) return text;
  const auto presence = office.exchange.presence();
  const Micros now = office.clock.now();
  const auto connected = std::count_if(presence.begin(), presence.end(),
                                       [&](const auto& entry) { return now - entry.second.seen < quiet_after; });
  return json_object({{"time", to_text(now)},
                      {"version", QIANZHI_VERSION},
                      {"started", shown_time(office.started)},
                      {"stopped", office.exchange.stopped().code},
                      {"directory_version", directory->version},
                      {"directory_expires", shown_time(directory->expires)},
                      {"certificate_ends", shown_time(hub_certificate_end(office))},
                      {"departments", directory->departments.size()},
                      {"agents", directory->agents.size()},
                      {"agents_connected", connected},
                      {"topics", directory->catalogue.topics.size()},
                      {"streams", office.exchange.status().size()},
                      {"grants", directory->grants.size()},
                      {"findings", JsonValue::raw(json_array(rows))}}) +
         "\n";
}

std::string presence_state(const AgentEntry& agent, const AgentPresence& presence, Micros now) {
  if (!agent.enabled) return "disabled";
  if (presence.seen == 0) return "not seen";
  return now - presence.seen < quiet_after ? "connected" : "quiet";
}

std::string view_agents(Office& office, Ask& ask) {
  ask.words.finish();
  const auto directory = office.exchange.current_directory();
  auto presence = office.exchange.presence();
  std::string text;
  std::vector<std::string> rows;
  for (const auto& [id, agent] : directory->agents) {
    const AgentPresence& seen = presence[id];
    const std::string state = presence_state(agent, seen, office.clock.now());
    text += id + "\t" + agent.department + "\t" + state + "\t" + shown_time(seen.seen) + "\n";
    rows.push_back(json_object({{"agent", id},
                                {"department", department_title(*directory, agent.department)},
                                {"state", state},
                                {"seen", shown_time(seen.seen)},
                                {"session", shown_time(seen.session)},
                                {"posted", shown_time(seen.posted)},
                                {"fetched", shown_time(seen.fetched)},
                                {"applied", shown_time(seen.applied)},
                                {"signing_keys", agent.signing_keys.size()},
                                {"tls_keys", agent.tls_keys.size()}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

std::string view_streams(Office& office, Ask& ask) {
  ask.words.finish();
  std::string text;
  std::vector<std::string> rows;
  for (const StreamStatus& stream : office.exchange.status()) {
    const std::string state = stream.halted ? "halted" : stream.epoch_waits ? "epoch waits" : "running";
    const std::string secured = stream.secured.is_none() ? "" : to_text(stream.secured.position);
    const std::string position = stream.head.is_none() ? "" : to_text(stream.head.position);
    text += to_text(stream.stream) + "\t" + position + "\t" + state + "\t" + shown_time(stream.newest) + "\n";
    rows.push_back(json_object({{"agent", stream.stream.agent},
                                {"topic", stream.stream.topic},
                                {"state", state},
                                {"position", position},
                                {"secured", secured},
                                {"batches", stream.batches},
                                {"evidence", stream.evidence},
                                {"newest", shown_time(stream.newest)}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

std::string view_freshness(Office& office, Ask& ask) {
  ask.words.finish();
  const Micros now = office.clock.now();
  std::string text;
  std::vector<std::string> rows;
  for (const Freshness& topic : freshness_of(*office.exchange.current_directory(), office.exchange.status())) {
    const std::string state = topic.newest == 0 ? "no data" : topic.is_overdue(now) ? "overdue" : "fresh";
    const std::int64_t hours = topic.cycle / 3'600'000'000;
    text += topic.topic + "\t" + topic.title + "\t" + state + "\t" + shown_time(topic.newest) + "\n";
    rows.push_back(json_object({{"topic", topic.topic},
                                {"title", topic.title},
                                {"title_en", topic.title_en},
                                {"state", state},
                                {"newest", shown_time(topic.newest)},
                                {"update_cycle_hours", hours},
                                {"providers", comma_text(topic.providers)}}));
  }
  return ask.json ? json_array(rows) + "\n" : text;
}

const Verb overview_table[] = {
    {"overview", "", "现在需要处理什么", "what needs somebody now", Role::anyone, view_overview},
    {"agents", "", "各前置的状态：最近联系、会话、收发", "the agents and when each was last heard of", Role::anyone,
     view_agents},
    {"streams", "", "各数据流的位置与状态", "the streams, where they are and how", Role::anyone, view_streams},
    {"freshness", "", "各主题的数据新鲜度", "how fresh each topic's data is", Role::anyone, view_freshness},
};

}  // namespace

std::span<const Verb> overview_verbs() { return overview_table; }

}  // namespace qianzhi::hub
