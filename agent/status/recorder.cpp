#include "agent/status/recorder.h"

#include <chrono>
#include <utility>

#include "agent/status/headline.h"
#include "hub-protocol/base/error.h"
#include "hub-protocol/base/log.h"

namespace qianzhi::status {

namespace {

constexpr std::chrono::seconds look_interval(2);
constexpr unsigned looks_a_note = 3;  // each note is written to the disk

std::string names_of(const std::vector<Finding>& findings) {
  std::string names;
  for (const Finding& finding : findings)
    for (const Finding::Place& place : finding.places) names += finding.code + " " + place.subject + "\n";
  return names;
}

}  // namespace

Recorder::Recorder(History& history, std::function<Snapshot()> snapshot)
    : history_(history), snapshot_(std::move(snapshot)), thread_([this] { run(); }) {}

Recorder::~Recorder() {
  {
    const std::lock_guard guard(lock_);
    ends_ = true;
  }
  bell_.notify_all();
  thread_.join();
}

// What passes by itself is not told, or a busy agent would fill its log.
void Recorder::tell(const Snapshot& snapshot, const std::vector<Finding>& findings) {
  const StateWord word = headline_of(snapshot, findings);
  const bool is_bad = word.kind == "warn" || word.kind == "fail";
  const std::string why = is_bad ? " " + cause_of(snapshot, findings) : std::string();
  const std::string bad = is_bad ? std::string(word.id) + why : std::string();
  if (bad == told_) return;
  told_ = bad;
  const LogLevel level = word.kind == "fail" ? LogLevel::error : is_bad ? LogLevel::warning : LogLevel::notice;
  log(level, "status", std::string(word.id) + why + " " + std::string(word.zh) + " / " + std::string(word.en));
}

void Recorder::look() {
  const Snapshot snapshot = snapshot_();
  const std::vector<Finding> findings = findings_of(snapshot);
  tell(snapshot, findings);
  std::string names = names_of(findings);
  const bool is_due = looks_++ % looks_a_note == 0;
  if (!is_due && names == noted_) return;
  noted_ = std::move(names);
  history_.note(snapshot, findings);
}

void Recorder::run() {
  bool has_told = false;
  std::unique_lock waiting(lock_);
  while (!bell_.wait_for(waiting, look_interval, [this] { return ends_; })) {
    waiting.unlock();
    try {
      look();
      has_told = false;
    } catch (const Error& error) {
      if (!has_told) log("page", error);
      has_told = true;
    }
    waiting.lock();
  }
}

}  // namespace qianzhi::status
