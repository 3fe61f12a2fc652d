// What the agent keeps, read beside a running one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/store/store.h"
#include "hub-protocol/model/directory.h"

namespace qianzhi::app {

// The configuration of the file. Throws Error(misuse) with all that is wrong.
config::Config load_or_throw(const std::filesystem::path& file);

// The directory in the queue, expired or not. Throws Error(unavailable, QZ-AGT-081) if there is none, and as
// DirectoryKeeper does.
std::shared_ptr<const Directory> kept_directory(const config::Config& config);

// From catalogue files if a folder is named; else from the directory that the agent keeps. Throws Error for files that
// are wrong, and as kept_directory().
Catalogue catalogue_for(const config::Config& config, const std::filesystem::path& folder);

// Each batch that is kept of these topics, opened, a few MiB at a time; progress is told on standard error. How many.
std::uint64_t each_kept_batch(const store::Store& store, const std::vector<std::string>& topics,
                              const std::function<void(const std::string& topic, const store::KeptBatch&)>& take);

}  // namespace qianzhi::app
