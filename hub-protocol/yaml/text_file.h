// Files of text as people hand them over: read whole, within limits, UTF-8 or told which encoding they seem to have.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::yaml {

inline constexpr std::size_t max_document_octets = std::size_t{4} << 20U;

// The octets of the file, of which one that is too large has no more than one octet too many. What cannot be read is a
// diagnostic (QZ-CFG-023) and nothing.
std::optional<std::string> read_text_file(const std::filesystem::path& file, Diagnostics& diagnostics);

// The text with its lines, or null and a diagnostic: longer than max_document_octets (QZ-CFG-020), or not UTF-8
// (QZ-CFG-001, with the first line that is not and what it looks like).
std::shared_ptr<SourceText> readable_text(const std::filesystem::path& name, std::string_view text,
                                          Diagnostics& diagnostics);

}  // namespace qianzhi::yaml
