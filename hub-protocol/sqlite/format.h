// The number in a file by which a program knows that a newer one wrote it: PRAGMA user_version.
#pragma once

#include <cstdint>
#include <filesystem>

namespace qianzhi::sqlite {

// To be called before the file is opened for writing: it only reads, so that a file of a greater number stays as it is.
// A file that is not there passes. One that cannot be read is for who opens it
// then to tell of. Throws Error(misuse, QZ-PKG-001).
void refuse_newer(const std::filesystem::path& file, std::int64_t newest);

}  // namespace qianzhi::sqlite
