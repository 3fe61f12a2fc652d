#include "tests/golden/golden_vectors.h"

#include <fstream>
#include <sstream>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/directory.h"
#include "hub-protocol/seal/receipt.h"
#include "hub-protocol/wire/exchange.pb.h"
#include "tests/golden/golden_signatures.h"
#include "tests/support/seal_forge.h"
#include "tests/support/seal_samples.h"

namespace qianzhi::test {

namespace {

using seal::BatchContent;
using seal::Header;
using seal::Sealed;

// The batch that PROTOCOL.md takes apart.
BatchContent worked_example() {
  BatchContent content;
  content.items = {"reg_no", "name"};
  seal::GroupRows rows{"440103", {}, std::vector<Column>(2)};
  rows.meta = {{Operation::upsert, 0, 731, golden_time - 5'000'000},
               {Operation::remove, 1, 731, golden_time - 5'000'000}};
  rows.items[0].append("440103000012345");
  rows.items[0].append("440103000067890");
  rows.items[1].append("荔湾茶行");
  rows.items[1].append_unchanged();
  content.groups.push_back(std::move(rows));
  return content;
}

BatchContent compressible() {
  BatchContent content;
  content.items = {"reg_no", "name"};
  seal::GroupRows rows{"440103", {}, std::vector<Column>(2)};
  for (std::uint32_t i = 0; i < 100; ++i) {
    rows.meta.push_back({Operation::upsert, i, 0, 0});
    rows.items[0].append(std::to_string(440'103'000'000'000 + std::uint64_t{i} * 7));
    rows.items[1].append("荔湾区第" + std::to_string(i) + "分店");
  }
  content.groups.push_back(std::move(rows));
  return content;
}

// Seals one after the other, each named after its position and linked to the one before.
class Chain {
 public:
  explicit Chain(const seal::SigningKey& key) : key_(key) {}
  const Sealed& add(Position position, BatchKind kind, const BatchContent& content, GroupSet scope = {}) {
    Header header;
    header.kind = kind;
    header.stream = {"commerce-01", "commerce.opening_registration"};
    header.catalogue_version = 3;
    header.position = position;
    header.previous = last_.digest;
    header.time = golden_time + static_cast<Micros>(position.sequence);
    header.scope = std::move(scope);
    if (kind == BatchKind::rows || kind == BatchKind::end) header.begin = begin_;
    CountingRandom random;
    last_ = seal::seal(header, content, {Bytes("\0\0\0\x2a", 4), "xid 731"}, key_, random);
    if (kind == BatchKind::begin) begin_ = last_.digest;
    return last_;
  }
  // What follows names this batch as the one before it.
  void follow(const Bytes& octets) { last_ = {octets, seal::Parsed::from(octets).digest()}; }

 private:
  const seal::SigningKey& key_;
  Sealed last_;
  Digest begin_;
};

std::map<std::string, Bytes> good_chain(const GoldenKeys& keys) {
  std::map<std::string, Bytes> out;
  Chain chain(keys.provider);
  const GroupSet some = GroupSet::of({"", "440103"});
  out["good/1.1-begin.qzb"] = chain.add({1, 1}, BatchKind::begin, {}, GroupSet::every()).octets;
  out["good/1.2-change.qzb"] = chain.add({1, 2}, BatchKind::change, worked_example()).octets;
  out["good/1.3-change.qzb"] = chain.add({1, 3}, BatchKind::change, small_content()).octets;
  out["good/1.4-begin.qzb"] = chain.add({1, 4}, BatchKind::begin, {}, some).octets;
  // Another level or version of zstd compresses to other octets: those that are frozen stay.
  const std::filesystem::path frozen = golden_folder() / "vectors/good/1.5-rows-zstd.qzb";
  Bytes& rows = out["good/1.5-rows-zstd.qzb"] = chain.add({1, 5}, BatchKind::rows, compressible()).octets;
  if (std::filesystem::exists(frozen)) rows = read_golden("vectors/good/1.5-rows-zstd.qzb");
  chain.follow(rows);
  out["good/1.6-end.qzb"] = chain.add({1, 6}, BatchKind::end, {}, some).octets;
  out["good/2.1-begin.qzb"] = chain.add({2, 1}, BatchKind::begin, {}, GroupSet::every()).octets;
  return out;
}

// The same provider in an SM directory: all digests are SM3.
void add_sm3(const GoldenKeys& keys, std::map<std::string, Bytes>& out) {
  const seal::SigningKey provider = keys.provider.in_suite(DigestSuite::sm3);
  Chain chain(provider);
  out["sm3/1.1-begin.qzb"] = chain.add({1, 1}, BatchKind::begin, {}, GroupSet::every()).octets;
  out["sm3/1.2-change.qzb"] = chain.add({1, 2}, BatchKind::change, worked_example()).octets;
}

Bytes flipped(Bytes octets, std::size_t place) {
  octets.at(place) ^= '\1';
  return octets;
}

// What was changed after signing, or signed by someone else.
void add_tampered(const GoldenKeys& keys, const Bytes& good, std::map<std::string, Bytes>& out) {
  const Forge base(good);
  Forge forge = base;
  const Bytes header = forge.batch().header();
  out["bad/flipped-header.qzb"] = flipped(good, good.find("opening"));
  out["bad/changed-origin.qzb"] = flipped(good, good.find("commerce-01") + 2);
  out["bad/flipped-block.qzb"] = flipped(good, good.find("v1-3"));
  out["bad/flipped-signature.qzb"] = flipped(good, good.find(forge.batch().signatures(0).value()) + 9);
  forge.batch().clear_signatures();
  out["bad/stripped-signature.qzb"] = forge.batch().SerializeAsString();
  forge = base;
  forge.batch().mutable_signatures(0)->set_value(keys.provider.sign(seal::Purpose::receipt, header));
  out["bad/receipt-as-batch.qzb"] = forge.batch().SerializeAsString();
  forge = base;
  forge.batch().mutable_signatures(0)->set_key_id(keys.stranger.record().id);
  forge.batch().mutable_signatures(0)->set_value(keys.stranger.sign(seal::Purpose::batch, header));
  out["bad/stranger-signs-same-header.qzb"] = forge.batch().SerializeAsString();
  forge = base;
  out["bad/stranger-key.qzb"] = forge.resigned(keys.stranger);
  forge = base;
  out["bad/revoked-key.qzb"] = forge.resigned(keys.revoked);
  forge = base;
  forge.batch().mutable_groups(1)->mutable_items(1)->set_block(forge.batch().groups(1).items(2).block());
  out["bad/swapped-block.qzb"] = forge.batch().SerializeAsString();
}

// What no receiver may decode, although the signature holds.
void add_malformed(const GoldenKeys& keys, const Bytes& good, std::map<std::string, Bytes>& out) {
  const Forge base(good);
  out["bad/truncated.qzb"] = good.substr(0, good.size() - 7);
  out["bad/empty.qzb"] = "";
  out["bad/unknown-field.qzb"] = good + Bytes("\x2a\x01x", 3);
  Forge forge = base;
  forge.header().set_format(2);
  out["bad/format-2.qzb"] = forge.resigned(keys.provider);
  forge = base;
  forge.header().set_digest_suite(2);
  out["bad/suite-sm3.qzb"] = forge.resigned(keys.provider);
  forge.header().set_digest_suite(3);
  out["bad/suite-3.qzb"] = forge.resigned(keys.provider);
  forge = base;
  forge.header().set_kind(1);
  out["bad/begin-with-rows.qzb"] = forge.resigned(keys.provider);
  forge = base;
  forge.header().mutable_groups()->SwapElements(0, 1);
  out["bad/groups-unsorted.qzb"] = forge.resigned(keys.provider);
  forge = base;
  forge.set_block(0, 0, zstd_block(0xFFFFFFFFU, "x"));
  out["bad/declares-4-gib.qzb"] = forge.signed_with(keys.provider);
  forge = base;
  wire::ColumnBlock column = forge.column(1, 0);
  column.set_presence(std::string("\0\0\4", 3));
  forge.set_column(1, 0, column);
  out["bad/presence-4.qzb"] = forge.signed_with(keys.provider);
  forge = base;
  wire::RowBlock rows = forge.rows(1);
  rows.set_operations(std::string("\0\3\0", 3));
  forge.set_rows(1, rows);
  out["bad/operation-3.qzb"] = forge.signed_with(keys.provider);
  forge = base;
  rows = forge.rows(1);
  rows.set_ordinals(0, 1);
  forge.set_rows(1, rows);
  out["bad/ordinal-twice.qzb"] = forge.signed_with(keys.provider);
}

void add_chains(const GoldenKeys& keys, const std::map<std::string, Bytes>& good, std::map<std::string, Bytes>& out) {
  out["gap/1.1.qzb"] = good.at("good/1.1-begin.qzb");
  out["gap/1.3.qzb"] = good.at("good/1.3-change.qzb");
  for (const std::string folder : {"fork", "relinked"}) {
    out[folder + "/1.1.qzb"] = good.at("good/1.1-begin.qzb");
    out[folder + "/1.2.qzb"] = good.at("good/1.2-change.qzb");
  }
  Forge forge(good.at("good/1.2-change.qzb"));
  forge.header().set_time(golden_time + 99);
  out["fork/1.2-other.qzb"] = forge.resigned(keys.provider);
  Forge third(good.at("good/1.3-change.qzb"));
  third.header().set_previous(Bytes(32, 'p'));
  out["relinked/1.3.qzb"] = third.resigned(keys.provider);
}

std::string text_of(const Column& column, std::size_t row) {
  switch (column.presence(row)) {
    case Presence::value: return "\"" + std::string(column.text(row)) + "\"";
    case Presence::null: return "null";
    case Presence::unchanged: return "unchanged";
    case Presence::invalid: return "invalid \"" + std::string(column.text(row)) + "\"";
  }
  return {};
}

}  // namespace

std::filesystem::path golden_folder() { return QIANZHI_GOLDEN; }

Bytes read_golden(const std::filesystem::path& relative) {
  std::ostringstream text;
  const std::ifstream file(golden_folder() / relative, std::ios::binary);
  QZ_ASSERT(file.good());
  text << file.rdbuf();
  return text.str();
}

GoldenKeys golden_keys() {
  const auto key = [](const char* name) { return seal::SigningKey::from_pem(read_golden(name)); };
  return {key("keys/provider.pem"),
          key("keys/revoked.pem"),
          key("keys/stranger.pem"),
          key("keys/hub.pem"),
          key("keys/p256.pem"),
          seal::SigningKey::from_pem(read_golden("keys/sm2.pem"), "gz-commerce"),
          key("keys/two-first.pem").with_second(key("keys/two-second.pem")),
          key("keys/retired.pem")};
}

namespace {

// The directory of the frozen root.
Directory first_directory(const GoldenKeys& keys) {
  Directory directory;
  directory.version = 1;
  directory.issued = golden_time;
  directory.expires = golden_time + 1;
  directory.hub_key = keys.hub.record();
  directory.departments["commerce"] = {"commerce", "工商", "Commerce"};
  KeyRecord revoked = keys.revoked.record();
  revoked.state = KeyState::revoked;
  directory.agents["commerce-01"] = {"commerce-01", "commerce", {}, {keys.provider.record(), revoked}, true};
  return directory;
}

}  // namespace

Directory golden_trust(const GoldenKeys& keys) {
  Directory directory = first_directory(keys);
  add_signers(keys, directory);
  return directory;
}

std::map<std::string, Bytes> make_vectors(const GoldenKeys& keys) {
  std::map<std::string, Bytes> out = good_chain(keys);
  const Bytes good = out.at("good/1.3-change.qzb");
  add_chains(keys, good_chain(keys), out);
  add_sm3(keys, out);
  add_tampered(keys, good, out);
  add_malformed(keys, good, out);
  const seal::Parsed parsed = seal::Parsed::from(good);
  out["bad/reduced.qzb"] = parsed.reduced(entitled(GroupSet::of({"440103"}), {"reg_no", "capital"}));
  out["bad/bare.qzb"] = parsed.bare();
  add_signature_vectors(keys, out);
  wire::Receipt receipt;
  seal::sign_receipt({{1, 2}, {"commerce-01", "commerce.opening_registration"}, parsed.head(), {}, golden_time},
                     keys.hub, receipt);
  out["receipt.bin"] = receipt.SerializeAsString();
  out["root.bin"] = seal::seal_directory(first_directory(keys), keys.hub).signed_root;
  return out;
}

std::string describe(const Bytes& octets) {
  const seal::Parsed parsed = seal::Parsed::from(octets);
  const Header& header = parsed.header();
  std::ostringstream out;
  out << "digest " << parsed.digest().hex() << "\nprevious " << header.previous.hex() << "\nkind "
      << name_of(header.kind) << " stream " << to_text(header.stream) << " position " << to_text(header.position)
      << " time " << header.time << " catalogue " << header.catalogue_version << "\nkey " << header.key_id
      << (header.second_key_id.empty() ? "" : " second " + header.second_key_id) << "\nscope " << to_text(header.scope)
      << " begin " << header.begin.hex() << "\n";
  if (const auto position = parsed.source_position())
    out << "source position " << to_hex(position->order) << " " << to_hex(position->identity) << "\n";
  const BatchContent content = parsed.open();
  for (const seal::GroupRows& group : content.groups) {
    out << "group '" << group.group << "'\n";
    for (std::size_t row = 0; row < group.meta.size(); ++row) {
      const RowMeta& meta = group.meta[row];
      out << "  " << meta.ordinal << " operation " << static_cast<int>(meta.operation) << " transaction "
          << meta.transaction << " time " << meta.source_time;
      for (std::size_t i = 0; i < content.items.size(); ++i)
        out << " " << content.items[i] << "=" << text_of(group.items[i], row);
      out << "\n";
    }
  }
  return out.str();
}

}  // namespace qianzhi::test
