#include "adapters/files/plan.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "adapters/files/folder.h"
#include "adapters/files/peek.h"

namespace qianzhi::adapter::files {

namespace {

// As one word for a shell.
std::string word(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// A comment cannot be left by what stands in it.
std::string one_line(std::string text) {
  for (char& c : text)
    if (c >= 0 && c < ' ') c = ' ';
  return text;
}

bool check_folder(const std::filesystem::path& folder, std::vector<Finding>& findings) {
  struct stat entry {};
  if (stat(folder.c_str(), &entry) != 0 || !S_ISDIR(entry.st_mode)) {
    findings.push_back({Severity::error, "QZ-FIL-001", "there is no folder " + shown(folder.string()),
                        "mkdir " + word(folder.string())});
    return false;
  }
  if (access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return true;
  findings.push_back({Severity::error, "QZ-FIL-001",
                      "the agent needs to read, write and enter the folder " + shown(folder.string()),
                      "chgrp qianzhi " + word(folder.string()) + " && chmod g+rwxs " + word(folder.string())});
  return false;
}

dev_t device_of(const std::filesystem::path& folder) {
  struct stat entry {};
  return stat(folder.c_str(), &entry) == 0 ? entry.st_dev : 0;
}

std::string make_folders(const std::vector<std::filesystem::path>& folders) {
  std::string text = "install -d -m 2770 -o qianzhi -g qianzhi";
  for (const std::filesystem::path& folder : folders) text += " " + word(folder.string());
  return text + "\n";
}

std::string grants_for(const std::filesystem::path& folder) {
  return "# The account of the program on the other side of the folder needs the group (name it in place of ACCOUNT):\n"
         "#   usermod -a -G qianzhi ACCOUNT\n"
         "# The agent's service may write below /srv/qianzhi only. For a folder elsewhere, systemctl edit qianzhi:\n"
         "#   [Service]\n#   ReadWritePaths=" +
         one_line(folder.string()) + "\n";
}

}  // namespace

Plan source_plan(const SourceSpec& spec) {
  const SourceSettings settings = source_settings(spec.connection);
  Plan plan;
  plan.install = "# Drop folder of source " + one_line(spec.name) + ". Run as root; it may be run twice.\n" +
                 make_folders({settings.folder, settings.archive, settings.rejected});
  plan.grants = grants_for(settings.folder);
  plan.uninstall = "# Nothing was installed. What was read is in " + one_line(settings.archive.string()) +
                   "; keep it as long as your rules say.\n";
  return plan;
}

Plan target_plan(const TargetSpec& spec) {
  const TargetSettings settings = target_settings(spec.connection);
  Plan plan;
  plan.install = "# Folder of received files, target " + one_line(spec.name) + ". Run as root; it may be run twice.\n" +
                 make_folders({settings.folder});
  for (const TargetTable& table : spec.tables)
    plan.install += "# " + one_line((settings.folder / (table.table + ".csv")).string()) + "\n";
  plan.grants = grants_for(settings.folder);
  plan.uninstall = "# Nothing was installed but the files in " + one_line(settings.folder.string()) + ".\n";
  return plan;
}

std::vector<TableInfo> describe_folder(const SourceSettings& settings, const Clock& clock) {
  const std::vector<Waiting> files = files_in(settings, clock);
  std::vector<TableInfo> tables;
  for (std::size_t i = 0; i < settings.tables.size(); ++i) {
    TableInfo info{settings.tables[i].name, {}, {}, -1};
    for (auto file = files.rbegin(); file != files.rend() && info.columns.empty(); ++file)
      if (file->table == i)
        for (const std::string& name : header_of(settings, settings.tables[i], settings.folder / file->name))
          info.columns.push_back({name, "text", ItemType::text, true});
    tables.push_back(std::move(info));
  }
  return tables;
}

std::vector<Finding> check_folders(const SourceSettings& settings, const SourceSpec& spec, const Clock& clock) {
  std::vector<Finding> findings;
  if (!check_folder(settings.folder, findings)) return findings;
  for (const std::filesystem::path& folder : {settings.archive, settings.rejected})
    if (check_folder(folder, findings) && device_of(folder) != device_of(settings.folder))
      findings.push_back({Severity::error,
                          "QZ-FIL-012",
                          shown(folder.string()) + " is on another file system than the drop folder",
                          {}});
  for (const SourceTable& table : spec.tables) {
    const auto configured = std::find_if(settings.tables.begin(), settings.tables.end(),
                                         [&](const TableFiles& files) { return files.name == table.table; });
    if (configured == settings.tables.end())
      findings.push_back({Severity::error, "QZ-ADP-011", "no files are configured for table " + table.table, {}});
  }
  for (const Waiting& file : files_in(settings, clock)) {
    const TableFiles& files = settings.tables[file.table];
    const auto table = std::find_if(spec.tables.begin(), spec.tables.end(),
                                    [&](const SourceTable& wanted) { return wanted.table == files.name; });
    if (table == spec.tables.end()) continue;
    const std::vector<std::string> present = header_of(settings, files, settings.folder / file.name);
    std::string missing;
    for (const std::string& column : table->columns)
      if (std::find(present.begin(), present.end(), column) == present.end())
        missing += (missing.empty() ? "" : ", ") + column;
    if (missing.empty()) continue;
    std::string there;
    for (const std::string& name : present) there += (there.empty() ? "" : ", ") + name;
    findings.push_back({Severity::error,
                        "QZ-FIL-004",
                        "the header of " + shown(file.name) + " lacks: " + missing + "; it has: " + there,
                        {}});
  }
  return findings;
}

}  // namespace qianzhi::adapter::files
