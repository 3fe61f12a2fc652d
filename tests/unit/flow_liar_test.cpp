// A hub that has every key of its own and none of the provider's, and delivers something else than was sealed: each
// page is refused with a code, nothing of it reaches the target, and once the hub is honest all is as it must be.
#include <catch2/catch.hpp>

#include "flow_subscriber.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using test::Subscriber;

namespace {

constexpr Micros past_retry = 6'000'000;

// Granted: number and area of two districts, in one of them the name as well. Each page holds three batches: both
// districts and a third one, then the first district, then the second.
class LyingHub {
 public:
  LyingHub() : chain((prepare(world), world.chain())), other(world.chain(test::closed_firms)), reader(world, never) {
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
      const std::string thrown = test::thrown_by([&] { reader.deliver->run_once(); });
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
  Entitlement granted() const { return world.directory.entitlement("tax-01", test::firms, world.clock.now()); }

  test::HubWorld world;
  test::Chain chain;
  test::Chain other;  // another topic's, with the same groups and items
  Subscriber reader;
  std::vector<seal::Sealed> sealed;
  wire::Page first_page;
  std::int64_t rows = 0;  // that the target must hold of each granted district

 private:
  static bool never() { return false; }
  static void prepare(test::HubWorld& world) {
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

using Lie = std::function<void(LyingHub&, wire::Page&)>;

struct Told {
  const char* name;
  const char* code;
  Lie lie;
};

template <typename Change>
void edit(wire::Page& page, int at, const Change& change) {
  wire::SealedBatch batch;
  REQUIRE(batch.ParseFromString(page.batches(at)));
  change(batch);
  page.set_batches(at, batch.SerializeAsString());
}

template <typename Change>
Lie editing(int at, Change change) {
  return [=](LyingHub&, wire::Page& page) { edit(page, at, change); };
}

wire::SealedBatch whole(const seal::Sealed& sealed) {
  wire::SealedBatch batch;
  REQUIRE(batch.ParseFromString(sealed.octets));
  return batch;
}

void withhold(std::vector<Told>& told) {
  told.push_back({"an entitled group", "QZ-SEAL-013",
                  editing(0, [](wire::SealedBatch& batch) { batch.mutable_groups()->DeleteSubrange(0, 1); })});
  told.push_back({"the last entitled group", "QZ-SEAL-013",
                  editing(0, [](wire::SealedBatch& batch) { batch.mutable_groups()->RemoveLast(); })});
  told.push_back({"an entitled block", "QZ-SEAL-013", editing(0, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(1)->mutable_items()->DeleteSubrange(1, 1);
                  })});
  told.push_back({"the key's block", "QZ-SEAL-013", editing(1, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(0)->mutable_items()->DeleteSubrange(0, 1);
                  })});
  told.push_back({"all of a batch but its header", "QZ-SEAL-013",
                  editing(2, [](wire::SealedBatch& batch) { batch.clear_groups(); })});
  told.push_back({"the first batch", "QZ-AGT-051",
                  [](LyingHub&, wire::Page& page) { page.mutable_batches()->DeleteSubrange(0, 1); }});
  told.push_back({"a batch in the middle", "QZ-AGT-051",
                  [](LyingHub&, wire::Page& page) { page.mutable_batches()->DeleteSubrange(1, 1); }});
}

void give_more(std::vector<Told>& told) {
  told.push_back({"a group too many", "QZ-SEAL-014", [](LyingHub& hub, wire::Page& page) {
                    page.set_batches(0, hub.reduced(hub.sealed[0], Entitlement({{GroupSet::every(), {"number"}}})));
                    edit(page, 0, [&](wire::SealedBatch& batch) {
                      const auto all = whole(hub.sealed[0]);
                      const wire::GroupBody stranger = batch.groups(1);
                      wire::SealedBatch honest;
                      REQUIRE(honest.ParseFromString(hub.reduced(hub.sealed[0], hub.granted())));
                      *batch.mutable_groups(0) = honest.groups(0);
                      *batch.mutable_groups(1) = stranger;
                      *batch.mutable_groups(2) = honest.groups(1);
                    });
                  }});
  told.push_back({"an item too many", "QZ-SEAL-014", [](LyingHub& hub, wire::Page& page) {
                    page.set_batches(1, whole(hub.sealed[1]).SerializeAsString());
                    edit(page, 1, [](wire::SealedBatch& batch) { batch.clear_position(); });
                  }});
  told.push_back({"the source position", "QZ-SEAL-014", [](LyingHub& hub, wire::Page& page) {
                    edit(page, 2,
                         [&](wire::SealedBatch& batch) { batch.set_position(whole(hub.sealed[2]).position()); });
                  }});
  told.push_back({"everything", "QZ-SEAL-014",
                  [](LyingHub& hub, wire::Page& page) { page.set_batches(0, hub.sealed[0].octets); }});
}

void alter(std::vector<Told>& told) {
  told.push_back({"an octet of a block", "QZ-SEAL-012", editing(0, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(0)->mutable_items(0)->mutable_block()->back() ^= 1;
                  })});
  told.push_back({"an octet of the rows", "QZ-SEAL-012",
                  editing(1, [](wire::SealedBatch& batch) { batch.mutable_groups(0)->mutable_rows()->back() ^= 1; })});
  told.push_back({"an octet of a manifest", "QZ-SEAL-012", editing(0, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(0)->mutable_manifest()->back() ^= 1;
                  })});
  told.push_back({"a group's name in the last header", "QZ-AGT-057", editing(2, [](wire::SealedBatch& batch) {
                    wire::Header header;
                    REQUIRE(header.ParseFromString(batch.header()));
                    header.mutable_groups(0)->set_partition("440103");
                    batch.set_header(header.SerializeAsString());
                  })});
  told.push_back({"the time in a header in the middle", "QZ-AGT-051", editing(1, [](wire::SealedBatch& batch) {
                    wire::Header header;
                    REQUIRE(header.ParseFromString(batch.header()));
                    header.set_time(header.time() + 1);
                    batch.set_header(header.SerializeAsString());
                  })});
  told.push_back({"the signature", "QZ-AGT-057", editing(2, [](wire::SealedBatch& batch) {
                    batch.mutable_signatures(0)->mutable_value()->front() ^= 1;
                  })});
  told.push_back({"the signature, for the hub's own", "QZ-AGT-057", [](LyingHub& hub, wire::Page& page) {
                    edit(page, 2, [&](wire::SealedBatch& batch) {
                      batch.mutable_signatures(0)->set_value(
                          hub.world.hub_key.sign(seal::Purpose::batch, batch.header()));
                    });
                  }});
  told.push_back({"a batch of the hub's own making", "QZ-AGT-057", [](LyingHub& hub, wire::Page& page) {
                    test::Chain forged({"commerce-01", test::firms}, hub.world.hub_key, hub.world.random);
                    forged.head = seal::Parsed::from(page.batches(1)).head();
                    page.set_batches(2, hub.reduced(forged.change({"440105"}), hub.granted()));
                  }});
  told.push_back({"the header of the stream's end", "QZ-AGT-057",
                  [](LyingHub&, wire::Page& page) { page.mutable_newest()->mutable_header()->back() ^= 1; }});
}

// Between items, groups, batches, topics; the octets themselves are the provider's.
void exchange(std::vector<Told>& told) {
  told.push_back({"the blocks of two items", "QZ-SEAL-012", editing(0, [](wire::SealedBatch& batch) {
                    wire::GroupBody& group = *batch.mutable_groups(1);
                    group.mutable_items(0)->mutable_block()->swap(*group.mutable_items(1)->mutable_block());
                  })});
  told.push_back({"the items that two blocks are of", "QZ-SEAL-012", editing(1, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(0)->mutable_items(1)->set_index(1);  // area becomes name
                  })});
  told.push_back({"one item's blocks of two groups", "QZ-SEAL-012", editing(0, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(0)->mutable_items(0)->mutable_block()->swap(
                        *batch.mutable_groups(1)->mutable_items(0)->mutable_block());
                  })});
  told.push_back({"the rows of two groups", "QZ-SEAL-012", editing(0, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(0)->mutable_rows()->swap(*batch.mutable_groups(1)->mutable_rows());
                  })});
  told.push_back({"the contents of two groups, manifests and all", "QZ-SEAL-012", editing(0, [](auto& batch) {
                    const std::uint32_t first = batch.groups(0).index();
                    const std::uint32_t second = batch.groups(1).index();
                    batch.mutable_groups(0)->Swap(batch.mutable_groups(1));
                    batch.mutable_groups(0)->set_index(first);
                    batch.mutable_groups(1)->set_index(second);
                  })});
  told.push_back({"a group for one that is not granted", "QZ-SEAL-012", editing(0, [](wire::SealedBatch& batch) {
                    batch.mutable_groups(0)->set_index(1);  // 440104
                  })});
  told.push_back({"the contents of two batches", "QZ-SEAL-012", [](LyingHub&, wire::Page& page) {
                    wire::SealedBatch first;
                    REQUIRE(first.ParseFromString(page.batches(0)));
                    edit(page, 1, [&](wire::SealedBatch& batch) {
                      *batch.mutable_groups(0) = first.groups(0);
                      batch.mutable_groups(0)->set_index(0);
                    });
                  }});
  told.push_back({"the contents of another topic", "QZ-SEAL-012", [](LyingHub& hub, wire::Page& page) {
                    test::Chain other = hub.other;
                    const auto foreign = whole(other.change({"440103", "440104", "440105"}));
                    edit(page, 0, [&](wire::SealedBatch& batch) {
                      for (wire::GroupBody& group : *batch.mutable_groups()) {
                        const auto index = static_cast<int>(group.index());
                        group.set_manifest(foreign.groups(index).manifest());
                        group.set_rows(foreign.groups(index).rows());
                        for (wire::ItemBlock& item : *group.mutable_items())
                          item.set_block(foreign.groups(index).items(static_cast<int>(item.index())).block());
                      }
                    });
                  }});
  told.push_back({"a batch of another topic", "QZ-AGT-057", [](LyingHub& hub, wire::Page& page) {
                    test::Chain other = hub.other;
                    page.set_batches(2, hub.reduced(other.change({"440105"}), hub.granted()));
                  }});
  told.push_back({"the end of the stream for another stream's", "QZ-AGT-057", [](LyingHub& hub, wire::Page& page) {
                    test::Chain other = hub.other;
                    REQUIRE(page.mutable_newest()->ParseFromString(seal::Parsed::from(other.change().octets).bare()));
                  }});
}

void reorder(std::vector<Told>& told) {
  told.push_back(
      {"two batches", "QZ-AGT-051", [](LyingHub&, wire::Page& page) { page.mutable_batches()->SwapElements(0, 1); }});
  told.push_back(
      {"a batch twice", "QZ-AGT-051", [](LyingHub&, wire::Page& page) { page.set_batches(1, page.batches(0)); }});
  told.push_back({"an older page", "QZ-AGT-051", [](LyingHub& hub, wire::Page& page) {
                    *page.mutable_batches() = hub.first_page.batches();
                    *page.mutable_newest() = hub.first_page.newest();
                  }});
  told.push_back({"under another directory", "unavailable QZ-AGT-056",
                  [](LyingHub&, wire::Page& page) { page.set_directory_version(page.directory_version() + 1); }});
  told.push_back({"under an older directory", "unavailable QZ-AGT-056",
                  [](LyingHub&, wire::Page& page) { page.set_directory_version(page.directory_version() - 1); }});
  told.push_back({"as another stream's page", "corrupt QZ-AGT-057",
                  [](LyingHub&, wire::Page& page) { page.mutable_stream()->set_topic(test::closed_firms); }});
  told.push_back({"nothing: no grant", "QZ-AGT-059", [](LyingHub&, wire::Page& page) {
                    page.clear_batches();
                    page.set_state(wire::DENIED);
                  }});
}

// One hub, one subscriber: each lie in its turn, and after each the truth.
void tell(const std::vector<Told>& told) {
  LyingHub hub;
  for (const Told& one : told) {
    INFO(one.name);
    hub.seal_three();
    const std::string before = hub.held();
    CHECK(hub.answer([&](wire::Page& page) { one.lie(hub, page); }) == one.code);
    CHECK(hub.held() == before);
    hub.heal();
  }
}

}  // namespace

TEST_CASE("S2.6 A6 an entitled group, block or batch that the hub withholds is noticed, and taken when it comes") {
  std::vector<Told> told;
  withhold(told);
  tell(told);
}

TEST_CASE("S2.6 A6 a hub that gives more than was granted is refused: nothing of it reaches the target") {
  std::vector<Told> told;
  give_more(told);
  tell(told);
}

TEST_CASE("S3.5 A6 A13 what the hub alters or signs itself is refused, the provider's signature decides") {
  std::vector<Told> told;
  alter(told);
  tell(told);
}

TEST_CASE("S3.5 A6 A8 blocks that the hub swaps between items, groups, batches and topics are refused") {
  std::vector<Told> told;
  exchange(told);
  tell(told);
}

TEST_CASE("S3.5 A8 A10 A24 what the hub reorders, repeats, replays or dates under another directory is refused") {
  std::vector<Told> told;
  reorder(told);
  tell(told);
}

TEST_CASE("S3.5 A6 the batch at fault is kept as evidence, octet by octet") {
  LyingHub hub;
  hub.seal_three();
  Bytes spoilt;
  hub.answer([&](wire::Page& page) {
    edit(page, 1, [](wire::SealedBatch& batch) { batch.mutable_groups(0)->mutable_rows()->back() ^= 1; });
    spoilt = page.batches(1);
  });
  CHECK(hub.reader.store.value("evidence/commerce-01/commerce.firms") == spoilt);
}

TEST_CASE("S3.5 R7.3 a hub that sends a subscriber back touches no row, and all comes again") {
  LyingHub hub;
  hub.seal_three();
  const std::string before = hub.held();
  hub.answer([](wire::Page& page) {
    page.clear_batches();
    page.set_state(wire::RESTART);
    page.clear_restart();
  });
  CHECK(hub.held().find(before.substr(0, before.find(','))) != std::string::npos);
  CHECK(hub.reader.ask("SELECT count(*) FROM received") >= 2);
  hub.reader.link.on_reply = {};
  hub.world.clock.advance(past_retry);
  hub.reader.run_to(hub.chain.head);
  CHECK(hub.reader.ask("SELECT count(*) FROM received") == 2 * hub.rows);
}

TEST_CASE("S3.5 A6 the end of a stream that the hub shows and never delivers is told after a minute, until it comes") {
  LyingHub hub;
  const auto told = [&] {
    for (const flow::Notice& notice : hub.reader.deliver->notices())
      if (notice.code == "QZ-SEAL-071") return notice.detail;
    return std::string();
  };
  hub.seal_three();
  const Position last_given = seal::Parsed::from(hub.sealed[1].octets).head().position;
  hub.reader.link.on_reply = [&](wire::FetchReply& reply) {
    wire::Page& page = *reply.mutable_pages(0);
    while (page.batches_size() != 0 &&
           seal::Parsed::from(page.batches(page.batches_size() - 1)).head() == hub.chain.head)
      page.mutable_batches()->RemoveLast();
  };
  for (int second = 0; second <= 60; second += 10) {
    CHECK(told().empty());
    hub.reader.deliver->run_once();
    // What the first look fetched is written beside the second one.
    if (second != 0) CHECK(hub.reader.deliver->lanes()[0].mark == last_given);
    hub.world.clock.advance(10'000'000);
  }
  hub.reader.deliver->run_once();
  hub.reader.deliver->run_once();
  CHECK(told() ==
        "the provider signed " + to_text(hub.chain.head.position) + ", nothing came after " + to_text(last_given));
  hub.heal();
  hub.reader.deliver->run_once();
  CHECK(told().empty());
}

TEST_CASE("S2.6 R7.4 a grant that became narrower is told to the receiver with what went, until it is granted again") {
  LyingHub hub;
  const auto told = [&] {
    for (const flow::Notice& notice : hub.reader.deliver->notices())
      if (notice.code == "QZ-SEAL-070") return notice.detail.substr(notice.detail.find(": ") + 2);
    return std::string();
  };
  const auto looks = [&] {
    for (int look = 0; look < 3; ++look) hub.reader.deliver->run_once();
    return told();
  };
  CHECK(looks().empty());
  const std::vector<Grant> all = hub.world.directory.grants;
  hub.world.change_directory([](Directory& directory) { directory.grants.pop_back(); });
  CHECK(looks() == "items name in groups 440105");
  hub.world.change_directory([](Directory& directory) { directory.grants[0].groups = GroupSet::of({"440103"}); });
  CHECK(looks() == "groups 440105");
  CHECK(hub.reader.ask("SELECT count(*) FROM received WHERE area = '440105'") == 0);
  // A stage that knows only what the mark says.
  hub.reader.deliver = hub.reader.under(hub.reader.directory);
  CHECK(looks() == "groups 440105");
  hub.world.clock.advance(31 * test::one_day);
  hub.world.change_directory([&](Directory& directory) { directory.expires = hub.world.clock.now() + test::one_day; });
  hub.reader.directory.refresh(hub.reader.link);
  CHECK(looks().empty());
  hub.world.change_directory([&](Directory& directory) { directory.grants = all; });
  CHECK(looks().empty());
  hub.world.change_directory([](Directory& directory) { directory.grants[0].groups = GroupSet::of({"440105"}); });
  CHECK(looks() == "groups 440103");
}
