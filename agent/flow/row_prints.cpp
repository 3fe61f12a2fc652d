#include "agent/flow/row_prints.h"

#include <algorithm>

#include "hub-protocol/base/error.h"
#include "hub-protocol/seal/digest.h"

namespace qianzhi::flow {

namespace {

constexpr std::size_t print_size = 16;
constexpr std::uint64_t rows_a_bucket = 16;

void append_number(std::string& octets, std::uint64_t number, unsigned size) {
  for (unsigned i = size; i-- > 0;) octets += static_cast<char>(number >> (8 * i) & 0xFFU);
}

std::uint64_t number_of(const char* octets) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8U | static_cast<unsigned char>(octets[i]);
  return number;
}

// 1.50 is 1.5, and -0 is 0.
std::string plain_decimal(std::string text) {
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

// Without what only some databases keep: a fraction of zeros, and whether it is said that an instant is one.
std::string plain_time(std::string text) {
  if (!text.empty() && text.back() == 'Z') text.pop_back();
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  return text.find('.') == std::string::npos ? text : plain_decimal(std::move(text));
}

}  // namespace

Bytes bytes_of(const std::vector<Print>& prints) {
  Bytes octets;
  octets.reserve(prints.size() * print_size);
  for (const Print& print : prints) octets.append(print.data(), print.size());
  return octets;
}

std::vector<Print> prints_of(std::string_view octets) {
  QZ_ASSERT(octets.size() % print_size == 0);
  std::vector<Print> prints(octets.size() / print_size);
  for (std::size_t i = 0; i < prints.size(); ++i)
    std::copy_n(octets.data() + i * print_size, print_size, prints[i].begin());
  return prints;
}

std::string comparable(const Item& item, const Column& column, std::size_t row) {
  if (!column.has_value(row)) return {};
  std::string text(column.text(row));
  switch (item.type) {
    case ItemType::decimal: return plain_decimal(std::move(text));
    case ItemType::timestamp: return plain_time(std::move(text));
    case ItemType::boolean: return text == "1" || text == "t" ? "true" : text == "0" || text == "f" ? "false" : text;
    default: return text;
  }
}

RowPrinter::RowPrinter(Topic topic, Entitlement granted, Bytes salt, DigestSuite suite)
    : topic_(std::move(topic)), granted_(std::move(granted)), salt_(std::move(salt)), suite_(suite) {
  for (const std::string& item : topic_.key) key_.push_back(topic_.index_of(item));
}

std::string RowPrinter::key_of(const std::vector<Column>& columns, std::size_t row) const {
  std::string key;
  for (const std::size_t item : key_) {
    if (!key.empty()) key += '\x1f';
    key += comparable(topic_.items[item], columns[item], row);
  }
  return key;
}

Print RowPrinter::shortened(std::string_view octets) const {
  const Digest digest = seal::digest_of(octets, suite_);
  Print print{};
  std::copy_n(digest.octets.begin(), print.size(), print.begin());
  return print;
}

Print RowPrinter::tag_of(std::string_view key) const { return shortened(salt_ + 'K' + std::string(key)); }

const std::vector<std::size_t>& RowPrinter::items_of(const Group& group) {
  const auto known = items_.find(group);
  if (known != items_.end()) return known->second;
  std::vector<std::size_t>& items = items_[group];
  for (const std::string& item : granted_.items_in(group)) items.push_back(topic_.index_of(item));
  std::sort(items.begin(), items.end());
  return items;
}

Print RowPrinter::print_of(const std::vector<Column>& columns, std::size_t row, const Group& group) {
  scratch_ = salt_;
  scratch_ += 'R';
  append_number(scratch_, group.size(), 4);
  scratch_ += group;
  for (const std::size_t item : items_of(group)) {
    const Column& column = columns[item];
    scratch_ += column.has_value(row) ? '\1' : '\0';
    const std::string text = comparable(topic_.items[item], column, row);
    append_number(scratch_, text.size(), 4);
    scratch_ += text;
  }
  return shortened(scratch_);
}

BucketSums::BucketSums(unsigned bits, std::string_view sums) : BucketSums(bits) {
  QZ_ASSERT(sums.size() == sums_.size() * print_size);
  for (std::size_t i = 0; i < sums_.size(); ++i)
    sums_[i] = {number_of(sums.data() + i * print_size), number_of(sums.data() + i * print_size + 8)};
}

std::uint32_t BucketSums::bucket_of(const Print& tag, unsigned bits) {
  return static_cast<std::uint32_t>(number_of(tag.data()) >> 32U >> (32U - bits));
}

unsigned BucketSums::bits_for(std::uint64_t rows) {
  unsigned bits = 0;
  while (bits < most_bits && rows_a_bucket << bits < rows) ++bits;
  return bits;
}

void BucketSums::add(const Print& tag, const Print& print) {
  std::array<std::uint64_t, 2>& sum = sums_[bucket_of(tag, bits_)];
  sum[0] += number_of(print.data());
  sum[1] += number_of(print.data() + 8);
}

BucketSums BucketSums::folded(unsigned bits) const {
  QZ_ASSERT(bits <= bits_);
  BucketSums fewer(bits);
  for (std::size_t i = 0; i < sums_.size(); ++i)
    for (std::size_t half = 0; half < 2; ++half) fewer.sums_[i >> (bits_ - bits)][half] += sums_[i][half];
  return fewer;
}

std::vector<std::uint32_t> BucketSums::differing(const BucketSums& other) const {
  QZ_ASSERT(other.bits_ == bits_);
  std::vector<std::uint32_t> buckets;
  for (std::size_t i = 0; i < sums_.size(); ++i)
    if (sums_[i] != other.sums_[i]) buckets.push_back(static_cast<std::uint32_t>(i));
  return buckets;
}

Bytes BucketSums::bytes() const {
  Bytes octets;
  octets.reserve(sums_.size() * print_size);
  for (const auto& sum : sums_)
    for (const std::uint64_t half : sum) append_number(octets, half, 8);
  return octets;
}

}  // namespace qianzhi::flow
