#include "agent/app/control_commands.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "agent/app/matter_commands.h"
#include "agent/app/request_commands.h"
#include "agent/app/resync.h"
#include "agent/flow/capture.h"
#include "agent/flow/comparison.h"
#include "agent/flow/quarantine.h"
#include "agent/flow/reconcile.h"
#include "agent/status/headline.h"

namespace qianzhi::app {

namespace {

std::int64_t id_of(const std::string& text) {
  std::int64_t id = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), id);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size())
    throw Error(ErrorKind::rejected, "QZ-AGT-071", "not a number: " + text);
  return id;
}

store::QuarantineEntry entry_of(Agent& agent, const std::string& id, bool with_row) {
  for (store::QuarantineEntry& entry : agent.store().quarantine(with_row))
    if (entry.id == id_of(id)) return std::move(entry);
  throw Error(ErrorKind::rejected, "QZ-AGT-071", "no entry " + id + " in quarantine");
}

std::string list_quarantine(Agent& agent) {
  std::string text;
  for (const store::QuarantineEntry& entry : agent.store().quarantine(false))
    text += std::to_string(entry.id) + "\t" +
            (entry.side == store::QuarantineSide::capture ? "采集 capture" : "应用 apply") + "\t" + entry.topic +
            (entry.origin.empty() ? "" : " <- " + entry.origin) + "\t" + entry.code + "\t" + entry.detail + "\t" +
            qianzhi::to_text(entry.first_seen) + "\n";
  return text.empty() ? "隔离区为空 / nothing is in quarantine\n" : text;
}

std::string quarantine_as_json(Agent& agent) {
  Poco::JSON::Array list;
  for (const store::QuarantineEntry& entry : agent.store().quarantine(false)) {
    Poco::JSON::Object one(Poco::JSON_PRESERVE_KEY_ORDER);
    one.set("id", entry.id);
    one.set("side", std::string(entry.side == store::QuarantineSide::capture ? "capture" : "apply"));
    one.set("topic", entry.topic);
    one.set("origin", entry.origin);
    one.set("code", entry.code);
    one.set("detail", entry.detail);
    one.set("first_seen", qianzhi::to_text(entry.first_seen));
    list.add(one);
  }
  std::ostringstream out;
  list.stringify(out);
  return out.str() + "\n";
}

std::string show_entry(Agent& agent, const std::string& id) {
  const store::QuarantineEntry entry = entry_of(agent, id, true);
  std::string text = entry.topic + " " + entry.code + " " + entry.detail + "\n";
  for (const flow::ShownCell& cell : flow::cells_of(entry)) text += "  " + cell.name + " = " + cell.text + "\n";
  return text;
}

std::string reconcile(Agent& agent, const std::string& topic) {
  if (!agent.store().value(flow::report_name(topic)))
    throw Error(ErrorKind::rejected, "QZ-AGT-071", topic + " has no reconcile in the configuration");
  agent.store().update(
      [&](store::StoreTransaction& transaction) { transaction.put_value(flow::wanted_name(topic), "1"); });
  agent.retry_all();
  return "已请求对账，结果见 qianzhi status / a comparison was asked for, see qianzhi status: " + topic + "\n";
}

std::string compare(Agent& agent, const std::string& topic) {
  const status::Snapshot snapshot = agent.snapshot();
  if (std::none_of(snapshot.lanes.begin(), snapshot.lanes.end(),
                   [&](const flow::LaneStatus& lane) { return lane.topic == topic; }))
    throw Error(ErrorKind::rejected, "QZ-AGT-071", topic + " is not subscribed to");
  agent.store().update(
      [&](store::StoreTransaction& transaction) { transaction.put_value(flow::comparison_wanted_name(topic), "1"); });
  agent.retry_all();
  return "已请求与提供方核对，结果见 qianzhi status / a comparison with the provider was asked for, see qianzhi "
         "status: " +
         topic + "\n";
}

// Of the last comparison since the agent started; keys are row data, and go to this machine's operator alone.
std::string compared_keys(Agent& agent, const std::string& topic) {
  std::string text;
  for (const auto& [stream, named] : agent.compared_keys()) {
    if (stream.topic != topic) continue;
    for (const std::string& key : named.changed) text += "不同 changed\t" + stream.agent + "\t" + key + "\n";
    for (const std::string& key : named.extra) text += "多出 extra\t" + stream.agent + "\t" + key + "\n";
  }
  return text.empty() ? "没有发现不同的行 / no row was found to differ: " + topic + "\n" : text;
}

std::string confirm_source(Agent& agent, const std::string& source) {
  const status::Snapshot snapshot = agent.snapshot();
  if (std::none_of(snapshot.databases.begin(), snapshot.databases.end(), [&](const status::DatabaseLine& database) {
        return database.id == source && !database.capture.empty();
      }))
    throw Error(ErrorKind::rejected, "QZ-AGT-071", source + " is not a source that is captured");
  flow::Capture::confirm_source(agent.store(), source);
  agent.retry_all();
  return "已确认，将整体补传 / confirmed, everything is refilled: " + source + "\n";
}

std::string retry(Agent& agent, const std::string& id) {
  entry_of(agent, id, false);
  flow::retry_later(agent.store(), id_of(id));
  agent.retry_all();
  return "将重试 / it will be tried again; see qianzhi quarantine list\n";
}

std::string skip(Agent& agent, const std::string& id, const std::string& reason) {
  const store::QuarantineEntry entry = entry_of(agent, id, false);
  if (reason.empty()) throw Error(ErrorKind::rejected, "QZ-AGT-070", "a reason is needed");
  flow::skip(agent.store(), entry, reason, agent.snapshot().time);
  return "已放弃 / skipped: " + id + "\n";
}

// What the page begins with.
std::string headline_line(const status::Snapshot& snapshot) {
  const std::vector<status::Finding> findings = status::findings_of(snapshot);
  const status::StateWord word = status::headline_of(snapshot, findings);
  const std::string cause = status::cause_of(snapshot, findings);
  return std::string(word.zh) + " " + std::string(word.en) + (cause.empty() ? "" : "  " + cause) + "\n";
}

std::string progress_line(const status::PublicationStatus& line) {
  using Kind = flow::TableProgress::Kind;
  if (line.progress.kind == Kind::none) return {};
  const bool compares = line.progress.kind == Kind::comparison;
  return std::string("      ") + (compares ? "对账 comparison " : "补传 refill " + line.refill + "  ") +
         flow::describe(line.progress) + "\n";
}

}  // namespace

std::filesystem::path control_socket_of(const config::Config& config) { return config.queue.path.string() + ".sock"; }

std::string control_command(Agent& agent, const service::Call& call) {
  const std::vector<std::string>& words = call.words;
  const std::string verb = words.empty() ? "" : words[0];
  const auto argument = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (verb == "status") return to_text(agent.snapshot());
  if (verb == "status-json") return status::to_json(agent.snapshot()) + "\n";
  if (verb == "resync" || verb == "resync-json") return resync(agent, words);
  if (verb == "renew") {
    agent.renew_certificate();
    return "已开始换发证书，结果见 qianzhi status / a certificate was asked for, see qianzhi status\n";
  }
  if (verb == "reconcile") return reconcile(agent, argument(1));
  if (verb == "compare") return compare(agent, argument(1));
  if (verb == "compare-keys") return compared_keys(agent, argument(1));
  if (verb == "confirm-source") return confirm_source(agent, argument(1));
  if (verb == "quarantine") return list_quarantine(agent);
  if (verb == "quarantine-json") return quarantine_as_json(agent);
  if (verb == "quarantine-show") return show_entry(agent, argument(1));
  if (verb == "quarantine-retry") return retry(agent, argument(1));
  if (verb == "quarantine-skip") return skip(agent, argument(1), argument(2));
  if (const auto answer = matter_command(agent, call)) return *answer;
  if (const auto answer = request_command(agent, call)) return *answer;
  throw Error(ErrorKind::rejected, "QZ-AGT-070", verb);
}

std::string to_text(const status::Snapshot& snapshot) {
  std::string text = snapshot.agent + " " + snapshot.name + "  [" + std::string(status::name_of(snapshot.verdict)) +
                     "]  " + qianzhi::to_text(snapshot.time) + "\n" + headline_line(snapshot);
  text += "目录 directory " + std::to_string(snapshot.directory_version) + "  队列 queue " +
          std::to_string(snapshot.queued_octets) + " B  隔离 quarantine " + std::to_string(snapshot.quarantined) + "\n";
  for (const status::PublicationStatus& line : snapshot.publications)
    text += "  → " + line.topic + "  " + line.last + "  sealed " +
            std::to_string(line.sealed_rows + line.refilled_rows) + "  receipted " + line.receipted + "  waiting " +
            std::to_string(line.waiting_rows) + (line.code.empty() ? "" : "  ✕ " + line.code + " " + line.detail) +
            "\n" + progress_line(line);
  for (const flow::LaneStatus& lane : snapshot.lanes)
    text += "  ← " + lane.topic + " <- " + lane.origin + "  " + qianzhi::to_text(lane.mark) + "/" +
            (lane.head == Position{} ? std::string("?") : qianzhi::to_text(lane.head)) + "  applied " +
            std::to_string(lane.upserted) + "+" + std::to_string(lane.removed) +
            (lane.state_code.empty() ? "" : "  ✕ " + lane.state_code) + "\n";
  for (const flow::StageStatus& stage : snapshot.stages)
    if (!stage.error_code.empty())
      text += "  ! " + stage.name + ": " + stage.error_code + " " + stage.error_detail + "\n";
  for (const flow::Notice& notice : snapshot.notices)
    text += "  * " + notice.code + " " + notice.subject + ": " + notice.detail + "\n";
  return text;
}

}  // namespace qianzhi::app
