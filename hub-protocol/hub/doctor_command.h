// doctor and bundle of qianzhi-hub: what could be wrong with this hub, looked at beside it. Nothing is changed.
#pragma once

#include <filesystem>

#include "hub-protocol/command/checkup.h"
#include "hub-protocol/command/language.h"

namespace qianzhi::hub {

// Configuration, the running hub, key files, certificates, disk, log and registry as files.
command::Checkup examine(const std::filesystem::path& config);

// Exit status. out: empty: it is only listed.
int doctor(const std::filesystem::path& config, command::Language language, bool json);
int bundle(const std::filesystem::path& config, const std::filesystem::path& out, command::Language language,
           bool json);

}  // namespace qianzhi::hub
