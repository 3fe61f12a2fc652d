// SQL for the DBA: capture by triggers. Text only; nothing here connects.
#pragma once

#include <string>
#include <string_view>

#include "adapters/api/adapter.h"

namespace qianzhi::postgresql {

adapter::Plan plan_journal(const adapter::SourceSpec& spec);

// Types, by OID, whose text no setting of a session changes: boolean, name, integers, texts, numeric, uuid.
inline constexpr std::string_view indifferent_types = "{16,19,20,21,23,25,26,1042,1043,1700,2950}";

// Body of the function that the triggers of a table run, as pg_proc.prosrc holds it. name: SourceSpec::name.
std::string capture_source(const std::string& name, const adapter::SourceTable& table);

// What makes capture of one table hold again: its function and both triggers.
std::string capture_sql(const std::string& name, const adapter::SourceTable& table);

}  // namespace qianzhi::postgresql
