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

}  // namespace qianzhi::hub
