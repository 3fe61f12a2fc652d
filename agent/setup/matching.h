// Which column of a department's table is which item of a topic, guessed from names alone. Pure: no database, no
// terminal.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/api/adapter.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::setup {

// How a topic would be read from a table.
struct TableMatch {
  std::string table;
  std::int64_t rows = -1;                      // estimate; -1: unknown
  std::map<std::string, std::string> columns;  // item -> column
  std::vector<std::string> missing;            // required and key items without a column, in the topic's order
  bool has_key = false;                        // every key item has a column
};

// A column is an item's if its name is, without regard to case and underscores, the item's id, its Chinese title, or
// the title's pinyin initials, and no other item or column could be meant. A better reason comes before a weaker one.
// Nothing is guessed beyond that: what is wrong here would send wrong data.
TableMatch match_table(const Topic& topic, const adapter::TableInfo& table);

// Of all tables the ones that have at least one item, the best first: key complete, most items, fewest missing, name.
std::vector<TableMatch> match_tables(const Topic& topic, const std::vector<adapter::TableInfo>& tables);

}  // namespace qianzhi::setup
