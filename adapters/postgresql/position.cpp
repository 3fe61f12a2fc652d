#include "adapters/postgresql/position.h"

#include <charconv>
#include <cstdio>

#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

template <typename Number>
void put(Bytes& octets, Number value) {
  const auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = sizeof(Number); i-- > 0;) octets.push_back(static_cast<char>((bits >> (8 * i)) & 0xFFU));
}

template <typename Number>
Number take(std::string_view& octets) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) bits = (bits << 8U) | static_cast<unsigned char>(octets[i]);
  octets.remove_prefix(sizeof(Number));
  return static_cast<Number>(bits);
}

constexpr std::size_t order_size = 16;
constexpr std::size_t identity_size = 44;

bool parse_hex(std::string_view text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Lsn lsn_of(std::string_view text) {
  const auto slash = text.find('/');
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  if (slash == std::string_view::npos || !parse_hex(text.substr(0, slash), high) ||
      !parse_hex(text.substr(slash + 1), low))
    throw Error(ErrorKind::corrupt, "QZ-PG-015", "the server gave something that is not a log position");
  return (static_cast<Lsn>(high) << 32U) | low;
}

std::string to_text_lsn(Lsn lsn) {
  char text[32];
  std::snprintf(text, sizeof text, "%X/%X", static_cast<unsigned>(lsn >> 32U), static_cast<unsigned>(lsn));
  return text;
}

SourcePosition encode(const LogPosition& position) {
  SourcePosition encoded;
  encoded.order.reserve(order_size);
  put(encoded.order, position.place.lsn);
  put(encoded.order, position.place.ordinal);
  encoded.identity.reserve(identity_size);
  put(encoded.identity, position.identity.system);
  put(encoded.identity, position.identity.timeline);
  put(encoded.identity, position.identity.commit);
  put(encoded.identity, position.identity.xid);
  put(encoded.identity, position.identity.commit_time);
  put(encoded.identity, position.identity.published);
  put(encoded.identity, position.identity.server_start);
  return encoded;
}

std::optional<LogPosition> decode(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  if (position.order.size() != order_size || position.identity.size() != identity_size)
    throw Error(ErrorKind::misuse, "QZ-PG-019", "a stored position has another form");
  std::string_view order = position.order;
  std::string_view identity = position.identity;
  LogPosition decoded;
  decoded.place.lsn = take<Lsn>(order);
  decoded.place.ordinal = take<std::uint64_t>(order);
  decoded.identity.system = take<std::uint64_t>(identity);
  decoded.identity.timeline = take<std::uint32_t>(identity);
  decoded.identity.commit = take<Lsn>(identity);
  decoded.identity.xid = take<std::uint32_t>(identity);
  decoded.identity.commit_time = take<Micros>(identity);
  decoded.identity.published = take<std::uint32_t>(identity);
  decoded.identity.server_start = take<Micros>(identity);
  return decoded;
}

}  // namespace qianzhi::postgresql
