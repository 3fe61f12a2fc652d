#include <pwd.h>
#include <unistd.h>

#include <array>

#include "agent/config/parts.h"

namespace qianzhi::config {

namespace {

constexpr std::uint64_t most = 1U << 20U;
constexpr std::size_t longest_entry = 16'384;  // of the list of accounts
constexpr Micros second = 1'000'000;

// Told here, with its line, and not only when the first process is to be started.
void check_user(yaml::MapReader& limits, const std::string& user) {
  std::array<char, longest_entry> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  const yaml::Place& place = limits.find("user")->place;
  if (!known)
    limits.diagnostics().error("QZ-CFG-037", place, "没有账号 \"" + user + "\"",
                               "there is no account \"" + user + "\"");
  else if (geteuid() != 0 && geteuid() != found->pw_uid)
    limits.diagnostics().error("QZ-CFG-037", place, "只有 root 能让适配器以账号 \"" + user + "\" 运行",
                               "only root can run an adapter under the account \"" + user + "\"",
                               "删去这一行 (remove this line)");
}

}  // namespace

LimitsConfig read_limits(yaml::MapReader& database) {
  LimitsConfig config;
  if (database.find("limits") == nullptr) return config;
  yaml::MapReader limits = database.map("limits", false);
  config.memory = limits.size("memory", 0);
  config.cpu = limits.duration("cpu", 0);
  config.open_files = limits.integer("open_files", 16, most, 0);
  config.file_size = limits.size("file_size", 0);
  config.processes = limits.integer("processes", 1, most, 0);
  config.user = limits.text("user", {});
  if (config.cpu != 0 && config.cpu < second)
    limits.diagnostics().error("QZ-CFG-019", limits.find("cpu")->place, limits.path_of("cpu") + " 至少 1s",
                               limits.path_of("cpu") + ": at least 1s");
  if (!config.user.empty()) check_user(limits, config.user);
  limits.finish();
  return config;
}

}  // namespace qianzhi::config
