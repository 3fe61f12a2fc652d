#include <catch2/catch.hpp>

#include <string>

#include "agent/desk/match/candidates.h"
#include "agent/desk/match/decisions.h"
#include "tests/support/temp_dir.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::desk::match;

namespace {

struct MatchStore {
  test::TempDir folder;
  sqlite::Database database{folder / "desk.db", {}};
  Decisions decisions{database};
  Candidates candidates{database, decisions};
};

}  // namespace

TEST_CASE("S2.7: candidates are found by code, name, person and address, without the rest", "[match]") {
  MatchStore store;
  sqlite::Transaction transaction(store.database);
  for (int i = 0; i < 500; ++i)
    store.candidates.put("far." + std::to_string(i), {"广州第" + std::to_string(i) + "食品厂", {}, "", ""});
  store.candidates.put("commerce.1", {"广州市宏达贸易有限公司", {"9144030071526726XG"}, "陈志明", ""});
  store.candidates.put("commerce.2", {"广州市宏达贸易有限公司天河分公司", {}, "", ""});
  store.candidates.put("commerce.3", {"深圳市恒达贸易有限公司", {"192203821"}, "", ""});
  const auto by_name = store.candidates.find("tax.1", {"廣州宏達貿易有限公司", {}, "", ""}, 10);
  REQUIRE(by_name.size() == 1);
  CHECK(by_name.front().id == "commerce.1");
  CHECK(by_name.front().verdict.decision == Decision::same);
  const auto by_code = store.candidates.find("tax.2", {"恒达贸易", {"19220382-1"}, "", ""}, 10);
  REQUIRE(by_code.size() == 1);
  CHECK(by_code.front().id == "commerce.3");
  const auto by_person = store.candidates.find("tax.3", {"广州市红达贸易有限公司", {}, "陈志明", ""}, 10);
  REQUIRE(by_person.size() == 1);
  CHECK(by_person.front().verdict.decision == Decision::review);
  store.candidates.remove("commerce.1");
  CHECK(store.candidates.find("tax.1", {"廣州宏達貿易有限公司", {}, "", ""}, 10).empty());
}

TEST_CASE("S2.7: a key that hundreds share is left out and counted", "[match]") {
  MatchStore store;
  sqlite::Transaction transaction(store.database);
  for (int i = 0; i < 230; ++i) store.candidates.put("shop." + std::to_string(i), {"利民副食店", {}, "", ""});
  CHECK(store.candidates.find("other", {"利民副食店", {}, "", ""}, 10).empty());
  CHECK(store.candidates.crowded() == 1);
}

TEST_CASE("S2.7: what people decided about a pair is remembered and wins", "[match]") {
  MatchStore store;
  store.candidates.put("a", {"广州宏达贸易股份有限公司", {}, "", ""});
  const PartyText other{"广州宏达贸易有限公司", {}, "", ""};
  const auto before = store.candidates.find("b", other, 10);
  REQUIRE(before.size() == 1);
  CHECK(before.front().verdict.decision == Decision::review);
  store.decisions.wait("b", "a", before.front().verdict, 7);
  REQUIRE(store.decisions.waiting(10).size() == 1);
  CHECK(store.decisions.waiting(10).front().reasons == "same_name,same_place,other_form");

  store.decisions.remember("b", "a", {true, "wang", 8, "converted in 2005"});
  CHECK(store.decisions.waiting(10).empty());
  const auto after = store.candidates.find("b", other, 10);
  REQUIRE(after.size() == 1);
  CHECK(after.front().verdict.decision == Decision::same);
  CHECK(codes_of(after.front().verdict.reasons) == "decided,same_name,same_place,other_form");

  store.decisions.remember("a", "b", {false, "li", 9, ""});
  CHECK(store.candidates.find("b", other, 10).empty());
  store.decisions.take_back("a", "b", "wang", 9);
  CHECK(store.candidates.find("b", other, 10).size() == 1);
  test::check_throws("QZ-DSK-201", [&] { store.decisions.remember("a", "a", {true, "wang", 1, ""}); });
}
