// The CSV form of a catalogue; internal to this folder.
#pragma once

#include "hub-protocol/catalogue/files.h"

namespace qianzhi::catalogue {

// files: departments.csv, topics.csv, items.csv, code_tables.csv and codes/*.csv, of which only topics.csv and
// items.csv must be there. folder: only for naming places.
yaml::CatalogueFolder read_csv(const std::filesystem::path& folder, const Files& files, yaml::Diagnostics& diagnostics);

}  // namespace qianzhi::catalogue
