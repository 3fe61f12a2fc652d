// Which subjects a change can make another finding of.
#include "agent/desk/rules/rule_sql.h"

namespace qianzhi::desk {

namespace {

std::string value_sql(std::size_t number) { return "json_extract(d.key, '$[" + std::to_string(number) + "]')"; }

// From a value of base.join to the subjects of its rows.
Touch touch_of_base(const DeskStore& store, const Base& base, const std::string& table,
                    const std::vector<std::string>& items, const std::string& joins, const Join& join,
                    const std::string& value) {
  if (join.base == base.subject) return {table, items, value, "NULL", joins};
  return {table, items, item_sql(store, base.table, "b", base.subject), "NULL",
          joins + " CROSS JOIN " + identifier(base.table) + " b ON " + item_sql(store, base.table, "b", join.base) +
              " = " + value};
}

void add_linked(std::vector<Touch>& touches, const DeskStore& store, const Base& base, const Linked& linked) {
  for (const Join& join : linked.joins) {
    if (join.through.empty()) {
      touches.push_back(touch_of_base(store, base, linked.table, {join.item}, "", join, value_sql(0)));
      continue;
    }
    // A row between touches what enters it, before and after; what leaves it is behind both.
    touches.push_back(touch_of_base(store, base, join.through, {join.enters}, "", join, value_sql(0)));
    const std::string between = " CROSS JOIN " + identifier(join.through) + " x ON " +
                                item_sql(store, join.through, "x", join.leaves) + " = " + value_sql(0);
    touches.push_back(touch_of_base(store, base, linked.table, {join.item}, between, join,
                                    item_sql(store, join.through, "x", join.enters)));
  }
}

// As group_sql() of rule_select.cpp has it.
Touch touch_of_group(const Grouped& table) {
  std::string subject;
  for (std::size_t i = 0; i < table.group.size(); ++i)
    subject += (i == 0 ? "" : " || '/' || ") + ("coalesce(" + value_sql(i) + ", '')");
  return {table.table, table.group, subject, value_sql(0), ""};
}

void add_tables(std::set<std::string>& tables, const Linked& linked) {
  tables.insert(linked.table);
  for (const Join& join : linked.joins)
    if (!join.through.empty()) tables.insert(join.through);
}

// What touch_of_base() looks up on its way from a change to the base.
void add_look_ups(Links& links, const Base& base, const Linked& linked) {
  for (const Join& join : linked.joins) {
    if (base.table != finding_table) links.look_ups[base.table].insert(join.base);
    if (!join.through.empty()) links.look_ups[join.through].insert(join.leaves);
  }
}

}  // namespace

std::vector<Touch> touches_of(const DeskStore& store, const Rule& rule) {
  std::vector<Touch> touches;
  for (const Grouped& table : rule.tables) touches.push_back(touch_of_group(table));
  for (const TouchedBy& touched : rule.touched_by)
    touches.push_back({touched.table, {touched.item}, value_sql(0), "NULL", ""});
  if (rule.parties.empty()) return touches;
  touches.push_back({rule.base.table, {rule.base.subject}, value_sql(0), "NULL", ""});
  for (const Party& party : rule.parties) add_linked(touches, store, rule.base, party.linked);
  for (const Exemption& exemption : rule.exempt) add_linked(touches, store, rule.base, exemption.linked);
  return touches;
}

SqlText day_touches(const DeskStore& store, const Rule& rule, const Cutoffs& before, const Cutoffs& now) {
  SqlText sql;
  const auto add = [&](const std::string& from, const std::string& to) {
    if (from == to) return;
    const std::string since = item_sql(store, rule.base.table, "b", rule.base.since);
    sql.add(sql.empty() ? "" : " UNION ALL ");
    sql.add("SELECT " + item_sql(store, rule.base.table, "b", rule.base.subject) + " AS subject, NULL AS first FROM " +
            identifier(rule.base.table) + " b WHERE " + since + " > ");
    sql.bind(from).add(" AND " + since + " <= ").bind(to);
  };
  add(before.notice, now.notice);
  add(before.warning, now.warning);
  return sql;
}

std::set<std::string> tables_of(const Rule& rule) {
  std::set<std::string> tables;
  if (!rule.parties.empty()) tables.insert(rule.base.table);
  for (const Party& party : rule.parties) add_tables(tables, party.linked);
  for (const Exemption& exemption : rule.exempt) add_tables(tables, exemption.linked);
  for (const Grouped& table : rule.tables) tables.insert(table.table);
  for (const TouchedBy& touched : rule.touched_by) tables.insert(touched.table);
  return tables;
}

Links links_of(const DeskStore& store, const std::vector<Rule>& rules) {
  Links links;
  for (const Rule& rule : rules) {
    for (const Touch& touch : touches_of(store, rule))
      if (touch.table != finding_table) links.changes[touch.table].insert(touch.items);
    for (const Party& party : rule.parties) add_look_ups(links, rule.base, party.linked);
    for (const Exemption& exemption : rule.exempt) add_look_ups(links, rule.base, exemption.linked);
  }
  return links;
}

}  // namespace qianzhi::desk
