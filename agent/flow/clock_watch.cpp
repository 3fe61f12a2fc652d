#include "agent/flow/clock_watch.h"

#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

constexpr Micros step_second = 1'000'000;
constexpr Micros least_step = 5 * step_second;  // time synchronisation slews what is less
constexpr Micros told_for = 3600 * step_second;

constexpr const char* step_code = "QZ-AGT-103";

bool is_step(Micros by) { return by >= least_step || by <= -least_step; }

std::string step_sentence(Micros by, Micros time) {
  const std::string seconds = std::to_string((by < 0 ? -by : by) / step_second);
  return "set " + std::string(by < 0 ? "back" : "forward") + " by " + seconds + " s, to " + to_text(time);
}

}  // namespace

Progress ClockWatch::run_once() {
  const Micros before = clock_.steady();
  const Micros time = clock_.now();
  const Micros steady = clock_.steady();
  // Held up between the two, nothing can be said.
  if (steady - before <= step_second) {
    const Micros offset = time - steady;
    const Micros by = offset_ ? offset - *offset_ : 0;
    offset_ = offset;
    if (is_step(by)) {
      if (!step_) usual_ = offset - by;
      step_ = Step{by, time, steady};
      log(LogLevel::warning, name(), std::string(step_code) + " " + step_sentence(by, time));
      if (!is_step(offset - usual_)) step_.reset();
    }
  }
  if (step_ && steady - step_->steady > told_for) step_.reset();
  std::vector<Notice> notices;
  if (step_) notices.push_back({NoticeLevel::warning, step_code, "clock", step_sentence(step_->by, step_->time)});
  say(std::move(notices));
  return Progress::idle;
}

}  // namespace qianzhi::flow
