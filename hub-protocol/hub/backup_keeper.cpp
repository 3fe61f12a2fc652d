#include "hub-protocol/hub/backup_keeper.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <system_error>
#include <vector>

#include "hub-protocol/base/log.h"

namespace qianzhi::hub {

namespace {

constexpr Micros second = 1'000'000;
constexpr Micros try_again = 600 * second;
constexpr char form[] = "hub-%Y%m%dT%H%M%SZ.db";

std::string name_at(Micros time) {
  const auto seconds = static_cast<std::time_t>(time / second);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, form, &parts)};
}

// Of the files that bear such a name, oldest first: names sort by time. A file's time is in its name, not in its inode,
// which a copy of the directory changes.
std::vector<std::string> backups_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    std::tm parts{};
    const char* end = strptime(name.c_str(), form, &parts);
    if (end != nullptr && *end == 0) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::filesystem::path registry_beside(std::filesystem::path file) { return file += ".registry"; }

Micros time_of(const std::string& name) {
  std::tm parts{};
  strptime(name.c_str(), form, &parts);
  return static_cast<Micros>(timegm(&parts)) * second;
}

}  // namespace

BackupKeeper::BackupKeeper(Exchange& exchange, BackupPlan plan, const Clock& clock, RegistryCopy registry)
    : exchange_(exchange), plan_(std::move(plan)), clock_(clock), registry_(std::move(registry)) {
  if (!plan_.directory.empty()) thread_ = std::thread([this] { run(); });
}

BackupKeeper::~BackupKeeper() {
  {
    const std::lock_guard guard(lock_);
    ends_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Micros BackupKeeper::due_in() const {
  if (failed_at_ != 0) return std::min(try_again, plan_.every) - (clock_.steady() - failed_at_);
  const std::vector<std::string> names = backups_in(plan_.directory);
  if (names.empty()) return 0;
  // A name of the future comes from a clock that was wrong: it puts off nothing.
  const Micros age = clock_.now() - time_of(names.back());
  return age < 0 ? 0 : plan_.every - age;
}

void BackupKeeper::run() {
  std::unique_lock guard(lock_);
  while (!ends_) {
    const Micros due = due_in();
    if (due > 0) {
      // In steps: the machine may have slept, its clock may have been set.
      changed_.wait_for(guard, std::chrono::microseconds(std::min(due, 60 * second)));
      continue;
    }
    guard.unlock();
    try {
      make();
    } catch (const Error& error) {
      log("hub backup", error);
    }
    guard.lock();
  }
}

std::filesystem::path BackupKeeper::make(std::filesystem::path directory) {
  if (directory.empty()) directory = plan_.directory;
  if (directory.empty()) throw Error(ErrorKind::misuse, "QZ-HUB-055", "backup DIRECTORY");
  const std::lock_guard one(making_);
  std::filesystem::path file = directory / name_at(clock_.now());
  const auto go_on = [this] {
    const std::lock_guard guard(lock_);
    return !ends_;
  };
  try {
    // First, because the log's copy announces itself when it is done.
    copy_registry(registry_beside(file), go_on);
    exchange_.back_up(file, go_on);
  } catch (const Error& error) {
    std::error_code ignored;
    std::filesystem::remove(registry_beside(file), ignored);
    const std::lock_guard guard(lock_);
    failed_at_ = std::max<Micros>(clock_.steady(), 1);
    failure_ = error.what();
    throw;
  }
  {
    const std::lock_guard guard(lock_);
    failed_at_ = 0;
    failure_.clear();
  }
  log(LogLevel::notice, "hub backup", file.string());
  remove_oldest(directory);
  return file;
}

void BackupKeeper::copy_registry(const std::filesystem::path& file, const std::function<bool()>& go_on) const {
  if (!registry_) return;
  try {
    registry_(file, go_on);
  } catch (const Error& error) {
    const ErrorKind kind = error.kind() == ErrorKind::full ? ErrorKind::full : ErrorKind::unavailable;
    throw Error(kind, "QZ-HUB-054", file.string() + ": " + error.what());
  }
}

void BackupKeeper::remove_oldest(const std::filesystem::path& directory) const {
  if (plan_.directory.empty() || directory != plan_.directory) return;
  std::vector<std::string> names = backups_in(directory);
  std::error_code error;
  for (std::size_t i = 0; i + static_cast<std::size_t>(plan_.keep) < names.size(); ++i) {
    std::filesystem::remove(directory / names[i], error);
    if (error) log(LogLevel::warning, "hub backup", names[i] + ": " + error.message());
    std::filesystem::remove(registry_beside(directory / names[i]), error);
  }
}

std::string BackupKeeper::status_text() const {
  if (plan_.directory.empty()) return {};
  const std::vector<std::string> names = backups_in(plan_.directory);
  const std::string newest = names.empty() ? "无 none" : names.back();
  std::string text = "备份 backup " + plan_.directory.string() + "  最新 newest " + newest + "\n";
  const std::lock_guard guard(lock_);
  if (!failure_.empty()) text += "  备份失败 BACKUP FAILED: " + failure_ + "\n";
  return text;
}

}  // namespace qianzhi::hub
