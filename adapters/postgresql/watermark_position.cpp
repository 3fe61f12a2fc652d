#include "adapters/postgresql/watermark_position.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

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

SourcePosition encode(const WatermarkPosition& position) {
  SourcePosition encoded;
  put(encoded.order, position.place.lower, 8);
  put(encoded.order, position.place.upper, 8);
  put(encoded.order, position.place.table, 4);
  put(encoded.order, position.place.rows, 8);
  encoded.identity = position.server + '\0' + position.cursor;
  if (encoded.identity.size() > identity_limit)
    throw Error(ErrorKind::misuse, "QZ-PG-044", "a key of more than 900 octets cannot be read by a watermark");
  return encoded;
}

std::optional<WatermarkPosition> decode_watermark(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  const std::size_t end = position.identity.find('\0');
  if (position.order.size() != order_octets || end == Bytes::npos)
    throw Error(ErrorKind::misuse, "QZ-PG-019", "a stored position is not one of a watermark");
  std::string_view octets = position.order;
  WatermarkPosition decoded;
  decoded.place.lower = take(octets, 8);
  decoded.place.upper = take(octets, 8);
  decoded.place.table = static_cast<std::uint32_t>(take(octets, 4));
  decoded.place.rows = take(octets, 8);
  decoded.server = position.identity.substr(0, end);
  decoded.cursor = position.identity.substr(end + 1);
  return decoded;
}

}  // namespace qianzhi::postgresql
