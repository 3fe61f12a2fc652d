// From YAML to Config. Everything that is wrong is collected in diagnostics, in one run; a Config that came with errors
// must not be used. Nothing here opens a database, a connection or a secret but read_secret().
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "hub-protocol/model/topic.h"
#include "hub-protocol/yaml/diagnostics.h"

namespace qianzhi::config {

// Reads the file and checks all that can be checked without a catalogue: names that are used are defined, a topic has
// one publication, a target table has one topic and is no source of the same database that is captured by diff.
// Relative paths in the file are taken from its folder.
Config load_config(const std::filesystem::path& file, yaml::Diagnostics& diagnostics);
// The same of a text; file: the name and folder that it has for readers.
Config load_config_text(const std::filesystem::path& file, std::string_view text, yaml::Diagnostics& diagnostics);

// Topics and items exist, every required item has a rule, constants, code tables and areas fit their items.
void check_against(const Config& config, const Catalogue& catalogue, yaml::Diagnostics& diagnostics);

// Every secret that the configuration names can be read; for `qianzhi check`.
void check_secrets(const Config& config, yaml::Diagnostics& diagnostics);

// The secret without one trailing line end. A file must be regular, at most 64 KiB, owned by this user or root, and
// closed to group and others. A credential is looked up in $CREDENTIALS_DIRECTORY, then in /etc/qianzhi/credentials.
// Throws Error(misuse, QZ-CFG-022), which names the file and never its content.
std::string read_secret(const SecretReference& reference);
// Those of them that can be read: what a report must not show, for what cannot be read cannot get into one either.
std::vector<std::string> readable_secrets(const std::vector<SecretReference>& references);

// Where the secret lies: its file, or where its credential is found; empty if there is none of that name.
std::filesystem::path path_of(const SecretReference& reference);

}  // namespace qianzhi::config
