// The catalogue's code tables: their entries come from CSV files with the columns code,title,from,until.
#pragma once

#include <filesystem>
#include <string_view>

#include "hub-protocol/model/code_table.h"
#include "hub-protocol/yaml/diagnostics.h"
#include "hub-protocol/yaml/document.h"

namespace qianzhi::yaml {

// The map `code_tables` of catalogue.yaml, id -> {title, title_en, edition, file, partial}; null: none. Files are named
// relative to that of the catalogue. What is wrong is in diagnostics: also QZ-CFG-112 for an entry that cannot be.
CodeTables read_code_tables(const Node* node, Diagnostics& diagnostics);

// Entries from the text of a CSV file into the table.
void parse_code_entries(const std::filesystem::path& name, std::string_view text, CodeTable& table,
                        Diagnostics& diagnostics);

}  // namespace qianzhi::yaml
