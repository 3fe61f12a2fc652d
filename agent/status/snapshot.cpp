#include "agent/status/snapshot.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <array>
#include <sstream>

#include "agent/status/headline.h"
#include "agent/status/page_text.h"
#include "agent/status/path.h"
#include "hub-protocol/base/codes.h"

namespace qianzhi::status {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

// 64-bit numbers travel as text: a browser's numbers end at 2^53.
std::string number(std::uint64_t value) { return std::to_string(value); }
std::string number(Micros value) { return std::to_string(value); }

// A pair is Chinese, then English.
Array pair_json(std::string_view zh, std::string_view en) {
  Array pair;
  pair.add(std::string(zh));
  pair.add(std::string(en));
  return pair;
}

Object explanation_json(const Explanation& explanation) {
  Object object;
  object.set("title", pair_json(explanation.title_zh, explanation.title_en));
  object.set("cause", pair_json(explanation.cause_zh, explanation.cause_en));
  object.set("next", pair_json(explanation.next_zh, explanation.next_en));
  return object;
}

Object stage_json(const flow::StageStatus& stage) {
  Object object;
  object.set("name", readable(stage.name));
  object.set("error_code", readable(stage.error_code));
  object.set("error_detail", readable(stage.error_detail));
  object.set("error_kind", readable(stage.error_kind));
  object.set("error_since", number(stage.error_since));
  object.set("runs", number(stage.runs));
  object.set("state", std::string(state_of(stage).id));
  return object;
}

std::string_view level_name(flow::NoticeLevel level) {
  static constexpr std::array<std::string_view, 3> levels = {"info", "warning", "error"};
  return levels[static_cast<std::size_t>(level)];
}

Object notice_json(const flow::Notice& notice) {
  Object object;
  object.set("level", std::string(level_name(notice.level)));
  object.set("code", readable(notice.code));
  object.set("subject", readable(notice.subject));
  object.set("detail", readable(notice.detail));
  return object;
}

// What is not known is left out, so that nobody takes it for nothing.
Object progress_json(const flow::TableProgress& progress) {
  Object object;
  object.set("kind", std::string(name_of(progress.kind)));
  object.set("rows", number(progress.rows));
  if (progress.estimated >= 0) object.set("estimated", number(progress.estimated));
  object.set("beyond_estimate", progress.is_beyond());
  if (progress.percent() >= 0) object.set("percent", progress.percent());
  if (progress.rate >= 0) object.set("rate", number(progress.rate));
  if (progress.left >= 0) object.set("left", number(progress.left));
  if (progress.started != 0) object.set("started", number(progress.started));
  if (progress.limit != 0) object.set("limit", number(progress.limit));
  if (progress.limited_until != 0) object.set("limited_until", number(progress.limited_until));
  return object;
}

Object publication_json(const PublicationStatus& line) {
  Object object;
  object.set("topic", readable(line.topic));
  object.set("title", readable(line.title));
  object.set("source", readable(line.source));
  object.set("table", readable(line.table));
  object.set("sealed_rows", number(line.sealed_rows));
  object.set("refilled_rows", number(line.refilled_rows));
  object.set("withheld_rows", number(line.withheld_rows));
  object.set("receipted_rows", number(line.receipted_rows));
  object.set("waiting_batches", number(line.waiting_batches));
  object.set("waiting_rows", number(line.waiting_rows));
  object.set("waiting_since", number(line.waiting_since));
  object.set("last_change", number(line.last_change));
  object.set("alive", number(line.alive));
  object.set("alive_by", readable(line.alive_by));
  object.set("alive_at_hub", line.alive_at_hub);
  object.set("last", readable(line.last));
  object.set("receipted", readable(line.receipted));
  object.set("secured", readable(line.secured));
  object.set("refill", readable(line.refill));
  object.set("wanted", readable(line.wanted));
  object.set("quarantined", number(line.quarantined));
  object.set("code", readable(line.code));
  object.set("detail", readable(line.detail));
  object.set("progress", progress_json(line.progress));
  object.set("state", std::string(state_of(line).id));
  return object;
}

Object lane_json(const flow::LaneStatus& lane) {
  Object object;
  object.set("topic", readable(lane.topic));
  object.set("origin", readable(lane.origin));
  object.set("target", readable(lane.target));
  object.set("mark", to_text(lane.mark));
  object.set("head", to_text(lane.head));
  object.set("at_head", lane.mark == lane.head);
  object.set("granted", to_text(lane.granted));
  object.set("complete", to_text(lane.complete));
  object.set("is_complete", lane.complete.covers(lane.granted));
  object.set("tracked", lane.tracked.is_empty() ? std::string() : to_text(lane.tracked));
  object.set("upserted", number(lane.upserted));
  object.set("removed", number(lane.removed));
  object.set("quarantined", number(lane.quarantined));
  object.set("applied", number(lane.applied));
  object.set("changed", number(lane.changed));
  object.set("alive", number(lane.alive));
  object.set("state", std::string(state_of(lane).id));
  object.set("code", readable(lane.state_code));
  object.set("detail", readable(lane.state_detail));
  return object;
}

Object quarantine_json(const QuarantineLine& line) {
  Object object;
  object.set("id", number(line.id));
  object.set("side", readable(line.side));
  object.set("topic", readable(line.topic));
  object.set("origin", readable(line.origin));
  object.set("code", readable(line.code));
  object.set("detail", readable(line.detail));
  object.set("first_seen", number(line.first_seen));
  object.set("tries", number(line.tries));
  return object;
}

Object finding_json(const Finding& finding) {
  Object object;
  Array places;
  for (const Finding::Place& place : finding.places) {
    Object line;
    line.set("subject", readable(place.subject));
    line.set("detail", readable(place.detail));
    line.set("since", number(place.since));
    places.add(line);
  }
  object.set("level", std::string(level_name(finding.level)));
  object.set("code", readable(finding.code));
  object.set("places", places);
  return object;
}

Object station_json(const Station& station) {
  Object object;
  object.set("id", std::string(station.id));
  object.set("state", std::string(station.state.id));
  return object;
}

Object database_json(const DatabaseLine& line) {
  Object object;
  object.set("id", readable(line.id));
  object.set("type", readable(line.type));
  object.set("capture", readable(line.capture));
  object.set("stage", readable(line.stage));
  object.set("topics", number(line.topics));
  return object;
}

Object request_json(const RequestLine& line) {
  Object object;
  object.set("is_ours", line.is_ours);
  object.set("id", readable(line.id));
  object.set("service", readable(line.service));
  object.set("peer", readable(line.peer));
  object.set("state", readable(line.state));
  object.set("providers", number(line.providers));
  object.set("settled", number(line.settled));
  object.set("made", number(line.made));
  object.set("deadline", number(line.deadline));
  return object;
}

Object totals_json(const Totals& totals) {
  Object object;
  object.set("sealed", number(totals.sealed));
  object.set("refilled", number(totals.refilled));
  object.set("receipted", number(totals.receipted));
  object.set("waiting_rows", number(totals.waiting_rows));
  object.set("waiting_batches", number(totals.waiting_batches));
  object.set("oldest", number(totals.oldest));
  object.set("last_change", number(totals.last_change));
  object.set("last_alive", number(totals.last_alive));
  object.set("upserted", number(totals.upserted));
  object.set("removed", number(totals.removed));
  object.set("applied", number(totals.applied));
  object.set("lanes_behind", number(totals.lanes_behind));
  return object;
}

// What the codes in this snapshot mean, so that who shows it needs no list of its own.
Object explained_json(const Snapshot& snapshot, const std::vector<Finding>& findings) {
  Object object;
  const auto add = [&](const std::string& code) {
    const auto known = explain(code);
    if (known) object.set(code, explanation_json(*known));
  };
  for (const Finding& finding : findings) add(finding.code);
  for (const PublicationStatus& line : snapshot.publications) add(line.code);
  for (const flow::LaneStatus& lane : snapshot.lanes) add(lane.state_code);
  for (const QuarantineLine& line : snapshot.quarantine) add(line.code);
  return object;
}

template <typename Items, typename Convert>
Array list(const Items& items, Convert convert) {
  Array array;
  for (const auto& item : items) array.add(convert(item));
  return array;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  static constexpr std::array<std::string_view, 6> names = {"well",   "starting",       "attention",
                                                            "failed", "not_configured", "not_enrolled"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string_view name_of(flow::TableProgress::Kind kind) {
  static constexpr std::array<std::string_view, 4> names = {"", "refill", "ending", "comparison"};
  return names[static_cast<std::size_t>(kind)];
}

std::string codes_json() {
  Object object;
  for (const Explanation& explanation : all_explanations())
    object.set(std::string(explanation.code), explanation_json(explanation));
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

std::string to_json(const Snapshot& snapshot) {
  Object object;
  object.set("version", readable(snapshot.version));
  object.set("agent", readable(snapshot.agent));
  object.set("name", readable(snapshot.name));
  object.set("department", readable(snapshot.department));
  object.set("language", readable(snapshot.language));
  object.set("time", number(snapshot.time));
  object.set("zone", zone_text(snapshot.time));
  object.set("started", number(snapshot.started));
  object.set("verdict", std::string(name_of(snapshot.verdict)));
  object.set("hub_url", readable(snapshot.hub_url));
  object.set("directory_version", number(snapshot.directory_version));
  object.set("directory_expires", number(snapshot.directory_expires));
  object.set("queued_octets", number(snapshot.queued_octets));
  object.set("queue_limit", number(snapshot.queue_limit));
  object.set("quarantined", number(snapshot.quarantined));
  object.set("stages", list(snapshot.stages, stage_json));
  object.set("notices", list(snapshot.notices, notice_json));
  object.set("publications", list(snapshot.publications, publication_json));
  object.set("lanes", list(snapshot.lanes, lane_json));
  object.set("quarantine", list(snapshot.quarantine, quarantine_json));
  const std::vector<Finding> findings = findings_of(snapshot);
  object.set("headline", std::string(headline_of(snapshot, findings).id));
  object.set("findings", list(findings, finding_json));
  object.set("path_out", list(path_out(snapshot), station_json));
  object.set("path_in", list(path_in(snapshot), station_json));
  object.set("totals", totals_json(totals_of(snapshot)));
  object.set("databases", list(snapshot.databases, database_json));
  object.set("requests", list(snapshot.requests, request_json));
  if (snapshot.delay >= 0) object.set("delay", number(snapshot.delay));
  object.set("file", readable(snapshot.file));
  object.set("explained", explained_json(snapshot, findings));
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

}  // namespace qianzhi::status
