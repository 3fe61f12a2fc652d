#include "agent/desk/cases/case_overview.h"

#include "agent/desk/data/sql_text.h"

namespace qianzhi::desk {

CaseOverview overview_of(CaseStore& store, const std::string& rule, const std::vector<std::string>& offices,
                         Day today) {
  const std::string date = date_text(today);
  SqlText sql("SELECT area, office, state, count(*), total(due <> '' AND due < ");
  sql.bind(date).add("), total(due = ").bind(date).add(") FROM main.case_file WHERE closed = 0");
  if (!rule.empty()) sql.add(" AND rule = ").bind(rule);
  if (!offices.empty()) sql.add(" AND office IN (").bind_all(offices).add(")");
  sql.add(" GROUP BY area, office, state");
  CaseOverview overview;
  overview.today = today;
  for (sqlite::Statement row = sql.on(store.database()); row.step();)
    for (OpenCases* cases : {&overview.all, &overview.areas[row.text(0)], &overview.offices[row.text(1)]}) {
      cases->open += row.integer(3);
      cases->stages[row.text(2)] += row.integer(3);
      cases->overdue += row.integer(4);
      cases->due_today += row.integer(5);
    }
  return overview;
}

}  // namespace qianzhi::desk
