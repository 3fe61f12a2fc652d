// A test's demand that everything comes to rest, equal; if not, it tells what each department says.
#pragma once

#include <catch2/catch.hpp>

#include "tests/sim/world.h"

namespace qianzhi::sim {

inline void require_rest(World& world) {
  const bool rest = world.settle();
  for (auto& [id, department] : world.departments) {
    UNSCOPED_INFO(id << " last error: " << department->last_error());
    for (const auto& notice : department->notices())
      UNSCOPED_INFO(id << ": " << notice.code << " " << notice.subject << " " << notice.detail);
  }
  UNSCOPED_INFO(world.difference().value_or("equal"));
  REQUIRE(rest);
}

}  // namespace qianzhi::sim
