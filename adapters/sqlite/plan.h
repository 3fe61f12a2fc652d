// The SQL a DBA is asked to run. Text only; nothing here connects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/api/adapter.h"

namespace qianzhi::adapter::lite {

struct Trigger {
  std::size_t table = 0;  // in SourceSpec::tables
  std::string name;
  std::string text;  // as sqlite_master.sql holds it, octet for octet
};

// Throws Error(misuse, QZ-ADP-010) unless name is [a-z0-9_]+ of at most 40 characters.
void check_name(const std::string& name);

// Insert, update and delete triggers of every table, and, where old values are needed, one that notes the row an
// INSERT OR REPLACE is about to remove without firing a delete trigger (pitfall 21).
std::vector<Trigger> triggers_of(const SourceSpec& spec);

// Plan::leftovers for things of these names.
std::string leftovers_query(const std::vector<std::string>& names);

// Makes the canary's table with its row, where there is one.
std::string canary_script(const std::string& table);
// ?1: the beat.
std::string beat_sql(const std::string& table);

Plan source_plan(const SourceSpec& spec);
Plan target_plan(const TargetSpec& spec);

// Of the column of a received table that holds such items.
std::string_view declared_type(ItemType type);

}  // namespace qianzhi::adapter::lite
