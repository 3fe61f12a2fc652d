// A hub that has every key of its own and none of the provider's, and delivers something else than was sealed: each
// page is refused with a code, nothing of it reaches the target, and once the hub is honest all is as it must be.
#include <catch2/catch.hpp>

#include "lying_hub.h"

using namespace qianzhi;
using test::edit;
using test::LyingHub;

namespace {

using Lie = std::function<void(LyingHub&, wire::Page&)>;

struct Told {
  const char* name;
  const char* code;
  Lie lie;
};

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
