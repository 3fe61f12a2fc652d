// What people see of refills and comparisons under way.
#include <cmath>

#include "agent/flow/capture.h"

namespace qianzhi::flow {

namespace {

constexpr Micros look_interval = 1'000'000;

}  // namespace

std::vector<TableProgress> Capture::progress() const {
  const std::lock_guard lock(progress_mutex_);
  return progress_;
}

TableProgress Capture::progress_of(std::size_t index) const {
  const Clock& clock = parts_.sealer.clock;
  TableProgress progress;
  progress.topic = publications_[index].topic().id;
  progress.estimated = watched_[index].rows;
  progress.limit = source_config_.throttle.rows_per_second;
  const Micros now = clock.now();
  const bool held = throttle_.holds(now);
  if (held) progress.limited_until = throttle_end(throttle_, now);
  const auto state = parts_.store.stream(progress.topic);
  if (state && state->refill) {
    progress.kind = state->refill->rows_done ? TableProgress::Kind::ending : TableProgress::Kind::refill;
    progress.started = state->refill->started;
    progress.rows = state->refill->rows_read;
    progress.estimated = state->refill->estimated;
    progress.stopped = state->stopped_code;
  } else if (reconciles_[index] && reconciles_[index]->is_walking()) {
    progress.kind = TableProgress::Kind::comparison;
    progress.started = reconciles_[index]->report().started;
    progress.rows = reconciles_[index]->report().rows;
  } else {
    return progress;
  }
  const Pace& pace = watched_[index].pace;
  const double rate = pace.rate(held, clock.steady());
  if (rate >= 0) progress.rate = static_cast<std::int64_t>(std::llround(rate));
  if (progress.estimated < 0 || progress.is_beyond() || !progress.stopped.empty() || rate <= 0) return progress;
  const std::uint64_t rows = static_cast<std::uint64_t>(progress.estimated) - progress.rows;
  // Where the throttle holds now, its own speed says nothing of the hours without it.
  const double free_rate = held ? pace.rate(false, clock.steady()) : rate;
  const std::uint64_t limit = held ? static_cast<std::uint64_t>(std::max(1.0, rate)) : progress.limit;
  progress.left = time_left(rows, free_rate, throttle_, limit, now);
  return progress;
}

// Cheap, yet not for every turn of a source that is busy.
void Capture::keep_progress() {
  const Micros now = parts_.sealer.clock.steady();
  if (!progress_.empty() && now < progress_again_) return;
  progress_again_ = now + look_interval;
  std::vector<TableProgress> all;
  for (std::size_t i = 0; i < publications_.size(); ++i) all.push_back(progress_of(i));
  const std::lock_guard lock(progress_mutex_);
  progress_ = std::move(all);
}

std::string Capture::progress_text(const std::string& topic) const {
  for (const TableProgress& progress : progress_)
    if (progress.topic == topic && progress.kind != TableProgress::Kind::none) return describe(progress);
  return {};
}

}  // namespace qianzhi::flow
