#include "agent/desk/rules/rule_sql.h"

#include <algorithm>

#include "agent/desk/rules/functions.h"

namespace qianzhi::desk {

namespace {

// Only rows whose subject can be named and whose conditions hold.
SqlText other_filter(const DeskStore& store, const Linked& linked) {
  return filter_sql(store, linked.table, "c", linked.filter);
}

bool is_indexed(const DeskStore& store, const std::string& table, const std::string& item) {
  return store.place(table).indexed.count(item) != 0;
}

// Looked up row by row where indexes allow it, else listed once: SQLite would go through the whole table for each row.
SqlText joined_once(const DeskStore& store, const std::string& base, const Linked& linked, const Join& join,
                    const SqlText& extra) {
  const std::string here = text_sql(store, base, "b", join.base);
  const std::string there = item_sql(store, linked.table, "c", join.item);
  const std::string from = identifier(linked.table) + " c";
  SqlText sql("(" + here + " <> '' AND ");
  const bool looks_up = !extra.empty() || (is_indexed(store, linked.table, join.item) &&
                                           (join.through.empty() || is_indexed(store, join.through, join.enters)));
  std::string enters = there;
  std::string tables = from;
  std::string on = there + " <> ''";
  if (!join.through.empty()) {
    enters = item_sql(store, join.through, "x", join.enters);
    tables = identifier(join.through) + " x CROSS JOIN " + from;
    on = there + " = " + item_sql(store, join.through, "x", join.leaves) + " AND " + there + " <> ''";
  }
  if (looks_up)
    sql.add("EXISTS (SELECT 1 FROM " + tables + " WHERE " + enters + " = ")
        .add(item_sql(store, base, "b", join.base))
        .add(" AND " + on);
  else
    sql.add(item_sql(store, base, "b", join.base))
        .add(" IN (SELECT " + enters + " FROM " + tables + " WHERE " + enters + " IS NOT NULL AND " + on);
  return sql.add(other_filter(store, linked)).add(extra).add("))");
}

}  // namespace

Cutoffs cutoffs_of(const Rule& rule, const Holidays& holidays, Day today) {
  Cutoffs cutoffs;
  if (rule.notice >= 0) cutoffs.notice = date_text(holidays.latest_due(today, rule.notice));
  if (rule.warning >= 0) cutoffs.warning = date_text(holidays.latest_due(today - 1, rule.warning));
  return cutoffs;
}

std::string item_sql(const DeskStore& store, const std::string& table, std::string_view alias,
                     const std::string& item) {
  store.require_item(table, item);
  return std::string(alias) + "." + identifier(item);
}

std::string text_sql(const DeskStore& store, const std::string& table, std::string_view alias,
                     const std::string& item) {
  return item.empty() ? "''" : "coalesce(" + item_sql(store, table, alias, item) + ", '')";
}

SqlText filter_sql(const DeskStore& store, const std::string& table, std::string_view alias, const Filter& filter) {
  SqlText sql;
  for (const Condition& condition : filter) {
    const std::string item = item_sql(store, table, alias, condition.item);
    const bool has_empty = std::find(condition.values.begin(), condition.values.end(), "") != condition.values.end();
    // NULL counts as empty; the plain form is one that indexes serve.
    const bool takes_null = has_empty != condition.negated;
    sql.add(takes_null ? " AND (" + item + " IS NULL OR " : " AND (").add(item);
    sql.add(condition.negated ? " NOT IN (" : " IN (").bind_all(condition.values).add("))");
  }
  return sql;
}

SqlText linked_sql(const DeskStore& store, const std::string& base, const Linked& linked, const SqlText& extra) {
  SqlText sql("(");
  for (std::size_t i = 0; i < linked.joins.size(); ++i)
    sql.add(i == 0 ? "" : " OR ").add(joined_once(store, base, linked, linked.joins[i], extra));
  if (linked.joins.empty()) sql.add("0");
  return sql.add(")");
}

std::vector<SqlText> pairs_sql(const DeskStore& store, const Base& base, const Linked& linked) {
  std::vector<SqlText> all;
  for (const Join& join : linked.joins) {
    SqlText sql(" FROM " + identifier(base.table) + " b");
    std::string from = item_sql(store, base.table, "b", join.base);
    if (!join.through.empty()) {
      sql.add(" JOIN " + identifier(join.through) + " x ON " + item_sql(store, join.through, "x", join.enters) + " = " +
              from);
      from = item_sql(store, join.through, "x", join.leaves);
    }
    sql.add(" JOIN " + identifier(linked.table) + " c ON " + item_sql(store, linked.table, "c", join.item) + " = " +
            from);
    sql.add(" WHERE " + from + " <> '' AND " + text_sql(store, base.table, "b", base.subject) + " <> ''");
    sql.add(filter_sql(store, base.table, "b", base.filter)).add(other_filter(store, linked));
    all.push_back(std::move(sql));
  }
  return all;
}

std::string differs_sql(const DeskStore& store, const std::string& base, const std::string& other,
                        const Compared& item) {
  const std::string here = text_sql(store, base, "b", item.item);
  const std::string there = text_sql(store, other, "c", item.other);
  const std::string function(function_of(item.likeness));
  std::string sql = "(" + function + "(" + here + ") <> " + function + "(" + there + ")";
  if (item.skip_empty) sql += " AND " + here + " <> '' AND " + there + " <> ''";
  return sql + ")";
}

}  // namespace qianzhi::desk
