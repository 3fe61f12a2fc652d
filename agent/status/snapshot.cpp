#include "agent/status/snapshot.h"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <array>
#include <sstream>

#include "agent/status/page_text.h"

namespace qianzhi::status {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

// 64-bit numbers travel as text: a browser's numbers end at 2^53.
std::string number(std::uint64_t value) { return std::to_string(value); }
std::string number(Micros value) { return std::to_string(value); }

Object stage_json(const flow::StageStatus& stage) {
  Object object;
  object.set("name", readable(stage.name));
  object.set("error_code", readable(stage.error_code));
  object.set("error_detail", readable(stage.error_detail));
  object.set("error_kind", readable(stage.error_kind));
  object.set("error_since", number(stage.error_since));
  object.set("runs", number(stage.runs));
  return object;
}

Object notice_json(const flow::Notice& notice) {
  static constexpr std::array<const char*, 3> levels = {"info", "warning", "error"};
  Object object;
  object.set("level", levels[static_cast<std::size_t>(notice.level)]);
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

template <typename Items, typename Convert>
Array list(const Items& items, Convert convert) {
  Array array;
  for (const auto& item : items) array.add(convert(item));
  return array;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  static constexpr std::array<std::string_view, 4> names = {"well", "starting", "attention", "failed"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string_view name_of(flow::TableProgress::Kind kind) {
  static constexpr std::array<std::string_view, 4> names = {"", "refill", "ending", "comparison"};
  return names[static_cast<std::size_t>(kind)];
}

std::string to_json(const Snapshot& snapshot) {
  Object object;
  object.set("version", readable(snapshot.version));
  object.set("agent", readable(snapshot.agent));
  object.set("name", readable(snapshot.name));
  object.set("department", readable(snapshot.department));
  object.set("language", readable(snapshot.language));
  object.set("time", number(snapshot.time));
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
  std::ostringstream text;
  object.stringify(text);
  return text.str();
}

}  // namespace qianzhi::status
