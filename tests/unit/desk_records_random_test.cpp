#include <catch2/catch.hpp>

#include <random>
#include <string>
#include <vector>

#include "tests/unit/desk_records_desk.h"

using namespace qianzhi;
using namespace qianzhi::desk;
using namespace qianzhi::desk::records;

namespace {

// Everything that both ways must agree on.
std::vector<std::string> content_of(sqlite::Database& database) {
  std::vector<std::string> lines;
  for (const char* sql :
       {"SELECT record, kind, state, pieces, disputed, registration, organisation, credit FROM base_record ORDER BY 1",
        "SELECT record, item, value, source, key, time, differs FROM base_item ORDER BY 1, 2",
        "SELECT code, record, code_kind FROM base_code ORDER BY 1, 2",
        "SELECT source, key, strong, weak, credit, contradicts, record FROM base_piece ORDER BY 1, 2"}) {
    sqlite::Statement query = database.prepare(sql);
    while (query.step()) {
      std::string line;
      for (int i = 0; i < query.columns(); ++i) line += query.text(i) + "|";
      lines.push_back(line);
    }
  }
  return lines;
}

// Changes the received tables at random, with few codes, so that they meet and part often.
class Randomly {
 public:
  Randomly(sqlite::Database& received, unsigned seed) : received_(received), random_(seed) {}

  void change() {
    switch (below(8)) {
      case 0:
      case 1:
        put("INSERT OR REPLACE INTO opening VALUES(?, ?, ?, ?, ?, 'a', '2026')",
            {made_number(below(8)), name(), "广州市天河区体育西路" + std::to_string(below(9)) + "号", "张" + name(),
             date()});
        break;
      case 2:
      case 3:
        put("INSERT OR REPLACE INTO certificate VALUES(?, ?, ?, ?)",
            {made_organisation(below(8)), any_number(), name(), date()});
        break;
      case 4:
        put("INSERT OR REPLACE INTO tax VALUES(?, ?, ?, ?, ?)",
            {"440301" + made_organisation(below(8)), any_number(), name(), "体育西路1号", date()});
        break;
      case 5:
        put("INSERT OR REPLACE INTO unlicensed VALUES(?, ?, ?, ?)", {std::to_string(below(5)), name(), "", ""});
        break;
      case 6: put("DELETE FROM opening WHERE registration_number = ?", {made_number(below(8))}); break;
      default:
        put("DELETE FROM certificate WHERE organisation_code = ?", {made_organisation(below(8))});
        put("DELETE FROM tax WHERE taxpayer_id = ?", {"440301" + made_organisation(below(8))});
        put("DELETE FROM unlicensed WHERE source_row_id = ?", {std::to_string(below(5))});
    }
  }
  unsigned below(std::size_t limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  void put(const std::string& sql, const std::vector<std::string>& values) {
    sqlite::Statement statement = received_.prepare(sql);
    for (std::size_t i = 0; i < values.size(); ++i) statement.bind(static_cast<int>(i) + 1, values[i]);
    statement.run();
  }
  std::string name() { return "广州第" + std::to_string(below(4)) + "贸易有限公司"; }
  std::string date() { return "2006-03-0" + std::to_string(1 + below(4)); }
  std::string any_number() { return below(4) == 0 ? "" : made_number(below(8)); }

  sqlite::Database& received_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("S1.10: changes taken one by one come to what a full build comes to", "[records]") {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    Desk desk;
    desk.records.build(1);
    Randomly randomly(desk.received, seed);
    for (int round = 0; round < 40; ++round) {
      const unsigned changes = 1 + randomly.below(5);
      for (unsigned i = 0; i < changes; ++i) randomly.change();
      while (desk.records.catch_up(2, 1 + randomly.below(4)).changes != 0) {
      }
      if (round % 4 != 3) continue;
      sqlite::Database other(desk.folder / ("full" + std::to_string(round) + ".db"), {});
      desk.attach(other);
      Records full(other, desk.config, change_files());
      full.build(1);
      const std::vector<std::string> expected = content_of(other);
      INFO("seed " << seed << " round " << round);
      REQUIRE(content_of(desk.database) == expected);
    }
    // And a full build over what is there changes nothing.
    const std::vector<std::string> before = content_of(desk.database);
    desk.records.build(9);
    CHECK(content_of(desk.database) == before);
    CHECK(desk.count("SELECT count(*) FROM base_history WHERE at = 9") == 0);
  }
}
