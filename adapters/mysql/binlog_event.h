// Events of MariaDB's binary log, as they come over a replication connection: header, checksum and those bodies that
// are short. Format: MariaDB knowledge base, "Replication protocol"; checked against MariaDB 10.11. Every length is
// checked: what does not hold is Error(corrupt, QZ-MY-015).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace qianzhi::mysql {

enum class EventType : std::uint8_t {
  query = 2,
  stop = 3,
  rotate = 4,
  intvar = 5,
  append_block = 9,
  delete_file = 11,
  rand = 13,
  user_variable = 14,
  format_description = 15,
  xid = 16,
  begin_load_query = 17,
  execute_load_query = 18,
  table_map = 19,
  write_rows_v1 = 23,
  update_rows_v1 = 24,
  delete_rows_v1 = 25,
  incident = 26,
  heartbeat = 27,
  ignorable = 28,
  rows_query = 29,
  write_rows = 30,
  update_rows = 31,
  delete_rows = 32,
  xa_prepare = 38,
  annotate_rows = 160,
  checkpoint = 161,
  gtid = 162,
  gtid_list = 163,
  start_encryption = 164,
  query_compressed = 165,
  write_rows_compressed_v1 = 166,
  update_rows_compressed_v1 = 167,
  delete_rows_compressed_v1 = 168,
  write_rows_compressed = 169,
  update_rows_compressed = 170,
  delete_rows_compressed = 171,
};

struct Event {
  std::uint32_t timestamp = 0;  // seconds
  EventType type = EventType::ignorable;
  std::uint32_t server = 0;
  std::uint32_t length = 0;
  std::uint32_t next = 0;  // place behind it in its file; 0: not in the file
  std::uint16_t flags = 0;
  std::string_view body;  // without header and checksum; lives as long as the octets it was made of

  bool is_artificial() const { return next == 0 || (flags & 0x20U) != 0; }
  bool may_be_ignored() const { return (flags & 0x80U) != 0; }
};

// Takes events apart. Keeps what the format description said last.
class EventParser {
 public:
  // The checksum is verified where there is one.
  Event parse(std::string_view octets);
  bool has_checksums() const { return checksums_; }

 private:
  bool checksums_ = false;
};

struct GtidEvent {
  std::uint64_t sequence = 0;
  std::uint32_t domain = 0;
  bool standalone = false;   // no COMMIT follows: the group is the next event
  bool xa_prepared = false;  // the group is decided later
  bool xa_decided = false;   // XA COMMIT or XA ROLLBACK
  std::string xid;           // of either
};
GtidEvent parse_gtid(const Event& event);

struct RotateEvent {
  std::string file;
  std::uint64_t place = 0;
};
RotateEvent parse_rotate(const Event& event);

struct QueryEvent {
  std::string schema;  // the session's default
  std::string text;
};
// Also compressed, and LOAD DATA.
QueryEvent parse_query(const Event& event);

// True if an XA transaction is committed in one phase by this event.
bool is_one_phase(const Event& event);

// Inflates what the server compressed (log_bin_compress): a length in front of a zlib stream.
std::string inflate_part(std::string_view part);

}  // namespace qianzhi::mysql
