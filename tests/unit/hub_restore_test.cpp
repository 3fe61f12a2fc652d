#include <catch2/catch.hpp>

#include "hub_support.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

namespace {

// A hub whose store came back from a copy that was taken before the newest batch. taken: what agents hold since.
struct Restored : HubWorld {
  test::Chain tail = chain();
  wire::Receipt lost;

  Restored() {
    post({tail.begin(), tail.change()});
    hub.reset();
    std::filesystem::copy_file(options.store, dir / "backup.db");
    start();
    open();
    lost = post({tail.change(), tail.change()}).head();
    bring_back();
  }
  void bring_back() {
    hub.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(options.store.string() + suffix);
    std::filesystem::copy_file(dir / "backup.db", options.store);
    start();
    sessions.clear();
  }
  wire::SessionReply show(const wire::Receipt& receipt) {
    wire::SessionRequest request;
    request.add_topics(test::firms);
    *request.add_receipts() = receipt;
    return open("commerce-01", request);
  }
  wire::Receipt signed_receipt(const Incarnation& incarnation, const Head& head) {
    wire::Receipt receipt;
    seal::sign_receipt({incarnation, {"commerce-01", test::firms}, head, {}, 1}, hub_key, receipt);
    return receipt;
  }
  Incarnation incarnation() { return read_value(fetch_reply({}).incarnation()); }
};

wire::SessionRequest with_directory(const seal::SealedDirectory& sealed, std::uint64_t version, bool proved) {
  wire::SessionRequest request;
  request.mutable_directory()->set_version(version);
  request.mutable_directory()->set_digest(sealed.digest.bytes());
  if (proved) request.set_signed_root(sealed.signed_root);
  return request;
}

}  // namespace

TEST_CASE("R6.5 a receipt of the present incarnation beyond the head stops accepting and delivering, durably") {
  Restored world;
  const wire::SessionReply reply = world.show(world.lost);
  CHECK(reply.stopped() == "QZ-HUB-021");
  CHECK(reply.session().empty());
  CHECK_THAT(reply.stopped_detail(), Catch::Contains("commerce-01/commerce.firms 1.4"));
  wire::PostRequest post;
  CHECK(world.hub->post("commerce-01", post).stopped() == "QZ-HUB-021");
  const wire::FetchReply fetched = world.fetch_reply({});
  CHECK(fetched.stopped() == "QZ-HUB-021");
  CHECK(fetched.pages_size() == 0);
  world.start();
  CHECK(world.hub->stopped().code == "QZ-HUB-021");
}

TEST_CASE("R6.5 a receipt off the chain, shown by a subscriber, stops the hub") {
  Restored world;
  // The provider sealed something else at the same positions before the subscriber came back.
  test::Chain other = world.tail;
  other.head = world.hub->status().at(0).head;
  world.open();
  world.post({other.change({"440104"}), other.change()});
  wire::FetchRequest request;
  write_value(StreamId{"commerce-01", test::firms}, *request.add_marks()->mutable_stream());
  *request.mutable_marks(0)->mutable_receipt() = world.lost;
  CHECK(world.hub->fetch("tax-01", request).stopped() == "QZ-HUB-021");
}

TEST_CASE("R6.5 a receipt of an incarnation that is neither present nor closed stops the hub") {
  Restored world;
  CHECK(world.show(world.signed_receipt({9, 9}, {})).stopped() == "QZ-HUB-022");
}

TEST_CASE("R6.5 nothing is proved by receipts on the chain, trimmed ones, other keys or closed incarnations") {
  Restored world;
  const Incarnation present = world.incarnation();
  CHECK(world.show(world.signed_receipt(present, world.hub->status().at(0).head)).stopped().empty());
  wire::Receipt forged;
  seal::sign_receipt({{9, 9}, {"commerce-01", test::firms}, {}, {}, 1}, world.other_key, forged);
  CHECK(world.show(forged).stopped().empty());
  world.hub->recover();
  CHECK(world.show(world.lost).stopped().empty());
  // A claim without a signed receipt is no proof, but is not passed over either.
  wire::SessionRequest claim;
  write_value(Incarnation{9, 9}, *claim.add_seen());
  CHECK_THROWS_WITH(world.open("commerce-01", claim), Catch::Contains("QZ-HUB-013"));
  CHECK(world.hub->stopped().code.empty());
}

TEST_CASE("R6.5 a directory that is not in the history stops the hub once its signed root is shown") {
  Restored world;
  const Directory mine = world.directory;
  for (const std::uint64_t version : {mine.version + 1, mine.version}) {
    Directory lost = mine;
    lost.version = version;
    lost.expires += 1;
    const auto sealed = seal::seal_directory(lost, world.directory_key);
    CHECK_THROWS_WITH(world.open("commerce-01", with_directory(sealed, version, false)), Catch::Contains("QZ-HUB-012"));
    const auto forged = seal::seal_directory(lost, world.other_key);
    CHECK_THROWS_WITH(world.open("commerce-01", with_directory(forged, version, true)), Catch::Contains("QZ-HUB-011"));
    CHECK(world.hub->stopped().code.empty());
    CHECK(world.open("commerce-01", with_directory(sealed, version, true)).stopped() == "QZ-HUB-023");
    CHECK(world.hub->newest_shown_directory()->digest == sealed.digest);
    world.bring_back();
  }
  CHECK(world.open("commerce-01", with_directory(world.sealed, mine.version, false)).stopped().empty());
}

TEST_CASE("R6.5 a lower version with another digest stops the hub too") {
  Restored world;
  world.change_directory([](Directory& d) { d.grants.clear(); });
  Directory lost = world.directory;
  lost.version = 1;
  const auto sealed = seal::seal_directory(lost, world.directory_key);
  CHECK(world.open("commerce-01", with_directory(sealed, 1, true)).stopped() == "QZ-HUB-023");
}

TEST_CASE("R6.6 recover closes the present and all shown incarnations and the lost tail is accepted again") {
  Restored world;
  const Incarnation before = world.incarnation();
  wire::PostRequest of_old_session;
  of_old_session.set_session(world.open().session());
  const wire::Receipt unknown = world.signed_receipt({9, 9}, {});
  world.show(unknown);
  world.show(world.lost);
  world.hub->recover();
  CHECK(world.hub->stopped().code.empty());
  const Incarnation after = world.incarnation();
  CHECK(after.counter == 10);
  CHECK(after.random != before.random);
  CHECK(world.hub->post("commerce-01", of_old_session).unknown_session());  // all sessions ended
  CHECK(world.show(world.lost).stopped().empty());
  CHECK(world.show(unknown).stopped().empty());
  const wire::SessionReply reply = world.show(world.lost);
  CHECK(world.read(reply.heads(0)).head.position == Position{1, 2});
  CHECK(world.read(reply.heads(0)).incarnation == after);
  world.start();
  CHECK(world.incarnation() == after);
  CHECK(world.show(unknown).stopped().empty());
}

TEST_CASE("R6.6 after recover nothing is delivered before a directory above all shown is in force") {
  Restored world;
  Directory lost = world.directory;
  lost.version = 7;
  world.open("commerce-01", with_directory(seal::seal_directory(lost, world.directory_key), 7, true));
  world.hub->recover();
  CHECK(world.hub->stopped().code == "QZ-HUB-024");
  CHECK(world.fetch_reply({}).stopped() == "QZ-HUB-024");
  CHECK(world.hub->next_directory_version() == 8);
  world.directory.version = 8;
  world.install();
  world.hub->install_directory(world.directory, world.sealed);
  CHECK(world.hub->stopped().code.empty());
  CHECK(world.fetch({}).state() == wire::PAGE);
}

TEST_CASE("R6.6 a hub that is started stopped delivers nothing until recover") {
  HubWorld world;
  world.filled();
  world.options.start_stopped = true;
  world.start();
  CHECK(world.fetch_reply({}).stopped() == "QZ-HUB-025");
  world.hub->recover();
  CHECK(world.fetch({}).state() == wire::PAGE);
}

TEST_CASE("a directory older than the store's history, or another of the same version, is not installed") {
  HubWorld world;
  const Directory first = world.directory;
  const auto first_sealed = world.sealed;
  world.change_directory([](Directory& d) { d.grants.clear(); });
  CHECK_THROWS_WITH(world.hub->install_directory(first, first_sealed), Catch::Contains("QZ-HUB-020"));
  Directory other = world.directory;
  other.expires += 1;
  CHECK_THROWS_WITH(world.hub->install_directory(other, seal::seal_directory(other, world.directory_key)),
                    Catch::Contains("QZ-HUB-020"));
  world.hub->install_directory(world.directory, world.sealed);
  world.hub.reset();
  const hub::LastDirectory last = hub::last_directory(world.options.store);
  CHECK(last.version == 2);
  CHECK(last.signed_root == world.sealed.signed_root);
}
