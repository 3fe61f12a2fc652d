// Private to the configuration's loader: the sections that make up the directory.
#pragma once

#include "hub-protocol/hub/hub_config.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::hub {

void read_departments(yaml::MapReader& root, Directory& directory);
void read_agents(yaml::MapReader& root, HubConfig& config);
void read_provisions(yaml::MapReader& root, Directory& directory);
void read_grants(yaml::MapReader& root, Directory& directory);

// hub.directories, whose agents must be known.
void read_directories(yaml::MapReader& hub, HubConfig& config);
// After read_agents().
void check_directories(const yaml::MapReader& root, const HubConfig& config);

// {file: PATH} or {credential: NAME} as a path: credentials are looked for in $CREDENTIALS_DIRECTORY, then in
// /etc/qianzhi/credentials.
std::filesystem::path path_of(const yaml::Secret& secret);
// Digest of the SubjectPublicKeyInfo of the first certificate of a PEM file. Throws Error(misuse, QZ-HUB-041).
Digest tls_key_of(const std::filesystem::path& certificate);
// Throws Error(misuse, QZ-HUB-041).
std::string read_file(const std::filesystem::path& file);

}  // namespace qianzhi::hub
