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

TEST_CASE("A12 an apply receipt by a key that was revoked, one of two as well, is refused") {
  HubWorld world;
  auto chain = world.filled();
  const seal::SigningKey second = seal::SigningKey::generate(seal::Algorithm::sm2);
  const seal::SigningKey both = world.tax_key.with_second(second);
  wire::AppliedBody body;
  write_value(StreamId{"commerce-01", test::firms}, *body.mutable_stream());
  body.set_subscriber("tax-01");
  write_value(chain.head, *body.mutable_mark());
  wire::AppliedRequest request;
  wire::Applied& applied = *request.add_applied();
  applied.set_body(body.SerializeAsString());
  applied.mutable_signature()->set_key_id(both.record().id);
  applied.mutable_signature()->set_value(both.sign(seal::Purpose::applied, applied.body()));
  const auto answer = [&](const std::vector<KeyRecord>& keys) {
    world.register_keys("tax-01", keys);
    return test::thrown_by([&] { world.hub->applied("tax-01", request); });
  };
  std::vector<KeyRecord> alone = {world.tax_key.record()};
  CHECK(answer(alone) == "nothing");
  alone[0].state = KeyState::revoked;
  CHECK(answer(alone) == "rejected QZ-HUB-031");
  applied.mutable_second()->set_key_id(second.record().id);
  applied.mutable_second()->set_value(second.sign(seal::Purpose::applied, applied.body()));
  CHECK(answer(both.records()) == "nothing");
  for (const std::size_t half : {0U, 1U}) {
    std::vector<KeyRecord> keys = both.records();
    keys[half].state = KeyState::revoked;
    CHECK(answer(keys) == "rejected QZ-HUB-031");
  }
}
