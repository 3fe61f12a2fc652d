// Any octets as a reply of the hub to a shipped stage of an agent: the first says which call is answered. Nothing but
// Error may come out, no row reaches the target that its provider did not seal, and nothing is pruned from the outbox
// that the hub's own log does not hold.
#include <cstdint>
#include <memory>

#include "tests/fuzz/fixed_agent.h"
#include "tests/fuzz/only_errors.h"

using namespace qianzhi;
using test::Call;

namespace {

struct Agents {
  test::FixedHub hub;
  std::unique_ptr<test::FixedAgent> provider;
  std::unique_ptr<test::FixedAgent> subscriber;
  Bytes provider_first;
  Bytes subscriber_first;

  Agents() { make(); }
  void make() {
    provider.reset();
    subscriber.reset();
    if (!hub.is_as_at_first()) hub.restart();
    provider = std::make_unique<test::FixedAgent>(hub, "commerce-01", hub.world.key);
    subscriber = std::make_unique<test::FixedAgent>(hub, "tax-01", hub.world.tax_key);
    // A session is open, and nothing is posted yet.
    provider->link.answer(Call::post, {});
    provider->uplink.run_once();
    provider->link.answer({}, {});
    // One page is applied before: there is a mark that a reply can be before, at, after or beside.
    subscriber->deliver.run_once();
    provider_first = provider->progress();
    subscriber_first = subscriber->progress();
  }
};

Agents& agents() {
  static Agents made;
  return made;
}

void run(test::FixedAgent& agent, flow::Stage& stage, Call call, std::string_view octets) {
  agent.link.answer(call, octets);
  test::errors_only([&] { stage.run_once(); }, [](const Error&) {});
  agent.link.answer({}, {});
}

void answer(int which, std::string_view octets) {
  Agents& all = agents();
  switch (which) {
    case 0:
      all.provider->uplink.forget_session();
      return run(*all.provider, all.provider->uplink, Call::session, octets);
    case 1: return run(*all.provider, all.provider->uplink, Call::post, octets);
    case 2: return run(*all.provider, all.provider->courier, Call::fetch, octets);
    case 3: return run(*all.subscriber, all.subscriber->deliver, Call::fetch, octets);
    default:
      all.subscriber->link.answer(Call::directory, octets);
      test::errors_only([&] { all.subscriber->directory.refresh(all.subscriber->link); }, [](const Error&) {});
      all.subscriber->link.answer({}, {});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  answer(data[0] % 5, {reinterpret_cast<const char*>(data) + 1, size - 1});
  Agents& all = agents();
  const auto state = all.provider->store.stream(test::firms);
  QZ_ASSERT(state && state->receipted <= state->last.position && state->secured <= state->last.position);
  QZ_ASSERT(all.provider->store.keeps(test::firms, all.hub.next.digest) ||
            all.hub.world.hub->status().front().batches > all.hub.batches.size());
  const bool same = all.provider->progress() == all.provider_first && all.hub.is_as_at_first() &&
                    all.subscriber->progress() == all.subscriber_first;
  if (same) return 0;
  QZ_ASSERT(all.subscriber->foreign_rows() == 0);
  all.make();
  return 0;
}
