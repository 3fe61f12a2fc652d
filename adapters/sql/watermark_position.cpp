#include "adapters/sql/watermark_position.h"

#include <charconv>

#include "hub-protocol/base/error.h"

namespace qianzhi::adapter::sql {

namespace {

constexpr std::size_t order_octets = 28;
constexpr std::size_t identity_limit = 1024;  // ADAPTERS.md section 2

void put(Bytes& octets, std::uint64_t number, unsigned size) {
  for (unsigned shift = size * 8; shift > 0; shift -= 8)
    octets.push_back(static_cast<char>((number >> (shift - 8)) & 0xFFU));
}

std::uint64_t take(std::string_view& octets, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8U | static_cast<unsigned char>(octets[i]);
  octets.remove_prefix(size);
  return number;
}

}  // namespace

Bytes order_of(const WatermarkPlace& place) {
  Bytes order;
  put(order, place.lower, 8);
  put(order, place.upper, 8);
  put(order, place.table, 4);
  put(order, place.rows, 8);
  return order;
}

std::optional<WatermarkPlace> place_of(std::string_view order) {
  if (order.size() != order_octets) return std::nullopt;
  WatermarkPlace place;
  place.lower = take(order, 8);
  place.upper = take(order, 8);
  place.table = static_cast<std::uint32_t>(take(order, 4));
  place.rows = take(order, 8);
  return place;
}

SourcePosition encode(const WatermarkPosition& position) {
  SourcePosition encoded;
  encoded.order = order_of(position.place);
  encoded.identity = position.server + '\0' + std::to_string(position.age) + '\0' + position.cursor;
  if (encoded.identity.size() > identity_limit)
    throw Error(ErrorKind::misuse, "QZ-ADP-041", "a key of more than 900 octets cannot be read by a watermark");
  return encoded;
}

std::optional<WatermarkPosition> decode_watermark(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  const Error foreign(ErrorKind::misuse, "QZ-ADP-040", "a stored position is not one of a watermark");
  const std::string& identity = position.identity;
  const std::size_t end = identity.find('\0');
  const std::size_t next = end == Bytes::npos ? end : identity.find('\0', end + 1);
  const std::optional<WatermarkPlace> place = place_of(position.order);
  if (!place || next == Bytes::npos) throw foreign;
  WatermarkPosition decoded;
  const auto age = std::from_chars(identity.data() + end + 1, identity.data() + next, decoded.age);
  if (age.ec != std::errc() || age.ptr != identity.data() + next) throw foreign;
  decoded.place = *place;
  decoded.server = identity.substr(0, end);
  decoded.cursor = identity.substr(next + 1);
  return decoded;
}

}  // namespace qianzhi::adapter::sql
