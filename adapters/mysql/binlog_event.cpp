#include "adapters/mysql/binlog_event.h"

#include <zlib.h>

#include "adapters/mysql/binlog_octets.h"

namespace qianzhi::mysql {

namespace {

constexpr std::size_t header_size = 19;
constexpr std::size_t checksum_size = 4;
constexpr std::size_t longest_inflated = 1U << 30U;  // what max_allowed_packet allows

std::uint32_t crc_of(std::string_view octets) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(octets.data()), octets.size()));
}

bool has_right_checksum(std::string_view octets) {
  if (octets.size() < header_size + checksum_size) return false;
  const std::size_t size = octets.size() - checksum_size;
  return Octets(octets.substr(size)).little(checksum_size) == crc_of(octets.substr(0, size));
}

}  // namespace

Event EventParser::parse(std::string_view octets) {
  Octets from(octets);
  Event event;
  event.timestamp = static_cast<std::uint32_t>(from.little(4));
  event.type = static_cast<EventType>(from.little(1));
  event.server = static_cast<std::uint32_t>(from.little(4));
  event.length = static_cast<std::uint32_t>(from.little(4));
  event.next = static_cast<std::uint32_t>(from.little(4));
  event.flags = static_cast<std::uint16_t>(from.little(2));
  if (event.length != octets.size()) malformed("an event of the binary log has another length than it says");
  event.body = from.rest();
  if (event.type == EventType::format_description) {
    // Version 2, the server's version in 50 octets, time 4, header length 1, lengths; at the end the kind of checksum,
    // and room for one whether there is one or not.
    if (event.body.size() < 57 + 1 + checksum_size) malformed("the format description of the binary log is too short");
    const auto kind = static_cast<unsigned char>(event.body[event.body.size() - checksum_size - 1]);
    if (kind > 1) malformed("the binary log has checksums of an unknown kind");
    if (static_cast<unsigned char>(event.body[56]) != header_size)
      malformed("the binary log has event headers of another length");
    checksums_ = kind == 1;
    event.body.remove_suffix(checksum_size);
    return event;
  }
  // At a change of files and of the kind of checksum it is not said whether this one has any.
  const bool unsure = event.type == EventType::rotate && event.is_artificial();
  if (unsure ? !has_right_checksum(octets) : !checksums_) return event;
  if (!has_right_checksum(octets)) malformed("an event of the binary log has a wrong checksum");
  event.body.remove_suffix(checksum_size);
  return event;
}

GtidEvent parse_gtid(const Event& event) {
  Octets from(event.body);
  GtidEvent gtid;
  gtid.sequence = from.little(8);
  gtid.domain = static_cast<std::uint32_t>(from.little(4));
  const std::uint64_t flags = from.little(1);
  gtid.standalone = (flags & 0x01U) != 0;
  if ((flags & 0x02U) != 0) from.take(8);  // number of the group commit
  gtid.xa_prepared = (flags & 0x40U) != 0;
  gtid.xa_decided = (flags & 0x80U) != 0;
  if (gtid.xa_prepared || gtid.xa_decided) {
    gtid.xid = from.take(4);
    const std::uint64_t first = from.little(1);
    const std::uint64_t second = from.little(1);
    gtid.xid.push_back(static_cast<char>(first));
    gtid.xid += from.take(static_cast<std::size_t>(first + second));
  }
  return gtid;
}

RotateEvent parse_rotate(const Event& event) {
  Octets from(event.body);
  RotateEvent rotate;
  rotate.place = from.little(8);
  rotate.file = from.rest();
  return rotate;
}

QueryEvent parse_query(const Event& event) {
  Octets from(event.body);
  from.take(8);  // connection and duration
  const auto schema_size = static_cast<std::size_t>(from.little(1));
  from.take(2);  // error
  const auto variables_size = static_cast<std::size_t>(from.little(2));
  if (event.type == EventType::execute_load_query) from.take(13);
  from.take(variables_size);
  QueryEvent query;
  query.schema = from.take(schema_size);
  from.take(1);
  query.text = event.type == EventType::query_compressed ? inflate_part(from.rest()) : std::string(from.rest());
  return query;
}

bool is_one_phase(const Event& event) { return Octets(event.body).little(1) != 0; }

// First octet: 0x80, three bits for the algorithm (0: zlib), three for the octets of the length, which is big-endian.
std::string inflate_part(std::string_view part) {
  Octets from(part);
  const std::uint64_t head = from.little(1);
  const auto length_size = static_cast<std::size_t>(head & 0x07U);
  if ((head & 0xF8U) != 0x80U || length_size < 1 || length_size > 4)
    malformed("a compressed event of the binary log is malformed");
  const auto size = static_cast<std::size_t>(from.big(length_size));
  // zlib cannot make more than about a thousand octets of one.
  if (size > longest_inflated || size / 1'100 > from.left() + 1)
    malformed("a compressed event of the binary log says an impossible length");
  std::string text(size, '\0');
  auto room = static_cast<uLongf>(size);
  const int status = uncompress(reinterpret_cast<Bytef*>(text.data()), &room,
                                reinterpret_cast<const Bytef*>(from.rest().data()), static_cast<uLong>(from.left()));
  if (status != Z_OK || room != size) malformed("a compressed event of the binary log cannot be inflated");
  return text;
}

}  // namespace qianzhi::mysql
