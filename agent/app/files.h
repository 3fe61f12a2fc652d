// Reading a small file whole.
#pragma once

#include <filesystem>
#include <string>

namespace qianzhi::app {

// Throws Error(misuse, QZ-AGT-080).
std::string read_text(const std::filesystem::path& file);

}  // namespace qianzhi::app
