#include <catch2/catch.hpp>

#include <set>

#include "hub-protocol/base/error.h"
#include "hub-protocol/wire/batch.pb.h"
#include "tests/support/seal_samples.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

Sealed seal_small(const BatchContent& content = small_content(), Header header = change_header()) {
  CountingRandom random;
  return seal::seal(std::move(header), content, {"0001", "xid 77"}, provider_key(), random);
}

// Everything a subscriber or the hub does before it believes a whole batch.
bool is_accepted(const Bytes& octets) {
  try {
    const Parsed parsed = Parsed::from(octets);
    if (!parsed.signed_by(provider_key().record()) || !parsed.is_complete()) return false;
    parsed.check_contents();
    parsed.open();
    return parsed.source_position().has_value();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("A sealed batch comes back as it went in, with its header and source position", "[seal]") {
  const Sealed sealed = seal_small();
  const Parsed parsed = Parsed::from(sealed.octets);
  REQUIRE(parsed.digest() == sealed.digest);
  REQUIRE(parsed.signed_by(provider_key().record()));
  REQUIRE_FALSE(parsed.signed_by(SigningKey::generate().record()));
  REQUIRE_NOTHROW(parsed.check_contents());
  REQUIRE(parsed.is_complete());
  REQUIRE_FALSE(parsed.is_bare());
  const BatchContent content = parsed.open();
  const BatchContent expected = small_content();
  REQUIRE(content.items == expected.items);
  REQUIRE(content.groups.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(content.groups[i].group == expected.groups[i].group);
    CHECK(content.groups[i].meta == expected.groups[i].meta);
    CHECK(content.groups[i].items == expected.groups[i].items);
  }
  const Header& header = parsed.header();
  CHECK(header.key_id == provider_key().record().id);
  CHECK(header.groups == std::vector<Group>{"", "440103", "440104"});
  CHECK(header.previous == change_header().previous);
  CHECK(header.time == change_header().time);
  CHECK(parsed.head() == Head{{1, 2}, sealed.digest});
  CHECK(parsed.source_position() == SourcePosition{"0001", "xid 77"});
}

TEST_CASE("R0: begin(*), begin of a list and end carry their group set and begin digest in the header", "[seal]") {
  CountingRandom random;
  const Digest begin = Digest::from_bytes(std::string(32, 'b'));
  Header header = change_header({2, 1});
  header.kind = BatchKind::begin;
  header.scope = GroupSet::every();
  Parsed parsed = Parsed::from(seal::seal(header, {}, {}, provider_key(), random).octets);
  CHECK(parsed.header().kind == BatchKind::begin);
  CHECK(parsed.header().scope.is_every());
  CHECK(parsed.is_bare());
  CHECK(parsed.is_complete());
  CHECK(parsed.open().groups.empty());
  CHECK_FALSE(parsed.source_position().has_value());
  header.scope = GroupSet::of({"", "440103"});
  CHECK(Parsed::from(seal::seal(header, {}, {}, provider_key(), random).octets).header().scope == header.scope);
  header.scope = {};
  check_throws("QZ-SEAL-010", [&] { Parsed::from(seal::seal(header, {}, {}, provider_key(), random).octets); });
  header.scope = GroupSet::of({"", "440103"});
  header.kind = BatchKind::end;
  header.begin = begin;
  parsed = Parsed::from(seal::seal(header, {}, {}, provider_key(), random).octets);
  CHECK(parsed.header().begin == begin);
  CHECK(parsed.header().scope == header.scope);
}

TEST_CASE("A6: no single changed octet of a sealed batch is ever accepted as good", "[seal]") {
  const Bytes good = seal_small().octets;
  REQUIRE(is_accepted(good));
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const unsigned change : {0x01U, 0x02U, 0x08U, 0x20U, 0x80U, 0xFFU}) {
      Bytes bad = good;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ change);
      if (is_accepted(bad)) FAIL("octet " << i << " changed by " << change << " was accepted");
    }
}

TEST_CASE("A6: a batch cut off anywhere, or with anything behind it, is not accepted", "[seal]") {
  const Bytes good = seal_small().octets;
  for (std::size_t size = 0; size < good.size(); ++size)
    if (is_accepted(good.substr(0, size))) FAIL("accepted when cut to " << size);
  CHECK_FALSE(is_accepted(good + '\0'));
  CHECK_FALSE(is_accepted(good + good));
  CHECK_FALSE(is_accepted(good + std::string("\x3a\x01x")));  // an unknown field
}

TEST_CASE("A13: a stripped signature, another key id and another purpose do not hold", "[seal]") {
  const Bytes good = seal_small().octets;
  const KeyRecord& record = provider_key().record();
  wire::SealedBatch batch;
  REQUIRE(batch.ParseFromString(good));
  REQUIRE(batch.SerializeAsString() == good);
  wire::SealedBatch changed = batch;
  changed.clear_signatures();
  CHECK_FALSE(Parsed::from(changed.SerializeAsString()).signed_by(record));
  changed = batch;
  changed.mutable_signatures(0)->set_key_id(SigningKey::generate().record().id);
  CHECK_FALSE(Parsed::from(changed.SerializeAsString()).signed_by(record));
  CHECK_FALSE(Parsed::from(changed.SerializeAsString()).judge_signatures(provider_key().records()).broken.empty());
  for (const Purpose purpose : {Purpose::receipt, Purpose::directory, Purpose::applied}) {
    changed = batch;
    changed.mutable_signatures(0)->set_value(provider_key().sign(purpose, batch.header()));
    CHECK_FALSE(Parsed::from(changed.SerializeAsString()).signed_by(record));
  }
  // A stranger's signature beside the good one: the good one holds, but the batch is not as its provider sealed it.
  changed = batch;
  const SigningKey stranger = SigningKey::generate();
  wire::Signature& second = *changed.add_signatures();
  second.set_key_id(stranger.record().id);
  second.set_value(stranger.sign(Purpose::batch, batch.header()));
  CHECK(Parsed::from(changed.SerializeAsString()).signed_by(record));
  CHECK(Parsed::from(good).judge_signatures(provider_key().records()).holds());
  CHECK_FALSE(Parsed::from(changed.SerializeAsString()).judge_signatures(provider_key().records()).broken.empty());
}

TEST_CASE("A header of another format, digest suite, kind or order is refused", "[seal]") {
  wire::SealedBatch batch;
  REQUIRE(batch.ParseFromString(seal_small().octets));
  wire::Header header;
  REQUIRE(header.ParseFromString(batch.header()));
  const auto with = [&](const auto& change) {
    wire::Header other = header;
    change(other);
    wire::SealedBatch result = batch;
    result.set_header(other.SerializeAsString());
    return result.SerializeAsString();
  };
  CHECK_NOTHROW(Parsed::from(with([](wire::Header&) {})));
  const auto refused = [&](const auto& change) { check_throws("QZ-SEAL-010", [&] { Parsed::from(with(change)); }); };
  refused([](wire::Header& h) { h.set_format(2); });
  refused([](wire::Header& h) { h.set_format(0); });
  refused([](wire::Header& h) { h.set_digest_suite(3); });
  refused([](wire::Header& h) { h.set_digest_suite(0); });
  refused([](wire::Header& h) { h.set_kind(4); });
  refused([](wire::Header& h) { h.set_kind(1); });  // a begin with rows and without scope
  refused([](wire::Header& h) { h.set_kind(2); });  // rows without begin digest
  refused([](wire::Header& h) { h.set_epoch(0); });
  refused([](wire::Header& h) { h.set_sequence(0); });
  refused([](wire::Header& h) { h.clear_origin(); });
  refused([](wire::Header& h) { h.clear_topic(); });
  refused([](wire::Header& h) { h.set_key_id("A1"); });
  refused([](wire::Header& h) { h.set_second_key_id("A1"); });
  refused([](wire::Header& h) { h.set_second_key_id(h.key_id()); });
  refused([](wire::Header& h) { h.set_previous("short"); });
  refused([](wire::Header& h) { h.mutable_groups(1)->set_partition("9"); });
  refused([](wire::Header& h) { h.mutable_groups(2)->set_partition("440103"); });
  refused([](wire::Header& h) { h.mutable_groups(0)->set_manifest("x"); });
  refused([](wire::Header& h) { h.clear_position_digest(); });
  refused([](wire::Header& h) { h.mutable_groups()->RemoveLast(); });  // a body for a group that is not named
}

TEST_CASE("An item named twice, item blocks out of order and groups with other items are refused", "[seal]") {
  wire::SealedBatch batch;
  REQUIRE(batch.ParseFromString(seal_small().octets));
  const auto refused = [](const wire::SealedBatch& bad) {
    check_throws("QZ-SEAL-010", [&] { Parsed::from(bad.SerializeAsString()); });
  };
  wire::SealedBatch bad = batch;
  wire::Manifest manifest;
  REQUIRE(manifest.ParseFromString(batch.groups(0).manifest()));
  manifest.mutable_items(1)->set_item("reg_no");
  bad.mutable_groups(0)->set_manifest(manifest.SerializeAsString());
  refused(bad);
  manifest.mutable_items(1)->set_item("other");
  bad.mutable_groups(0)->set_manifest(manifest.SerializeAsString());
  refused(bad);
  bad = batch;
  bad.mutable_groups(0)->mutable_items()->SwapElements(0, 1);
  refused(bad);
  bad = batch;
  bad.mutable_groups()->SwapElements(0, 1);
  refused(bad);
  bad = batch;
  bad.mutable_groups(0)->mutable_items(2)->set_index(3);
  refused(bad);
  bad = batch;
  bad.mutable_groups(2)->set_index(3);
  refused(bad);
  bad = batch;
  bad.mutable_groups(0)->mutable_items(0)->mutable_block()->resize(16);
  refused(bad);
  bad = batch;
  (*bad.mutable_groups(0)->mutable_items(0)->mutable_block())[16] = 2;
  refused(bad);
}

TEST_CASE("Large columns are compressed and come back, blocks of up to 256 octets stay plain", "[seal]") {
  BatchContent content;
  content.items = {"key", "note"};
  GroupRows rows{"440103", {}, std::vector<Column>(2)};
  for (std::uint32_t i = 0; i < 5000; ++i) {
    rows.meta.push_back({Operation::upsert, i, 0, 0});
    rows.items[0].append(std::to_string(1'000'000'007 * std::uint64_t{i + 1}));
    rows.items[1].append("番禺区市桥街道");
  }
  content.groups.push_back(std::move(rows));
  const Sealed sealed = seal_small(content);
  CHECK(sealed.octets.size() < 60'000);
  const Parsed parsed = Parsed::from(sealed.octets);
  REQUIRE_NOTHROW(parsed.check_contents());
  CHECK(parsed.open().groups[0].items == content.groups[0].items);
  CHECK(parsed.open().groups[0].meta == content.groups[0].meta);
}

TEST_CASE("Every block has a salt of its own, so nothing can be guessed from a digest", "[seal]") {
  SystemRandom random;
  std::set<Bytes> salts;
  for (int round = 0; round < 2; ++round) {
    wire::SealedBatch batch;
    REQUIRE(
        batch.ParseFromString(seal::seal(change_header(), small_content(), {"1", "2"}, provider_key(), random).octets));
    salts.insert(batch.position().substr(0, 16));
    for (const wire::GroupBody& group : batch.groups()) {
      salts.insert(group.rows().substr(0, 16));
      for (const wire::ItemBlock& item : group.items()) salts.insert(item.block().substr(0, 16));
    }
  }
  CHECK(salts.size() == 2 * (1 + 3 * 4));
}
