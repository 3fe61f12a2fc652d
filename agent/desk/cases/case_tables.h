// Names of tables and columns for statements about cases; internal to this folder.
#pragma once

#include <map>
#include <string>

#include "agent/desk/data/table.h"

namespace qianzhi::desk {

// Throws Error(misuse, QZ-DSK-108), naming who wants it, if there is no such table.
const Table& case_table(const std::map<std::string, Table>& tables, const std::string& id, const std::string& rule);

// The item's column, quoted; "''" for no item. Throws as above.
std::string case_column(const Table& table, const std::string& item, const std::string& rule);

}  // namespace qianzhi::desk
