// A look at the files that lie in the drop folder, whether complete or not; nothing is imported or moved.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/folder.h"
#include "adapters/files/settings.h"

namespace qianzhi::adapter::files {

// Every file that a pattern matches, in the order of names.
std::vector<Waiting> files_in(const SourceSettings& settings, const Clock& clock);

// Columns that the header of a file names, renamed as configured; the one that says the operation is left out. A name
// that is not of the encoding is "?". Throws what reading throws.
std::vector<std::string> header_of(const SourceSettings& settings, const TableFiles& files,
                                   const std::filesystem::path& path);

// Rows of the newest file of the table, in its order; a full one if there is one. Nothing: there is no file. cursor:
// how many records were seen. Columns that the file lacks are NULL. Throws Error(rejected, QZ-FIL-003).
std::optional<SnapshotChunk> peek(const SourceSettings& settings, const SourceTable& table, const Clock& clock,
                                  const Bytes& cursor, const ReadLimits& limits);

}  // namespace qianzhi::adapter::files
