// Reading a small file of this machine whole. Internal to this folder.
#pragma once

#include <filesystem>
#include <string>

#include "hub-protocol/service/process.h"

namespace qianzhi::identity {

// Throws Error(misuse, QZ-AGT-080).
inline std::string read_whole(const std::filesystem::path& file) { return service::read_whole(file, "QZ-AGT-080"); }

}  // namespace qianzhi::identity
