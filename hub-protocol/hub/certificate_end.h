// When a certificate ends.
#pragma once

#include <filesystem>

#include "hub-protocol/base/clock.h"

namespace qianzhi::hub {

// Of the first certificate of a PEM file; 0 if it cannot be read.
Micros certificate_end(const std::filesystem::path& file);

}  // namespace qianzhi::hub
