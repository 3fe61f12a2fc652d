// What a receiver is not granted is in no octet that the hub ever sends it: every value that is sealed here is a text
// of its own, and all that comes out of TLS is searched for it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

#include "hub-protocol/client/file_link.h"
#include "hub-protocol/hub/file_port.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/wire/batch.pb.h"
#include "reduction_world.h"
#include "tests/support/errors.h"
#include "tests/support/gateway.h"

namespace qianzhi::test {

namespace {

using May = std::function<bool(const std::string& item, const Group& group)>;

// Every text of the topics in what was received: there if it may be, and nowhere if it may not.
void check_received(const std::string& received, const ReductionWorld& world, const May& may,
                    bool other_topic = false) {
  for (const std::string topic : {firms, closed_firms})
    for (const std::string& item : all_items)
      for (const Group& group : all_groups) {
        bool found = false;
        for (int edition = 1; edition <= world.edition; ++edition)
          found = found || received.find(marker(topic, item, group, edition)) != std::string::npos;
        INFO(marker(topic, item, group, 0));
        CHECK(found == ((topic == firms || other_topic) && may(item, group)));
      }
  for (const char* text : {order_text, identity_text}) CHECK(received.find(text) == std::string::npos);
}

struct Granted {
  const char* name;
  std::vector<Grant> grants;
  May may;
};

bool is_in(const std::string& text, std::initializer_list<const char*> set) {
  return std::any_of(set.begin(), set.end(), [&](const char* each) { return text == each; });
}

std::vector<Granted> grants_to_try(Micros now) {
  const auto every = GroupSet::every();
  const auto two = GroupSet::of({"440103", "440104"});
  return {
      {"one item",
       {grant_of({"name"}, every)},
       [](auto& item, auto&) {
         return is_in(item, {"number", "name"});
       }},
      {"one district", {grant_of({}, GroupSet::of({"440105"}))}, [](auto&, auto& group) { return group == "440105"; }},
      {"one item of two districts",
       {grant_of({"phone"}, two)},
       [](auto& item, auto& group) {
         return is_in(item, {"number", "phone"}) && is_in(group, {"440103", "440104"});
       }},
      {"all districts by name: not the unknown one",
       {grant_of({}, GroupSet::of({"440103", "440104", "440105"}))},
       [](auto&, auto& group) { return !group.empty(); }},
      {"several that overlap",
       {grant_of({"name"}, two), grant_of({"capital"}, GroupSet::of({"440104", "440105"})), grant_of({"area"}, every)},
       [](auto& item, auto& group) {
         return is_in(item, {"number", "area"}) || (item == "name" && is_in(group, {"440103", "440104"})) ||
                (item == "capital" && is_in(group, {"440104", "440105"}));
       }},
      {"one that has ended beside one that has not",
       {grant_of({}, every, now - 1), grant_of({"name"}, GroupSet::of({"440103"}), now + one_day)},
       [](auto& item, auto& group) {
         return is_in(item, {"number", "name"}) && group == "440103";
       }},
      {"one that has ended", {grant_of({}, every, now - 1)}, [](auto&, auto&) { return false; }},
      {"none", {}, [](auto&, auto&) { return false; }},
  };
}

// Keeps what a link that is not TLS brought, as it was before it was parsed.
class Kept final : public HubLink {
 public:
  explicit Kept(HubLink& link) : link_(link) {}
  wire::SessionReply session(const wire::SessionRequest& request) override { return keep(link_.session(request)); }
  wire::PostReply post(const wire::PostRequest& request) override { return keep(link_.post(request)); }
  wire::FetchReply fetch(const wire::FetchRequest& request) override { return keep(link_.fetch(request)); }
  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    return keep(link_.directory(request));
  }
  wire::AppliedReply applied(const wire::AppliedRequest& request) override { return keep(link_.applied(request)); }
  wire::MattersReply matters(const wire::MattersRequest& request) override { return keep(link_.matters(request)); }
  std::string record;

 private:
  template <typename Reply>
  Reply keep(Reply reply) {
    record += reply.SerializeAsString();
    return reply;
  }
  HubLink& link_;
};

}  // namespace

TEST_CASE("S2.6 S3.5 A25 no octet of what is not granted leaves the hub, by any call, under any kind of grant") {
  ReductionWorld world;
  for (const Granted& granted : grants_to_try(world.hub.clock.now())) {
    INFO(granted.name);
    world.grant(granted.grants);
    const auto tax = world.recorder("tax-01");
    ask_everything(*tax, world, "tax-01");
    const std::string received = unpacked(tax->record());
    check_received(received, world, granted.may);
    CHECK(received.find(letter_to_quality) == std::string::npos);
    const bool anything = granted.may("number", "440103") || granted.may("number", "440105");
    CHECK((received.find(letter_to_tax) != std::string::npos) == anything);
  }
  // One who may have everything received every text by the same calls: so a text that is there is found.
  const auto quality = world.recorder("quality-01");
  ask_everything(*quality, world, "quality-01");
  check_received(
      unpacked(quality->record()), world, [](auto&, auto&) { return true; }, true);
}

TEST_CASE("S2.6 S3.5 what is left out leaves no salt and no digest behind by which its content could be guessed") {
  ReductionWorld world;
  world.grant({grant_of({"name"}, GroupSet::of({"440103"}))});
  const auto tax = world.recorder("tax-01");
  ask_everything(*tax, world, "tax-01");
  const std::string& received = tax->record();
  constexpr std::size_t salt = 16;
  int left_out = 0;
  int given = 0;
  for (const seal::Sealed& sealed : world.sealed) {
    wire::SealedBatch batch;
    REQUIRE(batch.ParseFromString(sealed.octets));
    const seal::Header header = seal::Parsed::from(sealed.octets).header();
    CHECK(received.find(batch.position().substr(0, salt)) == std::string::npos);
    for (const wire::GroupBody& group : batch.groups())
      for (const wire::ItemBlock& item : group.items()) {
        const bool may =
            header.stream.topic == firms && header.groups.at(group.index()) == "440103" && item.index() < 2;
        const Bytes& block = item.block();
        const bool found = received.find(block.substr(0, salt)) != std::string::npos;
        CHECK(found == may);
        (found ? given : left_out) += 1;
        // Whoever guesses the content can make these; only the block's own digest, with its salt, is anywhere.
        const std::string raw = block.substr(salt + 1);
        const std::string plain = raw.substr(block[salt] == 0 ? 0 : 4);
        for (const std::string& guess : {block.substr(salt), raw, plain, unpacked(plain).substr(plain.size())})
          for (const DigestSuite suite : {DigestSuite::sha256, DigestSuite::sm3}) {
            const Digest digest = seal::digest_of(guess, suite);
            CHECK(received.find(digest.bytes()) == std::string::npos);
            CHECK(received.find(digest.hex()) == std::string::npos);
          }
      }
  }
  CHECK(given > 0);
  CHECK(left_out > 10 * given);
}

TEST_CASE("S2.6 S3.5 what files carry to a receiver is reduced as well") {
  ReductionWorld world;
  for (const char* folder : {"out", "in", "hub-in", "hub-out"})
    std::filesystem::create_directory(world.hub.dir / folder);
  hub::FilePortOptions options;
  options.places = {{"tax-01", world.hub.dir / "hub-in", world.hub.dir / "hub-out"}};
  options.files = {world.hub.dir / "hub.crt", world.hub.dir / "hub.key", world.ca_certificate(), {}};
  options.kept = world.hub.dir / "kept";
  hub::FilePort port(
      options, hub::handlers_of(*world.hub.hub), [](const Error&) { std::abort(); }, world.hub.clock,
      [](const std::string&, const Error&) {});
  Gateway gateway(
      {{world.hub.dir / "out", world.hub.dir / "hub-in"}, {world.hub.dir / "hub-out", world.hub.dir / "in"}}, 1, {});
  FileLinkOptions by_files;
  by_files.agent = "tax-01";
  by_files.out = world.hub.dir / "out";
  by_files.in = world.hub.dir / "in";
  by_files.files = {world.hub.dir / "tax-01.crt", world.hub.dir / "tax-01.key", world.ca_certificate(), {}};
  by_files.hub_certificate = world.hub.dir / "hub.crt";
  FileLink link(by_files, world.hub.clock, world.hub.random, [&](Micros time) {
    world.hub.clock.advance(time);
    gateway.turn(world.hub.clock.steady());
    port.turn();
    gateway.turn(world.hub.clock.steady());
  });
  world.grant({grant_of({"phone"}, GroupSet::of({"440104"}))});
  Kept kept(link);
  ask_everything(kept, world, "tax-01");
  check_received(unpacked(kept.record), world, [](auto& item, auto& group) {
    return is_in(item, {"number", "phone"}) && group == "440104";
  });
}

TEST_CASE(
    "S2.6 A16 a poll that is parked while its grant is narrowed ends at once, and later batches are reduced by the "
    "new") {
  ReductionWorld world;
  const std::vector<Grant> wide = {grant_of({}, GroupSet::every())};
  const std::vector<Grant> narrow = {grant_of({"name"}, GroupSet::of({"440103"}))};
  const auto tax = world.recorder("tax-01");
  for (int round = 0; round < 6; ++round) {
    world.grant(wide);
    wire::FetchRequest request = request_after(firms, head_of(world.sealed.back().octets));
    world.seal_one(firms, BatchKind::change, {"440103"});
    request = request_after(firms, head_of(world.sealed.back().octets));
    request.set_wait_ms(30'000);
    request.mutable_directory()->set_version(world.hub.directory.version);
    request.mutable_directory()->set_digest(world.hub.sealed.digest.bytes());
    tax->forget();
    wire::FetchReply reply;
    std::thread parked([&] { reply = tax->fetch(request); });
    world.grant(narrow);
    // Accepted as soon as the grant is narrower, whether the poll was parked already or not.
    world.seal_one(firms, BatchKind::change, all_groups);
    parked.join();
    CHECK(reply.directory().version() == world.hub.directory.version);
    tax->fetch(request_after(firms, {}));
    check_received(unpacked(tax->record()), world, [](auto& item, auto& group) {
      return is_in(item, {"number", "name"}) && group == "440103";
    });
  }
}

TEST_CASE("S2.6 A16 a poll that is parked while its agent is disabled ends refused, and nothing comes any more") {
  ReductionWorld world;
  world.grant({grant_of({}, GroupSet::every())});
  const auto tax = world.recorder("tax-01");
  wire::FetchRequest request = request_after(firms, head_of(world.sealed[4].octets));
  request.set_wait_ms(30'000);
  request.mutable_directory()->set_version(world.hub.directory.version);
  request.mutable_directory()->set_digest(world.hub.sealed.digest.bytes());
  REQUIRE(tax->fetch(request_after(firms, {})).pages(0).batches_size() == 5);
  tax->forget();
  std::string ended;
  std::thread parked([&] { ended = thrown_by([&] { tax->fetch(request); }); });
  const std::string how = GENERATE("the agent is disabled", "its certificate's key is taken out");
  INFO(how);
  world.hub.change_directory([&](Directory& directory) {
    if (how == "the agent is disabled")
      directory.agents["tax-01"].enabled = false;
    else
      directory.agents["tax-01"].tls_keys.clear();
  });
  world.seal_one(firms, BatchKind::change, all_groups);
  parked.join();
  CHECK(ended == (how == "the agent is disabled" ? "rejected QZ-LINK-102" : "rejected QZ-LINK-103"));
  CHECK(tax->status() == 401);
  CHECK(thrown_by([&] { tax->fetch(request_after(firms, {})); }) == ended);
  check_received(unpacked(tax->record()), world, [](auto&, auto&) { return false; });
}

TEST_CASE("A12 A16 an open connection and a poll that is parked on it end when their certificate does") {
  ReductionWorld world;
  world.grant({grant_of({}, GroupSet::every())});
  const auto tax = world.recorder("tax-01");
  wire::FetchRequest request = request_after(firms, head_of(world.sealed[4].octets));
  request.set_wait_ms(30'000);
  request.mutable_directory()->set_version(world.hub.directory.version);
  request.mutable_directory()->set_digest(world.hub.sealed.digest.bytes());
  REQUIRE(tax->fetch(request_after(firms, {})).pages(0).batches_size() == 5);
  const bool parks = GENERATE(true, false);
  std::string ended;
  std::thread parked([&] {
    if (parks) ended = thrown_by([&] { tax->fetch(request); });
  });
  world.hub.clock.step(2 * one_day);
  parked.join();
  if (!parks) ended = thrown_by([&] { tax->fetch(request_after(firms, {})); });
  CHECK(ended == "rejected QZ-LINK-104");
  CHECK(tax->status() == 401);
}

}  // namespace qianzhi::test
