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

}  // namespace

BinlogStream::BinlogStream(const adapter::Connection& connection, const std::string& file, std::uint64_t offset,
                           std::uint32_t server_id)
    : session_(connection, Purpose::replicate), stream_(nullptr, &close), event_(nullptr, &free_event) {
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
  mariadb_rpl_optionsv(stream_.get(), MARIADB_RPL_VERIFY_CHECKSUM, 0U);
  if (mariadb_rpl_open(stream_.get()) != 0) session_.fail("asking for the binary log");
}

BinlogStream::~BinlogStream() = default;

void BinlogStream::close(st_mariadb_rpl* stream) { mariadb_rpl_close(stream); }
void BinlogStream::free_event(st_mariadb_rpl_event* event) { mariadb_free_rpl_event(event); }

std::string_view BinlogStream::next() {
  // The library reuses what it gave, so that a large event is not kept twice.
  event_.reset(mariadb_rpl_fetch(stream_.get(), event_.release()));
  if (event_ == nullptr) {
    const unsigned number = mysql_errno(session_.handle());
    if (number == 0) return {};
    if (number == same_server_id)
      throw Error(ErrorKind::unavailable, "QZ-MY-016", "another reader of the binary log has the same server_id");
    // 1236 and what else ends a stream: the next one finds out by itself whether the place is still there.
    throw Error(is_connection_failure(number) || number == 1236 ? ErrorKind::unavailable : ErrorKind::misuse,
                is_connection_failure(number) || number == 1236 ? "QZ-MY-001" : "QZ-MY-008",
                "reading the binary log (error " + std::to_string(number) + ")");
  }
  const std::size_t size = event_->raw_data_size;
  if (event_->raw_data_ofs > size || event_->event_length > size - event_->raw_data_ofs)
    throw Error(ErrorKind::corrupt, "QZ-MY-015", "an event of the binary log is longer than its packet");
  return {reinterpret_cast<const char*>(event_->raw_data) + event_->raw_data_ofs, event_->event_length};
}

bool BinlogStream::wait(Micros duration) const {
  pollfd handle{mysql_get_socket(session_.handle()), POLLIN, 0};
  return poll(&handle, 1, static_cast<int>(duration / 1000)) > 0;
}

}  // namespace qianzhi::mysql
