// A configuration file in the one form that all of them have: two columns a level, lists inside their key, one space
// behind colons and commas, comments two columns behind what they are about or in line with each other, no blank line
// at the ends or behind another, LF line ends, no byte-order mark.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::yaml {

// Order, comments, quotes and every value stay: the result is read again and compared before it is given back. Nothing,
// with what is wrong in diagnostics, for a document with errors, and for one (QZ-CFG-120) of which that cannot be
// shown. Formatting a result changes nothing.
std::optional<std::string> format_document(const std::filesystem::path& name, std::string_view text,
                                           Diagnostics& diagnostics);

}  // namespace qianzhi::yaml
