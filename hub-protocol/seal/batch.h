// The sealed batch (specification: hub-protocol/PROTOCOL.md section 3): made and signed by a provider, reduced by the
// hub without the provider's key, checked and opened by a subscriber.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/base/bytes.h"
#include "hub-protocol/base/clock.h"
#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/source.h"
#include "hub-protocol/model/stream.h"
#include "hub-protocol/seal/key.h"
#include "hub-protocol/seal/signatures.h"

namespace qianzhi::seal {

// Limits checked before anything is allocated.
struct Limits {
  std::size_t batch_octets = 10U << 20U;  // serialised; one row of the largest value still fits
  std::size_t header_octets = 4U << 20U;
  std::size_t block_octets = 32U << 20U;   // one block after decompression
  std::size_t opened_octets = 64U << 20U;  // all blocks of a batch after decompression
  std::size_t groups = 20'000;
  std::size_t items = 1'000;
  std::size_t rows = 1'000'000;
};

// Rows of one group, in ascending ordinal. items[i] belongs to BatchContent::items[i]; all have meta.size() rows.
struct GroupRows {
  Group group;
  std::vector<RowMeta> meta;
  std::vector<Column> items;
};

// What is in a batch, or in the part of it that a receiver got.
struct BatchContent {
  std::vector<std::string> items;  // item ids, the same for all groups
  std::vector<GroupRows> groups;   // sorted by group
  std::size_t rows() const;
};

// Rows of a batch by what they say.
struct RowCounts {
  std::uint64_t upserts = 0;
  std::uint64_t removes = 0;
  std::uint64_t withheld = 0;
  std::uint64_t all() const { return upserts + removes + withheld; }
  bool operator==(const RowCounts&) const = default;
};

struct Header {
  BatchKind kind = BatchKind::change;
  DigestSuite suite = DigestSuite::sha256;  // of every digest in the batch
  StreamId stream;
  std::string key_id;
  std::string second_key_id;  // empty: one signature
  std::uint64_t catalogue_version = 0;
  Position position;
  Digest previous;
  Micros time = 0;
  std::vector<Group> groups;  // that have rows in it, sorted
  GroupSet scope;             // begin and end
  Digest begin;               // rows and end

  // Its rows state again what is there.
  bool is_refill() const { return kind == BatchKind::rows; }
  // Ids of all keys that signed it.
  std::set<std::string> keys() const;
};

struct Sealed {
  Bytes octets;   // serialised wire::SealedBatch
  Digest digest;  // of the header bytes
};

// Seals content (may be empty) with the source position of its last row, which only provider and hub get to see.
// header.groups, suite and the key ids are filled in from content and key; a pair of keys gives two signatures. Throws
// Error(full, QZ-SEAL-001) if it would exceed the limits; split the content and try again.
Sealed seal(Header header, const BatchContent& content, const SourcePosition& position, const SigningKey& key,
            Random& random, const Limits& limits = {});

// A batch taken apart but not decoded. Parsing checks only form and limits.
class Parsed {
 public:
  // Throws Error(rejected, QZ-SEAL-010) if it is no batch, Error(full, QZ-SEAL-011) beyond the limits.
  static Parsed from(std::string_view octets, const Limits& limits = {});
  Parsed(Parsed&&) noexcept;
  Parsed& operator=(Parsed&&) noexcept;
  ~Parsed();

  const Header& header() const;
  const Digest& digest() const;  // of the exact header bytes
  Head head() const { return {header().position, digest()}; }
  bool is_bare() const;  // carries no group at all, although the header may name some

  // Whether the signatures are exactly those that the origin's entry in the directory asks for; keys: of that entry.
  SignatureJudgement judge_signatures(std::span<const KeyRecord> keys) const;
  // True if one of the signatures is by this key and holds. Says nothing about what the directory asks for.
  bool signed_by(const KeyRecord& key) const;
  // Every carried manifest, row block and item block matches the digest above it.
  // Throws Error(corrupt, QZ-SEAL-012) naming the group and item that does not.
  void check_contents() const;
  // Everything the header and manifests name is carried: nothing was left out.
  bool is_complete() const;
  // R-side check: each entitled group is carried with each entitled item, and nothing else (pitfall: leak).
  // Throws Error(corrupt, QZ-SEAL-013) missing, QZ-SEAL-014 more than entitled.
  void check_entitled(const Entitlement& entitlement) const;
  // Decodes what is carried. Call check_contents() first. Throws Error(corrupt, QZ-SEAL-015) if a block's
  // content is malformed or the columns of a group differ in length. An item that one group carries and another does
  // not is `unchanged` in all rows of the other.
  BatchContent open() const;
  // Of the row blocks that are carried, without decoding more. Throws Error(corrupt, QZ-SEAL-015) as open() does.
  RowCounts count_rows() const;
  // Nothing if it is not carried.
  std::optional<SourcePosition> source_position() const;

  // Serialised batch with only what the entitlement covers; the bare header if that is nothing. Never carries the
  // source position. The header and signatures are copied octet by octet.
  Bytes reduced(const Entitlement& entitlement) const;
  Bytes bare() const;

 private:
  struct State;
  explicit Parsed(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace qianzhi::seal
