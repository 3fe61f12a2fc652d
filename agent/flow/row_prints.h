// How two agents tell each other of rows without their values (PROTOCOL.md section 9, "Comparison"): a tag stands for a
// row's key, a print for all that the subscriber may have of it, and a sum for all rows of a bucket of tags. Tags and
// prints are salted by the conversation, so that they say nothing in another one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "hub-protocol/model/directory.h"
#include "hub-protocol/model/rows.h"
#include "hub-protocol/model/topic.h"

namespace qianzhi::flow {

using Print = std::array<char, 16>;

// Each print's octets end to end, and back. Precondition of the latter: a multiple of 16 octets.
Bytes bytes_of(const std::vector<Print>& prints);
std::vector<Print> prints_of(std::string_view octets);

class RowPrinter {
 public:
  // granted: what the subscriber may have.
  RowPrinter(Topic topic, Entitlement granted, Bytes salt, DigestSuite suite);

  // Of a row whose columns are those of the topic. A value counts in its canonical form, whatever way its database
  // writes it: the same decimal, instant or boolean gives the same print.
  std::string key_of(const std::vector<Column>& columns, std::size_t row) const;
  Print tag_of(std::string_view key) const;
  // Precondition: the group is granted.
  Print print_of(const std::vector<Column>& columns, std::size_t row, const Group& group);

  const Topic& topic() const { return topic_; }
  const Entitlement& granted() const { return granted_; }

 private:
  const std::vector<std::size_t>& items_of(const Group& group);
  Print shortened(std::string_view octets) const;

  Topic topic_;
  Entitlement granted_;
  Bytes salt_;
  DigestSuite suite_;
  std::vector<std::size_t> key_;
  std::map<Group, std::vector<std::size_t>, std::less<>> items_;  // of a group, in the topic's order
  std::string scratch_;
};

// The canonical text of a value for a comparison; empty for any that is not a value.
std::string comparable(const Item& item, const Column& column, std::size_t row);

// Sums of prints, modulo 2^64 in each half, by the first bits of the tag.
class BucketSums {
 public:
  static constexpr unsigned most_bits = 16;
  explicit BucketSums(unsigned bits = most_bits) : bits_(bits), sums_(std::size_t{1} << bits) {}
  // Precondition: sums.size() is 16 << bits.
  BucketSums(unsigned bits, std::string_view sums);

  void add(const Print& tag, const Print& print);
  // In fewer buckets; the same as if it had been begun so.
  BucketSums folded(unsigned bits) const;
  // Ascending. Precondition: as many bits.
  std::vector<std::uint32_t> differing(const BucketSums& other) const;
  unsigned bits() const { return bits_; }
  Bytes bytes() const;

  static std::uint32_t bucket_of(const Print& tag, unsigned bits);
  // So that about 16 rows come to a bucket.
  static unsigned bits_for(std::uint64_t rows);

 private:
  unsigned bits_;
  std::vector<std::array<std::uint64_t, 2>> sums_;
};

}  // namespace qianzhi::flow
