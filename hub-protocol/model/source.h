// A place in a source database's sequence of changes, as its adapter sees it.
#pragma once

#include "hub-protocol/base/bytes.h"

namespace qianzhi {

// Opaque but for this: `order` compares, octet by octet, as the positions do. `identity` tells one commit from
// another that carries the same number after a restore (R2.1). Both empty: no position yet.
struct SourcePosition {
  Bytes order;
  Bytes identity;
  bool is_none() const { return order.empty(); }
  bool operator==(const SourcePosition&) const = default;
};

}  // namespace qianzhi
