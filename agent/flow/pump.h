// The pump: one thread a stage. The only place that waits, backs off, logs and stops (agent/ARCHITECTURE.md).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/flow/stage.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::flow {

// What a stage's last run ended with, for status and watchdog.
struct StageStatus {
  std::string name;
  std::string error_code;  // empty: the last run was good
  std::string error_detail;
  std::string error_kind;
  Micros error_since = 0;
  Micros last_run = 0;  // steady time at which run_once() last returned or threw
  std::uint64_t runs = 0;
};

class Pump {
 public:
  // has_failed: whether our own store had an I/O or integrity fault. Asked after each failure of a stage; on_fatal then
  // gets it: the process must stop acknowledging and exit (pitfall 36). An error's code alone never decides that: a hub
  // or an adapter may have sent it.
  Pump(const Clock& clock, std::function<bool()> has_failed, std::function<void(const Error&)> on_fatal);
  ~Pump();

  // Before start(). The stage must outlive the pump. idle_wait: how long an idle stage rests unless its bell rings.
  void add(Stage& stage, Micros idle_wait);
  void start();
  // Interrupts and joins all stages. Called once, or by the destructor.
  void stop();
  // There is work for this stage: wakes it if it rests, unless it rests because what it needs is away: then more work
  // changes nothing. Thread-safe; unknown stages are ignored.
  void ring(const Stage& stage);
  // As ring(), but a stage that failed tries again, too: something changed that may have cured it.
  void retry(const Stage& stage);

  std::vector<StageStatus> status() const;

 private:
  struct Worker;
  void run(Worker& worker);
  Micros step(Worker& worker);
  void rest(Worker& worker, Micros time);
  void wake(const Stage& stage, bool failed_too);
  void retry_others(const Worker& recovered);

  const Clock& clock_;
  std::function<bool()> has_failed_;
  std::function<void(const Error&)> on_fatal_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<bool> stopping_{false};
};

}  // namespace qianzhi::flow
