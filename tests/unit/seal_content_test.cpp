#include <zstd.h>

#include <functional>
#include <memory>

#include "tests/support/seal_forge.h"
#include "tests/support/seal_samples.h"
#include "tests/support/throws.h"

using namespace qianzhi;
using namespace qianzhi::seal;
using namespace qianzhi::test;

namespace {

Forge small_forge() {
  CountingRandom random;
  return Forge(seal::seal(change_header(), small_content(), {"1", "2"}, provider_key(), random).octets);
}

Bytes zstd(std::string_view raw) {
  Bytes out(ZSTD_compressBound(raw.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 3));
  return out;
}

// A frame that does not declare its content size.
Bytes zstd_undeclared(std::string_view raw) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
  Bytes out(ZSTD_compressBound(raw.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), raw.data(), raw.size()));
  return out;
}

// Signed and digested correctly, so only open() can refuse it.
void refused_at_open(Forge& forge) {
  const Parsed parsed = Parsed::from(forge.signed_with(provider_key()));
  REQUIRE(parsed.signed_by(provider_key().record()));
  REQUIRE_NOTHROW(parsed.check_contents());
  check_throws("QZ-SEAL-015", [&] { parsed.open(); });
}

void with_column(const std::function<void(wire::ColumnBlock&)>& change) {
  Forge forge = small_forge();
  wire::ColumnBlock column = forge.column(1, 0);
  change(column);
  forge.set_column(1, 0, column);
  refused_at_open(forge);
}

void with_rows(const std::function<void(wire::RowBlock&)>& change) {
  Forge forge = small_forge();
  wire::RowBlock rows = forge.rows(1);
  change(rows);
  forge.set_rows(1, rows);
  refused_at_open(forge);
}

}  // namespace

TEST_CASE("The forge itself makes good batches when nothing is changed", "[seal]") {
  Forge forge = small_forge();
  forge.set_rows(1, forge.rows(1));
  forge.set_column(1, 0, forge.column(1, 0));
  const Parsed parsed = Parsed::from(forge.signed_with(provider_key()));
  CHECK_NOTHROW(parsed.check_contents());
  CHECK(parsed.open().groups[1].items == small_content().groups[1].items);
}

TEST_CASE("A column block with an unknown presence, wrong counts or lengths is refused", "[seal]") {
  with_column([](wire::ColumnBlock& c) { c.set_presence(std::string("\0\0\4", 3)); });
  with_column([](wire::ColumnBlock& c) { c.set_presence(std::string("\0\0", 2)); });
  with_column([](wire::ColumnBlock& c) { c.set_presence(std::string("\1\0\0", 3)); });  // null with text
  with_column([](wire::ColumnBlock& c) { c.set_presence(std::string("\0\2\0", 3)); });  // unchanged with text
  with_column([](wire::ColumnBlock& c) { c.set_rows(2); });
  with_column([](wire::ColumnBlock& c) { c.set_rows(0); });
  with_column([](wire::ColumnBlock& c) { c.add_lengths(0); });
  with_column([](wire::ColumnBlock& c) { c.mutable_lengths()->RemoveLast(); });
  with_column([](wire::ColumnBlock& c) { c.set_lengths(0, c.lengths(0) + 1); });
  with_column([](wire::ColumnBlock& c) { c.set_lengths(0, c.lengths(0) - 1); });
  with_column([](wire::ColumnBlock& c) { c.set_lengths(0, 0xFFFFFFFFU); });
  with_column([](wire::ColumnBlock& c) { c.mutable_data()->push_back('x'); });
}

TEST_CASE("A row block with unknown operations, wrong counts or repeated ordinals is refused", "[seal]") {
  with_rows([](wire::RowBlock& r) { r.set_operations(std::string("\0\3\0", 3)); });
  with_rows([](wire::RowBlock& r) { r.set_operations(std::string("\0", 1)); });
  with_rows([](wire::RowBlock& r) { r.set_rows(2); });
  with_rows([](wire::RowBlock& r) { r.set_rows(0); });
  with_rows([](wire::RowBlock& r) { r.set_rows(4'000'000'000U); });
  with_rows([](wire::RowBlock& r) { r.add_ordinals(1); });
  with_rows([](wire::RowBlock& r) { r.set_ordinals(1, 0); });            // twice the same in one group
  with_rows([](wire::RowBlock& r) { r.set_ordinals(0, 1); });            // 1, 3, 6: collide with other groups
  with_rows([](wire::RowBlock& r) { r.set_ordinals(2, 4); });            // 0, 2, 6: leaves a gap
  with_rows([](wire::RowBlock& r) { r.set_ordinals(2, 0xFFFFFFFFU); });  // beyond 32 bits
  with_rows([](wire::RowBlock& r) { r.mutable_transactions()->RemoveLast(); });
  with_rows([](wire::RowBlock& r) { r.add_source_times(1); });
}

TEST_CASE("An ordinal that repeats is refused also where reduction may leave gaps", "[seal]") {
  Forge forge = small_forge();
  wire::RowBlock rows = forge.rows(1);
  rows.set_ordinals(0, 1);
  forge.set_rows(1, rows);
  const Parsed whole = Parsed::from(forge.signed_with(provider_key()));
  const auto groups = [&](std::set<Group> names) {
    return Parsed::from(whole.reduced(entitled(GroupSet::of(names), {"reg_no"})));
  };
  CHECK_NOTHROW(groups({"440103"}).open());
  check_throws("QZ-SEAL-015", [&] { groups({"440103", "440104"}).open(); });
}

TEST_CASE("Blocks that are no message, or hold unknown fields, are refused", "[seal]") {
  for (const std::string raw : {"\xff", "\x08", "\x0a\x05x", "\x3a\x01x", "\x08\x03\x08\x03"}) {
    Forge rows = small_forge();
    rows.set_rows_block(1, plain_block(raw));
    refused_at_open(rows);
    Forge column = small_forge();
    column.set_block(1, 0, plain_block(raw));
    refused_at_open(column);
  }
}

TEST_CASE("A6: a compressed block that lies about its length is refused without allocating for the lie", "[seal]") {
  // Good content, so that nothing but the length is wrong.
  wire::ColumnBlock column;
  column.set_rows(1);
  column.add_lengths(1000);
  column.set_data(std::string(1000, 'a'));
  const std::string raw = column.SerializeAsString();
  const auto size = static_cast<std::uint32_t>(raw.size());
  const Bytes frame = zstd(raw);
  Forge good = small_forge();
  good.set_block(0, 0, zstd_block(size, frame));
  CHECK_NOTHROW(Parsed::from(good.signed_with(provider_key())).open());
  for (const Bytes& block :
       {zstd_block(size - 1, frame), zstd_block(size + 1, frame), zstd_block(size, frame + frame),
        zstd_block(size, frame.substr(0, frame.size() - 1)), zstd_block(size, zstd_undeclared(raw)),
        zstd_block(size, "no frame"), zstd_block(0, frame), zstd_block(size, "")}) {
    Forge forge = small_forge();
    forge.set_block(0, 0, block);
    refused_at_open(forge);
  }
}

TEST_CASE("A6: a zip bomb is refused by what it declares, before anything is decompressed", "[seal]") {
  const Bytes bomb = zstd(std::string(40U << 20U, '\0'));
  REQUIRE(bomb.size() < 10'000);
  Forge forge = small_forge();
  forge.set_block(0, 0, zstd_block(40U << 20U, bomb));
  check_throws("QZ-SEAL-011", [&] { Parsed::from(forge.signed_with(provider_key())); });
  const Bytes half = zstd(std::string(24U << 20U, '\0'));
  for (int item = 0; item < 3; ++item) forge.set_block(0, item, zstd_block(24U << 20U, half));
  check_throws("QZ-SEAL-011", [&] { Parsed::from(forge.signed_with(provider_key())); });
  forge.set_block(0, 0, zstd_block(0xFFFFFFFFU, bomb));
  check_throws("QZ-SEAL-011", [&] { Parsed::from(forge.signed_with(provider_key())); });
}

TEST_CASE("Each limit is enforced, at sealing and at parsing", "[seal]") {
  CountingRandom random;
  const Bytes good = seal::seal(change_header(), small_content(), {"1", "2"}, provider_key(), random).octets;
  const auto checked = [&](const Limits& limits, bool at_parse) {
    check_throws("QZ-SEAL-001", [&] {
      seal::seal(change_header(), small_content(), {"1", "2"}, provider_key(), random, limits);
    });
    if (at_parse) check_throws("QZ-SEAL-011", [&] { Parsed::from(good, limits); });
  };
  Limits limits;
  limits.batch_octets = good.size() - 1;
  checked(limits, true);
  limits = {};
  limits.header_octets = 100;
  checked(limits, true);
  limits = {};
  limits.block_octets = 20;
  checked(limits, true);
  limits = {};
  limits.opened_octets = 200;
  checked(limits, true);
  limits = {};
  limits.groups = 2;
  checked(limits, true);
  limits = {};
  limits.items = 2;
  checked(limits, true);
  limits = {};
  limits.rows = 5;
  checked(limits, false);
  check_throws("QZ-SEAL-015", [&] { Parsed::from(good, limits).open(); });
  limits = {};
  limits.batch_octets = good.size();
  limits.rows = 6;
  limits.groups = 3;
  limits.items = 3;
  CHECK_NOTHROW(seal::seal(change_header(), small_content(), {"1", "2"}, provider_key(), random, limits));
  CHECK_NOTHROW(Parsed::from(good, limits).open());
}
