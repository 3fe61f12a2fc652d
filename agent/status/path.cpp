#include "agent/status/path.h"

#include <algorithm>
#include <functional>

namespace qianzhi::status {

namespace {

using StageTest = std::function<bool(const flow::StageStatus&)>;

bool begins_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }

// Codes of the adapters speak about the database, all others about our own work on it.
bool is_database_fault(const flow::StageStatus& stage) { return begins_with(stage.error_code, "QZ-ADP-"); }

bool any_stage(const flow::StageStatus& /*stage*/) { return true; }
bool queue_is_full(const flow::StageStatus& stage) { return stage.error_code == "QZ-AGT-020"; }
bool works_badly(const flow::StageStatus& stage) { return !is_database_fault(stage) && !queue_is_full(stage); }

class Stations {
 public:
  explicit Stations(const Snapshot& snapshot) : snapshot_(snapshot), totals_(totals_of(snapshot)) {}

  StateWord database() const {
    if (const auto* stage = failing("capture ", is_database_fault)) return word_of(*stage);
    return has_run("capture ") ? in_order : not_known;
  }

  StateWord capture() const {
    if (const auto* stage = failing("capture ", works_badly)) return word_of(*stage);
    if (failing("capture ", any_stage) != nullptr) return awaiting;
    if (!has_run("capture ")) return not_known;
    if (totals_.has_stopped) return stopped_in_part;
    return totals_.is_refilling ? refilling : in_order;
  }

  StateWord queue() const {
    if (failing("capture ", queue_is_full) != nullptr) return queue_full;
    return totals_.waiting_rows != 0 && failing("uplink", any_stage) != nullptr ? backlog : in_order;
  }

  StateWord send() const {
    if (const auto* stage = failing("uplink", any_stage)) return word_of(*stage);
    return has_run("uplink") ? in_order : not_known;
  }

  StateWord receipt() const {
    if (totals_.sealed + totals_.refilled == 0) return not_started;
    if (totals_.waiting_rows == 0) return in_order;
    return failing("uplink", any_stage) == nullptr ? catching_up : awaiting;
  }

  StateWord receive() const {
    if (const auto* stage = failing("deliver ", works_badly)) return word_of(*stage);
    if (failing("deliver ", is_database_fault) != nullptr) return awaiting;
    if (!has_run("deliver ")) return not_known;
    const auto is_stopped = [](const flow::LaneStatus& lane) { return !lane.state_code.empty(); };
    if (std::any_of(snapshot_.lanes.begin(), snapshot_.lanes.end(), is_stopped)) return stopped_in_part;
    return totals_.lanes_behind != 0 ? catching_up : in_order;
  }

  StateWord target() const {
    if (const auto* stage = failing("deliver ", is_database_fault)) return word_of(*stage);
    if (!has_run("deliver ")) return not_known;
    return totals_.applied == 0 ? not_started : in_order;
  }

  // The hub hears of what was written with the next fetch: it fails with the way to the hub only.
  StateWord voucher() const {
    if (failing("deliver ", works_badly) != nullptr) return awaiting;
    if (!has_run("deliver ")) return not_known;
    return totals_.applied == 0 ? not_started : in_order;
  }

 private:
  const flow::StageStatus* failing(std::string_view stages, const StageTest& test) const {
    for (const flow::StageStatus& stage : snapshot_.stages)
      if (begins_with(stage.name, stages) && !stage.error_code.empty() && test(stage)) return &stage;
    return nullptr;
  }

  bool has_run(std::string_view stages) const {
    return std::any_of(snapshot_.stages.begin(), snapshot_.stages.end(), [&](const flow::StageStatus& stage) {
      return begins_with(stage.name, stages) && stage.runs != 0;
    });
  }

  const Snapshot& snapshot_;
  const Totals totals_;
};

bool has_stage(const Snapshot& snapshot, std::string_view start) {
  return std::any_of(snapshot.stages.begin(), snapshot.stages.end(),
                     [&](const flow::StageStatus& stage) { return begins_with(stage.name, start); });
}

}  // namespace

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
    totals.last_alive = std::max({totals.last_alive, line.last_change, line.alive});
    totals.is_refilling = totals.is_refilling || !line.refill.empty() || !line.wanted.empty();
    totals.has_stopped = totals.has_stopped || !line.code.empty();
  }
  for (const flow::LaneStatus& lane : snapshot.lanes) {
    totals.upserted += lane.upserted;
    totals.removed += lane.removed;
    totals.applied = std::max(totals.applied, lane.applied);
    if (lane.mark < lane.head) ++totals.lanes_behind;
  }
  return totals;
}

std::vector<Station> path_out(const Snapshot& snapshot) {
  if (snapshot.publications.empty() && !has_stage(snapshot, "capture ")) return {};
  const Stations stations(snapshot);
  return {{"database", stations.database()},
          {"capture", stations.capture()},
          {"queue", stations.queue()},
          {"send", stations.send()},
          {"receipt", stations.receipt()}};
}

std::vector<Station> path_in(const Snapshot& snapshot) {
  if (snapshot.lanes.empty() && !has_stage(snapshot, "deliver ")) return {};
  const Stations stations(snapshot);
  return {{"receive", stations.receive()}, {"target", stations.target()}, {"voucher", stations.voucher()}};
}

}  // namespace qianzhi::status
