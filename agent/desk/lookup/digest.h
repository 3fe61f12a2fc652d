// SHA-256 over fields whose bounds count, and values that nobody can guess.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace qianzhi::desk::lookup {

// Hexadecimal; each field goes in with its length before it.
std::string digest_of(const std::vector<std::string_view>& fields);

// In a time that does not depend on where they differ.
bool are_equal(std::string_view left, std::string_view right);

}  // namespace qianzhi::desk::lookup
