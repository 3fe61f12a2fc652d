#include "hub-protocol/hub/overview.h"

#include <algorithm>

#include "hub-protocol/accounts/pending.h"
#include "hub-protocol/base/codes.h"
#include "hub-protocol/hub/certificates.h"
#include "hub-protocol/hub/matters.h"
#include "hub-protocol/registry/content.h"

namespace qianzhi::hub {

namespace {

constexpr Micros one_minute = 60'000'000;
constexpr Micros one_day = 1440 * one_minute;

using Level = Finding::Level;
using Findings = std::vector<Finding>;

void add_hub(const Office& office, Findings& findings) {
  const StopReason stop = office.exchange.stopped();
  if (!stop.code.empty()) {
    const auto known = explain(stop.code);
    findings.push_back({Level::fail, stop.code, "hub", known ? std::string(known->title_zh) : "交换中心已停止",
                        known ? std::string(known->title_en) : "the hub is stopped", "recover", "system"});
  }
  bool is_enforced = false;
  office.registry.read([&](const registry::View& view) { is_enforced = accounts::is_enforced(view); });
  if (!is_enforced)
    findings.push_back({Level::warn, "", "hub", "还没有安全管理员账户：能打开控制套接字的人都拥有全部权限",
                        "there is no security account yet: whoever may open the control socket may do everything",
                        "account add", "accounts"});
}

void add_certificates(const Office& office, Findings& findings) {
  const Micros now = office.clock.now();
  for (const CertificateEnd& end : certificate_ends(office)) {
    const CertificateEnd::State state = end.state(now);
    if (state == CertificateEnd::State::valid) continue;
    const bool is_over = state == CertificateEnd::State::ended;
    const std::string days = std::to_string(std::max<Micros>(0, (end.ends - now) / one_day));
    const std::string zh = is_over ? "证书已过期" : "证书还有 " + days + " 天到期";
    const std::string en = is_over ? "its certificate has expired" : "its certificate ends in " + days + " days";
    findings.push_back({state == CertificateEnd::State::ends_soon ? Level::warn : Level::fail,
                        alarm_of(end, now)->code(), end.holder, zh + (end.renews ? "，本应自动换发" : ""),
                        en + (end.renews ? ", though it should renew itself" : ""), "", "certificates"});
  }
}

void add_enrolment(Office& office, Findings& findings) {
  if (office.enrolment == nullptr) return;
  for (const enrol::AgentStatus& agent : office.enrolment->list())
    if (agent.stage == enrol::Stage::waits)
      findings.push_back({Level::warn, "", agent.id, "代理已注册，等待第二位管理员批准",
                          "has enrolled and waits for the second officer", "agent approve " + agent.id, "agents"});
}

void add_streams(const std::vector<StreamStatus>& streams, Findings& findings) {
  for (const StreamStatus& stream : streams) {
    const std::string name = to_text(stream.stream);
    const std::string words = " " + stream.stream.agent + " " + stream.stream.topic;
    if (stream.halted)
      findings.push_back({Level::fail, "", name, "数据流已中止，等待人工处理",
                          "the stream is halted until somebody decides", "resume" + words, "streams"});
    if (stream.epoch_waits)
      findings.push_back({Level::warn, "", name, "新纪元等待批准", "a new epoch waits for approval",
                          "approve-epoch" + words, "streams"});
    if (stream.evidence != 0 && !stream.halted)
      findings.push_back({Level::warn, "", name, "保存有同一位置两份签名批次的证据",
                          "evidence is kept of two signed batches for one place", "", "streams"});
  }
}

void add_agents(const Office& office, const Directory& directory, Findings& findings) {
  const auto presence = office.exchange.presence();
  const Micros now = office.clock.now();
  for (const auto& [id, agent] : directory.agents) {
    if (!agent.enabled) continue;
    const auto found = presence.find(id);
    const Micros seen = found == presence.end() ? office.started : found->second.seen;
    if (seen == 0 || now - seen < quiet_after) continue;
    const std::string minutes = std::to_string((now - seen) / one_minute);
    const bool is_new = found == presence.end();
    findings.push_back(
        {Level::warn, "", id, (is_new ? "中心启动后一直没有连接，已 " : "已失去联系 ") + minutes + " 分钟",
         (is_new ? "has not called since the hub started, for " : "has not called for ") + minutes + " min", "",
         "agents"});
  }
}

void add_registry(Office& office, const Directory& directory, Findings& findings) {
  office.registry.read([&](const registry::View& view) {
    const std::size_t waiting = accounts::pending(view, office.clock.now()).size();
    if (waiting != 0)
      findings.push_back(
          {Level::warn, "", "pending", std::to_string(waiting) + " 项操作等待第二人批准",
           std::to_string(waiting) + (waiting == 1 ? " action waits" : " actions wait") + " for a second person",
           "pending", "pending"});
    for (const accounts::Account& account : accounts::all(view))
      if (account.locked_until > office.clock.now())
        findings.push_back({Level::warn, "QZ-HUB-282", account.name, "账户因多次登录失败被锁定",
                            "the account is locked after failed sign-ins", "account unlock " + account.name,
                            "accounts"});
    Directory content = office.config.content;
    for (const registry::LeftOut& out : registry::add_to(content, view, office.suite))
      findings.push_back({Level::warn, "QZ-HUB-061", out.kind + " " + out.id, "登记簿中的记录不能生效：" + out.reason,
                          "a record of the registry cannot stand: " + out.reason, "", "system"});
  });
  const Micros left = directory.expires - office.clock.now();
  if (left <= 0)
    findings.push_back({Level::fail, "", "directory", "目录已过期", "the directory has expired", "", "system"});
}

void add_matters(const Office& office, Findings& findings) {
  std::size_t waiting = 0;
  std::size_t overdue = 0;
  for (const wire::Matter& matter : office.matters.all()) {
    const bool for_us = matter.state() == wire::MATTER_WAITS_FOR_OPERATOR;
    const bool is_open = for_us || matter.state() == wire::MATTER_WAITS_FOR_PROVIDER;
    waiting += for_us ? 1 : 0;
    overdue += is_open && office.clock.now() > matter.deadline() ? 1 : 0;
  }
  if (waiting != 0)
    findings.push_back({Level::warn, "", "access", std::to_string(waiting) + " 件申请等待中心决定",
                        std::to_string(waiting) + " requests wait for the exchange", "access list --open", "pending"});
  if (overdue != 0)
    findings.push_back({Level::warn, "", "access", std::to_string(overdue) + " 件申请或异议超过答复期限",
                        std::to_string(overdue) + " requests or objections are overdue", "", "objections"});
}

void add_topics(const Office& office, const Directory& directory, const std::vector<StreamStatus>& streams,
                Findings& findings) {
  for (const Freshness& topic : freshness_of(directory, streams))
    if (topic.is_overdue(office.clock.now()))
      findings.push_back({Level::warn, "", topic.topic, "超过更新周期没有新数据：" + topic.title,
                          "nothing new for longer than its update cycle: " + topic.title_en, "", "topics"});
}

}  // namespace

std::vector<Freshness> freshness_of(const Directory& directory, const std::vector<StreamStatus>& streams) {
  std::map<std::string, Micros> newest;
  for (const StreamStatus& stream : streams)
    newest[stream.stream.topic] = std::max(newest[stream.stream.topic], stream.newest);
  std::vector<Freshness> all;
  for (const auto& [id, topic] : directory.catalogue.topics) {
    const auto found = newest.find(id);
    all.push_back({id, topic.title, topic.title_en, directory.providers_of(id),
                   found == newest.end() ? 0 : found->second, topic.update_cycle});
  }
  return all;
}

std::vector<Finding> findings_of(Office& office) {
  const auto directory = office.exchange.current_directory();
  const std::vector<StreamStatus> streams = office.exchange.status();
  Findings findings;
  add_hub(office, findings);
  add_certificates(office, findings);
  add_enrolment(office, findings);
  add_streams(streams, findings);
  add_registry(office, *directory, findings);
  add_matters(office, findings);
  add_agents(office, *directory, findings);
  add_topics(office, *directory, streams, findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.level < b.level; });
  return findings;
}

}  // namespace qianzhi::hub
