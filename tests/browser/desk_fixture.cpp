// Two desks with their pages, for the browser: "town" works, "broken" has not run for a while. Prints "name port" lines
// and ends when standard input does. The clock stands still, so that every time on a page is known.
#include <stdlib.h>
#include <time.h>

#include <cstdio>
#include <iostream>

#include "hub-protocol/base/log.h"
#include "tests/unit/desk_town.h"

namespace {

using namespace qianzhi;

// A case in every stage.
void work(test::Town& town) {
  desk::CaseDesk& cases = town.desk->work().cases();
  const std::int64_t first = town.case_of("440103000000016");
  const std::int64_t second = town.case_of("440104000000019");
  const std::int64_t third = town.case_of("440104000000027");
  cases.assign("wang", first, "荔湾税务所", "li");
  cases.add_person("wang", first, {"陈志明", "440103197001011234"});
  cases.urge("li", first, "电话通知，答复本周内办理");
  cases.visit("wang", second, "店铺正常营业，店主不在");
  cases.note("wang", second, "约定周五再次上门");
  cases.outcome("wang", third, "not_found", "2008-03-02", "原址已是另一家商店");
  cases.appeal("wang", third, "企业称仅更换门牌");
  town.turn();
}

}  // namespace

int main() {
  setenv("TZ", "Asia/Shanghai", 1);
  tzset();
  set_log_level(LogLevel::error);
  // The outlet that refuses says so in the log: it is meant to.
  std::freopen("/dev/null", "w", stderr);
  test::Town town;
  test::Town broken;
  work(town);
  work(broken);
  broken.clock.pass(40LL * 60 * 1'000'000);
  for (const auto& [name, one] : {std::pair<const char*, test::Town*>{"town", &town}, {"broken", &broken}}) {
    one->serve();
    std::printf("%s %d\n", name, int{one->served->service().port()});
  }
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) continue;
  return 0;
}
