#include "agent/status/metrics.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "agent/status/headline.h"
#include "agent/status/page_text.h"
#include "agent/status/path.h"

namespace qianzhi::status {

namespace {

constexpr std::size_t most_lines = 500;

using Labels = std::vector<std::pair<std::string_view, std::string>>;

std::string label_text(std::string_view text) {
  std::string safe = "\"";
  for (const char c : readable(text)) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + "\"";
}

std::string seconds(Micros micros) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(micros / 1'000'000),
                static_cast<long long>(micros % 1'000'000));
  return text.data();
}

class Page {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = "qianzhi_" + std::string(name);
    text_ += "# HELP " + name_ + " " + std::string(help) + "\n# TYPE " + name_ + " " + std::string(type) + "\n";
  }
  void add(const std::string& value, const Labels& labels = {}) {
    text_ += name_;
    for (std::size_t at = 0; at < labels.size(); ++at)
      text_ += (at == 0 ? "{" : ",") + std::string(labels[at].first) + "=" + label_text(labels[at].second);
    text_ += (labels.empty() ? " " : "} ") + value + "\n";
  }
  void add(std::uint64_t value, const Labels& labels = {}) { add(std::to_string(value), labels); }
  void one(std::string_view name, std::string_view type, std::string_view help, const std::string& value) {
    family(name, type, help);
    add(value);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

void tell_agent(Page& page, const Snapshot& snapshot) {
  page.family("build_info", "gauge", "Always 1; the version that runs.");
  page.add(1, {{"version", snapshot.version}, {"agent", snapshot.agent}});
  page.one("start_time_seconds", "gauge", "When this agent started, seconds since 1970.", seconds(snapshot.started));
  page.family("verdict", "gauge", "1 for the verdict that holds, 0 for the others.");
  for (const Verdict verdict : {Verdict::well, Verdict::starting, Verdict::attention, Verdict::failed,
                                Verdict::not_configured, Verdict::not_enrolled})
    page.add(verdict == snapshot.verdict ? 1 : 0, {{"verdict", std::string(name_of(verdict))}});
  page.one("ready", "gauge", "1 if /readyz says ready.", readiness_of(snapshot).is_ready ? "1" : "0");
  page.one("directory_version", "gauge", "Version of the directory in force, 0 before there is one.",
           std::to_string(snapshot.directory_version));
  page.one("directory_expiry_time_seconds", "gauge", "When that directory expires, seconds since 1970.",
           seconds(snapshot.directory_expires));
}

void tell_queue(Page& page, const Snapshot& snapshot) {
  const Totals totals = totals_of(snapshot);
  page.one("queue_bytes", "gauge", "Octets of the queue file.", std::to_string(snapshot.queued_octets));
  page.one("queue_limit_bytes", "gauge", "queue.max_size, 0 for none.", std::to_string(snapshot.queue_limit));
  page.one("queue_oldest_age_seconds", "gauge", "Age of the oldest batch without a receipt, 0 if none waits.",
           seconds(totals.oldest == 0 ? 0 : std::max<Micros>(snapshot.time - totals.oldest, 0)));
  if (snapshot.delay >= 0)
    page.one("receipt_delay_seconds", "gauge", "From sealing to the hub's receipt, of what was receipted last.",
             seconds(snapshot.delay));
  page.one("quarantined_rows", "gauge", "Rows set aside, of both sides.", std::to_string(snapshot.quarantined));
}

void tell_publications(Page& page, const Snapshot& snapshot) {
  const std::size_t count = std::min(snapshot.publications.size(), most_lines);
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    page.family(name, type, help);
    for (std::size_t at = 0; at < count; ++at)
      page.add(value(snapshot.publications[at]), {{"topic", snapshot.publications[at].topic}});
  };
  using Line = PublicationStatus;
  each("publication_changed_rows_total", "counter", "Changes sealed since the stream began.",
       [](const Line& line) { return line.sealed_rows; });
  each("publication_refilled_rows_total", "counter", "Rows sealed by refills since the stream began.",
       [](const Line& line) { return line.refilled_rows; });
  each("publication_receipted_rows_total", "counter", "Rows with a receipt of the hub.",
       [](const Line& line) { return line.receipted_rows; });
  each("publication_waiting_rows", "gauge", "Rows in the queue without a receipt.",
       [](const Line& line) { return line.waiting_rows; });
  each("publication_quarantined_rows", "gauge", "Rows of this topic set aside here.",
       [](const Line& line) { return line.quarantined; });
  each("publication_stopped", "gauge", "1 if the publication is stopped.",
       [](const Line& line) { return std::uint64_t{line.code.empty() ? 0U : 1U}; });
  each("publication_last_change_time_seconds", "gauge", "When the last change was captured, seconds since 1970.",
       [](const Line& line) { return seconds(line.last_change); });
}

void tell_lanes(Page& page, const Snapshot& snapshot) {
  const std::size_t count = std::min(snapshot.lanes.size(), most_lines);
  const auto each = [&](std::string_view name, std::string_view type, std::string_view help, auto value) {
    page.family(name, type, help);
    for (std::size_t at = 0; at < count; ++at) {
      const flow::LaneStatus& lane = snapshot.lanes[at];
      page.add(value(lane), {{"topic", lane.topic}, {"origin", lane.origin}, {"target", lane.target}});
    }
  };
  using Lane = flow::LaneStatus;
  each("subscription_written_rows_total", "counter", "Rows written to the target.",
       [](const Lane& lane) { return lane.upserted; });
  each("subscription_removed_rows_total", "counter", "Rows removed from the target.",
       [](const Lane& lane) { return lane.removed; });
  each("subscription_behind", "gauge", "1 if the hub has more of this stream than was written.",
       [](const Lane& lane) { return std::uint64_t{lane.mark < lane.head ? 1U : 0U}; });
  each("subscription_stopped", "gauge", "1 if the stream is stopped.",
       [](const Lane& lane) { return std::uint64_t{lane.state_code.empty() ? 0U : 1U}; });
  each("subscription_last_write_time_seconds", "gauge", "When the target was last written, seconds since 1970.",
       [](const Lane& lane) { return seconds(lane.applied); });
}

void tell_troubles(Page& page, const Snapshot& snapshot) {
  page.family("stage_up", "gauge", "1 if the last run of the stage was good.");
  for (const flow::StageStatus& stage : snapshot.stages)
    page.add(stage.error_code.empty() ? 1 : 0, {{"stage", stage.name}});
  page.family("stage_runs_total", "counter", "Runs of the stage since the agent started.");
  for (const flow::StageStatus& stage : snapshot.stages) page.add(stage.runs, {{"stage", stage.name}});
  static constexpr std::array<const char*, 3> levels = {"info", "warning", "error"};
  page.family("findings", "gauge", "Places at which this code holds now.");
  for (const Finding& finding : findings_of(snapshot))
    page.add(finding.places.size(),
             {{"code", finding.code}, {"level", levels[static_cast<std::size_t>(finding.level)]}});
}

}  // namespace

std::string to_metrics(const Snapshot& snapshot) {
  Page page;
  tell_agent(page, snapshot);
  tell_queue(page, snapshot);
  tell_publications(page, snapshot);
  tell_lanes(page, snapshot);
  tell_troubles(page, snapshot);
  return std::move(page).text();
}

Readiness readiness_of(const Snapshot& snapshot) {
  std::string reasons;
  if (snapshot.verdict == Verdict::not_configured) reasons += "not_configured\n";
  if (snapshot.verdict == Verdict::not_enrolled) reasons += "not_enrolled\n";
  if (snapshot.verdict == Verdict::starting) reasons += "QZ-AGT-021\n";
  for (const Finding& finding : findings_of(snapshot))
    if (finding.level == flow::NoticeLevel::error)
      reasons += readable(finding.code) + " " + readable(finding.places.front().subject) + "\n";
  if (reasons.empty()) return {true, "ready\n"};
  return {false, "not ready\n" + reasons};
}

}  // namespace qianzhi::status
