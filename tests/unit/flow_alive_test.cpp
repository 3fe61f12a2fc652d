// What tells a quiet source from a silent one, and a clock that was set from time that has passed.
#include <catch2/catch.hpp>

#include "agent/flow/canary.h"
#include "agent/flow/clock_watch.h"
#include "agent/flow/since.h"

namespace flow = qianzhi::flow;
namespace adapter = qianzhi::adapter;
using qianzhi::Error;
using qianzhi::ErrorKind;
using qianzhi::Micros;

namespace {

constexpr Micros one_second = 1'000'000;
constexpr Micros one_minute = 60 * one_second;
constexpr Micros one_hour = 60 * one_minute;

class SetClock final : public qianzhi::Clock {
 public:
  Micros now() const override { return 1'800'000'000'000'000 + passed + wrong; }
  Micros steady() const override { return 1000 + passed; }
  Micros passed = 0;
  Micros wrong = 0;
};

class CountingRandom final : public qianzhi::Random {
 public:
  qianzhi::Bytes bytes(std::size_t size) override { return qianzhi::Bytes(size, static_cast<char>(++count_)); }

 private:
  int count_ = 0;
};

adapter::TableChanges rows_of(const std::string& beat, Micros source_time = 0) {
  adapter::TableChanges changes;
  changes.columns.resize(2);
  changes.columns[0].append("1");
  changes.columns[1].append(beat);
  changes.meta.push_back({qianzhi::Operation::upsert, 0, source_time});
  return changes;
}

struct Watched {
  SetClock clock;
  CountingRandom random;
  flow::Canary canary{{10 * one_minute, 2 * one_minute, "c", {}}, clock, random};

  std::string codes() const {
    std::string all;
    for (const flow::Notice& notice : canary.notices("source")) all += notice.code + " ";
    return all;
  }
};

}  // namespace

TEST_CASE("P39 a beat is due at the start, and then after so long a silence") {
  Watched at;
  CHECK(at.canary.is_due());
  const std::string first = at.canary.next();
  CHECK_FALSE(at.canary.is_due());
  at.clock.passed += one_minute;
  CHECK(at.canary.saw(rows_of(first)));
  at.clock.passed += 9 * one_minute;
  CHECK_FALSE(at.canary.is_due());
  at.canary.saw_others();
  at.clock.passed += 9 * one_minute;
  CHECK_FALSE(at.canary.is_due());
  at.clock.passed += one_minute;
  CHECK(at.canary.is_due());
  CHECK(at.canary.next() != first);
  flow::Canary none({}, at.clock, at.random);
  CHECK_FALSE(none.is_due());
  CHECK(none.notices("source").empty());
}

TEST_CASE("P39 only a beat of ours, and one that is awaited, proves anything") {
  Watched at;
  const std::string first = at.canary.next();
  CHECK_FALSE(at.canary.saw(rows_of("-")));
  CHECK_FALSE(at.canary.saw(rows_of("beat-of-another")));
  CHECK(at.canary.saw(rows_of(first)));
  CHECK_FALSE(at.canary.saw(rows_of(first)));
}

TEST_CASE("P39 a beat that does not come is told, until a later one comes, and other changes neither end nor hide it") {
  Watched at;
  at.canary.next();
  at.clock.passed += 2 * one_minute;
  CHECK(at.codes().empty());
  at.clock.passed += one_second;
  CHECK(at.codes() == "QZ-AGT-100 ");
  // What was written before it is still being read: it has not come to it yet.
  at.canary.saw_others();
  CHECK(at.codes().empty());
  at.clock.passed += 3 * one_minute;
  CHECK(at.codes() == "QZ-AGT-100 ");
  // It goes on trying, however busy the source is by then.
  for (int i = 0; i < 10 && !at.canary.is_due(); ++i) {
    at.clock.passed += one_minute;
    at.canary.saw_others();
    at.clock.passed += 3 * one_minute;
  }
  REQUIRE(at.canary.is_due());
  const std::string second = at.canary.next();
  at.canary.saw(rows_of(second));
  CHECK(at.codes().empty());
}

TEST_CASE("P39 a journal tells of the newest beat only, and that is enough") {
  Watched at;
  at.canary.next();
  at.clock.passed += 10 * one_minute;
  CHECK(at.codes() == "QZ-AGT-100 ");
  CHECK(at.canary.saw(rows_of(at.canary.next())));
  at.clock.passed += 5 * one_minute;
  CHECK(at.codes().empty());
}

TEST_CASE("P39 a beat that cannot be written is told, and if it was written all the same, it counts") {
  Watched at;
  const std::string first = at.canary.next();
  at.canary.refused(Error(ErrorKind::misuse, "QZ-ADP-025", "gone"));
  CHECK(at.codes() == "QZ-AGT-101 ");
  at.clock.passed += 5 * one_minute;
  CHECK(at.codes() == "QZ-AGT-101 ");
  CHECK_FALSE(at.canary.is_due());
  at.clock.passed += 5 * one_minute;
  CHECK(at.canary.is_due());
  CHECK(at.canary.saw(rows_of(first)));
  CHECK(at.codes().empty());
}

TEST_CASE("a source whose clock is off is told by its beat, whatever ours does later") {
  Watched at;
  const Micros written = at.clock.now();
  at.canary.saw(rows_of(at.canary.next(), written + 110 * one_second));
  CHECK(at.codes().empty());
  const std::string beat = at.canary.next();
  at.clock.wrong = 5 * one_hour;
  at.canary.saw(rows_of(beat, written));
  CHECK(at.codes().empty());
  const std::string off = at.canary.next();
  at.canary.saw(rows_of(off, at.clock.now() - 3 * one_minute));
  CHECK(at.codes() == "QZ-AGT-104 ");
  at.canary.saw(rows_of(at.canary.next(), at.clock.now()));
  CHECK(at.codes().empty());
}

TEST_CASE("P39 an age counts what has passed, not what a clock was set to") {
  SetClock clock;
  flow::Since since;
  const Micros long_ago = clock.now() - 3 * one_hour;
  CHECK(since.age("a", long_ago, clock) == 3 * one_hour);
  clock.wrong = 48 * one_hour;
  clock.passed += one_hour;
  CHECK(since.age("a", long_ago, clock) == 4 * one_hour);
  clock.wrong = -48 * one_hour;
  CHECK(since.age("a", long_ago, clock) == 4 * one_hour);
  // It has happened again, by whatever clock.
  CHECK(since.age("a", clock.now(), clock) == 0);
  CHECK(since.age("never", 0, clock) == 0);
  clock.passed += one_hour;
  CHECK(since.age("never", 0, clock) == one_hour);
  CHECK(since.age("of the future", clock.now() + one_hour, clock) == 0);
}

TEST_CASE("a clock that is set is told for an hour, in either direction, and one that is slewed is not") {
  SetClock clock;
  flow::ClockWatch watch(clock);
  const auto look = [&] {
    CHECK(watch.run_once() == flow::Progress::idle);
    return watch.notices();
  };
  CHECK(look().empty());
  clock.passed += 10 * one_second;
  clock.wrong += 2 * one_second;
  CHECK(look().empty());
  const Micros by = GENERATE(5 * one_hour, -5 * one_hour);
  clock.wrong += by;
  clock.passed += 5 * one_second;
  auto told = look();
  REQUIRE(told.size() == 1);
  CHECK(told[0].code == "QZ-AGT-103");
  CHECK(told[0].detail.find(by > 0 ? "set forward by 18000 s" : "set back by 18000 s") == 0);
  clock.passed += one_hour;
  CHECK(look().size() == 1);
  clock.passed += one_second;
  CHECK(look().empty());
}

TEST_CASE("E5 a clock that was set and is set back is told no longer") {
  SetClock clock;
  flow::ClockWatch watch(clock);
  const auto told = [&](Micros by) {
    clock.wrong += by;
    clock.passed += 5 * one_second;
    watch.run_once();
    return watch.notices().size();
  };
  CHECK(told(0) == 0);
  CHECK(told(one_hour) == 1);
  CHECK(told(one_minute) == 1);
  CHECK(told(-one_hour) == 1);
  CHECK(told(-one_minute + one_second) == 0);
  // From then on that is what it is.
  CHECK(told(-one_hour) == 1);
  CHECK(told(one_hour) == 0);
}
