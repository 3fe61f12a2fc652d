// doctor and bundle of qianzhi-desk: what could be wrong with this desk, looked at beside it. Nothing is changed.
#pragma once

#include <filesystem>

#include "hub-protocol/command/checkup.h"
#include "hub-protocol/command/language.h"

namespace qianzhi::desk {

// Configuration, received files, the desk's own database, disk, the running desk.
command::Checkup examine(const std::filesystem::path& config);

// Exit status. out: empty: it is only listed.
int doctor(const std::filesystem::path& config, command::Language language, bool json);
int bundle(const std::filesystem::path& config, const std::filesystem::path& out, command::Language language,
           bool json);

}  // namespace qianzhi::desk
