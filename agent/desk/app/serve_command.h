// `qianzhi-desk serve`: pages, interface and local lookup as a process of its own, beside `qianzhi-desk run`, on the
// same desk.db.
#pragma once

#include <filesystem>

namespace qianzhi::desk {

// Serves until it is told to stop. 78 for a configuration with errors or without `serve`.
int serve_pages(const std::filesystem::path& config);

}  // namespace qianzhi::desk
