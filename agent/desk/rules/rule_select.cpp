// What each kind of rule finds.
#include "agent/desk/rules/rule_sql.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::desk {

namespace {

std::string only_touched(const std::string& subject, bool touched) {
  return touched ? " AND " + subject + " IN (SELECT subject FROM temp.desk_touched)" : "";
}

// {"item": value}, of the base's row.
std::string detail_sql(const DeskStore& store, const Base& base) {
  std::string list;
  for (const std::string& item : base.detail)
    list += (list.empty() ? "" : ", ") + sql_literal(item) + ", " + item_sql(store, base.table, "b", item);
  return "json_object(" + list + ")";
}

// subject, party, area, title, since
SqlText head_sql(const DeskStore& store, const Base& base, const std::string& party) {
  const auto text = [&](const std::string& item) { return text_sql(store, base.table, "b", item); };
  SqlText sql("SELECT " + item_sql(store, base.table, "b", base.subject) + ", ");
  sql.bind(party).add(", " + text(base.area) + ", " + text(base.name) + ", " + text(base.since) + ", ");
  return sql;
}

SqlText exempt_sql(const DeskStore& store, const Rule& rule, const std::string& party) {
  SqlText sql;
  for (const Exemption& exemption : rule.exempt)
    if (exemption.parties.empty() || exemption.parties.count(party) != 0)
      sql.add(" AND NOT ").add(linked_sql(store, rule.base.table, exemption.linked));
  return sql;
}

// A row without a date is never late, but it is not passed over either: a notice.
void add_level(SqlText& sql, const DeskStore& store, const Rule& rule, const Cutoffs& cutoffs) {
  const std::string since = text_sql(store, rule.base.table, "b", rule.base.since);
  if (rule.warning < 0) {
    sql.bind(rule.notice < 0 ? rule.level : "notice");
    return;
  }
  sql.add("CASE WHEN " + since + " <> '' AND " + since + " <= ").bind(cutoffs.warning);
  sql.add(" THEN 'warning' ELSE 'notice' END");
}

SqlText beside_sql(const DeskStore& store, const Rule& rule, const Party& party, const Cutoffs& cutoffs, bool touched) {
  const Base& base = rule.base;
  SqlText sql = head_sql(store, base, party.id);
  add_level(sql, store, rule, cutoffs);
  sql.add(", " + detail_sql(store, base) + " FROM " + identifier(base.table) + " b WHERE " +
          text_sql(store, base.table, "b", base.subject) + " <> ''");
  sql.add(only_touched(item_sql(store, base.table, "b", base.subject), touched));
  sql.add(filter_sql(store, base.table, "b", base.filter));
  const std::string& until = rule.notice >= 0 ? cutoffs.notice : cutoffs.warning;
  if (rule.notice >= 0 || rule.warning >= 0)
    sql.add(" AND " + text_sql(store, base.table, "b", base.since) + " <= ").bind(until);
  sql.add(rule.kind == RuleKind::missing ? " AND NOT " : " AND ").add(linked_sql(store, base.table, party.linked));
  return sql.add(exempt_sql(store, rule, party.id));
}

// {"item": [authority, other]} of those that differ: a merge leaves out what is null.
std::string differences_sql(const DeskStore& store, const Rule& rule, const Party& party) {
  std::string list;
  for (const Compared& item : party.items)
    list += (list.empty() ? "" : ", ") + sql_literal(item.item) + ", json(CASE WHEN " +
            differs_sql(store, rule.base.table, party.linked.table, item) + " THEN json_array(" +
            item_sql(store, rule.base.table, "b", item.item) + ", " +
            item_sql(store, party.linked.table, "c", item.other) + ") END)";
  return "json_patch(" + detail_sql(store, rule.base) + ", json_patch('{}', json_object(" + list + ")))";
}

void add_differences(std::vector<SqlText>& selects, const DeskStore& store, const Rule& rule, const Party& party,
                     bool touched) {
  std::string any;
  for (const Compared& item : party.items)
    any += (any.empty() ? "" : " OR ") + differs_sql(store, rule.base.table, party.linked.table, item);
  for (const SqlText& pairs : pairs_sql(store, rule.base, party.linked)) {
    SqlText sql = head_sql(store, rule.base, party.id);
    sql.bind(rule.level).add(", " + differences_sql(store, rule, party)).add(pairs);
    sql.add(only_touched(item_sql(store, rule.base.table, "b", rule.base.subject), touched));
    selects.push_back(sql.add(" AND (" + any + ")").add(exempt_sql(store, rule, party.id)));
  }
}

// household/benefit
std::string group_sql(const DeskStore& store, const Grouped& table) {
  std::string subject;
  for (const std::string& item : table.group)
    subject += (subject.empty() ? "" : " || '/' || ") + text_sql(store, table.table, "b", item);
  return "(" + subject + ")";
}

SqlText rows_of_groups(const DeskStore& store, const Rule& rule, bool touched) {
  SqlText sql;
  for (const Grouped& table : rule.tables) {
    const auto text = [&](const std::string& item) { return text_sql(store, table.table, "b", item); };
    const std::string amount =
        table.amount.empty() ? "1" : "CAST(" + item_sql(store, table.table, "b", table.amount) + " AS INTEGER)";
    sql.add(sql.empty() ? "" : " UNION ALL ")
        .add("SELECT " + group_sql(store, table) + " AS subject, " + text(table.area) + " AS area, " +
             text(table.name) + " AS title, " + text(table.since) + " AS since, " + amount + " AS amount FROM " +
             identifier(table.table) + " b WHERE " + text(table.group[0]) + " <> ''")
        .add(filter_sql(store, table.table, "b", table.filter));
    if (touched)
      sql.add(" AND " + item_sql(store, table.table, "b", table.group[0]) +
              " IN (SELECT first FROM temp.desk_touched)");
  }
  return sql;
}

SqlText duplicates_sql(const DeskStore& store, const Rule& rule, bool touched) {
  const std::string most = std::to_string(rule.most);
  // Each row counts what came in the days before it, and itself.
  const std::string window = rule.within < 0
                                 ? "sum(amount) OVER (PARTITION BY subject)"
                                 : "sum(amount) OVER (PARTITION BY subject ORDER BY julianday(since) RANGE BETWEEN " +
                                       std::to_string(rule.within) + " PRECEDING AND CURRENT ROW)";
  SqlText sql("SELECT subject, '', max(area), max(title), min(CASE WHEN total > " + most + " THEN since END), ");
  sql.bind(rule.level).add(", json_object('total', max(total), 'rows', count(*)) FROM (SELECT *, " + window);
  sql.add(" AS total FROM (").add(rows_of_groups(store, rule, touched)).add(") WHERE 1");
  return sql.add(only_touched("subject", touched)).add(") GROUP BY subject HAVING max(total) > " + most);
}

SqlText free_sql(DeskStore& store, const Rule& rule, bool touched) {
  const auto fail = [&](const std::string& detail) {
    throw Error(ErrorKind::misuse, "QZ-DSK-002", rule.id + ": " + detail);
  };
  try {
    // In brackets nothing but one SELECT will do.
    sqlite::Statement looked = store.database().prepare("SELECT * FROM (" + rule.sql + "\n) LIMIT 0");
    std::string columns;
    for (int i = 0; i < looked.columns(); ++i) columns += (i == 0 ? "" : ", ") + looked.column_name(i);
    if (columns != judged_columns) fail(columns);
  } catch (const Error& error) {
    if (error.code() == "QZ-DSK-002") throw;
    fail(error.detail());
  }
  return SqlText(
      "SELECT subject, coalesce(party, ''), coalesce(area, ''), coalesce(title, ''), coalesce(since, ''),"
      " CASE WHEN level = 'notice' THEN 'notice' ELSE 'warning' END, coalesce(detail, '{}') FROM (" +
      rule.sql + "\n) WHERE coalesce(subject, '') <> ''" + only_touched("subject", touched));
}

}  // namespace

std::vector<SqlText> selects_of(DeskStore& store, const Rule& rule, const Cutoffs& cutoffs, bool touched) {
  if (rule.kind == RuleKind::duplicate) return {duplicates_sql(store, rule, touched)};
  if (rule.kind == RuleKind::sql) return {free_sql(store, rule, touched)};
  std::vector<SqlText> selects;
  for (const Party& party : rule.parties) {
    if (rule.kind == RuleKind::difference)
      add_differences(selects, store, rule, party, touched);
    else
      selects.push_back(beside_sql(store, rule, party, cutoffs, touched));
  }
  return selects;
}

}  // namespace qianzhi::desk
