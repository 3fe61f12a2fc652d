// Capture by triggers: what is installed, why and how it is undone.
#pragma once

#include <string>

#include "adapters/api/adapter.h"

namespace qianzhi::mysql {

adapter::Plan plan_journal(const adapter::SourceSpec& spec);

// event: 'i', 'u' or 'd'. The name is cut with a digest where it would be too long.
std::string trigger_name(const std::string& source, const std::string& table, char event);
// What the trigger runs, as the server keeps it.
std::string trigger_body(const adapter::SourceSpec& spec, const adapter::SourceTable& table, char event);
// CREATE OR REPLACE TRIGGER for all three, with their DELIMITER lines.
std::string triggers_sql(const adapter::SourceSpec& spec, const adapter::SourceTable& table);

}  // namespace qianzhi::mysql
