// `qianzhi-desk lookup`: the local lookup as a process of its own, beside `qianzhi-desk run`, on the same desk.db.
#pragma once

#include <filesystem>

namespace qianzhi::desk {

// Serves until it is told to stop. 78 for a configuration with errors or without `lookup`.
int serve_lookup(const std::filesystem::path& config);

}  // namespace qianzhi::desk
