#include "agent/desk/cases/case_statistics.h"

#include <string_view>
#include <utility>

#include "agent/desk/data/share.h"
#include "hub-protocol/base/cells.h"

namespace qianzhi::desk {

namespace {

// time: the column that months are told by.
std::string group_column(CaseGroup group, std::string_view time) {
  switch (group) {
    case CaseGroup::area: return "area";
    case CaseGroup::kind: return "kind";
    case CaseGroup::office: return "office";
    case CaseGroup::party: return "party";
    // In Beijing, as calendar.h has it.
    case CaseGroup::month: return "strftime('%Y-%m', " + std::string(time) + " / 1000000 + 28800, 'unixepoch')";
    default: return "''";
  }
}

std::string cell_of(const CaseCount& count) { return std::to_string(count.cases); }

void add_cells(std::vector<std::string>& cells, const CaseCount& count) {
  cells.push_back(std::to_string(count.cases));
  cells.push_back(std::to_string(count.persons));
}

}  // namespace

std::vector<ReceivedCases> received_cases(CaseStore& store, const std::string& rule, Days days, CaseGroup group) {
  std::string sums;
  for (const std::string_view condition :
       {"1", "closed_by = 'registered' AND on_time", "closed_by = 'registered' AND NOT on_time", "closed_by = 'exempt'",
        "closed_by = 'outcome' AND id IN (SELECT case_id FROM main.case_not_found)", "closed = 0"}) {
    const std::string when = "coalesce(" + std::string(condition) + ", 0)";
    sums += ", total(" + when + "), total((" + when + ") * persons)";
  }
  sqlite::Statement rows = store.database().prepare(
      "SELECT " + group_column(group, "opened") + sums + ", total(urges), total(visits)" +
      " FROM main.case_file WHERE rule = ?1 AND appeal_of = 0 AND opened >= ?2 AND opened < ?3 GROUP BY 1 ORDER BY 1");
  rows.bind(1, rule).bind(2, begin_of(days.first)).bind(3, begin_of(days.end));
  std::vector<ReceivedCases> found;
  while (rows.step()) {
    ReceivedCases row;
    row.group = rows.text(0);
    int at = 0;
    row.other = {rows.integer(1), rows.integer(2)};
    for (CaseCount* count : {&row.received, &row.on_time, &row.late, &row.exempt, &row.not_found, &row.open}) {
      count->cases = rows.integer(++at);
      count->persons = rows.integer(++at);
      if (count == &row.received) continue;
      row.other.cases -= count->cases;
      row.other.persons -= count->persons;
    }
    row.urges = rows.integer(++at);
    row.visits = rows.integer(++at);
    found.push_back(std::move(row));
  }
  return found;
}

std::vector<CompletedCases> completed_cases(CaseStore& store, const std::string& rule, Days days, CaseGroup group) {
  sqlite::Statement rows = store.database().prepare("SELECT " + group_column(group, "closed") +
                                                    ", outcome, count(*), sum(persons) FROM main.case_file WHERE rule "
                                                    "= ?1 AND appeal_of = 0 AND closed >= ?2 AND closed "
                                                    "< ?3 AND closed > 0 GROUP BY 1, 2 ORDER BY 1, 2");
  rows.bind(1, rule).bind(2, begin_of(days.first)).bind(3, begin_of(days.end));
  std::vector<CompletedCases> found;
  while (rows.step()) {
    if (found.empty() || found.back().group != rows.view(0)) found.push_back({rows.text(0), {}, {}});
    const CaseCount count{rows.integer(2), rows.integer(3)};
    found.back().outcomes[rows.text(1)] = count;
    found.back().completed.cases += count.cases;
    found.back().completed.persons += count.persons;
  }
  return found;
}

std::string case_percent(std::int64_t part, std::int64_t whole, int decimals) {
  return whole == 0 ? decimal_text(0, decimals) : percent_of(part, whole, decimals);
}

std::string to_text(const std::vector<ReceivedCases>& rows) {
  std::string text;
  for (const ReceivedCases& row : rows)
    text += (row.group.empty() ? std::string() : row.group + "  ") + "收到 received " + cell_of(row.received) +
            "，按时 on time " + cell_of(row.on_time) + "，逾期 late " + cell_of(row.late) + "，免办 exempt " +
            cell_of(row.exempt) + "，查找不到 not found " + cell_of(row.not_found) + "，其他 other " +
            cell_of(row.other) + "，未结 open " + cell_of(row.open) + "，催办 urgings " + std::to_string(row.urges) +
            "，上门 visits " + std::to_string(row.visits) + "\n";
  return text;
}

std::string to_text(const std::vector<CompletedCases>& rows) {
  std::string text;
  for (const CompletedCases& row : rows) {
    text += (row.group.empty() ? std::string() : row.group + "  ") + "办结 completed " + cell_of(row.completed) + " (" +
            std::to_string(row.completed.persons) + " 人 persons)";
    for (const auto& [outcome, count] : row.outcomes)
      text += "，" + (outcome.empty() ? std::string("-") : outcome) + " " + cell_of(count) + " (" +
              std::to_string(count.persons) + ") " + case_percent(count.cases, row.completed.cases, 2) + " %";
    text += "\n";
  }
  return text;
}

std::string to_csv(const std::vector<ReceivedCases>& rows) {
  std::string text = csv_line({"group", "received", "received_persons", "on_time", "on_time_persons", "late",
                               "late_persons", "exempt", "exempt_persons", "not_found", "not_found_persons", "other",
                               "other_persons", "open", "open_persons", "urgings", "visits"});
  for (const ReceivedCases& row : rows) {
    std::vector<std::string> cells{row.group};
    for (const CaseCount* count :
         {&row.received, &row.on_time, &row.late, &row.exempt, &row.not_found, &row.other, &row.open})
      add_cells(cells, *count);
    cells.push_back(std::to_string(row.urges));
    cells.push_back(std::to_string(row.visits));
    text += csv_line(cells);
  }
  return text;
}

std::string to_csv(const std::vector<CompletedCases>& rows) {
  std::string text = csv_line({"group", "outcome", "cases", "persons", "percent"});
  for (const CompletedCases& row : rows)
    for (const auto& [outcome, count] : row.outcomes) {
      std::vector<std::string> cells{row.group, outcome};
      add_cells(cells, count);
      cells.push_back(case_percent(count.cases, row.completed.cases, 2));
      text += csv_line(cells);
    }
  return text;
}

}  // namespace qianzhi::desk
