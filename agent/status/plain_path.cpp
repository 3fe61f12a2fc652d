#include <algorithm>
#include <functional>

#include "agent/status/plain_parts.h"

namespace qianzhi::status {

namespace {

struct Station {
  std::string_view zh;
  std::string_view en;
  StateWord state;
  std::string figure;  // HTML
  std::string more;    // HTML
};

using StageTest = std::function<bool(const flow::StageStatus&)>;

bool begins_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

// Codes of the adapters speak about the database, all others about our own work on it.
bool is_database_fault(const flow::StageStatus& stage) { return begins_with(stage.error_code, "QZ-ADP-"); }

const flow::StageStatus* failing(const Snapshot& snapshot, std::string_view stages, const StageTest& test) {
  for (const flow::StageStatus& stage : snapshot.stages)
    if (begins_with(stage.name, stages) && !stage.error_code.empty() && test(stage)) return &stage;
  return nullptr;
}

bool has_run(const Snapshot& snapshot, std::string_view stages) {
  return std::any_of(snapshot.stages.begin(), snapshot.stages.end(), [&](const flow::StageStatus& stage) {
    return begins_with(stage.name, stages) && stage.runs != 0;
  });
}

bool any_stage(const flow::StageStatus& /*stage*/) { return true; }
bool queue_is_full(const flow::StageStatus& stage) { return stage.error_code == "QZ-AGT-020"; }
bool works_badly(const flow::StageStatus& stage) { return !is_database_fault(stage) && !queue_is_full(stage); }

std::string strip(std::string_view id, const std::vector<Station>& stations, Language language) {
  std::string text = "<ol class=\"path\" id=\"" + std::string(id) + "\">";
  for (const Station& station : stations)
    text += "<li class=\"" + std::string(station.state.kind) + "\"><h3>" + text_of(language, station.zh, station.en) +
            "</h3>" + state_html(station.state, language) + "<p>" + station.figure + "</p><p class=\"more\">" +
            station.more + "</p></li>";
  return text + "</ol>\n";
}

struct Totals {
  std::uint64_t sealed = 0;
  std::uint64_t refilled = 0;
  std::uint64_t receipted = 0;
  std::uint64_t waiting_rows = 0;
  std::uint64_t waiting_batches = 0;
  Micros oldest = 0;
  Micros last_change = 0;
  bool is_refilling = false;
  bool has_stopped = false;
};

Totals totals_of(const Snapshot& snapshot) {
  Totals totals;
  for (const PublicationStatus& line : snapshot.publications) {
    totals.sealed += line.sealed_rows;
    totals.refilled += line.refilled_rows;
    totals.receipted += line.receipted_rows;
    totals.waiting_rows += line.waiting_rows;
    totals.waiting_batches += line.waiting_batches;
    if (line.waiting_since != 0 && (totals.oldest == 0 || line.waiting_since < totals.oldest))
      totals.oldest = line.waiting_since;
    totals.last_change = std::max(totals.last_change, line.last_change);
    totals.is_refilling = totals.is_refilling || !line.refill.empty() || !line.wanted.empty();
    totals.has_stopped = totals.has_stopped || !line.code.empty();
  }
  return totals;
}

class Figures {
 public:
  Figures(const Snapshot& snapshot, Language language)
      : snapshot_(snapshot), language_(language), totals_(totals_of(snapshot)) {}

  std::vector<Station> provided() const { return {database(), capture(), queue(), send(), receipt()}; }

  std::vector<Station> received() const { return {hub(), target()}; }

 private:
  std::string say(std::string_view zh, std::string_view en) const { return text_of(language_, zh, en); }
  std::string rows(std::uint64_t count) const { return "<b>" + grouped(count) + "</b>" + say(" 行", " rows"); }
  std::string when(Micros time) const {
    return time == 0 ? say("尚无", "none yet") : age_text(time, snapshot_.time, language_);
  }

  Station database() const {
    StateWord state = in_order;
    if (const auto* stage = failing(snapshot_, "capture ", is_database_fault))
      state = word_of(*stage);
    else if (!has_run(snapshot_, "capture "))
      state = not_known;
    return {"数据库", "Database", state, say("最后变更 ", "last change ") + when(totals_.last_change),
            grouped(snapshot_.publications.size()) + say(" 个发布", " publications")};
  }

  Station capture() const {
    StateWord state = in_order;
    if (const auto* stage = failing(snapshot_, "capture ", works_badly))
      state = word_of(*stage);
    else if (failing(snapshot_, "capture ", any_stage) != nullptr)
      state = awaiting;
    else if (!has_run(snapshot_, "capture "))
      state = not_known;
    else if (totals_.has_stopped)
      state = stopped_in_part;
    else if (totals_.is_refilling)
      state = refilling;
    return {"采集", "Capture", state, say("变更 ", "changed ") + rows(totals_.sealed),
            say("补传 ", "refilled ") + rows(totals_.refilled)};
  }

  Station queue() const {
    StateWord state = in_order;
    if (failing(snapshot_, "capture ", queue_is_full) != nullptr)
      state = {"fail", "✕", "已满", "full"};
    else if (totals_.waiting_rows != 0 && failing(snapshot_, "uplink", any_stage) != nullptr)
      state = backlog;
    const std::string limit = snapshot_.queue_limit == 0 ? say("不限", "no limit") : octets_text(snapshot_.queue_limit);
    return {"队列", "Queue", state, say("等待 ", "waiting ") + rows(totals_.waiting_rows),
            "<span title=\"" + grouped(snapshot_.queued_octets) + " B\">" + octets_text(snapshot_.queued_octets) +
                "</span> / " + limit};
  }

  Station send() const {
    StateWord state = in_order;
    if (const auto* stage = failing(snapshot_, "uplink", any_stage))
      state = word_of(*stage);
    else if (!has_run(snapshot_, "uplink"))
      state = not_known;
    return {"发送", "Send", state,
            "<b>" + grouped(totals_.waiting_batches) + "</b>" + say(" 批待发送或待回执", " batches to settle"),
            totals_.oldest == 0
                ? say("没有等待", "none waits")
                : say("最早一批已等待 ", "the oldest for ") + span_text(snapshot_.time - totals_.oldest, language_)};
  }

  Station receipt() const {
    StateWord state = in_order;
    if (totals_.sealed + totals_.refilled == 0)
      state = not_started;
    else if (totals_.waiting_rows != 0)
      state = failing(snapshot_, "uplink", any_stage) == nullptr ? catching_up : awaiting;
    return {"回执", "Receipt", state, say("已回执 ", "receipted ") + rows(totals_.receipted),
            totals_.waiting_rows == 0 ? say("没有缺少的回执", "none is missing")
                                      : say("还差 ", "missing ") + rows(totals_.waiting_rows)};
  }

  Station hub() const {
    StateWord state = in_order;
    const auto stage = failing(snapshot_, "deliver ", works_badly);
    const auto behind = std::count_if(snapshot_.lanes.begin(), snapshot_.lanes.end(),
                                      [](const flow::LaneStatus& lane) { return lane.mark < lane.head; });
    if (stage != nullptr)
      state = word_of(*stage);
    else if (failing(snapshot_, "deliver ", is_database_fault) != nullptr)
      state = awaiting;
    else if (!has_run(snapshot_, "deliver "))
      state = not_known;
    else if (std::any_of(snapshot_.lanes.begin(), snapshot_.lanes.end(),
                         [](const flow::LaneStatus& lane) { return !lane.state_code.empty(); }))
      state = stopped_in_part;
    else if (behind != 0)
      state = catching_up;
    return {"接收", "Receive", state, "<b>" + grouped(snapshot_.lanes.size()) + "</b>" + say(" 个流", " streams"),
            say("落后 ", "behind: ") + grouped(static_cast<std::uint64_t>(behind)) + say(" 个", "")};
  }

  Station target() const {
    StateWord state = in_order;
    std::uint64_t upserted = 0;
    std::uint64_t removed = 0;
    Micros applied = 0;
    for (const flow::LaneStatus& lane : snapshot_.lanes) {
      upserted += lane.upserted;
      removed += lane.removed;
      applied = std::max(applied, lane.applied);
    }
    if (const auto* stage = failing(snapshot_, "deliver ", is_database_fault))
      state = word_of(*stage);
    else if (!has_run(snapshot_, "deliver "))
      state = not_known;
    else if (applied == 0)
      state = not_started;
    return {"目标库", "Target", state,
            say("写入 ", "written ") + rows(upserted) + say("，删除 ", ", removed ") + rows(removed),
            say("最近写入 ", "last written ") + when(applied)};
  }

  const Snapshot& snapshot_;
  Language language_;
  Totals totals_;
};

bool has_stage(const Snapshot& snapshot, std::string_view start) {
  return std::any_of(snapshot.stages.begin(), snapshot.stages.end(),
                     [&](const flow::StageStatus& stage) { return begins_with(stage.name, start); });
}

}  // namespace

std::string name_html(std::string_view name) {
  std::string text = "<bdi class=\"name\">";
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t joint = name.find_first_of("_.-", at);
    const std::size_t end = joint == std::string_view::npos ? name.size() : joint + 1;
    text += escaped(name.substr(at, end - at)) + (end < name.size() ? "<wbr>" : "");
    at = end;
  }
  return text + "</bdi>";
}

std::string state_html(const StateWord& state, Language language) {
  return "<span class=\"state " + std::string(state.kind) + "\">" + std::string(state.icon) + " " +
         text_of(language, state.zh, state.en) + "</span>";
}

StateWord word_of(const flow::StageStatus& failing) {
  return failing.error_kind == "unavailable" ? interrupted : broken;
}

std::string path_html(const Snapshot& snapshot, Language language) {
  const Figures figures(snapshot, language);
  std::string text;
  if (!snapshot.publications.empty() || has_stage(snapshot, "capture "))
    text += strip("path-out", figures.provided(), language);
  if (!snapshot.lanes.empty() || has_stage(snapshot, "deliver "))
    text += strip("path-in", figures.received(), language);
  return text;
}

}  // namespace qianzhi::status
