// One source row as it is after and was before a change, whichever of the two the adapter had at hand.
#pragma once

#include <cstddef>
#include <vector>

#include "hub-protocol/model/rows.h"

namespace qianzhi::mapping {

struct Cell {
  Presence presence = Presence::unchanged;  // unchanged: not known
  std::string_view text;
  bool is_known() const { return presence != Presence::unchanged; }
};

// A column of the rows and, for partition and filter inputs, its old values. Both outlive this.
struct Input {
  const Column* now = nullptr;
  const Column* before = nullptr;  // null: the same as now

  static Cell at(const Column* column, std::size_t row) {
    return column == nullptr ? Cell{} : Cell{column->presence(row), column->text(row)};
  }
  // An unchanged (TOASTed) column has its old value.
  Cell current(std::size_t row) const {
    const Cell cell = at(now, row);
    return cell.is_known() ? cell : at(before, row);
  }
  Cell old(std::size_t row) const {
    const Cell cell = at(before, row);
    return cell.is_known() ? cell : at(now, row);
  }
};

}  // namespace qianzhi::mapping
