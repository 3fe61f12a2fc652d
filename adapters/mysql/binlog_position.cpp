#include "adapters/mysql/binlog_position.h"

#include <charconv>

#include "adapters/mysql/binlog_octets.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t order_size = 20;
constexpr std::size_t identity_size = 40;

template <typename Number>
void put_big(Bytes& octets, Number value) {
  for (std::size_t i = sizeof(Number); i-- > 0;)
    octets.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFFU));
}

template <typename Number>
void take_big(Octets& from, Number& value) {
  value = static_cast<Number>(from.big(sizeof(Number)));
}

}  // namespace

SourcePosition encode(const LogPosition& position) {
  SourcePosition encoded;
  put_big(encoded.order, position.place.file);
  put_big(encoded.order, position.place.offset);
  put_big(encoded.order, position.place.ordinal);
  const LogIdentity& identity = position.identity;
  put_big(encoded.identity, identity.server);
  put_big(encoded.identity, identity.created);
  put_big(encoded.identity, identity.resume_file);
  put_big(encoded.identity, identity.resume_offset);
  put_big(encoded.identity, identity.domain);
  put_big(encoded.identity, identity.origin);
  put_big(encoded.identity, identity.sequence);
  put_big(encoded.identity, identity.time);
  return encoded;
}

std::optional<LogPosition> decode_log(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  if (position.order.size() != order_size || position.identity.size() != identity_size)
    throw Error(ErrorKind::misuse, "QZ-MY-019", "a stored position is not one of the binary log");
  LogPosition decoded;
  Octets order(position.order);
  take_big(order, decoded.place.file);
  take_big(order, decoded.place.offset);
  take_big(order, decoded.place.ordinal);
  Octets identity(position.identity);
  take_big(identity, decoded.identity.server);
  take_big(identity, decoded.identity.created);
  take_big(identity, decoded.identity.resume_file);
  take_big(identity, decoded.identity.resume_offset);
  take_big(identity, decoded.identity.domain);
  take_big(identity, decoded.identity.origin);
  take_big(identity, decoded.identity.sequence);
  take_big(identity, decoded.identity.time);
  return decoded;
}

LogFile log_file_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  LogFile file;
  const std::string_view digits = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), file.number);
  if (digits.empty() || end.ec != std::errc() || end.ptr != digits.data() + digits.size())
    malformed("a file of the binary log has no number");
  file.base = name.substr(0, dot);
  return file;
}

std::string log_file_name(const std::string& base, std::uint32_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return base + "." + digits;
}

}  // namespace qianzhi::mysql
