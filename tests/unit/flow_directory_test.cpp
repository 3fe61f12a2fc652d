#include <catch2/catch.hpp>

#include "agent/flow/directory_keeper.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/key.h"
#include "tests/support/temp_dir.h"

using namespace qianzhi;

namespace {

// A hub that answers with one directory; what happens before its first answer arrives is up to the test.
class Answer final : public HubLink {
 public:
  Answer(seal::SealedDirectory sealed, std::function<void()> meanwhile = {})
      : sealed_(std::move(sealed)), meanwhile_(std::move(meanwhile)) {}

  wire::DirectoryReply directory(const wire::DirectoryRequest& request) override {
    wire::DirectoryReply reply;
    reply.set_signed_root(sealed_.signed_root);
    for (const std::string& part : request.parts()) reply.add_parts(sealed_.parts.at(Digest::from_bytes(part)));
    if (meanwhile_) std::exchange(meanwhile_, {})();
    return reply;
  }
  wire::SessionReply session(const wire::SessionRequest&) override { return {}; }
  wire::PostReply post(const wire::PostRequest&) override { return {}; }
  wire::FetchReply fetch(const wire::FetchRequest&) override { return {}; }
  wire::AppliedReply applied(const wire::AppliedRequest&) override { return {}; }
  wire::MattersReply matters(const wire::MattersRequest&) override { return {}; }

 private:
  seal::SealedDirectory sealed_;
  std::function<void()> meanwhile_;
};

}  // namespace

TEST_CASE("R7.4 A10 of two stages that fetch side by side the slower one puts no older directory over a newer") {
  const test::TempDir dir;
  SystemRandom random;
  const SystemClock clock;
  const seal::SigningKey key = seal::SigningKey::generate();
  store::Store store({dir / "queue.db", {}, 0}, Bytes(32, 'k'), random);
  flow::DirectoryKeeper keeper(store, clock, key.record());
  const auto version = [&](std::uint64_t number) {
    Directory directory;
    directory.version = number;
    directory.hub_key = key.record();
    directory.departments["tax"] = {"tax", std::to_string(number), "tax"};
    return seal::seal_directory(directory, key);
  };
  Answer newer(version(3));
  Answer older(version(2), [&] { keeper.refresh(newer); });
  keeper.refresh(older);
  CHECK(keeper.in_force()->version == 3);
  CHECK(flow::DirectoryKeeper(store, clock, key.record()).in_force()->version == 3);
}
