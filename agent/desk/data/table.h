// A received topic, or a table of the department's own, as the desk's rules, records and lookups see it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace qianzhi::desk {

struct Table {
  std::string id;                // the topic's id, or the name that desk.yaml gives a table
  std::string source;            // agent that provided it; empty: of any, or the department's own
  std::string name;              // quoted for SQL, with its database: "received"."company"
  std::vector<std::string> key;  // item ids
  // item id -> column name, not quoted; empty: not opened, so nobody can say that an item is not there.
  std::map<std::string, std::string> columns;

  bool may_have(const std::string& item) const { return columns.empty() || columns.count(item) != 0; }
};

}  // namespace qianzhi::desk
