// The binary log as it comes from the server: events of one replication connection, in order. libmariadb carries them;
// nothing of what it makes of them is used.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/mysql/session.h"
#include "hub-protocol/base/clock.h"

struct st_mariadb_rpl;

namespace qianzhi::mysql {

class BinlogStream {
 public:
  // From an event's begin in a file. server_id: 0: ends at the end of the log and disturbs nobody; else waits there,
  // and a former connection with this number is ended by the server. Throws unavailable QZ-MY-001, misuse QZ-MY-003.
  BinlogStream(const adapter::Connection& connection, const std::string& file, std::uint64_t offset,
               std::uint32_t server_id);
  ~BinlogStream();
  BinlogStream(const BinlogStream&) = delete;
  BinlogStream& operator=(const BinlogStream&) = delete;

  // The next event, whole; waits for it. Empty: the log ended (server_id 0). Valid until the next call. Throws
  // unavailable QZ-MY-016 if another reader took the server_id, QZ-MY-001 if the connection broke.
  std::string_view next();
  // Waits until something is there to be taken, or for this long. True: there is something.
  bool wait(Micros duration) const;

 private:
  static void close(st_mariadb_rpl* stream);

  Session session_;
  std::unique_ptr<st_mariadb_rpl, void (*)(st_mariadb_rpl*)> stream_;
};

}  // namespace qianzhi::mysql
