// An agent's encryption key is replaced while requests and answers are under way.
#include <catch2/catch.hpp>

#include <fstream>

#include "request_world.h"

using namespace qianzhi;
using test::request_second;
using test::RequestWorld;
using test::Side;

namespace {

struct Cut {};  // the process ended here

// As a new enrolment does: the directory names the new key and no other.
void replace_opening_key(RequestWorld& world, const std::string& agent) {
  world.keys.insert_or_assign(agent, seal::DecryptionKey::generate(seal::EncryptionAlgorithm::x25519));
  world.change_directory([&](Directory& d) {
    d.issued = world.clock.now();
    d.expires = world.clock.now() + 100 * test::one_day;
    d.agents.at(agent).encryption_keys = {world.keys.at(agent).record()};
  });
}

Bytes ask_tax(Side& asker, Micros within) {
  flow::InquiryDraft draft = asker.draft({{"A", "2006"}});
  draft.providers = {"tax-01"};
  draft.within = within;
  return asker.requests->ask(draft);
}

struct KeyWorld {
  KeyWorld() { tax.sql("INSERT INTO tax VALUES('A', '2006', 100, '440103', 9)"); }
  void refresh() {
    for (Side* side : {&tax, &asker}) side->keeper->refresh(side->link);
  }
  void turn() {
    for (Side* side : {&asker, &tax, &asker}) side->turn();
  }
  flow::ProviderAnswer told(const Bytes& id) const { return asker.requests->inquiry(id).providers.at(0); }
  bool has_total(const Bytes& id) const {
    const flow::ProviderAnswer answer = told(id);
    return answer.state == store::RequestState::answered && answer.answers.columns.size() == 2 &&
           answer.answers.columns[0].text(0) == "100";
  }
  // The directory comes again each day, and each time who is there looks.
  void pass(int days) {
    world.clock.advance(days * test::one_day);
    world.change_directory([&](Directory& d) {
      d.issued = world.clock.now();
      d.expires = world.clock.now() + 100 * test::one_day;
    });
    refresh();
    turn();
    world.clock.advance(7200 * request_second);
    turn();
  }
  std::size_t keys_of(Side& side) const { return side.store->values_with_prefix("opening-key/").size(); }

  RequestWorld world;
  Side tax{world, "tax-01"};
  Side asker{world, test::asking};
};

// Whether the octets are in any of the files of this side's store.
bool lies_in_files(const Side& side, const Bytes& octets) {
  for (const char* end : {".queue", ".queue-wal"}) {
    std::ifstream file(side.world.dir / (side.agent + end), std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (all.find(octets) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("A16 E5 what waits sealed to a key that is replaced meanwhile is answered and read, killed at each step") {
  const std::string point = GENERATE("", "store.before_commit", "store.after_commit");
  KeyWorld keys;
  const Bytes kept = ask_tax(keys.asker, 3600 * request_second);
  keys.turn();
  REQUIRE(keys.has_total(kept));
  const Bytes at_provider = ask_tax(keys.asker, 30 * test::one_day);
  keys.asker.turn();
  keys.tax.requests->receive(keys.tax.link);
  const Bytes at_hub = ask_tax(keys.asker, 30 * test::one_day);
  keys.asker.turn();
  // Both are enrolled anew; the asker's directory is the older one for a while.
  replace_opening_key(keys.world, "tax-01");
  const Bytes by_old_directory = ask_tax(keys.asker, 30 * test::one_day);
  replace_opening_key(keys.world, test::asking);
  keys.refresh();
  for (Side* side : {&keys.tax, &keys.asker}) {
    CAPTURE(point, side->agent);
    bool was_cut = false;
    side->requests.reset();
    side->answerer.reset();
    side->breakpoint = [&](std::string_view at) {
      if (at == point && side->requests == nullptr && side->keeper != nullptr) throw Cut{};
    };
    try {
      side->open();
    } catch (const Cut&) {
      was_cut = true;
    } catch (const Error&) {
      was_cut = true;
    }
    CHECK(was_cut == !point.empty());
    side->breakpoint = {};
    side->open();
    side->open();
    CHECK(keys.keys_of(*side) == 2);
  }
  const Bytes after = ask_tax(keys.asker, 3600 * request_second);
  keys.turn();
  for (const Bytes& id : {kept, at_provider, at_hub, by_old_directory, after}) CHECK(keys.has_total(id));
}

TEST_CASE("A16 an earlier key is erased from the files once nothing can be sealed to it, and no sooner") {
  KeyWorld keys;
  const Bytes kept = ask_tax(keys.asker, 3600 * request_second);
  keys.turn();
  REQUIRE(keys.has_total(kept));
  const std::string earlier = keys.world.keys.at("tax-01").record().id;
  const Bytes locked = keys.tax.store->value("opening-key/" + earlier).value();
  for (const char* agent : {"tax-01", test::asking}) replace_opening_key(keys.world, agent);
  for (Side* side : {&keys.tax, &keys.asker}) side->open();
  keys.refresh();
  keys.pass(1);
  const Bytes changed = keys.tax.store->value("opening-key/" + earlier).value();
  CHECK(changed != locked);
  // A clock that is wrong ends no key: it is the hub's time that counts.
  keys.world.clock.step(90 * test::one_day);
  keys.turn();
  keys.world.clock.step(-90 * test::one_day);
  CHECK(keys.keys_of(keys.tax) == 2);
  keys.pass(60);
  keys.pass(58);
  CHECK(keys.keys_of(keys.tax) == 2);
  CHECK(lies_in_files(keys.tax, changed));
  keys.pass(2);
  CHECK(keys.keys_of(keys.tax) == 1);
  CHECK_FALSE(lies_in_files(keys.tax, changed));
  CHECK_FALSE(lies_in_files(keys.tax, locked));
  // The asker keeps answers that only its earlier key opens, as long as it keeps them.
  CHECK(keys.keys_of(keys.asker) == 2);
  CHECK(keys.has_total(kept));
  for (int i = 0; i < 5; ++i) keys.pass(60);
  CHECK(keys.keys_of(keys.asker) == 1);
}

TEST_CASE("A16 what is sealed to a key that is gone is refused with a code that its asker understands") {
  KeyWorld keys;
  const bool asker_lost_it = GENERATE(false, true);
  const Bytes id = ask_tax(keys.asker, 30 * test::one_day);
  keys.asker.turn();
  Side& loser = asker_lost_it ? keys.asker : keys.tax;
  // It is enrolled anew, and its store without what was in it but for what it asked.
  if (asker_lost_it) keys.tax.turn();
  const std::string earlier = keys.world.keys.at(loser.agent).record().id;
  replace_opening_key(keys.world, loser.agent);
  loser.store->update([&](store::StoreTransaction& update) { update.erase_value("opening-key/" + earlier); });
  loser.open();
  keys.refresh();
  keys.turn();
  const flow::ProviderAnswer told = keys.told(id);
  CHECK(told.state == store::RequestState::refused);
  CHECK(told.code == "QZ-SEAL-108");
  // Asked again it is answered.
  const Bytes again = ask_tax(keys.asker, 3600 * request_second);
  keys.turn();
  CHECK(keys.has_total(again));
}

TEST_CASE("A16 what is sealed to the key of the directory waits for a configuration that still names another one") {
  KeyWorld keys;
  const seal::DecryptionKey configured = keys.world.keys.at("tax-01");
  replace_opening_key(keys.world, "tax-01");
  const seal::DecryptionKey next = keys.world.keys.at("tax-01");
  keys.world.keys.insert_or_assign("tax-01", configured);
  keys.refresh();
  const Bytes id = ask_tax(keys.asker, 3600 * request_second);
  keys.turn();
  keys.turn();
  CHECK(keys.told(id).state == store::RequestState::sent);
  REQUIRE_FALSE(keys.tax.requests->notices().empty());
  CHECK(keys.tax.requests->notices()[0].code == "QZ-SEAL-102");
  keys.world.keys.insert_or_assign("tax-01", next);
  keys.tax.open();
  keys.turn();
  CHECK(keys.has_total(id));
}
