// The firms of the mission's figures: what commerce, quality and both tax bureaus deliver of them.
#pragma once

#include <string>

#include "tests/unit/desk_world.h"

namespace qianzhi::test {

inline std::string date_after(const char* first, std::size_t days) {
  return date_text(day_from(first).value_or(0) + static_cast<Day>(days));
}

inline std::string numbered(const std::string& prefix, std::size_t number) {
  return prefix + std::to_string(100000 + number);
}

// A rule by which firms without a tax registration are noticed on day 20 and warned of after day 30.
inline const std::string unregistered_firms = R"(rules:
  - id: unregistered
    kind: missing
    title: 应办未办税务登记
    on_change: true
    base: {table: opening, subject: reg, since: since, area: area}
    parties: [{party: national, table: national, join: reg}]
    notice: 20d
    warning: 30d
)";

inline const std::string firm_tables = R"(
CREATE TABLE opening(reg TEXT PRIMARY KEY, name TEXT, legal TEXT, since TEXT, area TEXT);
CREATE TABLE code(org TEXT PRIMARY KEY, reg TEXT, name TEXT);
CREATE TABLE national(id TEXT PRIMARY KEY, reg TEXT, org TEXT, name TEXT, legal TEXT, since TEXT);
CREATE TABLE local(id TEXT PRIMARY KEY, reg TEXT, org TEXT, name TEXT, legal TEXT, since TEXT);
)";

inline const std::string firm_views = R"(tables:
  - {id: opening, table: received.opening, key: [reg]}
  - {id: code, table: received.code, key: [org]}
  - {id: national, table: received.national, key: [id]}
  - {id: local, table: received.local, key: [id]}
)";

inline const std::string by_any_code =
    "join: [reg, {base: reg, through: {table: code, enters: reg, leaves: org}, item: org}]";

}  // namespace qianzhi::test
