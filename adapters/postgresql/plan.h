// SQL for the DBA: what makes a database readable or writable for us. Text only; nothing here connects.
#pragma once

#include <string>
#include <vector>

#include "adapters/api/adapter.h"

namespace qianzhi::postgresql {

adapter::Plan plan_source(const adapter::SourceSpec& spec);
adapter::Plan plan_target(const adapter::TargetSpec& spec);

// The role that reads, quoted: as the DSN says, else by the source's name.
std::string role_of(const adapter::SourceSpec& spec);
// What a role needs that only reads the listed tables.
std::string comparison_grants(const adapter::SourceSpec& spec, const std::string& role);

// Columns that the publication must carry for this table: those read, the key and the old columns of every entry that
// names it, in order.
std::vector<std::string> published_columns(const adapter::SourceSpec& spec, const std::string& table);
// t (a, b), u: without a list where old values are needed, because full identity wants every column published.
std::string published_tables_sql(const adapter::SourceSpec& spec);
// Makes the publication, or changes it to carry these tables; a table that stays as it is keeps its entry.
std::string publication_sql(const adapter::SourceSpec& spec);
// The statements that give a table the replica identity it needs. name: SourceSpec::name.
std::string identity_sql(const adapter::SourceTable& table, const std::string& name);
// {"a","b"}: a text[] value to bind.
std::string array_text(const std::vector<std::string>& texts);

}  // namespace qianzhi::postgresql
