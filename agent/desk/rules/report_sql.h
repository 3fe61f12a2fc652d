// The SQL of reports.
#pragma once

#include "agent/desk/data/sql_text.h"
#include "agent/desk/rules/report.h"

namespace qianzhi::desk {

// SELECT groups, one number a measure that is no share FROM base ...; is_total: of all rows, without groups.
SqlText count_sql(const DeskStore& store, const Report& report, const Period& period, bool is_total);

// SELECT groups, matched, consistent records, consistent of each item: of one party of a difference rule.
SqlText consistency_sql(const DeskStore& store, const Rule& rule, const Party& party, const Report& report,
                        const Period& period, bool is_total);

}  // namespace qianzhi::desk
