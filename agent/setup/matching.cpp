#include "agent/setup/matching.h"

#include <algorithm>
#include <functional>
#include <set>

namespace qianzhi::setup {

namespace {

std::string folded(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    result.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return result;
}

using NameOf = std::function<std::string(const Item&)>;

// Gives each item the only column whose name is the item's, if no other item claims the same one.
void match_by(const NameOf& name_of_item, const Topic& topic, std::map<std::string, std::string>& free_columns,
              std::map<std::string, std::string>& matched) {
  std::map<std::string, std::vector<std::string>> claims;  // name -> items
  for (const Item& item : topic.items)
    if (matched.count(item.id) == 0)
      if (const std::string name = folded(name_of_item(item)); !name.empty()) claims[name].push_back(item.id);
  for (const auto& [name, items] : claims) {
    const auto column = free_columns.find(name);
    if (items.size() != 1 || column == free_columns.end() || column->second.empty()) continue;
    matched[items.front()] = column->second;
    free_columns.erase(column);
  }
}

}  // namespace

TableMatch match_table(const Topic& topic, const adapter::TableInfo& table) {
  TableMatch match{table.name, table.rows, {}, {}, false};
  std::map<std::string, std::string> free_columns;  // folded name -> column; empty: two columns have it
  for (const adapter::ColumnInfo& column : table.columns) {
    const auto [place, is_new] = free_columns.emplace(folded(column.name), column.name);
    if (!is_new) place->second.clear();
  }
  for (const NameOf& name :
       {NameOf([](const Item& item) { return item.id; }), NameOf([](const Item& item) { return item.title; }),
        NameOf([](const Item& item) { return item.initials; })})
    match_by(name, topic, free_columns, match.columns);
  match.has_key = true;
  for (const Item& item : topic.items) {
    if (match.columns.count(item.id) != 0) continue;
    if (topic.is_key(item.id)) match.has_key = false;
    if (item.required || topic.is_key(item.id)) match.missing.push_back(item.id);
  }
  return match;
}

std::vector<TableMatch> match_tables(const Topic& topic, const std::vector<adapter::TableInfo>& tables) {
  std::vector<TableMatch> matches;
  for (const adapter::TableInfo& table : tables)
    if (TableMatch match = match_table(topic, table); !match.columns.empty()) matches.push_back(std::move(match));
  std::sort(matches.begin(), matches.end(), [](const TableMatch& a, const TableMatch& b) {
    if (a.has_key != b.has_key) return a.has_key;
    if (a.columns.size() != b.columns.size()) return a.columns.size() > b.columns.size();
    if (a.missing.size() != b.missing.size()) return a.missing.size() < b.missing.size();
    return a.table < b.table;
  });
  return matches;
}

}  // namespace qianzhi::setup
