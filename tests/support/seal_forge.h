// Batches that are signed and digested correctly but hold what no honest provider seals.
#pragma once

#include <string>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/batch.h"
#include "hub-protocol/wire/batch.pb.h"
#include "tests/support/sha256_of.h"

namespace qianzhi::test {

inline Bytes plain_block(std::string_view raw) { return Bytes(16, 's').append(1, '\0').append(raw); }

// codec 1 with any declared length and any payload.
inline Bytes zstd_block(std::uint32_t declared, std::string_view payload) {
  Bytes block(16, 's');
  block.push_back('\1');
  for (int shift = 24; shift >= 0; shift -= 8) block.push_back(static_cast<char>((declared >> shift) & 0xFFU));
  return block.append(payload);
}

class Forge {
 public:
  explicit Forge(const Bytes& good) {
    QZ_ASSERT(batch_.ParseFromString(good));
    QZ_ASSERT(header_.ParseFromString(batch_.header()));
  }
  wire::SealedBatch& batch() { return batch_; }
  wire::Header& header() { return header_; }
  wire::RowBlock rows(int group) const {
    wire::RowBlock rows;
    QZ_ASSERT(rows.ParseFromString(batch_.groups(group).rows().substr(17)));
    return rows;
  }
  wire::ColumnBlock column(int group, int item) const {
    wire::ColumnBlock column;
    QZ_ASSERT(column.ParseFromString(batch_.groups(group).items(item).block().substr(17)));
    return column;
  }
  void set_rows(int group, const wire::RowBlock& rows) { set_rows_block(group, plain_block(rows.SerializeAsString())); }
  void set_rows_block(int group, const Bytes& block) { batch_.mutable_groups(group)->set_rows(block); }
  void set_column(int group, int item, const wire::ColumnBlock& column) {
    set_block(group, item, plain_block(column.SerializeAsString()));
  }
  void set_block(int group, int item, const Bytes& block) {
    batch_.mutable_groups(group)->mutable_items(item)->set_block(block);
  }
  // All digests and the signature anew, from the blocks up.
  Bytes signed_with(const seal::SigningKey& key) {
    for (wire::GroupBody& group : *batch_.mutable_groups()) {
      wire::Manifest manifest;
      QZ_ASSERT(manifest.ParseFromString(group.manifest()));
      manifest.set_rows(sha256_of(group.rows()).bytes());
      for (const wire::ItemBlock& item : group.items())
        manifest.mutable_items(static_cast<int>(item.index()))->set_digest(sha256_of(item.block()).bytes());
      group.set_manifest(manifest.SerializeAsString());
      header_.mutable_groups(static_cast<int>(group.index()))->set_manifest(sha256_of(group.manifest()).bytes());
    }
    return resigned(key);
  }
  // The header as it is now, signed anew; digests below are left as they are.
  Bytes resigned(const seal::SigningKey& key) {
    header_.set_key_id(key.record().id);
    batch_.set_header(header_.SerializeAsString());
    batch_.mutable_signatures(0)->set_key_id(key.record().id);
    batch_.mutable_signatures(0)->set_value(key.sign(seal::Purpose::batch, batch_.header()));
    return batch_.SerializeAsString();
  }

 private:
  wire::SealedBatch batch_;
  wire::Header header_;
};

}  // namespace qianzhi::test
