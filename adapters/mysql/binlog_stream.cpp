#include "adapters/mysql/binlog_stream.h"

#include <mysql.h>

// After mysql.h, whose types it uses.
#include <mariadb_rpl.h>

#include <poll.h>

#include "adapters/mysql/failure.h"
#include "hub-protocol/base/error.h"

namespace qianzhi::mysql {

namespace {

// The server says by itself that it lives; our reads give up after several of these.
constexpr const char* prepare_stream =
    "SET @mariadb_slave_capability = 4, @master_binlog_checksum = 'CRC32', @master_heartbeat_period = 15000000000";
constexpr unsigned same_server_id = 4052;
constexpr unsigned log_read_failed = 1236;

}  // namespace

BinlogStream::BinlogStream(const adapter::Connection& connection, const std::string& file, std::uint64_t offset,
                           std::uint32_t server_id)
    : session_(connection, Purpose::replicate), stream_(nullptr, &close) {
  session_.run(prepare_stream, "preparing to read the binary log");
  stream_.reset(mariadb_rpl_init(session_.handle()));
  if (stream_ == nullptr) throw Error(ErrorKind::unavailable, "QZ-MY-006", "no memory to read the binary log");
  if (offset > UINT32_MAX)
    throw Error(ErrorKind::misuse, "QZ-MY-008", "a file of the binary log is longer than can be asked for");
  mariadb_rpl_optionsv(stream_.get(), MARIADB_RPL_FILENAME, file.c_str(), file.size());
  mariadb_rpl_optionsv(stream_.get(), MARIADB_RPL_START, static_cast<unsigned long>(offset));
  mariadb_rpl_optionsv(stream_.get(), MARIADB_RPL_SERVER_ID, static_cast<unsigned>(server_id));
  mariadb_rpl_optionsv(stream_.get(), MARIADB_RPL_FLAGS,
                       static_cast<unsigned>(server_id == 0 ? MARIADB_RPL_BINLOG_DUMP_NON_BLOCK : 0));
  if (mariadb_rpl_open(stream_.get()) != 0) session_.fail("asking for the binary log");
}

BinlogStream::~BinlogStream() = default;

void BinlogStream::close(st_mariadb_rpl* stream) { mariadb_rpl_close(stream); }
// Packets are taken as they are: the library's own reading of events fails on some of them, and keeps copies of each.
std::string_view BinlogStream::next() {
  constexpr unsigned long failed = ~0UL;
  constexpr unsigned char end_of_log = 0xFE;
  constexpr unsigned char error_packet = 0xFF;
  const unsigned long size = mysql_net_read_packet(session_.handle());
  const unsigned char* packet = session_.handle()->net.read_pos;
  const bool told = size != failed && size >= 3 && packet[0] == error_packet;
  if (size == failed || told) {
    const unsigned number = told ? packet[1] + packet[2] * 256U : mysql_errno(session_.handle());
    if (number == same_server_id)
      throw Error(ErrorKind::unavailable, "QZ-MY-016", "another reader of the binary log has the same server_id");
    // Whether the place is still there is found out when it is asked for again.
    const bool passes = number == 0 || is_connection_failure(number) || number == log_read_failed;
    throw Error(passes ? ErrorKind::unavailable : ErrorKind::misuse, passes ? "QZ-MY-001" : "QZ-MY-008",
                "reading the binary log (error " + std::to_string(number) + ")");
  }
  if (size > 0 && size < 9 && packet[0] == end_of_log) return {};
  if (size < 1 || packet[0] != 0)
    throw Error(ErrorKind::corrupt, "QZ-MY-015", "a packet of the binary log is no event");
  return {reinterpret_cast<const char*>(packet) + 1, size - 1};
}

bool BinlogStream::wait(Micros duration) const {
  pollfd handle{mysql_get_socket(session_.handle()), POLLIN, 0};
  return poll(&handle, 1, static_cast<int>(duration / 1000)) > 0;
}

}  // namespace qianzhi::mysql
