// A table for people and programs: what reports and lists of findings come to.
#pragma once

#include <string>
#include <vector>

namespace qianzhi::desk {

struct Grid {
  struct Column {
    std::string id;     // for programs
    std::string title;  // for people
    bool is_number = false;
  };
  std::string id;
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // as many cells as columns
};

// Columns side by side, a Han character as wide as two letters; title and heads first.
std::string to_text(const Grid& grid);
// For spreadsheets: heads are titles; formulas are made harmless (hub-protocol/base/cells.h).
std::string to_csv(const Grid& grid);
// {"report": id, "title": ..., "rows": [{column id: value}]}: whole numbers as numbers, all else as text, empty as
// null.
std::string to_json(const Grid& grid);

}  // namespace qianzhi::desk
