// Rules from YAML. Every fault is a diagnostic: those of the reader, QZ-CFG-030 for a table that desk.yaml does not
// name, QZ-CFG-031 for an id used twice, QZ-CFG-013 for keys that go together.
#pragma once

#include <string>
#include <vector>

#include "agent/desk/data/desk_config.h"
#include "agent/desk/rules/rule.h"
#include "hub-protocol/yaml/reader.h"

namespace qianzhi::desk {

// The list `rules` of a file, added to those of other files.
void read_rules(yaml::MapReader& root, const DeskConfig& config, std::vector<Rule>& rules);

// Parts that reports share. What is read counts as asked for; the caller finishes the reader.
Base read_base(yaml::MapReader& reader, const DeskConfig& config, bool needs_subject);
// table, join, where, unless.
Linked read_linked(yaml::MapReader& reader, const DeskConfig& config);
// where and unless.
Filter read_filter(yaml::MapReader& reader);
// "30d" as days; -1 if the key is not there.
int read_days(yaml::MapReader& reader, std::string_view key);
// The id of a table that the configuration has, or of the desk's own.
std::string read_table_id(yaml::MapReader& reader, const DeskConfig& config);
// Complains if the id is among those that were used, then adds it.
void check_unique(yaml::MapReader& reader, const std::string& id, std::vector<std::string>& used);

}  // namespace qianzhi::desk
