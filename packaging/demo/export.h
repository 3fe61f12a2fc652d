// What a department's own export program does; it knows nothing of Qianzhi.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "packaging/demo/database.h"

namespace qianzhi::demo {

// In GB18030, as such programs write: every value in quotes, NULL as nothing, lines ended by CR LF. Throws Error.
void write_csv(const std::filesystem::path& file, const std::vector<std::string>& header, const std::vector<Row>& rows);

}  // namespace qianzhi::demo
