#include <algorithm>
#include <set>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/seal/block_codec.h"
#include "hub-protocol/seal/digest.h"
#include "hub-protocol/seal/header_codec.h"
#include "hub-protocol/seal/row_codec.h"

namespace qianzhi::seal {

namespace {

[[noreturn]] void too_much_to_seal(std::string_view what) { throw Error(ErrorKind::full, "QZ-SEAL-001", what); }

// Salt for all blocks of one batch, asked for once.
class Salts {
 public:
  Salts(Random& random, std::size_t blocks) : octets_(random.bytes(blocks * salt_octets)) {
    QZ_ASSERT(octets_.size() == blocks * salt_octets);
  }
  std::string_view next() {
    const std::string_view salt = std::string_view(octets_).substr(used_, salt_octets);
    used_ += salt_octets;
    return salt;
  }

 private:
  Bytes octets_;
  std::size_t used_ = 0;
};

void check_limits(const BatchContent& content, const Limits& limits) {
  if (content.groups.size() > limits.groups) too_much_to_seal("groups");
  if (content.items.size() > limits.items) too_much_to_seal("items");
  if (content.rows() > limits.rows) too_much_to_seal("rows");
  std::size_t opened = 0;
  for (const GroupRows& group : content.groups)
    for (const Column& column : group.items) opened += column.octets() + column.size();
  if (opened > limits.opened_octets) too_much_to_seal("octets before compression");
}

// What the caller owes: a mistake here would make batches that every receiver refuses.
void check_shape(const Header& header, const BatchContent& content) {
  QZ_ASSERT(!header.stream.agent.empty() && !header.stream.topic.empty());
  QZ_ASSERT(header.position.epoch != 0 && header.position.sequence != 0);
  QZ_ASSERT(has_rows(header.kind) || content.rows() == 0);
  const bool refill = header.kind == BatchKind::rows || header.kind == BatchKind::end;
  QZ_ASSERT(header.begin.is_zero() != refill);
  QZ_ASSERT(std::set<std::string>(content.items.begin(), content.items.end()).size() == content.items.size());
  std::vector<bool> seen(content.rows(), false);
  for (std::size_t i = 0; i < content.groups.size(); ++i) {
    const GroupRows& group = content.groups[i];
    QZ_ASSERT(i == 0 || content.groups[i - 1].group < group.group);
    QZ_ASSERT(group.items.size() == content.items.size());
    for (const Column& column : group.items) QZ_ASSERT(column.size() == group.meta.size());
    for (std::size_t row = 0; row < group.meta.size(); ++row) {
      const std::uint32_t ordinal = group.meta[row].ordinal;
      QZ_ASSERT(row == 0 || group.meta[row - 1].ordinal < ordinal);
      QZ_ASSERT(ordinal < seen.size() && !seen[ordinal]);
      seen[ordinal] = true;
    }
  }
}

Bytes finish_block(std::string_view raw, Salts& salts, std::size_t& opened, const Limits& limits) {
  opened += raw.size();
  if (raw.size() > limits.block_octets || opened > limits.opened_octets) too_much_to_seal("octets before compression");
  return make_block(salts.next(), raw);
}

// Appends the GroupBody to out and returns the digest of its manifest.
Digest put_group(const GroupRows& group, std::size_t index, const std::vector<std::string>& items, DigestSuite suite,
                 Salts& salts, std::size_t& opened, const Limits& limits, Bytes& out) {
  Bytes raw;
  encode_rows(group.meta, raw);
  const Bytes rows = finish_block(raw, salts, opened, limits);
  Manifest manifest{digest_of(rows, suite), {}};
  Bytes body;
  for (std::size_t i = 0; i < items.size(); ++i) {
    encode_column(group.items[i], raw);
    const Bytes block = finish_block(raw, salts, opened, limits);
    manifest.items.push_back({items[i], digest_of(block, suite)});
    const std::size_t number = i == 0 ? 0 : 1 + varint_size(i);
    put_length(body, 4, number + 1 + varint_size(block.size()) + block.size());
    put_number(body, 1, i);
    put_octets(body, 2, block);
    if (out.size() + body.size() > limits.batch_octets) too_much_to_seal("octets");
  }
  Bytes head;
  const Bytes manifest_octets = encode_manifest(manifest);
  put_number(head, 1, index);
  put_octets(head, 2, manifest_octets);
  put_octets(head, 3, rows);
  put_length(out, 3, head.size() + body.size());
  out.append(head).append(body);
  return digest_of(manifest_octets, suite);
}

void put_signature(const SigningKey& key, std::string_view header_octets, Bytes& out) {
  Bytes signature;
  put_octets(signature, 1, key.record().id);
  put_octets(signature, 2, key.sign(Purpose::batch, header_octets));
  put_message(out, 2, signature);
}

}  // namespace

std::size_t BatchContent::rows() const {
  std::size_t count = 0;
  for (const GroupRows& group : groups) count += group.meta.size();
  return count;
}

Sealed seal(Header header, const BatchContent& content, const SourcePosition& position, const SigningKey& key,
            Random& random, const Limits& limits) {
  check_limits(content, limits);
  check_shape(header, content);
  Salts salts(random, content.groups.size() * (content.items.size() + 1) + 1);
  const DigestSuite suite = header.suite = key.record().suite;
  header.groups.clear();
  header.key_id = key.record().id;
  header.second_key_id = key.second() == nullptr ? std::string() : key.second()->record().id;
  HeaderRecord record{std::move(header), {}, {}};
  Bytes groups;
  std::size_t opened = 0;
  for (const GroupRows& group : content.groups) {
    if (group.meta.empty()) continue;
    record.manifests.push_back(
        put_group(group, record.header.groups.size(), content.items, suite, salts, opened, limits, groups));
    record.header.groups.push_back(group.group);
  }
  Bytes position_block;
  if (!position.is_none()) {
    position_block = finish_block(encode_position(position), salts, opened, limits);
    record.position = digest_of(position_block, suite);
  }
  const Bytes header_octets = encode_header(record);
  if (header_octets.size() > limits.header_octets) too_much_to_seal("octets of header");
  Sealed sealed;
  sealed.octets.reserve(header_octets.size() + groups.size() + position_block.size() + 512);
  put_octets(sealed.octets, 1, header_octets);
  put_signature(key, header_octets, sealed.octets);
  if (key.second() != nullptr) put_signature(*key.second(), header_octets, sealed.octets);
  sealed.octets.append(groups);
  put_octets(sealed.octets, 4, position_block);
  if (sealed.octets.size() > limits.batch_octets) too_much_to_seal("octets");
  sealed.digest = digest_of(header_octets, suite);
  return sealed;
}

}  // namespace qianzhi::seal
