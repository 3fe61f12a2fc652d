// Whether a SQLite file is whole, looked at beside the program that owns it.
#pragma once

#include <filesystem>
#include <string_view>

namespace qianzhi::sqlite {

// Reads all of it and changes nothing. Throws Error(corrupt) with this code and SQLite's first finding, and what
// opening it throws.
void check_whole(const std::filesystem::path& file, std::string_view code);

}  // namespace qianzhi::sqlite
