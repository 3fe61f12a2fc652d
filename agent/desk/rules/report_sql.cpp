#include "agent/desk/rules/report_sql.h"

#include "agent/desk/rules/rule_sql.h"

namespace qianzhi::desk {

namespace {

std::string group_value(const DeskStore& store, const std::string& table, const GroupBy& group) {
  std::string value = text_sql(store, table, "b", group.item);
  std::string year = "substr(" + value + ", 1, 4)";
  switch (group.part) {
    case GroupBy::Part::whole: return value;
    case GroupBy::Part::year: return year;
    case GroupBy::Part::month: return "substr(" + value + ", 1, 7)";
    case GroupBy::Part::quarter:
      return "CASE WHEN " + value + " = '' THEN '' ELSE " + year + " || '-Q' || ((CAST(substr(" + value +
             ", 6, 2) AS INTEGER) + 2) / 3) END";
    case GroupBy::Part::beginning: return "substr(" + value + ", 1, " + std::to_string(group.characters) + ")";
  }
  return value;
}

SqlText period_sql(const DeskStore& store, const Base& base, const Period& period) {
  SqlText sql;
  const std::string since = text_sql(store, base.table, "b", base.since);
  if (!period.from.empty()) sql.add(" AND " + since + " >= ").bind(period.from);
  // Times stand behind dates: to is the whole day.
  if (!period.to.empty()) sql.add(" AND substr(" + since + ", 1, 10) <= ").bind(period.to);
  return sql;
}

SqlText beside_sql_of(const DeskStore& store, const Base& base, const Beside& beside) {
  SqlText extra;
  if (!beside.on.empty()) {
    const std::string on = text_sql(store, beside.linked.table, "c", beside.on);
    extra.add(" AND " + on + " <> ''");
    if (beside.within >= 0)
      extra.add(" AND " + on + " <= qz_due(" + text_sql(store, base.table, "b", base.since) + ", ")
          .add(std::to_string(beside.within) + ")");
  }
  SqlText sql(beside.wanted ? "" : "NOT ");
  return sql.add(linked_sql(store, base.table, beside.linked, extra));
}

SqlText found_sql(const DeskStore& store, const Base& base, const Found& found) {
  SqlText sql("EXISTS (SELECT 1 FROM main.finding f WHERE f.rule = ");
  sql.bind(found.rule).add(" AND f.subject = " + item_sql(store, base.table, "b", base.subject));
  if (!found.party.empty()) sql.add(" AND f.party = ").bind(found.party);
  if (!found.level.empty()) sql.add(" AND f.level = ").bind(found.level);
  if (found.state == Found::State::open) sql.add(" AND f.closed = 0");
  if (found.state == Found::State::closed) sql.add(" AND f.closed <> 0");
  return sql.add(")");
}

SqlText measure_sql(const DeskStore& store, const Report& report, const Measure& measure) {
  const Base& base = report.base;
  SqlText condition("1");
  condition.add(filter_sql(store, base.table, "b", measure.filter));
  for (const Beside& beside : measure.beside) condition.add(" AND ").add(beside_sql_of(store, base, beside));
  for (const Found& found : measure.found) condition.add(" AND ").add(found_sql(store, base, found));
  const bool is_distinct = measure.kind == Measure::Kind::distinct;
  SqlText sql(is_distinct ? "count(DISTINCT CASE WHEN " : "coalesce(sum(CASE WHEN ");
  sql.add(condition).add(" THEN ");
  if (is_distinct) return sql.add(item_sql(store, base.table, "b", measure.item) + " END)");
  if (measure.kind == Measure::Kind::sum)
    return sql.add("CAST(qz_units(" + item_sql(store, base.table, "b", measure.item) + ", " +
                   std::to_string(measure.decimals) + ") AS INTEGER) END), 0)");
  return sql.add("1 END), 0)");
}

// Its groups' values, named g0, g1, ...
std::string groups_sql(const DeskStore& store, const std::string& table, const Report& report) {
  std::string text;
  for (std::size_t i = 0; i < report.by.size(); ++i)
    text += ", " + group_value(store, table, report.by[i]) + " AS g" + std::to_string(i);
  return text;
}

std::string group_names(const Report& report, bool is_total) {
  std::string text;
  for (std::size_t i = 0; i < report.by.size() && !is_total; ++i)
    text += (text.empty() ? "g" : ", g") + std::to_string(i);
  return text;
}

SqlText grouped(SqlText sql, const std::string& groups) {
  if (!groups.empty()) sql.add(" GROUP BY " + groups + " ORDER BY " + groups);
  return sql;
}

}  // namespace

SqlText count_sql(const DeskStore& store, const Report& report, const Period& period, bool is_total) {
  const Base& base = report.base;
  const std::string groups = is_total ? "" : groups_sql(store, base.table, report);
  SqlText sql("SELECT ");
  sql.add(groups.empty() ? "" : groups.substr(2) + ", ");
  bool is_first = true;
  for (const Measure& measure : report.measures) {
    if (measure.kind == Measure::Kind::share) continue;
    sql.add(is_first ? "" : ", ").add(measure_sql(store, report, measure));
    is_first = false;
  }
  sql.add(" FROM " + identifier(base.table) + " b WHERE 1").add(filter_sql(store, base.table, "b", base.filter));
  return grouped(sql.add(period_sql(store, base, period)), group_names(report, is_total));
}

SqlText consistency_sql(const DeskStore& store, const Rule& rule, const Party& party, const Report& report,
                        const Period& period, bool is_total) {
  const Base& base = rule.base;
  std::string any;
  std::string each;
  std::string most;
  std::string sums;
  for (std::size_t i = 0; i < party.items.size(); ++i) {
    const std::string number = std::to_string(i);
    const std::string differs = differs_sql(store, base.table, party.linked.table, party.items[i]);
    any += (i == 0 ? "" : " OR ") + differs;
    each += ", " + differs + " AS d" + number;
    most += ", max(d" + number + ") AS d" + number;
    sums += ", coalesce(sum(d" + number + " = 0), 0)";
  }
  const std::string names = group_names(report, false);
  // A subject with several rows there agrees if all of them do.
  SqlText pairs;
  for (const SqlText& one : pairs_sql(store, base, party.linked))
    pairs.add(pairs.empty() ? "" : " UNION ALL ")
        .add("SELECT " + item_sql(store, base.table, "b", base.subject) + " AS subject" +
             groups_sql(store, base.table, report) + ", (" + any + ") AS d" + each)
        .add(one)
        .add(period_sql(store, base, period));
  const std::string groups = group_names(report, is_total);
  SqlText sql("SELECT " + (groups.empty() ? "" : groups + ", ") + "count(*), coalesce(sum(d = 0), 0)" + sums);
  sql.add(" FROM (SELECT subject" + (names.empty() ? "" : ", " + names) + ", max(d) AS d" + most + " FROM (");
  sql.add(pairs).add(") GROUP BY subject)");
  return grouped(std::move(sql), groups);
}

}  // namespace qianzhi::desk
