// Rules as SQL over the views of a DeskStore. Values of the configuration are bound; names of items are checked against
// the tables and quoted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/desk/data/change_log.h"
#include "agent/desk/data/desk_store.h"
#include "agent/desk/data/sql_text.h"
#include "agent/desk/rules/rule.h"

namespace qianzhi::desk {

// Judged subjects pass through these temporary tables.
//   desk_touched(subject, first): what changes touch; first: the first item of a group
//   desk_judged(subject, party, area, title, since, level, detail): what holds of them
inline constexpr std::string_view judged_columns = "subject, party, area, title, since, level, detail";

// Dates up to which something is due; empty: not by date.
struct Cutoffs {
  std::string notice;   // base.since up to it: a notice is due
  std::string warning;  // base.since up to it: a warning
};
Cutoffs cutoffs_of(const Rule& rule, const Holidays& holidays, Day today);

// alias."item"; throws Error(misuse, QZ-DSK-001) if the table has none.
std::string item_sql(const DeskStore& store, const std::string& table, std::string_view alias, const std::string& item);
// The same, '' for NULL; '' if the item's name is empty.
std::string text_sql(const DeskStore& store, const std::string& table, std::string_view alias, const std::string& item);
// " AND ..." of all conditions.
SqlText filter_sql(const DeskStore& store, const std::string& table, std::string_view alias, const Filter& filter);
// 1 if a row of the other table belongs to the base's row b, else 0. extra: of its row c, " AND ..."; where there is
// any, one look-up a row.
SqlText linked_sql(const DeskStore& store, const std::string& base, const Linked& linked, const SqlText& extra = {});
// " FROM base b JOIN other c ON ... WHERE subject is there AND filters": one a join.
std::vector<SqlText> pairs_sql(const DeskStore& store, const Base& base, const Linked& linked);
// Whether the values differ: 0 or 1.
std::string differs_sql(const DeskStore& store, const std::string& base, const std::string& other,
                        const Compared& item);

// What fills desk_judged, in the order of judged_columns. touched: only of subjects in desk_touched. Throws
// Error(misuse, QZ-DSK-001) for tables and items that are not there, QZ-DSK-002 for SQL that cannot be used.
std::vector<SqlText> selects_of(DeskStore& store, const Rule& rule, const Cutoffs& cutoffs, bool touched);

// How a change of a table touches subjects: SELECT subject, first FROM log d ... WHERE d.source = ?; needs " AND ..."
// of d.seq behind it.
struct Touch {
  std::string table;
  std::vector<std::string> items;  // their values stand in d.key
  std::string subject;             // SQL
  std::string first;               // SQL
  std::string joins;               // SQL, from d on
};
std::vector<Touch> touches_of(const DeskStore& store, const Rule& rule);
// What the day alone brings: base rows whose date passed a cutoff since those of `before`. Empty: nothing can.
SqlText day_touches(const DeskStore& store, const Rule& rule, const Cutoffs& before, const Cutoffs& now);
// All tables that the rule reads, as far as it says so.
std::set<std::string> tables_of(const Rule& rule);
Links links_of(const DeskStore& store, const std::vector<Rule>& rules);

}  // namespace qianzhi::desk
