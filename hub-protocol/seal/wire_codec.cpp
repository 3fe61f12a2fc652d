#include "hub-protocol/seal/wire_codec.h"

#include <algorithm>
#include <limits>

namespace qianzhi::seal {

namespace {

constexpr std::uint32_t varint_type = 0;
constexpr std::uint32_t length_type = 2;
constexpr std::uint32_t most_field = 31;  // has a bit in WireReader::seen_

// Octets of the sequence that starts with this lead octet; 0 for an octet that starts none.
std::size_t sequence_length(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

void Fault::raise(std::string_view what) const {
  throw Error(kind, code, std::string(where).append(": ").append(what));
}

bool WireReader::next() {
  if (rest_.empty()) return false;
  VarintReader reader(rest_, fault_);
  const std::uint64_t tag = reader.next();
  rest_.remove_prefix(rest_.size() - reader.rest());
  if (tag >> 3U == 0 || tag >> 3U > most_field) fault_.raise("unknown field");
  field_ = static_cast<std::uint32_t>(tag >> 3U);
  type_ = static_cast<std::uint32_t>(tag & 7U);
  return true;
}

void WireReader::once() {
  const std::uint32_t bit = 1U << field_;
  if ((seen_ & bit) != 0) fault_.raise("a field is given twice");
  seen_ |= bit;
}

std::uint64_t WireReader::number() {
  once();
  if (type_ != varint_type) fault_.raise("a field has another wire type");
  VarintReader reader(rest_, fault_);
  const std::uint64_t value = reader.next();
  rest_.remove_prefix(rest_.size() - reader.rest());
  return value;
}

std::uint32_t WireReader::number32() {
  const std::uint64_t value = number();
  if (value > std::numeric_limits<std::uint32_t>::max()) fault_.raise("a number is too large");
  return static_cast<std::uint32_t>(value);
}

bool WireReader::boolean() {
  const std::uint64_t value = number();
  if (value > 1) fault_.raise("a truth value is neither 0 nor 1");
  return value == 1;
}

std::string_view WireReader::octets() {
  once();
  return each_octets();
}

std::string_view WireReader::each_octets() {
  if (type_ != length_type) fault_.raise("a field has another wire type");
  VarintReader reader(rest_, fault_);
  const std::uint64_t size = reader.next();
  rest_.remove_prefix(rest_.size() - reader.rest());
  if (size > rest_.size()) fault_.raise("a field ends after its message");
  const std::string_view value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return value;
}

std::string_view WireReader::checked(std::string_view text) const {
  if (!is_utf8(text)) fault_.raise("a text is not UTF-8");
  return text;
}

std::uint64_t VarintReader::next_long() {
  std::uint64_t value = 0;
  for (std::uint32_t shift = 0; shift < 64; shift += 7) {
    if (cursor_ == end_) fault_.raise("cut off");
    const auto octet = static_cast<std::uint8_t>(*cursor_++);
    if (shift == 63 && octet > 1) fault_.raise("a number is too large");
    value |= static_cast<std::uint64_t>(octet & 0x7FU) << shift;
    if ((octet & 0x80U) == 0) return value;
  }
  fault_.raise("a number is too large");
}

std::uint32_t VarintReader::next32() {
  const std::uint64_t value = next();
  if (value > std::numeric_limits<std::uint32_t>::max()) fault_.raise("a number is too large");
  return static_cast<std::uint32_t>(value);
}

std::size_t count_varints(std::string_view octets) {
  return static_cast<std::size_t>(
      std::count_if(octets.begin(), octets.end(), [](char octet) { return (octet & 0x80) == 0; }));
}

std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7U) ++size;
  return size;
}

void put_varint(Bytes& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out.push_back(static_cast<char>(value | 0x80U));
  out.push_back(static_cast<char>(value));
}

void put_number(Bytes& out, std::uint32_t field, std::uint64_t value) {
  if (value == 0) return;
  put_varint(out, field << 3U | varint_type);
  put_varint(out, value);
}

void put_octets(Bytes& out, std::uint32_t field, std::string_view octets) {
  if (!octets.empty()) put_message(out, field, octets);
}

void put_message(Bytes& out, std::uint32_t field, std::string_view octets) {
  put_length(out, field, octets.size());
  out.append(octets);
}

void put_length(Bytes& out, std::uint32_t field, std::size_t size) {
  put_varint(out, field << 3U | length_type);
  put_varint(out, size);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto lead = static_cast<std::uint8_t>(text[0]);
    const std::size_t length = sequence_length(lead);
    if (length == 0 || length > text.size()) return false;
    for (std::size_t i = 1; i < length; ++i)
      if ((static_cast<std::uint8_t>(text[i]) & 0xC0U) != 0x80U) return false;
    if (length > 2) {
      // Overlong forms, surrogates and what lies beyond U+10FFFF differ from good ones in the second octet.
      const auto second = static_cast<std::uint8_t>(text[1]);
      if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return false;
      if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace qianzhi::seal
