// A change of rights takes effect at once, whatever the hub is doing at that moment.
#include <catch2/catch.hpp>

#include "hub_support.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

namespace {

// Calls the hook once, at the chosen one of the calls from now on.
class MeddlingClock final : public Clock {
 public:
  explicit MeddlingClock(const Clock& clock) : clock_(clock) {}
  Micros now() const override {
    if (left_ != 0 && --left_ == 0) std::exchange(hook_, {})();
    return clock_.now();
  }
  Micros steady() const override { return clock_.steady(); }
  void meddle(int call, std::function<void()> hook) {
    left_ = call;
    hook_ = std::move(hook);
  }

 private:
  const Clock& clock_;
  mutable int left_ = 0;
  mutable std::function<void()> hook_;
};

}  // namespace

TEST_CASE(
    "S2.6 A16 what was accepted after a grant became narrower is not given under the one before, not even just then") {
  HubWorld world;
  MeddlingClock clock(world.clock);
  world.hub =
      std::make_unique<hub::Exchange>(world.options, clock, world.random, world.hub_key, world.directory, world.sealed);
  auto chain = world.chain();
  world.post({chain.begin(), chain.end()});
  const Head mark = chain.head;
  // While the hub makes the reply, its caller's rights already looked up.
  const std::string change = GENERATE("narrowed", "disabled");
  clock.meddle(GENERATE(1, 2), [&] {
    world.change_directory([&](Directory& directory) {
      directory.grants[0].groups = GroupSet::of({"440104"});
      directory.agents["tax-01"].enabled = change == "narrowed";
    });
    REQUIRE(world.post(chain.change({"440103"})).outcome() == wire::ACCEPTED);
  });
  wire::Page page;
  const std::string thrown = test::thrown_by([&] { page = world.fetch(mark); });
  INFO(change);
  if (change == "disabled") {
    CHECK(thrown == "rejected QZ-HUB-001");
    return;
  }
  REQUIRE(thrown == "nothing");
  CHECK(page.directory_version() == world.directory.version);
  REQUIRE(page.batches_size() == 1);
  CHECK(seal::Parsed::from(page.batches(0)).is_bare());
}
