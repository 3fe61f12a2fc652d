// Files that nobody but their owner may read: keys. Whole and on stable storage, or not there.
#pragma once

#include <filesystem>
#include <string_view>

namespace qianzhi::service {

// A new file, mode 0600, synced with its folder. Throws Error(misuse, QZ-BASE-011) if it cannot be written or is there
// already: a key is never overwritten.
void write_new_private(const std::filesystem::path& file, std::string_view text);

// As write_new_private(), but in the place of what is there.
void replace_private(const std::filesystem::path& file, std::string_view text);

// In the place of a file that is there, or that a link to it names: whole, with its mode and owner. Throws as above,
// also if this user may not give the new one to that owner.
void replace_alike(const std::filesystem::path& file, std::string_view text);

// Moves a file that is on stable storage into the place of another, and syncs the folder. Throws as above.
void move_into_place(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace qianzhi::service
