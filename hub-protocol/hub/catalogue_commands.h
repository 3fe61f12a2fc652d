// The verbs of `qianzhi-hub catalogue` that read or write folders on this machine; what they need of the running hub
// they ask through its control socket.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace qianzhi::hub {

struct CommandResult {
  int status = 0;    // of the process: 0 good, 1 incompatible (diff), 78 wrong files
  std::string text;  // for standard output
};

// words: what follows the program's name. Nothing if it is none of: catalogue check, diff, export, import, accept.
// config: the hub's configuration file. Throws Error.
std::optional<CommandResult> catalogue_command(const std::vector<std::string>& words,
                                               const std::filesystem::path& config);

inline constexpr char catalogue_usage[] =
    "qianzhi-hub catalogue check DIR [--encoding gb18030]      检查目录文件夹 / check a folder (YAML or CSV)\n"
    "qianzhi-hub catalogue diff DIR [DIR2]                     与现行目录或另一文件夹比较 / compare with the one in "
    "force\n"
    "qianzhi-hub catalogue export DIR [--csv]                  导出现行目录 / write the one in force as files\n"
    "qianzhi-hub catalogue import DIR [--encoding gb18030] [--replace] [--accept-incompatible]\n"
    "                                            导入到登记簿 / put a folder into the registry\n"
    "qianzhi-hub catalogue accept                接受不兼容的改变，中心停止时也可用 / also while the hub is stopped\n";

}  // namespace qianzhi::hub
