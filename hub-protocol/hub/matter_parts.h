// What the files of Matters share. Internal to this folder.
#pragma once

#include <string>
#include <string_view>

#include "hub-protocol/base/bytes.h"

namespace qianzhi::hub {

// Throws Error(rejected, code).
[[noreturn]] void refuse(std::string_view code, std::string_view what);

// As people and grants name it: hexadecimal.
std::string name_of_matter(const Bytes& id);

}  // namespace qianzhi::hub
