#include <catch2/catch.hpp>

#include "hub_support.h"
#include "tests/support/errors.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

namespace {

std::vector<seal::Parsed> batches_of(const wire::Page& page) {
  std::vector<seal::Parsed> batches;
  for (const Bytes& octets : page.batches()) batches.push_back(seal::Parsed::from(octets));
  return batches;
}

wire::Wish wish_for(const GroupSet& groups, const std::string& topic = test::firms) {
  wire::Wish wish;
  write_value(StreamId{"commerce-01", topic}, *wish.mutable_stream());
  write_value(groups, *wish.mutable_groups());
  wish.set_asker("somebody-else");
  return wish;
}

}  // namespace

TEST_CASE("R7.1 a page holds the batches after the mark in order, each linked to the one before") {
  HubWorld world;
  const auto chain = world.filled();
  const auto first = batches_of(world.fetch({}));
  REQUIRE(first.size() == 4);
  Digest previous;
  for (const seal::Parsed& batch : first) {
    CHECK(batch.header().previous == previous);
    CHECK(batch.signed_by(world.key.record()));
    previous = batch.digest();
  }
  CHECK(previous == chain.head.digest);
  const wire::Page rest = world.fetch(first[2].head());
  CHECK(rest.state() == wire::PAGE);
  CHECK(rest.batches_size() == 1);
  CHECK(rest.directory_version() == 1);
  CHECK(world.read(rest.head()).head == chain.head);
  CHECK(seal::Parsed::from(rest.newest().SerializeAsString()).head() == chain.head);
  const wire::Page end = world.fetch(chain.head);
  CHECK(end.state() == wire::PAGE);
  CHECK(end.batches_size() == 0);
}

TEST_CASE("R7.1 a page is empty for a stream that has no batch and a subscriber without a mark") {
  HubWorld world;
  const wire::Page page = world.fetch({});
  CHECK(page.state() == wire::PAGE);
  CHECK(page.batches_size() == 0);
  CHECK_FALSE(page.has_newest());
  CHECK(world.read(page.head()).head.is_none());
}

TEST_CASE("R7.1 a mark off the chain restarts unless the head lies before it, then the hub is behind") {
  HubWorld world;
  const auto chain = world.filled();
  Digest other;
  other.octets.fill(9);
  CHECK(world.fetch({{1, 4}, other}).state() == wire::RESTART);
  CHECK(world.fetch({{1, 2}, other}).state() == wire::RESTART);
  const wire::Page behind = world.fetch({{1, 5}, other});
  CHECK(behind.state() == wire::BEHIND);
  CHECK(seal::Parsed::from(behind.newest().SerializeAsString()).head() == chain.head);
  CHECK(world.fetch({{2, 1}, other}).state() == wire::BEHIND);
  HubWorld empty;
  CHECK(empty.fetch({{1, 1}, other}).state() == wire::BEHIND);
}

TEST_CASE("R7.1 A25 a caller without a grant gets nothing of the stream, not even its head") {
  HubWorld world;
  const auto chain = world.filled();
  for (const std::string agent : {"quality-01", "commerce-01"}) {
    const wire::Page page = world.fetch({}, agent);
    CHECK(page.state() == wire::DENIED);
    CHECK(page.batches_size() == 0);
    CHECK_FALSE(page.has_newest());
    CHECK_FALSE(page.has_head());
  }
  CHECK(world.fetch({}, "tax-01", test::closed_firms).state() == wire::DENIED);
  CHECK(world.fetch({}, "tax-01", "no.such.topic").state() == wire::DENIED);
}

TEST_CASE("R7.1 A25 a grant ends at its time and with the directory that withdraws it") {
  HubWorld world;
  world.filled();
  world.change_directory([&](Directory& d) { d.grants[0].not_after = world.clock.now() + 1000; });
  CHECK(world.fetch({}).batches_size() == 4);
  world.clock.advance(1000);
  CHECK(world.fetch({}).state() == wire::DENIED);
  world.change_directory([](Directory& d) { d.grants[0].not_after = 0; });
  CHECK(world.fetch({}).directory_version() == 3);
  world.change_directory([](Directory& d) { d.grants.clear(); });
  CHECK(world.fetch({}).state() == wire::DENIED);
}

TEST_CASE("R7.1 pages are reduced to the granted groups and items and never carry the source position") {
  HubWorld world;
  auto chain = world.chain();
  world.post({chain.begin(), chain.rows({"", "440103", "440104"}), chain.end(), chain.change({"440104"})});
  const wire::Page page = world.fetch({});
  const Entitlement mine = world.directory.entitlement("tax-01", test::firms, world.clock.now());
  for (const seal::Parsed& batch : batches_of(page)) {
    batch.check_contents();
    batch.check_entitled(mine);
    CHECK_FALSE(batch.source_position().has_value());
  }
  const auto batches = batches_of(page);
  REQUIRE(batches.size() == 4);
  const seal::BatchContent rows = batches[1].open();
  REQUIRE(rows.groups.size() == 1);
  CHECK(rows.groups[0].group == "440103");
  CHECK(rows.items == std::vector<std::string>{"number", "area"});
  CHECK(batches[3].is_bare());
  CHECK(batches[3].header().groups == std::vector<Group>{"440104"});
  CHECK(page.SerializeAsString().find("secret name") == std::string::npos);
}

TEST_CASE("R7.1 max_bytes bounds a page but one batch always fits") {
  HubWorld world;
  auto chain = world.filled();
  for (int i = 0; i < 20; ++i) world.post(chain.change());
  CHECK(world.fetch({}, "tax-01", test::firms, 1).batches_size() == 1);
  const int some = world.fetch({}, "tax-01", test::firms, 4000).batches_size();
  CHECK(some > 1);
  CHECK(some < 24);
}

TEST_CASE("R7.1 a busy stream leaves room for the others of the same fetch") {
  HubWorld world;
  world.change_directory([](Directory& d) {
    Grant grant = d.grants[0];
    grant.topic = test::closed_firms;
    d.grants.push_back(grant);
  });
  auto busy = world.filled();
  for (int i = 0; i < 30; ++i) world.post(busy.change());
  auto quiet = world.chain(test::closed_firms);
  world.post(quiet.begin());
  for (int turn = 0; turn < 2; ++turn) {
    wire::FetchRequest request;
    for (const char* topic : {test::firms, test::closed_firms})
      write_value(StreamId{"commerce-01", topic}, *request.add_marks()->mutable_stream());
    request.set_max_bytes(3000);
    const wire::FetchReply reply = world.hub->fetch("tax-01", request);
    REQUIRE(reply.pages_size() == 2);
    CHECK(reply.pages(0).batches_size() > 0);
    CHECK(reply.pages(1).batches_size() == 1);
  }
}

TEST_CASE("R7.3 a restart begins before the newest complete begin(*), else before the newest begin(*)") {
  HubWorld world;
  auto chain = world.chain();
  const Head lost{{1, 1}, Digest::from_bytes(std::string(32, 'x'))};
  world.post(chain.begin());
  CHECK(read_value(world.fetch(lost).restart()).is_none());  // before the first batch
  world.post(chain.change());
  const Head before_second = chain.head;
  world.post(chain.begin());
  CHECK(read_value(world.fetch(lost).restart()) == before_second);  // none complete: the newest
  world.post({chain.rows({"440103"}), chain.end()});
  const Head complete = chain.head;
  world.post(chain.begin());
  CHECK(read_value(world.fetch(lost).restart()) == before_second);  // the newest complete one
  world.post(chain.begin(GroupSet::of({"440103"})));
  world.post(chain.end(GroupSet::of({"440103"})));
  CHECK(read_value(world.fetch(lost).restart()) == before_second);  // a part is not *
  const wire::Page again = world.fetch(before_second);
  CHECK(again.state() == wire::PAGE);
  CHECK(batches_of(again).at(0).header().kind == BatchKind::begin);
  CHECK(complete.position == Position{1, 5});
  // A new subscriber is sent to the same place.
  CHECK(read_value(world.fetch({}).restart()) == before_second);
}

TEST_CASE("R7.3 an end that names an aborted begin completes nothing") {
  HubWorld world;
  auto chain = world.chain();
  world.post({chain.begin(), chain.change()});
  const Head before = chain.head;
  auto aborted = chain;
  const Digest first_begin = seal::Parsed::from(world.fetch({}).batches(0)).digest();
  world.post(chain.begin());
  CHECK(world.post(chain.add(BatchKind::end, {}, GroupSet::every(), first_begin)).outcome() == wire::ACCEPTED);
  CHECK(read_value(world.fetch({{1, 1}, Digest::from_bytes(std::string(32, 'x'))}).restart()) == before);
  CHECK_THROWS_WITH(world.hub->trim({"commerce-01", test::firms}), Catch::Contains("QZ-HUB-026"));
}

TEST_CASE("R6.7 trim goes up to the newest complete begin(*) and its last position and digest stay") {
  HubWorld world;
  auto chain = world.chain();
  world.post({chain.begin(), chain.change()});
  CHECK_THROWS_WITH(world.hub->trim({"commerce-01", test::firms}), Catch::Contains("QZ-HUB-026"));
  CHECK_THROWS_WITH(world.hub->trim({"commerce-01", "no.such"}), Catch::Contains("QZ-HUB-027"));
  const Head early{{1, 1}, seal::Parsed::from(world.fetch({}).batches(0)).digest()};
  const Head last_trimmed = chain.head;
  world.post({chain.begin(), chain.rows({"440103"}), chain.end(), chain.change()});
  world.hub->trim({"commerce-01", test::firms});
  CHECK(world.hub->status().at(0).batches == 4);
  world.start();
  CHECK(world.fetch(last_trimmed).batches_size() == 4);
  const wire::Page restart = world.fetch(early);
  CHECK(restart.state() == wire::RESTART);
  CHECK(read_value(restart.restart()) == last_trimmed);
  CHECK(world.fetch({}).state() == wire::RESTART);
  world.open();
  CHECK(world.post(chain.change()).outcome() == wire::ACCEPTED);
}

TEST_CASE(
    "R4.6 a wish reaches the provider at its next fetch, once, with the asker the hub knows and granted groups only") {
  HubWorld world;
  wire::FetchRequest request;
  *request.add_wishes() = wish_for(GroupSet::of({"440103", "440104"}));
  const std::uint64_t before = world.hub->changes();
  world.hub->fetch("tax-01", request);
  world.hub->fetch("tax-01", request);  // said again: still one
  CHECK(world.hub->changes() == before + 1);
  CHECK(world.hub->fetch("commerce-02", {}).wishes_size() == 0);
  const wire::FetchReply reply = world.hub->fetch("commerce-01", {});
  REQUIRE(reply.wishes_size() == 1);
  CHECK(reply.wishes(0).asker() == "tax-01");
  CHECK(read_value(reply.wishes(0).groups()) == GroupSet::of({"440103"}));
  CHECK(world.hub->fetch("commerce-01", {}).wishes_size() == 0);
}

TEST_CASE("R4.7 A18 a wish whose evidence is no bare header of its stream is refused and never reaches the provider") {
  HubWorld world;
  test::Chain stream = world.filled();
  const seal::Sealed batch = stream.change();
  test::Chain other = world.chain(test::closed_firms);
  wire::SealedBatch junk;
  junk.set_header("\x01\x02\x03");
  wire::SealedBatch whole;
  REQUIRE(whole.ParseFromString(batch.octets));
  wire::SealedBatch elsewhere;
  REQUIRE(elsewhere.ParseFromString(seal::Parsed::from(other.begin().octets).bare()));
  const auto ask = [&](const wire::SealedBatch& evidence) {
    wire::FetchRequest request;
    *request.add_wishes() = wish_for(GroupSet::of({"440103"}));
    *request.mutable_wishes(0)->mutable_evidence() = evidence;
    return test::thrown_by([&] { world.hub->fetch("tax-01", request); });
  };
  CHECK(ask(junk) == "rejected QZ-HUB-011");
  CHECK(ask(whole) == "rejected QZ-HUB-011");
  CHECK(ask(elsewhere) == "rejected QZ-HUB-011");
  CHECK(world.hub->fetch("commerce-01", {}).wishes_size() == 0);
  wire::SealedBatch good;
  REQUIRE(good.ParseFromString(seal::Parsed::from(batch.octets).bare()));
  CHECK(ask(good) == "nothing");
  CHECK(world.hub->fetch("commerce-01", {}).wishes_size() == 1);
}

TEST_CASE("A25 a wish of a caller without a grant is dropped") {
  HubWorld world;
  wire::FetchRequest request;
  *request.add_wishes() = wish_for(GroupSet::every());
  *request.add_wishes() = wish_for(GroupSet::every(), test::closed_firms);
  world.hub->fetch("quality-01", request);
  CHECK(world.hub->fetch("commerce-01", {}).wishes_size() == 0);
}

TEST_CASE("the directory is served as its signed root and parts by digest, also those of the one before") {
  HubWorld world;
  const auto before = world.sealed;
  world.change_directory([](Directory& d) { d.grants.clear(); });
  wire::DirectoryRequest request;
  const wire::DirectoryReply root = world.hub->directory("tax-01", request);
  const auto content = seal::open_root(root.signed_root(), world.directory_key.record());
  CHECK(content.version == 2);
  for (const Digest& part : content.parts) request.add_parts(part.bytes());
  const wire::DirectoryReply reply = world.hub->directory("tax-01", request);
  std::map<Digest, Bytes> parts;
  for (int i = 0; i < reply.parts_size(); ++i) parts[content.parts[static_cast<std::size_t>(i)]] = reply.parts(i);
  CHECK(seal::open_directory(reply.signed_root(), parts, world.directory_key.record()) == world.directory);
  request.clear_parts();
  for (const auto& [digest, octets] : before.parts) request.add_parts(digest.bytes());
  CHECK(world.hub->directory("tax-01", request).parts_size() == 3);
  request.add_parts(std::string(32, 'x'));
  CHECK_THROWS_WITH(world.hub->directory("tax-01", request), Catch::Contains("QZ-HUB-019"));
}

TEST_CASE("an apply receipt is kept only with the subscriber's own signature") {
  HubWorld world;
  const auto chain = world.filled();
  wire::AppliedBody body;
  write_value(StreamId{"commerce-01", test::firms}, *body.mutable_stream());
  body.set_subscriber("tax-01");
  write_value(chain.head, *body.mutable_mark());
  wire::AppliedRequest request;
  wire::Applied& applied = *request.add_applied();
  applied.set_body(body.SerializeAsString());
  applied.mutable_signature()->set_key_id(world.tax_key.record().id);
  applied.mutable_signature()->set_value(world.tax_key.sign(seal::Purpose::applied, applied.body()));
  CHECK_THROWS_WITH(world.hub->applied("quality-01", request), Catch::Contains("QZ-HUB-031"));
  world.hub->applied("tax-01", request);
  wire::AppliedRequest unknown = request;
  write_value(StreamId{"commerce-01", test::closed_firms}, *body.mutable_stream());
  unknown.mutable_applied(0)->set_body(body.SerializeAsString());
  CHECK_THROWS_WITH(world.hub->applied("tax-01", unknown), Catch::Contains("QZ-HUB-031"));
  unknown.mutable_applied(0)->mutable_signature()->set_value(
      world.tax_key.sign(seal::Purpose::applied, unknown.applied(0).body()));
  CHECK_NOTHROW(world.hub->applied("tax-01", unknown));  // of a stream that this hub does not hold: nothing is kept
  wire::AppliedRequest forged = request;
  forged.mutable_applied(0)->set_body(body.SerializeAsString() + "\x20\x01");
  CHECK_THROWS_WITH(world.hub->applied("tax-01", forged), Catch::Contains("QZ-HUB-031"));
  // A subscriber with two keys signs with both.
  const seal::SigningKey second = seal::SigningKey::generate(seal::Algorithm::sm2);
  world.register_keys("tax-01", world.tax_key.with_second(second).records());
  CHECK_THROWS_WITH(world.hub->applied("tax-01", request), Catch::Contains("QZ-HUB-031"));
  applied.mutable_second()->set_key_id(second.record().id);
  applied.mutable_second()->set_value(second.sign(seal::Purpose::applied, applied.body()));
  world.hub->applied("tax-01", request);
  world.hub.reset();
  hub::Log log(world.options.store, {});
  CHECK(log.view().applied("tax-01", {"commerce-01", test::firms}) == request.applied(0).SerializeAsString());
}

TEST_CASE("A12 headers alone carry no row, and are given only to who may read the stream") {
  HubWorld world;
  auto chain = world.filled();
  const auto headers = [&](const std::string& agent, const std::string& topic) {
    wire::FetchRequest request;
    wire::MarkMessage& asked = *request.add_marks();
    write_value(StreamId{"commerce-01", topic}, *asked.mutable_stream());
    asked.set_headers_only(true);
    return world.hub->fetch(agent, request).pages(0);
  };
  const wire::Page page = headers("tax-01", test::firms);
  CHECK(page.state() == wire::PAGE);
  REQUIRE(page.batches_size() == 4);
  for (const std::string& batch : page.batches()) {
    const seal::Parsed header = seal::Parsed::from(batch);
    CHECK(header.is_bare());
    CHECK(header.judge_signatures(world.directory.signing_keys("commerce-01")).holds());
  }
  CHECK(seal::Parsed::from(page.batches(3)).head() == chain.head);
  CHECK(page.SerializeAsString().find("secret name") == std::string::npos);
  CHECK(headers("quality-01", test::firms).state() == wire::DENIED);
  CHECK(headers("quality-01", test::firms).batches_size() == 0);
}
