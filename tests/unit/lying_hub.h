// A hub that has every key of its own and none of the provider's, and one subscriber with its target.
#pragma once

#include "flow_subscriber.h"
#include "tests/support/errors.h"

namespace qianzhi::test {

inline constexpr Micros past_retry = 6'000'000;

// Granted: number and area of two districts, in one of them the name as well. Each page holds three batches: both
// districts and a third one, then the first district, then the second.
class LyingHub {
 public:
  LyingHub() : chain((prepare(world), world.chain())), other(world.chain(closed_firms)), reader(world, never) {
    reader.page_octets = 1U << 20U;
    reader.transaction_octets = 1U << 20U;
    reader.deliver = reader.under(reader.directory);
    world.post({chain.begin(), chain.rows({"440103", "440104", "440105"}), chain.end()});
    other.begin();
    reader.link.on_reply = [&](const wire::FetchReply& reply) {
      if (reply.pages(0).batches_size() == 3) first_page = reply.pages(0);
    };
    reader.run_to(chain.head);
    rows = 1;
  }
  // Seals and posts the three.
  void seal_three() {
    sealed = {chain.change({"440103", "440104", "440105"}), chain.change({"440103"}), chain.change({"440105"})};
    world.post(sealed);
    rows += 2;
  }
  // The hub answers so; several looks later nothing has moved. The code that the subscriber shows.
  std::string answer(const std::function<void(wire::Page&)>& lie) {
    reader.link.on_reply = [&](wire::FetchReply& reply) {
      REQUIRE(reply.pages_size() == 1);
      if (reply.pages(0).batches_size() == 3) lie(*reply.mutable_pages(0));
    };
    std::string code;
    for (int look = 0; look < 2; ++look) {
      world.clock.advance(past_retry);
      const std::string thrown = thrown_by([&] { reader.deliver->run_once(); });
      code = thrown == "nothing" ? reader.deliver->lanes()[0].state_code : thrown;
    }
    return code;
  }
  // What the target holds, as one text.
  std::string held() const {
    sqlite::Database database(reader.file, {sqlite::Access::read_only, false, {}, 5000});
    auto row = database.prepare(
        "SELECT coalesce(group_concat(number || '|' || coalesce(name, '-') || '|' || area), '') FROM"
        " (SELECT * FROM received ORDER BY area, number)");
    row.step();
    return std::string(row.text(0));
  }
  // The hub is honest again: everything granted is there, once.
  void heal() {
    reader.link.on_reply = {};
    world.clock.advance(past_retry);
    reader.run_to(chain.head);
    CHECK(reader.ask("SELECT count(*) FROM received WHERE area = '440103' AND name IS NULL") == rows);
    CHECK(reader.ask("SELECT count(*) FROM received WHERE area = '440105' AND name = 'secret name'") == rows);
    CHECK(reader.ask("SELECT count(*) FROM received") == 2 * rows);
    CHECK(reader.ask("SELECT count(DISTINCT number) FROM times") == reader.ask("SELECT count(*) FROM times"));
  }
  Bytes reduced(const seal::Sealed& batch, const Entitlement& to) const {
    return seal::Parsed::from(batch.octets).reduced(to);
  }
  Entitlement granted() const { return world.directory.entitlement("tax-01", firms, world.clock.now()); }

  HubWorld world;
  Chain chain;
  Chain other;  // another topic's, with the same groups and items
  Subscriber reader;
  std::vector<seal::Sealed> sealed;
  wire::Page first_page;
  std::int64_t rows = 0;  // that the target must hold of each granted district

 private:
  static bool never() { return false; }
  static void prepare(HubWorld& world) {
    world.change_directory([](Directory& directory) {
      directory.grants[0].groups = GroupSet::of({"440103", "440105"});
      Grant more = directory.grants[0];
      more.id = "g2";
      more.items = {"name"};
      more.groups = GroupSet::of({"440105"});
      directory.grants.push_back(more);
    });
  }
};

template <typename Change>
void edit(wire::Page& page, int at, const Change& change) {
  wire::SealedBatch batch;
  REQUIRE(batch.ParseFromString(page.batches(at)));
  change(batch);
  page.set_batches(at, batch.SerializeAsString());
}

}  // namespace qianzhi::test
