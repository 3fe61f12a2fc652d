// Letters between subscribers and providers, as the hub carries them (PROTOCOL 9.1).
#include <catch2/catch.hpp>

#include "hub-protocol/seal/letter.h"
#include "hub-protocol/wire/comparison.pb.h"
#include "hub_support.h"

using namespace qianzhi;
using qianzhi::test::HubWorld;

namespace {

wire::Comparison letter_of(const std::string& from, const std::string& to, wire::ComparisonStep step = wire::ASK) {
  wire::Comparison content;
  write_value(StreamId{"commerce-01", test::firms}, *content.mutable_stream());
  content.set_from(from);
  content.set_to(to);
  content.set_conversation(Bytes(16, 'c'));
  content.set_step(step);
  return content;
}

wire::FetchReply write_to(HubWorld& world, const std::string& caller, const wire::Comparison& content,
                          const seal::SigningKey& key) {
  wire::FetchRequest request;
  seal::sign_letter(content, key, *request.add_letters());
  return world.hub->fetch(caller, request);
}

std::vector<wire::Letter> letters_of(HubWorld& world, const std::string& caller) {
  wire::FetchRequest request;
  request.set_takes_letters(true);
  const wire::FetchReply reply = world.hub->fetch(caller, request);
  return {reply.letters().begin(), reply.letters().end()};
}

}  // namespace

TEST_CASE("letters go from a subscriber to the provider and back, once, the newest of each, and wake who waits") {
  HubWorld world;
  const std::uint64_t before = world.hub->changes();
  write_to(world, "tax-01", letter_of("tax-01", "commerce-01"), world.tax_key);
  write_to(world, "tax-01", letter_of("tax-01", "commerce-01", wire::DIFFER), world.tax_key);
  CHECK(world.hub->changes() > before);
  CHECK(letters_of(world, "tax-01").empty());
  // Only who says so gets them: another stage of the agent would not know what to do with them.
  CHECK(world.hub->fetch("commerce-01", {}).letters_size() == 0);
  const auto letters = letters_of(world, "commerce-01");
  REQUIRE(letters.size() == 1);
  wire::Comparison content;
  REQUIRE(content.ParseFromString(letters[0].body()));
  CHECK(content.step() == wire::DIFFER);
  CHECK(letters_of(world, "commerce-01").empty());
  write_to(world, "commerce-01", letter_of("commerce-01", "tax-01"), world.key);
  CHECK(letters_of(world, "tax-01").size() == 1);
}

TEST_CASE("A11 letters pass only between a provider and one who may receive, and only in one's own name") {
  HubWorld world;
  // No grant: neither to nor from.
  write_to(world, "quality-01", letter_of("quality-01", "commerce-01"), world.other_key);
  write_to(world, "commerce-01", letter_of("commerce-01", "quality-01"), world.key);
  CHECK(letters_of(world, "commerce-01").empty());
  CHECK(letters_of(world, "quality-01").empty());
  CHECK_THROWS_AS(write_to(world, "quality-01", letter_of("tax-01", "commerce-01"), world.tax_key), Error);
  CHECK_THROWS_AS(write_to(world, "tax-01", letter_of("tax-01", "commerce-01"), world.other_key), Error);
  CHECK(letters_of(world, "commerce-01").empty());
  // The grant ends before the letter was taken.
  write_to(world, "tax-01", letter_of("tax-01", "commerce-01"), world.tax_key);
  world.change_directory([](Directory& d) { d.grants.clear(); });
  CHECK(letters_of(world, "commerce-01").empty());
}
