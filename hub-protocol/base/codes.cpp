#include "hub-protocol/base/codes.h"

#include <algorithm>
#include <iterator>

namespace qianzhi {

namespace {

#define QZ_CODE(code, title_zh, title_en, cause_zh, cause_en, next_zh, next_en) \
  Explanation{code, title_zh, title_en, cause_zh, cause_en, next_zh, next_en},

// clang-14 deduces the length of a std::array of up to 256 only.
constexpr Explanation table[] = {
#include "hub-protocol/base/codes/adapter.def"
#include "hub-protocol/base/codes/agent.def"
#include "hub-protocol/base/codes/base.def"
#include "hub-protocol/base/codes/catalogue.def"
#include "hub-protocol/base/codes/cli.def"
#include "hub-protocol/base/codes/config.def"
#include "hub-protocol/base/codes/demo.def"
#include "hub-protocol/base/codes/desk.def"
#include "hub-protocol/base/codes/desk_cases.def"
#include "hub-protocol/base/codes/desk_records.def"
#include "hub-protocol/base/codes/files.def"
#include "hub-protocol/base/codes/hub.def"
#include "hub-protocol/base/codes/link.def"
#include "hub-protocol/base/codes/mapping.def"
#include "hub-protocol/base/codes/mysql.def"
#include "hub-protocol/base/codes/odbc.def"
#include "hub-protocol/base/codes/page.def"
#include "hub-protocol/base/codes/postgresql.def"
#include "hub-protocol/base/codes/seal.def"
#include "hub-protocol/base/codes/sqlite.def"
};

#undef QZ_CODE

}  // namespace

std::optional<Explanation> explain(std::string_view code) {
  const auto* found =
      std::find_if(std::begin(table), std::end(table), [&](const Explanation& e) { return e.code == code; });
  if (found == std::end(table)) return std::nullopt;
  return *found;
}

std::vector<Explanation> all_explanations() {
  std::vector<Explanation> all(std::begin(table), std::end(table));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.code < b.code; });
  return all;
}

}  // namespace qianzhi
