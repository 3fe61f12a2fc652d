#include "agent/status/states.h"

namespace qianzhi::status {

StateWord word_of(const flow::StageStatus& failing) {
  return failing.error_kind == "unavailable" ? interrupted : broken;
}

StateWord state_of(const flow::StageStatus& stage) {
  if (!stage.error_code.empty()) return word_of(stage);
  return stage.runs == 0 ? not_started : in_order;
}

StateWord state_of(const PublicationStatus& line) {
  if (!line.code.empty()) return stopped;
  if (!line.refill.empty()) return refilling;
  if (!line.wanted.empty()) return awaits_refill;
  if (line.last.empty()) return not_started;
  return line.waiting_rows == 0 ? in_order : catching_up;
}

StateWord state_of(const flow::LaneStatus& lane) {
  if (!lane.state_code.empty()) return stopped;
  if (lane.granted.is_empty()) return no_grant;
  if (lane.mark < lane.head) return catching_up;
  if (lane.mark == Position{}) return no_data_yet;
  if (lane.head == Position{}) return not_known;
  if (!lane.complete.covers(lane.granted)) return awaits_refill;
  return in_order;
}

}  // namespace qianzhi::status
