#include "adapters/postgresql/watermark_position.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr std::size_t identity_limit = 1024;  // ADAPTERS.md section 2

}  // namespace

SourcePosition encode(const WatermarkPosition& position) {
  SourcePosition encoded;
  encoded.order = adapter::sql::order_of(position.place);
  encoded.identity = position.server + '\0' + position.cursor;
  if (encoded.identity.size() > identity_limit)
    throw Error(ErrorKind::misuse, "QZ-PG-044", "a key of more than 900 octets cannot be read by a watermark");
  return encoded;
}

std::optional<WatermarkPosition> decode_watermark(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  const std::size_t end = position.identity.find('\0');
  const std::optional<WatermarkPlace> place = adapter::sql::place_of(position.order);
  if (!place || end == Bytes::npos)
    throw Error(ErrorKind::misuse, "QZ-PG-019", "a stored position is not one of a watermark");
  WatermarkPosition decoded;
  decoded.place = *place;
  decoded.server = position.identity.substr(0, end);
  decoded.cursor = position.identity.substr(end + 1);
  return decoded;
}

}  // namespace qianzhi::postgresql
