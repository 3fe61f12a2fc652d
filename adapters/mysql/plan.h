// Scripts for the DBA. Nothing here connects or runs anything.
#pragma once

#include <string>

#include "adapters/api/adapter.h"

namespace qianzhi::mysql {

adapter::Plan plan_source(const adapter::SourceSpec& spec);
adapter::Plan plan_target(const adapter::TargetSpec& spec);

// 'user'@'%', from the connection or our own name.
std::string account_of(const adapter::Connection& connection, const std::string& name);

// Creates the user and lets it read the listed columns.
std::string reading_grants(const adapter::SourceSpec& spec);

// "schema.table" with the connection's database where the name has no schema; each quoted.
std::string full_table(const adapter::Connection& connection, const std::string& table);

}  // namespace qianzhi::mysql
