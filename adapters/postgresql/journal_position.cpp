#include "adapters/postgresql/journal_position.h"

#include "hub-protocol/base/error.h"

namespace qianzhi::postgresql {

namespace {

constexpr std::size_t number_octets = 8;

void put_number(Bytes& octets, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) octets.push_back(static_cast<char>((number >> shift) & 0xFFU));
}

std::uint64_t take_number(std::string_view& octets) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < number_octets; ++i) number = number << 8U | static_cast<unsigned char>(octets[i]);
  octets.remove_prefix(number_octets);
  return number;
}

}  // namespace

SourcePosition encode(const JournalPosition& position) {
  SourcePosition encoded;
  put_number(encoded.order, position.place.lower);
  put_number(encoded.order, position.place.upper);
  put_number(encoded.order, static_cast<std::uint64_t>(position.place.sequence));
  encoded.identity = position.identity;
  return encoded;
}

std::optional<JournalPosition> decode_journal(const SourcePosition& position) {
  if (position.is_none()) return std::nullopt;
  if (position.order.size() != 3 * number_octets)
    throw Error(ErrorKind::misuse, "QZ-PG-019", "a stored position is not one of a journal");
  std::string_view octets = position.order;
  JournalPosition decoded;
  decoded.place.lower = take_number(octets);
  decoded.place.upper = take_number(octets);
  decoded.place.sequence = static_cast<std::int64_t>(take_number(octets));
  decoded.identity = position.identity;
  return decoded;
}

}  // namespace qianzhi::postgresql
