// Backups of the hub's registry and log by time, and on an operator's command; the oldest ones go when there are
// enough.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "hub-protocol/hub/exchange.h"
#include "hub-protocol/hub/hub_config.h"

namespace qianzhi::hub {

// Thread-safe. The Exchange must outlive it.
class BackupKeeper {
 public:
  // Writes the registry to this new file; go_on and errors as in Exchange::back_up.
  using RegistryCopy = std::function<void(const std::filesystem::path&, const std::function<bool()>& go_on)>;

  // With a directory in the plan a thread makes one whenever the newest there is older than plan.every, and tries again
  // after ten minutes, or sooner if `every` is shorter, when that failed.
  BackupKeeper(Exchange& exchange, BackupPlan plan, const Clock& clock, RegistryCopy registry = {});
  ~BackupKeeper();  // gives up what is under way
  BackupKeeper(const BackupKeeper&) = delete;
  BackupKeeper& operator=(const BackupKeeper&) = delete;

  // One now, after the one under way: hub-YYYYMMDDTHHMMSSZ.db, and the registry beside it (.db.registry), which is
  // written first; in this directory or, if it is empty, in the plan's. Returns the file. Throws Error(misuse,
  // QZ-HUB-055) if there is no directory, else as Exchange::back_up does.
  std::filesystem::path make(std::filesystem::path directory = {});
  // One or two lines for an operator; empty without a plan.
  std::string status_text() const;

 private:
  void run();
  Micros due_in() const;
  void copy_registry(const std::filesystem::path& file, const std::function<bool()>& go_on) const;
  void remove_oldest(const std::filesystem::path& directory) const;

  Exchange& exchange_;
  BackupPlan plan_;
  const Clock& clock_;
  RegistryCopy registry_;
  std::mutex making_;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  bool ends_ = false;
  Micros failed_at_ = 0;  // steady time; 0: the newest try went well
  std::string failure_;
  std::thread thread_;
};

}  // namespace qianzhi::hub
