// What a person does before files are exchanged, and what can be said without importing anything.
#pragma once

#include <vector>

#include "adapters/api/adapter.h"
#include "adapters/files/settings.h"

namespace qianzhi::adapter::files {

// Shell commands that make the folders; nothing is installed anywhere else.
Plan source_plan(const SourceSpec& spec);
Plan target_plan(const TargetSpec& spec);

// Each configured table with the columns that the newest file's header names, as text. No key: files have none.
std::vector<TableInfo> describe_folder(const SourceSettings& settings, const Clock& clock);

// Everything that keeps files from being taken, as far as it can be seen now.
std::vector<Finding> check_folders(const SourceSettings& settings, const SourceSpec& spec, const Clock& clock);

}  // namespace qianzhi::adapter::files
