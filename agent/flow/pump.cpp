#include "agent/flow/pump.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include "hub-protocol/base/log.h"

namespace qianzhi::flow {

namespace {

constexpr Micros first_back_off = 100'000;
constexpr Micros longest_back_off = 5'000'000;
// A wrong setting may be cured by the DBA while we run: everything is tried again, only more slowly.
constexpr Micros wait_for_cure = 15'000'000;

}  // namespace

struct Pump::Worker {
  Stage* stage = nullptr;
  Micros idle_wait = 0;
  Micros back_off = 0;
  Micros grown = 0;  // steady time at which it last grew
  mutable std::mutex mutex;
  std::condition_variable bell;
  std::uint64_t rings = 0;
  std::uint64_t heard = 0;
  bool is_away = false;   // the last run ended with `unavailable`
  bool is_asked = false;  // to try again, whatever the last run ended with
  StageStatus status;
  std::thread thread;
};

Pump::Pump(const Clock& clock, std::function<bool()> has_failed, std::function<void(const Error&)> on_fatal)
    : clock_(clock), has_failed_(std::move(has_failed)), on_fatal_(std::move(on_fatal)) {}

Pump::~Pump() { stop(); }

void Pump::add(Stage& stage, Micros idle_wait) {
  auto worker = std::make_unique<Worker>();
  worker->stage = &stage;
  worker->idle_wait = idle_wait;
  worker->status.name = stage.name();
  workers_.push_back(std::move(worker));
}

void Pump::start() {
  for (auto& worker : workers_) worker->thread = std::thread([this, &worker] { run(*worker); });
}

void Pump::stop() {
  stopping_ = true;
  for (auto& worker : workers_) {
    worker->stage->interrupt();
    const std::lock_guard lock(worker->mutex);
    ++worker->rings;
    worker->bell.notify_all();
  }
  for (auto& worker : workers_)
    if (worker->thread.joinable()) worker->thread.join();
}

void Pump::wake(const Stage& stage, bool failed_too) {
  for (auto& worker : workers_) {
    if (worker->stage != &stage) continue;
    const std::lock_guard lock(worker->mutex);
    if (worker->is_away && !failed_too) continue;
    worker->is_asked = worker->is_asked || failed_too;
    ++worker->rings;
    worker->bell.notify_all();
  }
}

void Pump::ring(const Stage& stage) { wake(stage, false); }

void Pump::retry(const Stage& stage) { wake(stage, true); }

// The hub that one stage reaches again is there for the others, too.
void Pump::retry_others(const Worker& recovered) {
  for (auto& worker : workers_)
    if (worker.get() != &recovered) retry(*worker->stage);
}

void Pump::rest(Worker& worker, Micros time) {
  std::unique_lock lock(worker.mutex);
  worker.bell.wait_for(lock, std::chrono::microseconds(time),
                       [&] { return stopping_ || worker.rings != worker.heard; });
  worker.heard = worker.rings;
}

// One run; returns how long to rest before the next, 0 for at once, negative for never.
Micros Pump::step(Worker& worker) {
  std::optional<Error> failure;
  Progress progress = Progress::idle;
  try {
    progress = worker.stage->run_once();
  } catch (const Error& error) {
    failure = error;
  } catch (const std::exception& error) {
    // Not one of ours: memory, the file system, a library. The stage stays, and says so.
    failure = Error(ErrorKind::misuse, "QZ-AGT-090", error.what());
  }
  if (failure && !stopping_) {
    if (has_failed_()) on_fatal_(*failure);
    bool fresh = false;
    {
      const std::lock_guard lock(worker.mutex);
      fresh = worker.status.error_code != failure->code() || worker.status.error_detail != failure->detail();
    }
    if (fresh) log(worker.status.name, *failure);
  }
  std::unique_lock lock(worker.mutex);
  StageStatus& status = worker.status;
  status.last_run = clock_.steady();
  ++status.runs;
  worker.is_away = failure && failure->kind() == ErrorKind::unavailable;
  if (worker.is_away && !worker.is_asked) worker.heard = worker.rings;
  if (!failure) {
    const bool recovers = !status.error_code.empty();
    if (recovers) log(LogLevel::notice, status.name, "works again after " + status.error_code);
    status.error_code.clear();
    status.error_detail.clear();
    status.error_kind.clear();
    worker.back_off = 0;
    lock.unlock();
    if (recovers) retry_others(worker);
    return progress == Progress::moved ? 0 : worker.idle_wait;
  }
  if (status.error_code.empty()) status.error_since = clock_.now();
  status.error_code = failure->code();
  status.error_detail = failure->detail();
  status.error_kind = name_of(failure->kind());
  // Only time makes it longer: rings try again early, and many of them must not end in a long silence.
  if (worker.back_off == 0 || status.last_run - worker.grown >= worker.back_off) {
    worker.back_off = std::clamp(worker.back_off * 2, first_back_off, longest_back_off);
    worker.grown = status.last_run;
  }
  return failure->kind() == ErrorKind::misuse || failure->kind() == ErrorKind::corrupt ? wait_for_cure
                                                                                       : worker.back_off;
}

void Pump::run(Worker& worker) {
  while (!stopping_) {
    {
      const std::lock_guard lock(worker.mutex);
      worker.heard = worker.rings;
      worker.is_away = false;
      worker.is_asked = false;
    }
    const Micros time = step(worker);
    if (time > 0 && !stopping_) rest(worker, time);
  }
}

std::vector<StageStatus> Pump::status() const {
  std::vector<StageStatus> all;
  for (const auto& worker : workers_) {
    const std::lock_guard lock(worker->mutex);
    all.push_back(worker->status);
  }
  return all;
}

}  // namespace qianzhi::flow
